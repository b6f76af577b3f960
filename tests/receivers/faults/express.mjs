// A right handler of Cost Katana's and Stripe's deliveries in Express, and the ways in which FAULT makes it wrong: one at
// a time. GET /effects prints what it did, POST /reset forgets it.
import cluster from 'node:cluster';
import crypto from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';

const fault = process.env.FAULT ?? '';
const is = (name) => fault === name;
const secret = process.env.HANDLER_SECRET;
const provider = process.env.PROVIDER ?? 'costkatana';
const port = Number(process.env.PORT);

const hmac = (content, key = secret, hash = 'sha256') => crypto.createHmac(hash, key).update(content).digest('hex');

// What a delivery says of itself: the time in milliseconds, its text, and the signatures in hex.
const readers = {
  costkatana(req) {
    const time = req.get('X-CostKatana-Timestamp') ?? '';
    const header = req.get('X-CostKatana-Signature') ?? '';
    const [, hash, signature] = /^(sha256|sha1)=(.*)$/s.exec(header) ?? [];
    return { time, at: Number(time), hash, signatures: signature === undefined ? [] : [signature], header };
  },
  stripe(req) {
    const header = req.get('Stripe-Signature') ?? '';
    const pairs = header.split(',').map((pair) => pair.split('='));
    const time = pairs.find(([name]) => name === 't')?.[1] ?? '';
    const signatures = pairs.filter(([name]) => name === 'v1').map(([, value]) => value ?? '');
    return { time, at: Number(time) * 1000, hash: 'sha256', signatures, header };
  },
};

function sameText(given, right) {
  const [one, other] = [Buffer.from(given), Buffer.from(right)];
  if (is('compares-the-beginning')) return given.slice(0, 32) === right.slice(0, 32) && given.length >= 32;
  if (is('throws-on-length')) return crypto.timingSafeEqual(one, other);
  return one.length === other.length && crypto.timingSafeEqual(one, other);
}

function isInTime(at) {
  if (is('no-time')) return true;
  if (!Number.isFinite(at)) return false;
  const age = Date.now() - at;
  if (is('past-alone')) return age <= 300_000;
  if (is('wrong-unit')) return Math.abs(age) <= 300_000 * 1000;
  return Math.abs(age) <= 300_000;
}

function written(body) {
  try {
    return Buffer.from(JSON.stringify(JSON.parse(body)));
  } catch {
    return body;
  }
}

// Whether a delivery is signed; the texts that would be right are kept for the fault that tells them.
let expected = '';
function isSigned(req, body) {
  const { time, at, hash, signatures, header } = readers[provider](req);
  if (is('verifies-nothing')) return true;
  if (is('verifies-if-signed') && header === '') return true;
  const bytes = is('writes-json-again') ? written(body) : body;
  const content = Buffer.concat([Buffer.from(`${time}.`), bytes]);
  expected = hmac(content);
  const rights = [expected];
  if (is('sha1-too') && hash === 'sha1') rights.push(hmac(content, secret, 'sha1'));
  if (is('empty-secret-too')) rights.push(hmac(content, ''));
  if (is('body-alone-too')) rights.push(hmac(bytes));
  if (hash !== 'sha256' && !is('sha1-too')) return false;
  const given = is('first-signature-alone') ? signatures.slice(0, 1) : signatures;
  return given.some((signature) => rights.some((right) => sameText(signature, right))) && isInTime(at);
}

const effects = [];
const seen = new Set();
const objects = new Map();

async function work(event, req, res) {
  if (is('ends-with-the-connection')) {
    await sleep(150);
    if (req.socket.destroyed) throw new Error('the sender is gone');
  }
  effects.push(event.id);
  const { object, at, type } = event;
  const isNewest = is('last-one-wins') || !(objects.get(object)?.at > at);
  const begins = is('created-begins-anew') && type.endsWith('.created');
  if (object !== undefined && (isNewest || begins)) objects.set(object, { at, type });
}

function read(body) {
  const json = JSON.parse(body);
  if (json === null || typeof json !== 'object' || Array.isArray(json)) throw new Error('no event');
  return provider === 'stripe'
    ? { id: json.id, type: json.type, object: json.data?.object?.id, at: json.created }
    : { id: json.event_id, type: json.event_type };
}

const app = express();
app.disable('x-powered-by');
const raw = express.raw({ type: () => true, limit: '5mb' });

app.get('/effects', (req, res) => {
  const states = [...objects].map(([id, { type }]) => `${id} ${type}`);
  res.type('text/plain').send([...effects, ...states].map((line) => `${line}\n`).join(''));
});

app.post('/reset', (req, res) => {
  effects.length = 0;
  seen.clear();
  objects.clear();
  res.sendStatus(204);
});

if (is('get-works')) {
  app.get('/hook', (req, res) => {
    effects.push('get');
    res.sendStatus(200);
  });
}

app.post('/hook', raw, async (req, res) => {
  const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
  if (is('header-case')) {
    const names = req.rawHeaders.filter((_, at) => at % 2 === 0);
    if (!names.includes('X-CostKatana-Signature')) return res.sendStatus(401);
  }
  if (is('works-first')) effects.push('before the signature');
  if (!isSigned(req, body)) {
    if (is('tells-the-signature')) return res.status(401).send(`expected sha256=${expected}`);
    if (is('tells-the-secret')) return res.status(401).send(`wrong signature, key was ${secret}`);
    return res.sendStatus(401);
  }
  let event;
  try {
    event = read(body);
  } catch (error) {
    if (is('ends-on-rubbish')) process.exit(1);
    if (is('fails-on-rubbish')) return res.sendStatus(500);
    return res.sendStatus(400);
  }
  if (is('refuses-the-unknown') && String(event.type).includes('unknown')) return res.sendStatus(400);
  if (is('slow')) await sleep(1500);
  const identity = is('knows-by-signature') ? readers[provider](req).header : event.id;
  if (is('counts-twice') || is('looks-then-writes')) {
    if (is('looks-then-writes')) {
      const before = seen.has(identity);
      await sleep(20);
      if (before) return res.sendStatus(200);
      seen.add(identity);
    }
    await work(event, req, res);
    return res.sendStatus(200);
  }
  if (seen.has(identity)) return res.sendStatus(200);
  seen.add(identity);
  try {
    await work(event, req, res);
  } catch {
    // It is marked as seen already, and never done.
    return res.destroyed ? undefined : res.sendStatus(500);
  }
  res.sendStatus(200);
});

app.use((error, req, res, next) => {
  res.sendStatus(error.status >= 400 && error.status < 500 ? error.status : 500);
});

// Several workers share the port; the primary keeps what they did.
if (is('state-per-worker') && cluster.isPrimary) {
  const done = [];
  for (let count = 0; count < 3; count += 1) cluster.fork();
  cluster.on('message', (worker, { id }) => done.push(id));
  const view = express();
  view.get('/effects', (req, res) => res.type('text/plain').send(done.map((line) => `${line}\n`).join('')));
  view.listen(Number(process.env.EFFECTS_PORT), '127.0.0.1');
} else {
  if (cluster.isWorker) effects.push = (id) => process.send({ id });
  app.listen(port, '127.0.0.1');
}
