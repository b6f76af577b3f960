// A list of very many, and arrivals faster than anyone reads. Prints how long things took.

import assert from 'node:assert/strict';
import { browse, page } from './browser.mjs';
import { github, send } from './scene.mjs';

const { UI, CATCHING, RATE = '200', SECONDS = '3' } = process.env;
const origin = new URL(UI).origin;

await browse(async (context) => {
  const tab = await page(context, UI);
  await tab.locator('.live.on').waitFor();
  const total = async () => Number((await tab.locator('#count').textContent()).replace(/\D/g, ''));
  const before = await total();
  assert.ok(before >= 20_000, `${before}`);

  // The first page, as the server makes it.
  const first = await tab.evaluate(async () => {
    const times = [];
    for (let round = 0; round < 5; round += 1) {
      const begun = performance.now();
      await (await fetch('/')).text();
      times.push(performance.now() - begun);
    }
    return times.sort((a, b) => a - b)[2];
  });
  console.log(`first page: ${first.toFixed(0)} ms of ${before} captures`);

  // Anywhere in the list the right rows are there, and few of them at once.
  for (const share of [0.5, 0.999, 0.001]) {
    await tab.evaluate((share) => { const rows = document.querySelector('#rows'); rows.scrollTop = rows.scrollHeight * share; }, share);
    await tab.waitForFunction(() => {
      const rows = document.querySelector('#rows');
      const { top, height } = rows.getBoundingClientRect();
      const at = document.elementFromPoint(100, top + height / 2)?.closest('.row');
      if (!at) return false;
      const place = Number(at.closest('.slot').getAttribute('aria-posinset'));
      return Math.abs(place - (rows.scrollTop + height / 2) / 54) < 2;
    });
    assert.ok(await tab.locator('.slot').count() < 60);
  }
  await tab.evaluate(() => { document.querySelector('#rows').scrollTop = 0; });

  // From the arrival to the screen.
  const took = [];
  for (let round = 0; round < 5; round += 1) {
    const seen = tab.evaluate((id) => new Promise((done) => {
      const look = () => (document.querySelector(`.row[data-id="${id}"]`) ? done(Date.now()) : setTimeout(look, 2));
      look();
    }), before + round + 1);
    const begun = Date.now();
    await send(CATCHING, github('{"n":1}'));
    took.push(await seen - begun);
  }
  console.log(`arrival to screen: ${took.sort((a, b) => a - b)[2]} ms`);
  assert.ok(took[2] < 5000);

  // While they come the page answers: the longest time that it does not is far from one that is felt as an end.
  await tab.evaluate(() => {
    globalThis.longest = 0;
    let last = performance.now();
    setInterval(() => { const now = performance.now(); globalThis.longest = Math.max(globalThis.longest, now - last); last = now; }, 10);
  });
  const count = Number(RATE) * Number(SECONDS);
  const begun = Date.now();
  const waits = [];
  for (let sent = 0; sent < count; sent += 1) {
    waits.push(send(CATCHING, github(`{"n":${sent}}`)));
    const due = begun + (sent * 1000) / Number(RATE);
    if (Date.now() < due) await new Promise((done) => setTimeout(done, due - Date.now()));
    if (waits.length > 100) await Promise.all(waits.splice(0, 50));
  }
  await Promise.all(waits);
  const rate = (count * 1000) / (Date.now() - begun);
  await tab.waitForFunction((all) => Number(document.querySelector('#count').textContent.replace(/\D/g, '')) === all, before + 5 + count);
  const longest = await tab.evaluate(() => globalThis.longest);
  console.log(`${rate.toFixed(0)} arrivals a second: the page was busy for ${longest.toFixed(0)} ms at a time at most`);
  assert.ok(longest < 3000, `${longest}`);
  assert.ok(await tab.locator('.slot').count() < 60);
  assert.deepEqual(tab.problems, []);
});
