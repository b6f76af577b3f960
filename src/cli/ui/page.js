// What the page does by itself: it goes from view to view, scrolls the list, and shows what happens. All markup comes from
// the server; what arrives as data is put into the page as text.

const ROW = 54;
const KEPT = 4000;
const TOKEN = 'ckwh-token';
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const wait = (time) => new Promise((done) => setTimeout(done, time));
const trusted = globalThis.trustedTypes?.createPolicy('ckwh', { createHTML: (text) => text }) ?? { createHTML: (text) => text };
const fill = (element, markup) => { element.innerHTML = trusted.createHTML(markup); };
const later = (time, run) => {
  let timer;
  return (...given) => { clearTimeout(timer); timer = setTimeout(() => run(...given), time); };
};

function say(text) {
  const said = $('#said');
  said.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { said.textContent = ''; }, 3500);
}

// --- What is asked of the server

const token = () => localStorage.getItem(TOKEN) ?? '';

async function ask(method, address, given, headers = {}) {
  const own = method !== 'GET' || address.startsWith('/api/');
  const response = await fetch(address, {
    method,
    headers: { ...(own && { 'X-Ckwh-Token': token() }), ...(given && { 'Content-Type': 'application/json' }), ...headers },
    body: given && JSON.stringify(given),
  });
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({ message: response.statusText }));
  if (response.status === 401) problem.message = 'This browser does not have the key any more: open the address that the terminal printed.';
  throw Object.assign(new Error(problem.message), { status: response.status, asks: problem.type === 'question' });
}

const json = async (...asked) => (await ask(...asked)).json();
const part = async (address, name = 'main') => (await ask('GET', address, undefined, { 'X-Ckwh-Part': name })).text();

async function enter() {
  const response = await fetch('/session', { method: 'POST', headers: { 'X-Ckwh-Token': token() } });
  if (response.ok) location.reload();
  else localStorage.removeItem(TOKEN);
  return response.ok;
}

function signIn(form) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    localStorage.setItem(TOKEN, form.elements.token.value.trim().replace(/^.*#/, ''));
    if (!await enter()) $('#said').textContent = 'That is not the token of the server that runs now.';
  });
  if (token()) enter();
}

// --- From view to view

let visit = 0;
const chosen = () => Number(/^\/captures\/(\d+)$/.exec(location.pathname)?.[1] ?? 0);
const isCapture = (address) => /^\/(captures\/\d+)?$/.test(new URL(address, location.href).pathname);

async function go(address, { push = true, focus = true } = {}) {
  const own = ++visit;
  const besides = list && isCapture(address);
  let markup;
  try {
    markup = await part(address, besides ? 'detail' : 'main');
  } catch (problem) {
    say(problem.message);
    return;
  }
  if (own !== visit) return;
  if (push) history.pushState(null, '', address);
  if (besides) {
    const holder = document.createElement('div');
    fill(holder, markup);
    $('#detail').replaceWith(holder.firstElementChild);
  } else {
    fill($('#main'), markup);
    $('#main').scrollTop = 0;
  }
  arrived(!besides);
  if (focus) $(besides ? '#detail' : '#main')?.focus({ preventScroll: true });
}

// What a view needs when it is there.
function arrived(isWhole) {
  const title = $('#detail h1, #main h1')?.textContent ?? 'Captures';
  document.title = `${title} · ckwh`;
  for (const link of $$('.bar nav a')) {
    const path = link.getAttribute('href');
    const here = path === '/' ? isCapture(location.href) : location.pathname.replace(/^\/jobs\//, '/runs/').startsWith(path);
    if (here) link.setAttribute('aria-current', 'page'); else link.removeAttribute('aria-current');
  }
  if (isWhole) list = $('#rows') ? new List($('#rows')) : null;
  list?.draw();
  const explanation = $('[data-load]');
  if (explanation) explain(explanation, () => part(explanation.dataset.load));
  for (const input of $$('[data-kept]')) input.value ||= localStorage.getItem(input.dataset.kept) ?? '';
  follow();
}

async function explain(place, get) {
  const id = chosen();
  place.setAttribute('aria-busy', 'true');
  try {
    const markup = await get();
    if (id === chosen()) fill(place, markup);
  } catch (problem) {
    const text = document.createElement('p');
    text.textContent = problem.message;
    place.replaceChildren(text);
  }
  place.removeAttribute('aria-busy');
}

// --- The list: every row of one height, and only those that are seen are there

let list = null;

class List {
  constructor(rows) {
    this.rows = rows;
    this.sheet = $('.sheet', rows);
    this.cache = new Map();
    this.slots = new Map();
    this.fresh = 0;
    for (const row of $$('.row', this.sheet)) this.cache.set(Number(row.dataset.id), row.outerHTML);
    this.sheet.replaceChildren();
    this.sheet.classList.add('placed');
    this.set(rows.dataset.ranges);
    rows.addEventListener('scroll', () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(rows);
    this.form = $('#filters');
    const asked = new URLSearchParams(location.search);
    for (const [name, value] of asked) if (this.form.elements[name]) this.form.elements[name].value = value;
    this.form.addEventListener('submit', (event) => event.preventDefault());
    this.form.addEventListener('input', later(180, () => this.filter()));
    this.again = later(250, () => this.refresh());
    if (this.asked()) this.filter();
    const at = this.indexOf(chosen());
    if (at > 0) this.rows.scrollTop = at * ROW - this.rows.clientHeight / 2;
    this.draw();
  }

  // All captures: their numbers as ranges, the oldest first.
  set(text) {
    this.ids = null;
    this.rest = null;
    this.ranges = text.split(' ').filter(Boolean).map((range) => {
      const [from, to = from] = range.split('..').map(Number);
      return [from, to];
    });
    this.starts = [];
    this.length = 0;
    for (const [from, to] of this.ranges) {
      this.starts.push(this.length);
      this.length += to - from + 1;
    }
  }

  get last() { return this.ids ? (this.ids[0] ?? 0) : (this.ranges.at(-1)?.[1] ?? 0); }

  // The number of the row at a place; the newest is at 0.
  at(index) {
    if (this.ids) return this.ids[index];
    const from = this.length - 1 - index;
    let [low, high] = [0, this.ranges.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle] <= from) low = middle; else high = middle - 1;
    }
    return this.ranges[low][0] + from - this.starts[low];
  }

  indexOf(id) {
    if (this.ids) return this.ids.indexOf(id);
    const own = this.ranges.findIndex(([from, to]) => from <= id && id <= to);
    return own < 0 ? -1 : this.length - 1 - (this.starts[own] + id - this.ranges[own][0]);
  }

  asked() {
    const pairs = [...new FormData(this.form)].filter(([, value]) => value.trim());
    return new URLSearchParams(pairs.map(([name, value]) => [name, value.trim()])).toString();
  }

  async filter() {
    const asked = this.asked();
    if (isCapture(location.href)) history.replaceState(null, '', location.pathname + (asked && `?${asked}`));
    this.rows.scrollTop = 0;
    await this.refresh();
  }

  // Looks anew: everything, or what passes the filters.
  async refresh() {
    const asked = this.asked();
    const found = await json('GET', `/rows?${asked}`).catch((problem) => say(problem.message));
    if (!found || this !== list || asked !== this.asked()) return;
    this.cache.clear();
    this.keep(found.rows);
    if (found.ranges == null) {
      this.ids = found.rows.map(([id]) => id);
      this.rest = found.rest;
      this.length = this.ids.length;
    } else {
      this.set(found.ranges);
    }
    for (const slot of this.slots.values()) slot.remove();
    this.slots.clear();
    this.draw();
  }

  async more() {
    if (this.busy || !this.rest) return;
    this.busy = true;
    const asked = this.asked();
    const found = await json('GET', `/rows?${asked}&before=${this.rest}`).catch(() => null);
    this.busy = false;
    if (!found || !this.ids || asked !== this.asked()) return;
    this.keep(found.rows);
    this.ids.push(...found.rows.map(([id]) => id));
    this.length = this.ids.length;
    this.rest = found.rest;
    this.draw();
  }

  keep(rows) {
    for (const [id, markup] of rows) {
      const changed = this.cache.get(id) !== markup;
      this.cache.delete(id);
      this.cache.set(id, markup);
      const slot = this.slots.get(id);
      if (slot && changed) this.put(slot, id);
    }
    for (const id of this.cache.keys()) {
      if (this.cache.size <= KEPT) break;
      if (!this.slots.has(id)) this.cache.delete(id);
    }
  }

  // Captures that came, or whose outcome is known now.
  came({ last, rows }) {
    const before = this.last;
    if (this.ids) { this.again(); return; }
    this.keep(rows);
    if (last <= before) return;
    const first = before || Math.min(...rows.map(([id]) => id)) - 1;
    if (this.ranges.length && before) this.ranges.at(-1)[1] = last;
    else { this.ranges = [[first + 1, last]]; this.starts = [0]; this.length = 0; }
    const added = last - first;
    this.length += added;
    if (this.rows.scrollTop > 4) {
      this.fresh += added;
      this.rows.scrollTop += added * ROW;
    }
    this.newest = before;
    this.draw();
  }

  put(slot, id) {
    fill(slot, this.cache.get(id));
    const row = slot.firstElementChild;
    if (id === chosen()) row.setAttribute('aria-current', 'true');
  }

  draw() {
    if (this.drawing) return;
    this.drawing = requestAnimationFrame(() => { this.drawing = 0; this.render(); });
  }

  render() {
    if (this !== list) return;
    const { rows, sheet } = this;
    const height = this.length * ROW;
    sheet.style.height = `${height}px`;
    const first = Math.max(0, Math.floor(rows.scrollTop / ROW) - 6);
    const end = Math.min(this.length, Math.ceil((rows.scrollTop + rows.clientHeight) / ROW) + 6);
    const seen = new Set();
    const missing = [];
    for (let index = first; index < end; index += 1) {
      const id = this.at(index);
      seen.add(id);
      let slot = this.slots.get(id);
      if (!slot) {
        slot = document.createElement('div');
        slot.className = this.newest && id > this.newest ? 'slot new' : 'slot';
        slot.setAttribute('role', 'listitem');
        this.slots.set(id, slot);
        sheet.append(slot);
      }
      if (!slot.firstElementChild || slot.dataset.waits) {
        if (this.cache.has(id)) { delete slot.dataset.waits; this.put(slot, id); } else { slot.dataset.waits = 'yes'; missing.push(id); }
      }
      slot.style.transform = `translateY(${index * ROW}px)`;
      slot.setAttribute('aria-posinset', index + 1);
      slot.setAttribute('aria-setsize', this.rest ? -1 : this.length);
    }
    for (const [id, slot] of this.slots) {
      if (!seen.has(id) && !slot.contains(document.activeElement)) { slot.remove(); this.slots.delete(id); }
    }
    const own = chosen();
    for (const [id, slot] of this.slots) {
      const row = slot.firstElementChild;
      if (row && (row.getAttribute('aria-current') === 'true') !== (id === own)) {
        if (id === own) row.setAttribute('aria-current', 'true'); else row.removeAttribute('aria-current');
      }
    }
    if (missing.length) this.load(missing);
    if (this.rest && end > this.length - 20) this.more();
    this.tell();
  }

  async load(missing) {
    if (this.loading) return;
    this.loading = true;
    const from = Math.max(1, Math.min(...missing) - 60);
    const to = Math.min(Math.max(...missing) + 60, from + 900);
    const found = await json('GET', `/rows?from=${from}&to=${to}`).catch(() => null);
    this.loading = false;
    if (!found) return;
    const had = new Set(found.rows.map(([id]) => id));
    this.keep(found.rows);
    // One that was removed meanwhile is not waited for.
    if (!missing.some((id) => had.has(id))) { this.again(); return; }
    this.draw();
  }

  tell() {
    const asked = this.asked();
    const count = this.length.toLocaleString('en');
    const some = this.rest ? 'so far' : this.length === 1 ? 'capture' : 'captures';
    const text = asked ? `${count} ${this.rest ? 'so far' : 'found'}` : `${count} ${some}`;
    if ($('#count').textContent !== text) $('#count').textContent = text;
    $('#empty').hidden = this.length > 0 || Boolean(asked);
    $('#none').hidden = this.length > 0 || !asked || Boolean(this.rest);
    this.rows.hidden = this.length === 0;
    if (this.rows.scrollTop <= 4) this.fresh = 0;
    const newer = $('#newer');
    newer.hidden = !this.fresh;
    if (this.fresh) newer.textContent = `↑ ${this.fresh.toLocaleString('en')} new`;
  }

  // The one so many places further.
  step(by) {
    const at = this.indexOf(chosen());
    const next = at < 0 ? 0 : Math.max(0, Math.min(this.length - 1, at + by));
    if (!this.length || next === at) return;
    const top = next * ROW;
    if (top < this.rows.scrollTop) this.rows.scrollTop = top;
    if (top + ROW > this.rows.scrollTop + this.rows.clientHeight) this.rows.scrollTop = top + ROW - this.rows.clientHeight;
    go(`/captures/${this.at(next)}${location.search}`, { focus: false });
  }
}

// --- What happens: one stream for all pages of this browser

const channel = new BroadcastChannel('ckwh-live');
let state = '';
let leads = false;

function take({ event, data }) {
  if (event === 'state') {
    state = data;
    const live = $('#live');
    if (!live) return;
    live.className = `live ${data}`;
    live.textContent = data === 'on' ? 'live' : data === 'off' ? 'ended' : 'connecting';
    live.title = data === 'off' ? 'ckwh does not answer any more: start it again, and open its new address' : '';
  } else if (event === 'hello') {
    if (list && (data.last ?? 0) !== list.last) list.again();
  } else if (event === 'captures') {
    list?.came(data);
  } else if (event === 'stale') {
    list?.again();
  } else if (event === 'job') {
    jobs.get(data.job)?.(data);
  }
}

function tell(message) {
  take(message);
  channel.postMessage(message);
}

async function listen() {
  for (let pause = 500; ; pause = Math.min(pause * 2, 8000)) {
    try {
      const response = await ask('GET', '/api/live');
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      tell({ event: 'state', data: 'on' });
      pause = 500;
      let rest = '';
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        const events = (rest + value).split('\n\n');
        rest = events.pop();
        for (const text of events) {
          const lines = /^event: (.*)\ndata: (.*)$/.exec(text);
          if (lines) tell({ event: lines[1], data: JSON.parse(lines[2]) });
        }
      }
    } catch (problem) {
      if (problem.status === 401) { tell({ event: 'state', data: 'off' }); say(problem.message); return; }
    }
    tell({ event: 'state', data: 'off' });
    await wait(pause);
  }
}

// --- How far a run is

const jobs = new Map();

function follow() {
  jobs.clear();
  const own = $('#job');
  if (!own || own.hasAttribute('data-ended')) return;
  const id = Number(own.dataset.job);
  let looks = false;
  const look = async () => {
    if (looks) return;
    looks = true;
    try {
      for (;;) {
        const markup = await part(location.pathname);
        if ($('#job')?.dataset.job !== String(id)) return;
        const scroll = $('#main').scrollTop;
        const stop = $('[data-stop]');
        const isFocused = stop && document.activeElement === stop;
        fill($('#main'), markup);
        // The button stays the same one: who is about to press it meets no other, and its focus stays.
        if (stop) $('[data-stop]')?.replaceWith(stop);
        if (isFocused) stop.focus();
        $('#main').scrollTop = scroll;
        if ($('#job').hasAttribute('data-ended')) { jobs.clear(); return; }
        await wait(300);
      }
    } catch { /* The next event looks again. */ } finally { looks = false; }
  };
  jobs.set(id, look);
  look();
}

// --- Buttons, forms and keys

async function copy(text, what) {
  await navigator.clipboard.writeText(text);
  say(`Copied ${what}`);
}

async function reveal(button) {
  const { reveal: place, capture } = button.dataset;
  const value = place === 'body' ? $('#body') : $('.value', button.parentElement);
  if (button.hidden_) {
    value.replaceChildren(...button.hidden_);
    button.hidden_ = null;
    button.textContent = 'Show';
    return;
  }
  const { text } = await json('POST', `/captures/${capture}/reveal`, { place });
  button.hidden_ = [...value.childNodes];
  const shown = document.createElement(place === 'body' ? 'pre' : 'span');
  shown.textContent = text;
  if (place === 'body') { shown.className = 'text'; shown.tabIndex = 0; }
  value.replaceChildren(shown);
  button.textContent = 'Hide';
}

function confirmed(text) {
  const dialog = $('#question');
  $('#question-text').textContent = text;
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener('close', () => done(dialog.returnValue === 'yes'), { once: true }));
}

async function begin(form) {
  const given = { kind: form.dataset.job, edits: [] };
  for (const field of form.elements) {
    if (field.dataset.path) {
      if (field.value !== field.defaultValue) given.edits.push([field.dataset.path, field.value]);
    } else if (field.name) {
      given[field.name] = field.type === 'checkbox' ? field.checked : field.value.trim();
    }
    if (field.dataset.kept) localStorage.setItem(field.dataset.kept, field.value.trim());
  }
  const problem = $('.problem', form);
  const button = $('button.main', form);
  problem.textContent = '';
  button.disabled = true;
  try {
    const begun = await json('POST', '/jobs', given).catch(async (asked) => {
      if (!asked.asks) throw asked;
      return await confirmed(asked.message) ? json('POST', '/jobs', { ...given, confirmed: true }) : null;
    });
    if (begun) await go(`/jobs/${begun.job}`);
  } catch (error) {
    problem.textContent = error.message;
  } finally {
    button.disabled = false;
  }
}

const clicks = {
  copy: (button) => copy($(`#${button.dataset.copy}`).textContent, 'it'),
  reveal,
  open: (button) => $(`#${button.dataset.open}`).showModal(),
  stop: (button) => { button.disabled = true; return json('POST', `/jobs/${button.dataset.stop}/stop`, {}); },
  way: async (link) => {
    fill($('#body'), await part(`/captures/${chosen()}/body?way=${link.dataset.way}`));
    for (const way of $$('[data-way]')) if (way === link) way.setAttribute('aria-current', 'true'); else way.removeAttribute('aria-current');
    history.replaceState(null, '', link.href);
  },
};

document.addEventListener('click', async (event) => {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const target = event.target.closest('a[href], button');
  if (!target) return;
  const name = Object.keys(clicks).find((key) => key in target.dataset);
  if (name) {
    event.preventDefault();
    await Promise.resolve(clicks[name](target)).catch((problem) => say(problem.message));
  } else if (target.id === 'newer') {
    list.rows.scrollTop = 0;
  } else if (target.id === 'clear') {
    list.form.reset();
    for (const field of list.form.elements) field.value = '';
    list.filter();
  } else if (target.tagName === 'A' && target.origin === location.origin && !target.getAttribute('href').startsWith('#')) {
    event.preventDefault();
    const isRow = target.classList.contains('row');
    go(target.getAttribute('href') + (isRow ? location.search.replace(/^\?body=\w+$/, '') : ''));
  }
});

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.dataset.job) {
    event.preventDefault();
    begin(form);
  } else if (form.dataset.explain) {
    event.preventDefault();
    const computed = form.elements.computed.value.split('\n').map((line) => line.trim()).filter(Boolean);
    const { framework, provider } = form.elements;
    const given = { computed, framework: framework?.value, provider: provider?.value, thorough: event.submitter?.name === 'thorough' };
    explain($('#explanation'), async () => (await ask('POST', form.dataset.explain, given)).text());
  } else if (form.dataset.go) {
    event.preventDefault();
    go(`${form.dataset.go}?${new URLSearchParams(new FormData(form))}`);
  }
});

document.addEventListener('change', async (event) => {
  const { target } = event;
  if (target.id === 'copy-as' && target.value) {
    const format = target.value;
    target.value = '';
    try {
      await copyAs(target.dataset.capture, format);
    } catch (problem) { say(problem.message); }
  } else if (target.form?.dataset.explain && target.tagName === 'SELECT') {
    target.form.requestSubmit();
  }
});

const copyAs = async (capture, format) => copy((await json('GET', `/api/captures/${capture}/export?format=${format}`)).text, `as ${format}`);

document.addEventListener('input', ({ target }) => {
  if (target.dataset.path) target.classList.toggle('changed', target.value !== target.defaultValue);
  if (target.dataset.narrows) {
    const words = target.value.toLowerCase().split(/\s+/);
    for (const group of $(`#${target.dataset.narrows}`).children) {
      for (const item of $$('li', group)) {
        const text = `${item.dataset.words} ${item.textContent}`.toLowerCase();
        item.hidden = !words.every((word) => text.includes(word));
      }
      group.hidden = !$('li:not([hidden])', group);
    }
  }
});

const keys = {
  j: () => list?.step(1),
  k: () => list?.step(-1),
  r: () => $('[data-key="r"]')?.click(),
  d: () => $('[data-key="d"]')?.click(),
  e: () => { const place = $('#explanation'); if (place) { place.tabIndex = -1; place.focus(); place.scrollIntoView({ block: 'nearest' }); } },
  c: () => chosen() && copyAs(chosen(), 'curl').catch((problem) => say(problem.message)),
  s: () => go('/send'),
  '/': () => ($('#filters input[type=search]') ?? $('#narrow'))?.focus(),
  '?': () => $('#keys').showModal(),
};

document.addEventListener('keydown', (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || $('dialog[open]') || !$('#main')) return;
  const types = event.target.closest('input, textarea, select');
  if (event.key === 'Escape') {
    if (types) types.blur();
    else if (location.pathname !== '/') go('/');
    return;
  }
  if (types || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});

addEventListener('popstate', () => go(location.pathname + location.search, { push: false }));

// --- The beginning

const shown = /^#([0-9a-f]{64})$/.exec(location.hash);
if (shown) {
  localStorage.setItem(TOKEN, shown[1]);
  history.replaceState(null, '', location.pathname + location.search);
}
if ($('#token')) {
  signIn($('#token'));
} else {
  channel.addEventListener('message', ({ data }) => {
    if (data.event === 'who') { if (leads) channel.postMessage({ event: 'state', data: state }); } else take(data);
  });
  arrived(true);
  channel.postMessage({ event: 'who' });
  if (navigator.locks) navigator.locks.request('ckwh-live', () => { leads = true; return listen(); });
  else listen();
}
