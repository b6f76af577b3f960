// Requests as providers and strangers send them.

import { createHmac } from 'node:crypto';
import { createServer, request } from 'node:http';

export const SECRET = 'c0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ff';

export const mac = (text) => createHmac('sha256', SECRET).update(text).digest('hex');

// Sends bytes as they are; gives the status.
export function send(address, { method = 'POST', path = '/', headers = {}, body = '' }) {
  return new Promise((done, failed) => {
    const sent = request(new URL(path, address), { method, headers: { 'Content-Length': Buffer.byteLength(body), ...headers } }, (answer) => {
      answer.resume();
      answer.on('end', () => done(answer.statusCode));
    });
    sent.on('error', failed);
    sent.end(body);
  });
}

const id = () => crypto.randomUUID();

// GitHub signs the body's bytes: docs.github.com, "Validating webhook deliveries".
export const github = (body, { signed = body, event = 'push', ...headers } = {}) => ({
  path: '/webhooks/github',
  headers: {
    'Content-Type': 'application/json', 'User-Agent': 'GitHub-Hookshot/044aadd', 'X-GitHub-Event': event,
    'X-GitHub-Delivery': id(), 'X-Hub-Signature-256': `sha256=${mac(signed)}`, ...headers,
  },
  body,
});

// Stripe signs the time and the body: docs.stripe.com/webhooks, "Verify webhook signatures manually".
export function stripe(body, time = Math.floor(Date.now() / 1000)) {
  return {
    path: '/webhooks/stripe',
    headers: { 'Content-Type': 'application/json; charset=utf-8', 'Stripe-Signature': `t=${time},v1=${mac(`${time}.${body}`)}` },
    body,
  };
}

const PUSH = {
  ref: 'refs/heads/main', before: '9049f1265b7d61be4a8904a9a27120d2064dab3b', after: '0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c',
  repository: { id: 186853002, name: 'Hello-World', full_name: 'octo/Hello-World', private: false, owner: { login: 'octo', id: 21031067 }, topics: ['webhooks', 'größe', '日本'] },
  pusher: { name: 'octo', email: 'octo@example.com' },
  commits: [{ id: '0d1a26e67d8f', message: 'Fix the build', added: ['a.rs'], removed: [], distinct: true, size: 12.5, parent: null }],
};

// What a store of one day may hold.
export const scene = () => [
  { path: '/anything?token=s3cr3t-in-the-target', headers: { Authorization: 'Bearer not-for-eyes', 'Content-Type': 'application/octet-stream' }, body: Buffer.from([0, 1, 2, 255, 254, 65, 66]) },
  github(JSON.stringify(PUSH)),
  stripe(JSON.stringify({ id: 'evt_1', object: 'event', type: 'invoice.paid', created: 1764446400, data: { object: { id: 'in_1', object: 'invoice', amount_paid: 12000, currency: 'eur' } } })),
  github(JSON.stringify({ zen: 'Keep it logically awesome.', hook_id: 1 }), { event: 'ping', 'X-Hub-Signature-256': `sha256=${'0'.repeat(64)}` }),
  stripe(JSON.stringify({ id: 'evt_2', object: 'event', type: 'charge.failed', created: 1764446400, data: { object: { id: 'ch_2' } } }), Math.floor(Date.now() / 1000) - 3600),
  { path: '/form', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'name=Ada+Lovelace&note=a%26b&empty=' },
  github(JSON.stringify(PUSH, null, 1), { signed: JSON.stringify(PUSH) }),
];

// A handler that answers, and shows what it got.
export function handler(answer = () => 200) {
  const got = [];
  const server = createServer((asked, told) => {
    const pieces = [];
    asked.on('data', (piece) => pieces.push(piece));
    asked.on('end', () => {
      const one = { method: asked.method, url: asked.url, headers: asked.headers, body: Buffer.concat(pieces) };
      got.push(one);
      told.writeHead(answer(one), { 'Content-Type': 'application/json', 'X-Powered-By': 'Express', 'Set-Cookie': 'sid=not-for-eyes-either' });
      told.end(JSON.stringify({ received: got.length }));
    });
  });
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () => done({ got, address: `http://127.0.0.1:${server.address().port}`, close: () => server.close() }));
  });
}
