// What Node makes of a key, of a value and of a MAC: a line for each, `table kind name secret text`, the last two in base64.
const crypto = require('node:crypto');
const util = require('node:util');

const BODY = '{"id":"evt_1","sent":"2026-05-08T11:59:58Z","order":{"number":4711}}';
const STAMP = '1778241600250';
const ID = 'msg_1';
const TOKEN = 'k3y-for-tests_0123456789';
const PREFIXED = 'whsec_' + Buffer.from('an example of a key.').toString('base64');
const HEX = '6b33792d666f722d74657374735f3031';

const content = (id = ID, stamp = STAMP, body = BODY) => `${id}.${stamp}.${body}`;
const mac = (key, text = content()) => crypto.createHmac('sha256', key).update(text).digest();
const hex = (key, text) => mac(key, text).toString('hex');
const line = (table, kind, name, secret, text) =>
  console.log([table, kind, name, ...[secret, text].map((of) => Buffer.from(of).toString('base64'))].join('\t'));
const key = (kind, name, secret, made) => line('key', kind, name, secret, hex(made));
const value = (kind, name, text) => line('value', kind, name, TOKEN, hex(TOKEN, text));
const shown = (kind, name, text) => line('mac', kind, name, TOKEN, text);
const made = (kind, name, tag) => line('algorithm', kind, name, TOKEN, tag.toString('hex'));

// Keys.
key('secret.base64', 'Buffer.from base64', TOKEN, Buffer.from(TOKEN, 'base64'));
key('secret.base64', 'Buffer.from base64 of a secret with marks', 'my-secret_key.with+chars', Buffer.from('my-secret_key.with+chars', 'base64'));
key('secret.hex', 'Buffer.from hex', HEX, Buffer.from(HEX, 'hex'));
key('secret.hex', 'Buffer.from hex up to a letter', 'abcdef012345xyz', Buffer.from('abcdef012345xyz', 'hex'));
key('secret.hex', 'Buffer.from hex of no hex', 'zJ7pQ2vLk9TnR4xW', Buffer.from('zJ7pQ2vLk9TnR4xW', 'hex'));
key('secret.charset', 'utf16le', TOKEN, Buffer.from(TOKEN, 'utf16le'));
key('secret.charset', 'latin1', 'schlüssel-für-zoë', Buffer.from('schlüssel-für-zoë', 'latin1'));
key('secret.base64', 'btoa', TOKEN, btoa(TOKEN));
key('secret.base64', 'base64url', 'a?b>c~d?e>f~g?h>', Buffer.from('a?b>c~d?e>f~g?h>').toString('base64url'));
key('secret.base64', 'atob as a text', Buffer.from([200, 1, 254, 7, 99, 180]).toString('base64'), atob(Buffer.from([200, 1, 254, 7, 99, 180]).toString('base64')));
key('secret.base64', 'base64 toString', Buffer.from([200, 1, 254, 7, 99, 180]).toString('base64'), Buffer.from([200, 1, 254, 7, 99, 180]).toString());
key('secret.hashed', 'sha256 hex', TOKEN, crypto.createHash('sha256').update(TOKEN).digest('hex'));
key('secret.hashed', 'sha256', TOKEN, crypto.createHash('sha256').update(TOKEN).digest());
key('secret.hashed', 'sha256 base64', TOKEN, crypto.createHash('sha256').update(TOKEN).digest('base64'));
key('secret.hashed', 'md5 hex', TOKEN, crypto.createHash('md5').update(TOKEN).digest('hex'));
key('secret.hashed', 'sha1 hex', TOKEN, crypto.createHash('sha1').update(TOKEN).digest('hex'));
key('secret.hashed', 'sha512', TOKEN, crypto.createHash('sha512').update(TOKEN).digest());
key('secret.quoted', 'JSON.stringify', 'with"quote\\and', JSON.stringify('with"quote\\and'));
key('secret.quoted', 'JSON.stringify of a Buffer', TOKEN, JSON.stringify(Buffer.from(TOKEN)));
key('secret.quoted', 'a Uint8Array as text', TOKEN, String(new Uint8Array(Buffer.from(TOKEN))));
key('secret.quoted', 'a secret of JSON', '{"WEBHOOK_SECRET":"k3y-for-tests_0123456789"}', JSON.parse('{"WEBHOOK_SECRET":"k3y-for-tests_0123456789"}').WEBHOOK_SECRET);
key('secret.whitespace', 'trim of a byte order mark', '\ufeff' + TOKEN, ('\ufeff' + TOKEN).trim());
key('secret.whitespace', 'trim of a no-break space', TOKEN + '\u00a0', (TOKEN + '\u00a0').trim());
key('secret.whitespace', 'a byte order mark kept', TOKEN, '\ufeff' + TOKEN);
key('secret.whitespace', 'a no-break space kept', TOKEN, TOKEN + '\u00a0');
key('secret.case', 'toUpperCase', TOKEN, TOKEN.toUpperCase());
key('secret.case', 'toLowerCase', 'K3Y-For-Tests', 'K3Y-For-Tests'.toLowerCase());
key('secret.truncated', 'slice to 16', TOKEN, TOKEN.slice(0, 16));
key('secret.truncated', 'slice off the last', TOKEN, TOKEN.slice(0, -1));
key('secret.url-encoded', 'encodeURIComponent', 'a+b/c=d&e', encodeURIComponent('a+b/c=d&e'));
key('secret.swapped', 'the timestamp as the key', TOKEN, STAMP);
key('secret.swapped', 'a value of the body as the key', TOKEN, '2026-05-08T11:59:58Z');

// Values in other places.
for (const [kind, absent] of [['undefined', undefined], ['null', null], ['NaN', NaN]]) {
  value('content.timestamp-missing', `${kind} for the timestamp`, content(ID, absent === undefined ? String(undefined) : String(absent)));
  value('content.id-missing', `${kind} for the id`, content(String(absent)));
}
value('content.timestamp-missing', 'an object for the timestamp', content(ID, String({})));
value('content.timestamp-missing', 'an invalid date', content(ID, String(new Date('x'))));
value('content.timestamp-missing', 'an empty list as text', content(ID, ''));
value('content.id-other', 'the id of the body', content(JSON.parse(BODY).id));
value('content.id-other', 'a number of the body', content(JSON.parse(BODY).order.number));
value('content.timestamp-other', 'a time of the body', content(ID, JSON.parse(BODY).sent));
value('content.timestamp-unit', 'Math.floor of seconds', content(ID, Math.floor(STAMP / 1000)));
value('content.timestamp-unit', 'seconds with a fraction', content(ID, STAMP / 1000));
value('content.timestamp-unit', 'toISOString', content(ID, new Date(Number(STAMP)).toISOString()));
value('content.timestamp-unit', 'toUTCString', content(ID, new Date(Number(STAMP)).toUTCString()));
value('content.timestamp-unit', 'toString', content(ID, new Date(Number(STAMP)).toString()));
value('content.timestamp-unit', 'toLocaleString', content(ID, Number(STAMP).toLocaleString('en')));
value('content.timestamp-unit', 'a number of 32 bits', content(ID, STAMP | 0));
value('content.id-other', 'JSON.stringify', content(JSON.stringify(ID)));
value('content.id-other', 'JSON.stringify of a list', content(JSON.stringify([ID])));
value('content.id-other', 'toUpperCase', content(ID.toUpperCase()));
value('content.id-other', 'the text behind its _', content(ID.split('_')[1]));
value('content.id-other', 'twice', content([ID, ID].join(', ')));
value('content.separator', 'another order', `${STAMP}.${ID}.${BODY}`);
value('content.separator', 'another order and separator', `${BODY}|${STAMP}|${ID}`);
value('content.timestamp-missing', 'another order of two', `${BODY}:${ID}`);

// Other algorithms.
for (const hash of ['md5', 'sha1', 'sha224', 'sha384', 'sha512', 'sha512-256', 'sha3-256', 'sha3-384', 'sha3-512']) {
  made('signature.algorithm', `HMAC ${hash}`, crypto.createHmac(hash, TOKEN).update(content()).digest());
  const plain = (...parts) => parts.reduce((sum, part) => sum.update(part), crypto.createHash(hash)).digest();
  made('signature.not-hmac', `${hash} of key and content`, plain(TOKEN, content()));
  made('signature.not-hmac', `${hash} of content and key`, plain(content(), TOKEN));
  made('signature.not-hmac', `${hash} of content`, plain(content()));
  if (['md5', 'sha1', 'sha512'].includes(hash)) made('signature.not-hmac', `${hash} of key, content and key`, plain(TOKEN, content(), TOKEN));
}
const sha256 = (...parts) => parts.reduce((sum, part) => sum.update(part), crypto.createHash('sha256')).digest();
for (const between of ['.', ':', '|', '-', '_', '&']) {
  made('signature.not-hmac', `key ${between} content`, sha256(TOKEN + between + content()));
  made('signature.not-hmac', `content ${between} key`, sha256(content() + between + TOKEN));
}
made('secret.swapped', 'key and content changed about', mac(content(), TOKEN));
made('secret.swapped', 'a short content as the key', mac('x', TOKEN) && crypto.createHmac('sha256', content()).update(TOKEN).digest());
for (const form of [undefined, 'hex', 'base64']) {
  made('content.digest', `of the digest, ${form}`, mac(TOKEN, crypto.createHash('sha256').update(content()).digest(form)));
  made('content.digest', `of the MAC, ${form}`, mac(TOKEN, crypto.createHmac('sha256', TOKEN).update(content()).digest(form)));
  made('signature.algorithm', `the hash of the MAC, ${form}`, sha256(crypto.createHmac('sha256', TOKEN).update(content()).digest(form)));
}

// The right MAC, as it is logged.
const right = mac(TOKEN);
shown('', 'as the header has it', 'sha256=' + right.toString('hex'));
shown('', 'in a line of a log', `[info] signature: sha256=${right.toString('hex')} (ours)`);
shown('signature.prefix', 'hex', right.toString('hex'));
shown('signature.encoding', 'console.log of a Buffer', util.inspect(right));
shown('signature.encoding', 'a Buffer in a line', util.format('computed:', right, 'at', 12));
shown('signature.encoding', 'JSON.stringify of a Buffer', JSON.stringify(right));
shown('signature.encoding', 'JSON.stringify of a Buffer in an object', JSON.stringify({ level: 'info', signature: right }));
shown('signature.encoding', 'a Buffer in JSON shown as an object', util.inspect(right.toJSON(), { breakLength: Infinity, maxArrayLength: null }));
shown('signature.encoding', 'JSON.stringify of a Uint8Array', JSON.stringify(new Uint8Array(right)));
shown('signature.encoding', 'String of a Uint8Array', String(new Uint8Array(right)));
shown('signature.encoding', 'console.log of a Uint8Array', util.inspect(new Uint8Array(right), { breakLength: Infinity }));
shown('signature.encoding', 'console.log of an Int8Array', util.inspect(new Int8Array(right), { breakLength: Infinity }));
shown('signature.encoding', 'latin1', right.toString('latin1'));
shown('signature.encoding', 'JSON of latin1', JSON.stringify(right.toString('latin1')));
shown('signature.encoding', 'UTF-8', right.toString());
shown('signature.encoding', 'base64', right.toString('base64'));
shown('signature.encoding', 'base64url', right.toString('base64url'));
shown('signature.encoding', 'base64 of hex', Buffer.from(right.toString('hex')).toString('base64'));
shown('signature.encoding', 'hex of hex', Buffer.from(right.toString('hex')).toString('hex'));
shown('signature.encoding', 'base64 of base64', Buffer.from(right.toString('base64')).toString('base64'));
shown('signature.encoding', 'hex of base64', Buffer.from(right.toString('base64')).toString('hex'));
shown('signature.encoding', 'encodeURIComponent of base64', encodeURIComponent(right.toString('base64')));
shown('signature.case', 'toUpperCase', 'sha256=' + right.toString('hex').toUpperCase());
shown('signature.truncated', 'the first half', 'sha256=' + right.toString('hex').slice(0, 32));
shown('signature.truncated', 'the last half', right.toString('hex').slice(32));
shown('signature.truncated', 'from the middle', right.toString('hex').slice(9, 55));
shown('signature.truncated', 'a Buffer cut', util.inspect(right.subarray(0, 20)));
