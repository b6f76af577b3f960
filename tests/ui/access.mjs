// Every view: without a serious finding of axe, within narrow and wide screens, in both themes, and by keyboard alone.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { browse, page } from './browser.mjs';
import { handler, scene, send } from './scene.mjs';

const { UI, CATCHING } = process.env;
const origin = new URL(UI).origin;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function look(tab, what) {
  for (const colorScheme of ['light', 'dark']) {
    await tab.emulateMedia({ colorScheme });
    const { violations } = await tab.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
    const grave = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
    assert.deepEqual(grave.map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`)]), [], `${what}, ${colorScheme}`);
  }
  for (const width of [360, 800, 1600]) {
    await tab.setViewportSize({ width, height: 800 });
    const over = await tab.evaluate(() => Math.max(document.documentElement.scrollWidth - innerWidth, ...['#main', '#detail', '#rows'].map((name) => document.querySelector(name)).filter(Boolean).map((part) => part.scrollWidth - part.clientWidth)));
    assert.ok(over <= 0, `${what} is ${over} pixels wider than ${width}`);
  }
}

await browse(async (context) => {
  // The page's rules keep foreign scripts out, and this one is for the test alone.
  await context.addInitScript({ content: axe });
  const tab = await page(context, `${origin}/captures/1`);
  await look(tab, 'the token');
  await tab.goto(UI);
  await tab.getByRole('heading', { name: 'Nothing caught yet' }).waitFor();
  await look(tab, 'the empty list');
  const all = scene();
  for (const one of all) await send(CATCHING, one);
  await tab.locator(`.row[data-id="${all.length}"]`).waitFor();
  await look(tab, 'the list');
  for (let id = 1; id <= all.length; id += 1) {
    await tab.goto(`${origin}/captures/${id}`);
    await tab.locator('.finding').waitFor();
    await look(tab, `capture ${id}`);
  }
  const theirs = await handler(({ url }) => (url.includes('stripe') ? 500 : 200));
  await tab.goto(`${origin}/replay?captures=2..3&to=${theirs.address}`);
  await look(tab, 'replay');
  await tab.locator('[name=times]').fill('20');
  await tab.getByRole('button', { name: 'Replay' }).click();
  await tab.locator('#job[data-ended]').waitFor();
  await tab.locator('.histogram').waitFor();
  await look(tab, 'a run');
  await tab.goto(`${origin}/runs/1`);
  await tab.locator('.histogram').waitFor();
  await look(tab, 'a kept run');
  await tab.goto(`${origin}/check?provider=github&to=${theirs.address}`);
  await look(tab, 'check');
  await tab.locator('[name=only]').selectOption('refuses');
  await tab.getByRole('button', { name: 'Check' }).click();
  await tab.locator('#job[data-ended]').waitFor();
  await tab.locator('.cases').waitFor();
  await look(tab, 'a check');
  for (const path of ['/send', '/send?provider=github&event=push', '/runs', '/compare?a=2&b=7', '/compare', '/nowhere']) {
    await tab.goto(origin + path);
    await look(tab, path);
  }

  // By keyboard alone.
  await tab.setViewportSize({ width: 1280, height: 800 });
  await tab.goto(origin);
  await tab.locator(`.row[data-id="${all.length}"]`).waitFor();
  await tab.keyboard.press('j');
  await tab.waitForURL(`${origin}/captures/${all.length}`);
  await tab.keyboard.press('j');
  await tab.waitForURL(`${origin}/captures/${all.length - 1}`);
  await tab.keyboard.press('k');
  await tab.waitForURL(`${origin}/captures/${all.length}`);
  assert.equal(await tab.locator('.row[aria-current]').getAttribute('data-id'), String(all.length));
  await tab.locator('.finding').waitFor();
  await tab.keyboard.press('e');
  assert.equal(await tab.evaluate(() => document.activeElement.id), 'explanation');
  await tab.keyboard.press('d');
  await tab.waitForURL(/compare/);
  await tab.goBack();
  await tab.locator('#detail[data-id]').waitFor();
  await tab.keyboard.press('?');
  await tab.getByRole('heading', { name: 'Keys' }).waitFor();
  await tab.keyboard.press('Escape');
  await tab.keyboard.press('/');
  await tab.keyboard.type('lovelace');
  await tab.locator('#count', { hasText: '1 found' }).waitFor();
  await tab.keyboard.press('Escape');
  await tab.keyboard.press('j');
  await tab.getByRole('heading', { name: 'POST /form' }).waitFor();
  // A masked credential is found by no search.
  await tab.keyboard.press('/');
  await tab.locator('#filters [name=text]').fill('s3cr3t-in-the-target');
  await tab.getByRole('heading', { name: 'No capture matches' }).waitFor();
  await tab.getByRole('button', { name: 'Clear the filters' }).click();
  await tab.locator('#count', { hasText: 'captures' }).waitFor();
  await tab.locator('#filters [name=verdict]').selectOption('wrong');
  await tab.locator('#count', { hasText: '3 found' }).waitFor();
  theirs.close();
});
