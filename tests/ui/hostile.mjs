// Markup and scripts in every place that a sender controls.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { browse, page } from './browser.mjs';
import { github, handler, mac, send } from './scene.mjs';

const { UI, CATCHING } = process.env;
const origin = new URL(UI).origin;
const EVIL = [
  '<img src=x onerror=alert(1)>', '"><script>alert(2)</script>', "'-alert(3)-'", '</script><script>alert(4)</script>',
  '<svg/onload=alert(5)>', '{{constructor.constructor("alert(6)")()}}', '</pre></code></details><iframe srcdoc="<script>alert(7)</script>">',
  'javascript:alert(8)', '<a href="javascript:alert(9)">x</a>', '&lt;img onerror=alert(10)&gt;',
];
const all = EVIL.join(' ');
const json = (value) => JSON.stringify(value);

// Node refuses to send such a request line, so it is written by hand; what HTTP does not allow in it is encoded.
function raw(evil) {
  const path = encodeURI(evil).replaceAll('%7B', '{').replaceAll('%7D', '}');
  const text = `A'&\`B /${path}?${path} HTTP/1.1\r\nHost: x\r\nX-Evil: ${evil}\r\nConnection: close\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`;
  return new Promise((done, failed) => {
    let answer = '';
    const socket = connect(new URL(CATCHING).port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (data) => { answer += data; });
    socket.on('close', () => done(answer));
    socket.on('error', failed);
  });
}

await browse(async (context) => {
  const theirs = await handler();
  const body = json({ [all]: all, list: [all], ref: all });
  for (const evil of EVIL) assert.match(await raw(evil), /^HTTP\/1.1 200/, evil);
  // The event's name, its id, the body, the content type, the user agent, and a host that is one in name alone.
  await send(CATCHING, github(body, { event: all, 'X-GitHub-Delivery': all, 'User-Agent': all, 'Content-Type': `application/json; ${all}` }));
  await send(CATCHING, github(body, { event: all, signed: `${body} ` }));
  await send(CATCHING, { path: '/form', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ [all]: all }).toString() });
  await send(CATCHING, { headers: { Host: '"><script>alert(11)</script>', Cookie: all, Authorization: `Bearer ${all}` }, body: all });
  const count = EVIL.length + 4;

  const tab = await page(context, UI);
  await tab.locator('.live.on').waitFor();
  await tab.locator(`.row[data-id="${count}"]`).waitFor();
  const innocent = async () => {
    const found = await tab.evaluate(() => document.querySelectorAll('#main script, #main iframe, #main img, #main svg[onload], #main a[href^="javascript:"], [onerror], [onload]').length);
    assert.equal(found, 0, tab.url());
  };
  for (let id = 1; id <= count; id += 1) {
    for (const way of ['tree', 'text', 'bytes']) {
      await tab.goto(`${origin}/captures/${id}?body=${way}`);
      await tab.locator('.finding').waitFor();
      await innocent();
    }
    // What is shown when it is asked for is text too.
    for (const button of await tab.locator('[data-reveal]').all()) await button.click();
    await innocent();
  }
  // The same as it arrives, as it is compared, searched, edited, replayed and in an answer.
  await tab.goto(origin);
  await tab.locator('.live.on').waitFor();
  await send(CATCHING, github(body, { event: all }));
  await tab.locator(`.row[data-id="${count + 1}"]`).waitFor();
  await innocent();
  await tab.goto(`${origin}/compare?a=${count - 3}&b=${count}`);
  await tab.locator('.compared').first().waitFor();
  await innocent();
  await tab.goto(`${origin}/?text=${encodeURIComponent(EVIL[0])}&event=${encodeURIComponent(EVIL[1])}`);
  await innocent();
  await tab.goto(`${origin}/replay?captures=${count + 1}&to=${encodeURIComponent(EVIL[1])}`);
  await innocent();
  await tab.goto(`${origin}/replay?captures=${encodeURIComponent(all)}`);
  await innocent();
  await tab.goto(`${origin}/${encodeURIComponent(all)}`);
  await innocent();
  await tab.goto(`${origin}/replay?captures=${count + 1}`);
  await tab.locator('[name=to]').fill(`${theirs.address}/${encodeURIComponent(EVIL[4])}`);
  await tab.getByRole('button', { name: 'Replay' }).click();
  await tab.locator('#job[data-ended]').waitFor();
  await innocent();
  // What became of it, and of one that nobody answers.
  theirs.close();
  await tab.goto(`${origin}/replay?captures=${count - 2}..${count + 1}&to=127.0.0.1:9/${encodeURIComponent(encodeURIComponent(EVIL[0]))}`);
  await tab.getByRole('button', { name: 'Replay' }).click();
  await tab.locator('#job[data-ended]').waitFor();
  await innocent();
  for (const path of ['/runs', '/runs/1', '/runs/2', '/jobs/1', '/jobs/2']) {
    await tab.goto(origin + path);
    await tab.locator('h1').waitFor();
    await innocent();
  }
  assert.equal(theirs.got[0].headers['x-hub-signature-256'], `sha256=${mac(body)}`);

  const problems = tab.problems.filter((text) => !/404|422/.test(text));
  assert.deepEqual(problems, [], 'no script ran, and none was kept from running');
});
