// Every way JSON.stringify is commonly called, over every body: style <TAB> body <TAB> base64 of the bytes.
const fs = require('node:fs');
const path = require('node:path');

const folder = path.join(__dirname, '..', 'bodies');
const sorted = (value) =>
  Array.isArray(value)
    ? value.map(sorted)
    : value && typeof value === 'object'
      ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]))
      : value;
const styles = {
  javascript: (value) => JSON.stringify(value),
  'javascript-indent-2': (value) => JSON.stringify(value, null, 2),
  'javascript-indent-4': (value) => JSON.stringify(value, null, 4),
  'javascript-indent-tab': (value) => JSON.stringify(value, null, '\t'),
  'javascript-indent-1': (value) => JSON.stringify(value, null, 1),
  'javascript-indent-3': (value) => JSON.stringify(value, null, 3),
  'javascript-sorted': (value) => JSON.stringify(sorted(value)),
};
for (const file of fs.readdirSync(folder).sort()) {
  const value = JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8'));
  for (const [name, write] of Object.entries(styles)) {
    console.log([name, file, Buffer.from(write(value)).toString('base64')].join('\t'));
  }
}
