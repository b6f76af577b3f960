// What JavaScript's JSON libraries write, over every body: style <TAB> body <TAB> base64 of the bytes.
const fs = require('node:fs');
const path = require('node:path');
const big = require('json-bigint');

const folder = path.join(__dirname, '..', 'bodies');
for (const file of fs.readdirSync(folder).sort()) {
  const body = fs.readFileSync(path.join(folder, file), 'utf8');
  // It refuses a name that is given twice; and what it holds as a BigNumber is no matter of a style: it keeps 16 and
  // more digits of a fraction, and writes an exponent from 1e21 on.
  if (['duplicate.json', 'big.json'].includes(file)) continue;
  console.log(['json-bigint', file, Buffer.from(big.stringify(big.parse(body))).toString('base64')].join('\t'));
}
