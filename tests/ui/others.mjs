// Pages of others on this machine, and a name of theirs that leads here.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { browse, page } from './browser.mjs';
import { send } from './scene.mjs';

const { UI, CATCHING } = process.env;
const { origin, port } = new URL(UI);

const theirs = createServer((asked, told) => {
  theirs.cookies.push(asked.headers.cookie ?? '');
  told.setHeader('Content-Type', 'text/html');
  told.end('<!doctype html><title>theirs</title>');
});
theirs.cookies = [];
await new Promise((done) => theirs.listen(0, '127.0.0.1', done));
const other = `http://127.0.0.1:${theirs.address().port}`;

await browse(async (context) => {
  await send(CATCHING, { headers: { Authorization: 'Bearer hush-hush' }, body: 'x' });
  const own = await page(context, UI);
  await own.locator('.row').first().waitFor();

  // A page on another local port is of the same site: it is sent the cookie, and gets no further.
  const tab = await page(context, other);
  assert.match(theirs.cookies.join(), /ckwh-/, 'cookies know no ports');
  const tried = await tab.evaluate(async (origin) => {
    const tries = {
      page: () => fetch(origin, { credentials: 'include' }),
      data: () => fetch(`${origin}/api/captures`, { credentials: 'include' }),
      token: () => fetch(`${origin}/api/captures`, { credentials: 'include', headers: { 'X-Ckwh-Token': '0' } }),
      reveal: () => fetch(`${origin}/captures/1/reveal`, { method: 'POST', credentials: 'include', headers: { 'Content-Type': 'application/json' }, body: '{"place":"header:0"}' }),
    };
    const came = {};
    for (const [name, run] of Object.entries(tries)) came[name] = await run().then((answer) => `${answer.type} ${answer.status}`, () => 'refused');
    // What a page may send without asking is sent, and not answered.
    const blind = { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{"kind":"replay","captures":"1","to":"9"}' };
    came.blind = await fetch(`${origin}/jobs`, blind).then(() => 'opaque', () => 'refused');
    came.script = await new Promise((done) => {
      const script = document.createElement('script');
      script.src = `${origin}/page.js`;
      script.onload = () => done('ran');
      script.onerror = () => done('refused');
      document.head.append(script);
    });
    came.frame = await new Promise((done) => {
      const frame = document.createElement('iframe');
      frame.src = origin;
      frame.onload = () => { try { done(frame.contentDocument ? 'read' : 'closed'); } catch { done('closed'); } };
      document.body.append(frame);
    });
    return came;
  }, origin);
  assert.deepEqual(tried, { page: 'refused', data: 'refused', token: 'refused', reveal: 'refused', blind: 'refused', script: 'refused', frame: 'closed' });

  // A form that leads here, and a link.
  await tab.goto(other);
  await tab.evaluate((origin) => {
    const form = document.createElement('form');
    form.method = 'post';
    form.action = `${origin}/jobs`;
    form.enctype = 'text/plain';
    document.body.append(form);
    form.submit();
  }, origin);
  await tab.getByText('another page').waitFor();
  await tab.goto(other);
  await tab.evaluate((origin) => { location.href = origin; }, origin);
  await tab.getByText('another page led here').waitFor();
  assert.equal(await tab.locator('.row').count(), 0);

  await own.goto(`${origin}/runs`);
  await own.getByText('Nothing was sent').waitFor();
});

// A name that was theirs, and leads to this machine now.
await browse(async (context) => {
  const tab = await page(context, `http://rebound.test:${port}/`);
  assert.equal(await tab.locator('#token').count(), 0, 'not even the token is asked for');
  await tab.getByText('localhost, 127.0.0.1').waitFor();
}, { flags: ['--host-resolver-rules=MAP rebound.test 127.0.0.1'] });

// Without the cookie the page asks for the token; a wrong one is refused, the right one opens the page that was meant.
await browse(async (context) => {
  const tab = await page(context, `${origin}/captures/1`);
  await tab.getByLabel('Token').fill('0'.repeat(64));
  await tab.getByRole('button', { name: 'Open' }).click();
  await tab.getByText('not the token').waitFor();
  assert.equal(await tab.getByText('hush').count(), 0);
  await tab.getByLabel('Token').fill(UI);
  await tab.getByRole('button', { name: 'Open' }).click();
  await tab.locator('#detail').waitFor();
  const value = tab.locator('dd', { has: tab.locator('[aria-label="Show authorization" i]') }).locator('.value');
  assert.equal(await value.textContent(), '[masked]');
  await tab.getByRole('button', { name: 'Show authorization' }).click();
  await tab.getByText('Bearer hush-hush').waitFor();
});
theirs.close();
