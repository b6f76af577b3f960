// From an empty store to a replay: what a person does.

import assert from 'node:assert/strict';
import { browse, page } from './browser.mjs';
import { github, handler, mac, send } from './scene.mjs';

const { UI, CATCHING } = process.env;
const origin = new URL(UI).origin;

await browse(async (context) => {
  const theirs = await handler();
  // 1. The address of the terminal leads to an empty list, which says what to do.
  const one = await page(context, UI);
  await one.getByRole('heading', { name: 'Nothing caught yet' }).waitFor();
  assert.equal(await one.locator('#empty-url').textContent(), CATCHING);
  assert.equal(one.url(), `${origin}/`, 'the token is gone from the address');
  await one.locator('.live.on').waitFor();

  // 2. An event is sent from the page, with a field changed; it is caught, and appears in another tab by itself.
  const two = await page(context, `${origin}/`);
  await one.getByRole('link', { name: 'send an event there yourself' }).click();
  await one.getByRole('searchbox', { name: 'Search events' }).fill('github push');
  await one.getByRole('link', { name: /^push/ }).first().click();
  await one.locator('[data-path="ref"]').fill('refs/heads/changed');
  await one.getByRole('button', { name: 'Sign and send' }).click();
  await one.locator('#job[data-ended]').waitFor();
  assert.match(await one.locator('.badge').first().textContent(), /done/);
  await two.locator('.row', { hasText: 'push' }).waitFor();

  // 3. The capture shows what came: it is valid, and the changed field is in its tree.
  await two.locator('.row').first().click();
  await two.locator('.finding.right').waitFor();
  assert.match(await two.locator('#body').textContent(), /refs\/heads\/changed/);
  assert.match(await two.locator('#title').textContent(), /push/);
  await two.getByRole('link', { name: 'Bytes' }).click();
  await two.locator('pre.bytes').waitFor();

  // 4. A body that was written again on its way: the cause, the bytes, the remedy, and a right signature of the handler.
  const signed = '{"a":1,"b":[2]}';
  await send(CATCHING, github('{"a": 1, "b": [2]}', { signed }));
  await two.keyboard.press('Escape');
  await two.locator('.row[data-id="2"]').waitFor();
  await two.keyboard.press('j');
  await two.waitForURL(`${origin}/captures/2`);
  await two.getByText('body.reserialised').waitFor();
  const marks = await two.locator('.aligned > div').first().locator('mark').allTextContents();
  assert.deepEqual(marks, ['·', '·', '·'], 'the white space is what differs');
  await two.locator('.remedy [data-copy]').click();
  const remedy = await two.evaluate(() => navigator.clipboard.readText());
  assert.equal(remedy, await two.locator('.remedy pre').textContent());
  await two.getByText('My handler computed another signature').click();
  await two.getByRole('textbox', { name: /What your handler computed/ }).fill(mac('{"a": 1, "b": [2]}'));
  await two.getByRole('button', { name: 'Say what it did' }).click();
  await two.getByText('hashed', { exact: true }).or(two.getByText(/of your handler/)).first().waitFor();

  // It is copied as a line that sends it again.
  await two.locator('#copy-as').selectOption('curl');
  await two.locator('#said', { hasText: 'Copied as curl' }).waitFor();
  assert.match(await two.evaluate(() => navigator.clipboard.readText()), /^curl /);

  // 5. It is replayed to the handler, signed anew, edited.
  await two.keyboard.press('r');
  await two.getByRole('textbox', { name: 'Where to' }).fill(theirs.address);
  await two.getByText('Edit it first').click();
  await two.locator('[data-path="a"]').fill('7');
  await two.getByRole('button', { name: 'Replay' }).click();
  await two.locator('#job[data-ended]').waitFor();
  assert.equal(theirs.got.length, 1);
  const { body, headers } = theirs.got[0];
  assert.equal(body.toString(), '{"a":7,"b":[2]}', 'GitHub writes compact JSON');
  assert.equal(headers['x-hub-signature-256'], `sha256=${mac(body)}`);
  await two.goto(`${origin}/captures/2`);
  await two.locator('.line-of-time', { hasText: 'replayed' }).waitFor();
  await two.getByRole('link', { name: 'Runs' }).click();
  await two.getByRole('link', { name: 'replay 2' }).waitFor();

  // Seven tabs share one stream.
  for (let count = 0; count < 5; count += 1) {
    const more = await page(context, `${origin}/`);
    await more.locator('.live.on').waitFor();
  }
  await send(CATCHING, github('{"last":true}', { event: 'ping' }));
  for (const tab of context.pages().filter((tab) => tab.url() === `${origin}/`)) await tab.locator('.row[data-id="3"]').waitFor();

  assert.deepEqual([one, two].flatMap((tab) => tab.problems), []);
  theirs.close();
});
