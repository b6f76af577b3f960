// What JavaScript makes of a body's bytes and text: what was done <TAB> body <TAB> base64 of the bytes that are hashed.
const fs = require('node:fs');
const path = require('node:path');
const util = require('node:util');
const zlib = require('node:zlib');
const querystring = require('node:querystring');

const folder = path.join(__dirname, '..', '..', 'texts');
const of = (text) => Buffer.from(text);
const sizes = [10, 16, 64, 100, 1024, 1000];
const chunks = (bytes, size) => {
  const all = [];
  for (let at = 0; at < bytes.length; at += size) all.push(bytes.subarray(at, at + size));
  return all;
};
const compact = (value, keys) => JSON.stringify(value, keys);
const without = (value) =>
  Array.isArray(value)
    ? value.map(without)
    : value && typeof value === 'object'
      ? Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null).map(([key, item]) => [key, without(item)]))
      : value;
const deep = (change) => (value) => {
  if (Array.isArray(value)) return value.map(deep(change));
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deep(change)(item)]));
  return change(value);
};
const any = {
  'util.inspect(buffer)': (bytes) => util.inspect(bytes),
  'JSON.stringify(buffer)': (bytes) => compact(bytes),
  'String(uint8array)': (bytes) => String(new Uint8Array(bytes)),
  'JSON.stringify(uint8array)': (bytes) => compact(new Uint8Array(bytes)),
  'JSON.stringify([...bytes])': (bytes) => compact([...bytes]),
  "bytes.join(' ')": (bytes) => [...bytes].join(' '),
  "toString('hex')": (bytes) => bytes.toString('hex'),
  "toString('hex').toUpperCase()": (bytes) => bytes.toString('hex').toUpperCase(),
  "toString('base64')": (bytes) => bytes.toString('base64'),
  "toString('base64url')": (bytes) => bytes.toString('base64url'),
  "update(toString('latin1'))": (bytes) => bytes.toString('latin1'),
  "update(toString('ascii'))": (bytes) => bytes.toString('ascii'),
  'toString()': (bytes) => bytes.toString(),
  "update(text, 'latin1')": (bytes) => Buffer.from(bytes.toString(), 'latin1'),
  "update(text, 'utf16le')": (bytes) => Buffer.from(bytes.toString(), 'utf16le'),
  'JSON.stringify(text)': (bytes) => compact(bytes.toString()),
  'JSON.stringify(JSON.stringify(text))': (bytes) => compact(compact(bytes.toString())),
  'encodeURIComponent(text)': (bytes) => encodeURIComponent(bytes.toString()),
  'encodeURI(text)': (bytes) => encodeURI(bytes.toString()),
  'text.toLowerCase()': (bytes) => bytes.toString().toLowerCase(),
  'escape(text)': (bytes) => escape(bytes.toString()),
  'util.inspect(text)': (bytes) => util.inspect(bytes.toString()),
  'text.trim()': (bytes) => bytes.toString().trim(),
  "text.replace(/\\s+/g, ' ')": (bytes) => bytes.toString().replace(/\s+/g, ' '),
  "text.replace(/\\s/g, '')": (bytes) => bytes.toString().replace(/\s/g, ''),
  "text.split('\\n').join('')": (bytes) => bytes.toString().split('\n').join(''),
  "text.normalize('NFD')": (bytes) => bytes.toString().normalize('NFD'),
  "text.normalize('NFKD')": (bytes) => bytes.toString().normalize('NFKD'),
  'String({})': () => String({}),
  'String(new ReadableStream())': () => String(new ReadableStream()),
  'String(promise)': () => String(Promise.resolve()),
  'util.inspect(promise)': () => util.inspect(new Promise(() => {})),
  'String(arraybuffer)': () => String(new ArrayBuffer(8)),
  'String(blob)': () => String(new Blob([])),
  'String(new Map())': () => String(new Map()),
  'String(formdata)': () => String(new FormData()),
  'String(new Request())': () => String(new Request('http://localhost')),
  'JSON.stringify(new Map())': () => compact(new Map()),
  'JSON.stringify(promise)': () => compact(Promise.resolve()),
  'String(undefined)': () => String(undefined),
  'JSON.stringify(null)': () => compact(null),
  "undefined + text": (bytes) => `${undefined}${bytes}`,
  'Buffer.alloc(8192)': (bytes) => Buffer.concat([bytes, Buffer.alloc(Math.max(0, 8192 - bytes.length))]),
  'bytes without non-ASCII': (bytes) => bytes.toString().replace(/[^\x00-\x7f]/g, ''),
  "text.replace(/[\\u0080-\\uffff]/g, …)": (bytes) =>
    bytes.toString().replace(/[\u0080-\uffff]/g, (unit) => '\\u' + unit.charCodeAt(0).toString(16).padStart(4, '0')),
  "text.split('/').join('\\\\/')": (bytes) => bytes.toString().split('/').join('\\/'),
  'bytes twice': (bytes) => Buffer.concat([bytes, bytes]),
  'JSON.stringify({ body: text })': (bytes) => compact({ body: bytes.toString() }),
  'JSON.stringify({ payload: base64 })': (bytes) => compact({ payload: bytes.toString('base64') }),
  'payload=encodeURIComponent(text)': (bytes) => 'payload=' + encodeURIComponent(bytes.toString()),
  'new URLSearchParams({ payload: text })': (bytes) => new URLSearchParams({ payload: bytes.toString() }).toString(),
};
for (const size of sizes) {
  any[`chunks of ${size}, data += chunk`] = (bytes) => chunks(bytes, size).map(String).join('');
  any[`chunks of ${size}, String(chunks)`] = (bytes) => chunks(bytes, size).join(',');
  any[`chunks of ${size}, data = chunk`] = (bytes) => chunks(bytes, size).at(-1);
}
const json = {
  'JSON.stringify(without nulls)': (value) => compact(without(value)),
  'JSON.stringify(trimmed)': (value) => compact(deep((item) => (typeof item === 'string' ? item.trim() : item))(value)),
  'JSON.stringify(numbers as texts)': (value) => compact(deep((item) => (typeof item === 'number' ? String(item) : item))(value)),
  'util.inspect(body)': (value) => util.inspect(value),
  'util.inspect(body, { depth: null })': (value) => util.inspect(value, { depth: null }),
  'JSON.stringify(body, Object.keys(body).sort())': (value) => compact(value, Object.keys(value).sort()),
  'JSON.stringify(sorted at the top)': (value) => compact(Object.fromEntries(Object.entries(value).sort())),
  'JSON.stringify(Object.entries(body))': (value) => compact(Object.entries(value)),
  "Object.values(body).join('')": (value) => Object.values(value).join(''),
  'keys and values, sorted and joined': (value) => Object.keys(value).sort().map((key) => `${key}=${value[key]}`).join('&'),
  'JSON.stringify of three members': ({ id, type, amount }) => compact({ id, type, amount }),
  'JSON.stringify with one space': (value) => JSON.stringify(value, null, 1),
  'JSON.stringify with three spaces': (value) => JSON.stringify(value, null, 3),
  'base64 of JSON.stringify(body)': (value) => Buffer.from(compact(value)).toString('base64'),
  'JSON.stringify(body).toLowerCase()': (value) => compact(value).toLowerCase(),
  'JSON.stringify(body).slice(1, -1)': (value) => compact(value).slice(1, -1),
  'JSON.stringify(body) without \\': (value) => compact(value).replace(/\\/g, ''),
  'htmlEscapeJsonString of Next.js': (value) =>
    compact(value).replace(/[&><\u2028\u2029]/g, (char) => '\\u' + char.charCodeAt(0).toString(16).padStart(4, '0')),
  'JSON.stringify without id': ({ id, ...rest }) => compact(rest),
  'JSON.stringify({ ...rest, id })': ({ id, ...rest }) => compact({ ...rest, id }),
  'JSON.stringify(body.customer)': (value) => compact(value.customer),
  'JSON.stringify(body.items)': (value) => compact(value.items),
  'body.note': (value) => value.note,
  'JSON.stringify({ data: body })': (value) => compact({ data: value }),
  'JSON.stringify([body])': (value) => compact([value]),
  'new URLSearchParams(body)': (value) => new URLSearchParams(value).toString(),
  'querystring.stringify(body)': (value) => querystring.stringify(value),
  'JSON.stringify(body) with slashes escaped': (value) => compact(value).replace(/\//g, '\\/'),
  'JSON.stringify(body) with slashes and & escaped': (value) => compact(value).replace(/\//g, '\\/').replace(/&/g, '\\u0026'),
  'JSON.stringify(body) with < > & escaped': (value) =>
    compact(value).replace(/[<>&]/g, (char) => '\\u' + char.charCodeAt(0).toString(16).padStart(4, '0')),
  'JSON.stringify(body) in ASCII': (value) =>
    compact(value).replace(/[\u0080-\uffff]/g, (unit) => '\\u' + unit.charCodeAt(0).toString(16).padStart(4, '0')),
};
const form = {
  'URLSearchParams again': (text) => new URLSearchParams(text).toString(),
  'querystring again': (text) => querystring.stringify(querystring.parse(text)),
  'JSON of URLSearchParams': (text) => compact(Object.fromEntries(new URLSearchParams(text))),
  'JSON of querystring': (text) => compact(querystring.parse(text)),
  'JSON of pairs': (text) => compact([...new URLSearchParams(text)]),
  'URLSearchParams sorted': (text) => {
    const all = new URLSearchParams(text);
    all.sort();
    return all.toString();
  },
  decodeURIComponent: (text) => decodeURIComponent(text),
  'decodeURIComponent, + as a space': (text) => decodeURIComponent(text.replace(/\+/g, ' ')),
};
for (const file of fs.readdirSync(folder).sort()) {
  const bytes = fs.readFileSync(path.join(folder, file));
  const print = (name, made) => console.log([name, file, Buffer.from(made).toString('base64')].join('\t'));
  for (const [name, make] of Object.entries(any)) {
    if (file === 'latin.txt' && /URI|text|NF/.test(name)) continue;
    print(name, make(bytes));
  }
  if (file.endsWith('.json')) {
    const value = JSON.parse(bytes.toString());
    if (value.customer) for (const [name, make] of Object.entries(json)) print(name, make(value));
  }
  if (file === 'form.txt') for (const [name, make] of Object.entries(form)) print(name, make(bytes.toString()));
}
