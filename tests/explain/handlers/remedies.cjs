// Handlers that each make one of the commonest mistakes, and the same as the remedy has them: POST /KIND/wrong and
// /KIND/right. Each logs what it computed, and refuses what differs.
const crypto = require('node:crypto');
const express = require('express');

const key = process.env.SECRET;
const hmac = (key, ...parts) => parts.reduce((mac, part) => mac.update(part), crypto.createHmac('sha256', key)).digest('hex');
const prefixed = (mac) => `sha256=${mac}`;
/** What each computes of a request: its body in bytes and parsed, the timestamp's text, and the header's signature. */
const right = ({ bytes, stamp }) => prefixed(hmac(key, `${stamp}.`, bytes));
const variants = {
  'secret.whitespace': {
    // As readFileSync of a file that `echo` wrote gives it.
    wrong: ({ bytes, stamp }) => prefixed(hmac(`${key}\n`, `${stamp}.`, bytes)),
    right: ({ bytes, stamp }) => prefixed(hmac(`${key}\n`.trim(), `${stamp}.`, bytes)),
  },
  'secret.base64': { wrong: ({ bytes, stamp }) => prefixed(hmac(Buffer.from(key, 'base64'), `${stamp}.`, bytes)), right },
  'secret.hashed': {
    wrong: ({ bytes, stamp }) => prefixed(hmac(crypto.createHash('sha256').update(key).digest('hex'), `${stamp}.`, bytes)),
    right,
  },
  'body.reserialised': { wrong: ({ parsed, stamp }) => prefixed(hmac(key, `${stamp}.${JSON.stringify(parsed)}`)), right },
  'body.empty': { wrong: ({ parsed, stamp }) => prefixed(hmac(key, `${stamp}.${parsed}`)), right },
  'body.newline': { wrong: ({ bytes, stamp }) => prefixed(hmac(key, `${stamp}.${bytes}\n`)), right },
  'content.timestamp-missing': { wrong: ({ bytes }) => prefixed(hmac(key, bytes)), right },
  'content.timestamp-unit': { wrong: ({ bytes, stamp }) => prefixed(hmac(key, `${stamp / 1000}.`, bytes)), right },
  'content.separator': { wrong: ({ bytes, stamp }) => prefixed(hmac(key, stamp, bytes)), right },
  'signature.encoding': {
    wrong: ({ bytes, stamp }) => prefixed(Buffer.from(hmac(key, `${stamp}.`, bytes), 'hex').toString('base64')),
    right,
  },
  'signature.prefix': { wrong: ({ bytes, stamp }) => hmac(key, `${stamp}.`, bytes), right },
  'signature.algorithm': {
    wrong: ({ bytes, stamp }) => `sha256=${crypto.createHmac('sha1', key).update(`${stamp}.`).update(bytes).digest('hex')}`,
    right,
  },
  'signature.not-hmac': {
    wrong: ({ bytes, stamp }) => prefixed(crypto.createHash('sha256').update(`${key}${stamp}.`).update(bytes).digest('hex')),
    right,
  },
};

const app = express();
app.use(express.json({ verify: (req, _res, bytes) => void (req.bytes = bytes) }));
app.post('/:kind/:how', (req, res) => {
  const given = { bytes: req.bytes, parsed: req.body, stamp: req.get('X-CostKatana-Timestamp') };
  const computed = variants[req.params.kind][req.params.how](given);
  console.log(`computed ${computed}`);
  res.sendStatus(computed === req.get('X-CostKatana-Signature') ? 200 : 401);
});
app.listen(Number(process.env.PORT), '127.0.0.1');
