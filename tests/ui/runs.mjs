// A replay that is stopped and goes on, failures as they come, and another machine that is asked about.

import assert from 'node:assert/strict';
import { browse, page } from './browser.mjs';
import { github, handler, send } from './scene.mjs';

const { UI, CATCHING } = process.env;
const origin = new URL(UI).origin;

let answers = ({ body }) => (body.toString().includes('3') ? 500 : 200);

await browse(async (context) => {
  const theirs = await handler((asked) => answers(asked));
  const tab = await page(context, UI);
  await tab.locator('.live.on').waitFor();
  for (let count = 0; count < 4; count += 1) await send(CATCHING, github(`{"n":${count}}`));

  await tab.goto(`${origin}/replay?captures=1..4&to=${theirs.address}`);
  await tab.locator('[name=rate]').fill('20/m');
  await tab.getByRole('button', { name: 'Replay' }).click();
  await tab.getByRole('button', { name: 'Stop' }).click();
  await tab.locator('#job[data-ended]').waitFor();
  assert.ok(theirs.got.length < 4, `${theirs.got.length}`);
  await tab.getByRole('link', { name: 'Runs', exact: true }).click();
  await tab.getByRole('row', { name: /replay 1 .*not finished/ }).getByRole('link', { name: 'replay 1', exact: true }).click();
  await tab.getByText('it was cut off').waitFor();
  await tab.getByRole('button', { name: 'Deliver what was not answered' }).click();
  await tab.locator('.result', { hasText: '500' }).waitFor();
  await tab.locator('#job[data-ended]').waitFor();
  assert.equal(theirs.got.length, 4, 'each once');
  assert.match(await tab.locator('.histogram').textContent(), /≤/);
  await tab.getByRole('link', { name: 'Runs', exact: true }).click();
  await tab.getByRole('link', { name: 'go on with replay 1' }).waitFor();
  assert.equal(await tab.getByText('not finished').count(), 0);

  // The same once more, now that the handler is mended but for another: what changed is said, whoever looks.
  answers = ({ body }) => (body.toString().includes('2') ? 500 : 200);
  await tab.goto(`${origin}/replay?captures=1..4&to=${theirs.address}`);
  await tab.getByRole('button', { name: 'Replay' }).click();
  await tab.locator('#job[data-ended]').waitFor();
  await tab.getByRole('link', { name: 'replay 2', exact: true }).click();
  await tab.getByRole('heading', { name: 'Replay 2' }).waitFor();
  assert.match(await tab.locator('.histogram').textContent(), /≤/);
  assert.match(await tab.getByText('Since the time before:').textContent(), /1 fixed ?1 regressed/);
  await tab.getByRole('row', { name: /^#4.*200.*fixed/ }).waitFor();
  await tab.getByRole('row', { name: /^#3.*500.*regressed/ }).waitFor();

  // An address that is nobody's: RFC 5737.
  await tab.goto(`${origin}/replay?captures=1&to=192.0.2.1:9`);
  await tab.getByRole('button', { name: 'Replay' }).click();
  await tab.getByText(/192\.0\.2\.1:9.* is another machine/).waitFor();
  await tab.getByRole('button', { name: 'Cancel' }).click();
  await tab.locator('#question').waitFor({ state: 'hidden' });
  assert.match(tab.url(), /\/replay\?/, 'nothing was begun');

  assert.deepEqual(tab.problems.filter((text) => !text.includes('409')), []);
  theirs.close();
});
