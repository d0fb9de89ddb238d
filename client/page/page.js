import { connect } from '../src/pbp.js';
import { Announcer, dayOf, Heard, Plot, roundTrip, showState, showWay, timeOf, toast } from './status.js';
import { Channels } from './channels.js';
import { Editor } from './editor.js';
import { Blocks } from './blocks.js';

const TABLE = 'testtype';
/** More rows than this at once do not flash: nobody could follow it. */
const MOST_FLASHING = 100;

const byId = (id) => /** @type {any} */ (document.getElementById(id));
const [grid, body] = [byId('grid'), byId('rows')];
const [template, actionsTemplate] = ['row-template', 'actions-template'].map((id) => byId(id).content.firstElementChild);

template.querySelector('time').textContent = ''; // a new row has none yet

const live = connect({ tables: [TABLE] });
const rows = live.table(TABLE);
const blocks = new Blocks(body);
const announcer = new Announcer(byId('announce'));
const plot = new Plot(byId('plot-path'), byId('rate'));
const channels = new Channels(live);
new Heard(byId('heard'), channels, announcer);

/** The rows' elements by key, and the keys as they stand on the page, the newest first. */
const elements = new Map([...body.querySelectorAll('.row')].map((element) => [keyFrom(element.dataset.key), element]));
let order = [...elements.keys()];
/** What happened to each key since the last frame. */
let changed = new Map();
let flashed = [];
let flip = false;
let ready = false;
let painted = false;
/** The key of the row that the Tab key reaches. */
let current = null;
/** The element of the row that the pointer is over. */
let hovered = null;

let trip = null;
const measure = roundTrip((millis) => {
  trip = millis;
  showWay(byId('way'), live.state, trip);
});
let phase = null;
live.addEventListener('state', ({ detail }) => {
  showConnection();
  if (detail.phase === 'live' && phase !== 'live') measure();
  phase = detail.phase;
});
live.addEventListener('write', showConnection);
channels.addEventListener('state', showChannels);
channels.addEventListener('heard', () => (byId('unheard').hidden = true));

function showConnection() {
  showState(byId('state'), byId('state-text'), live.state, live.writing);
  showWay(byId('way'), live.state, trip);
  showChannels();
}

function showChannels() {
  const { names, problem } = channels;
  const heard = live.state.phase === 'live' && problem === null;
  const words = names?.length === 0 ? 'no channel is shown here' : heard ? names?.join(', ') : problem === '' ? '' : 'not heard at the moment';
  byId('channels').textContent = words || '\u00a0';
  byId('channels').title = problem ?? '';
  byId('example').textContent = names?.[0] ?? 'hello';
}

live.addEventListener('transaction', ({ detail }) => {
  for (const { op, key, was } of detail.changes) {
    if (was !== undefined) rename(was, key);
    changed.set(key, changed.get(key) === 'insert' && op === 'update' ? 'insert' : op);
  }
  if (detail.txid) {
    plot.count(Math.max(1, detail.changes.length)); // none if it confirms what this page wrote
  }
  requestPaint();
});
live.addEventListener('write', ({ detail }) => {
  if (!changed.has(detail.key)) changed.set(detail.key, detail.stage === 'saved' ? 'saved' : 'mark');
  requestPaint();
});
live.ready.then(() => {
  ready = true;
  requestPaint();
  grid.setAttribute('aria-busy', 'false');
});

let requested = false;
function requestPaint() {
  if (!requested) {
    requested = true;
    requestAnimationFrame(paint);
  }
}

function paint() {
  requested = false;
  const changes = changed;
  changed = new Map();
  if (ready && !painted) order.filter((key) => !rows.has(key)).forEach(remove); // what the document had, and is gone
  const added = [];
  const now = { today: dayOf(new Date()), filter: byId('filter').value };
  for (const [key, op] of changes) {
    const row = rows.get(key);
    if (!row) {
      remove(key);
    } else {
      if (!elements.has(key)) {
        elements.set(key, template.cloneNode(true));
        added.push(key);
      }
      draw(key, row, op, now);
    }
  }
  place(added);
  blocks.settle(!painted);
  if (painted) {
    // What this page writes is news once the server has it.
    const news = [...changes].filter(([key, op]) => op !== 'mark' && !live.pending(TABLE, key));
    highlight(news.map(([key]) => key).filter((key) => elements.has(key)));
    announcer.changes(news, rows);
  }
  painted = ready;
  counted();
}

/** Shows a row as it is now. */
function draw(key, row, op, { today, filter }) {
  const element = elements.get(key);
  element.dataset.key = key;
  element.classList.toggle('pending', live.pending(TABLE, key));
  const [id, val, time] = element.children;
  const shown = String(row.id ?? 'new');
  if (id.textContent !== shown) id.textContent = shown;
  if (val.textContent !== row.val) val.textContent = row.val;
  if (row.mtime) {
    const mtime = new Date(row.mtime);
    const day = dayOf(mtime);
    const words = day === today ? timeOf(mtime) : day;
    const shownTime = time.firstElementChild;
    shownTime.dateTime = shownTime.title = row.mtime;
    if (shownTime.textContent !== words) shownTime.textContent = words;
  }
  label(element, shown);
  if (op !== 'mark') element.editor?.meanwhile(row);
  const hidden = !element.editor && !matches(element, filter);
  if (element.hidden !== hidden) {
    element.hidden = hidden;
    if (element.isConnected) blocks.touch(element);
  }
}

function remove(key) {
  const element = elements.get(key);
  if (!element) return;
  if (element.editor) {
    // Nobody's text is thrown away while it is being written.
    element.editor.gone();
    return;
  }
  const at = order.indexOf(key);
  order.splice(at, 1);
  elements.delete(key);
  if (hovered === element) hovered = null;
  if (current === key) {
    const focused = element.contains(document.activeElement);
    select(order[at] ?? order[at - 1] ?? null, focused);
    if (focused && current === null) byId('add-val').focus();
  }
  blocks.remove(element);
}

function rename(from, to) {
  const element = elements.get(from);
  changed.delete(from);
  if (!element) return;
  remove(to);
  elements.delete(from);
  elements.set(to, element);
  element.dataset.key = to;
  const before = order.indexOf(from);
  order[before] = to;
  order.sort(newestFirst);
  const at = order.indexOf(to);
  if (at !== before) {
    blocks.remove(element);
    blocks.place(element, elements.get(order[at + 1]));
    blocks.settle();
  }
  if (current === from) current = to;
}

/** Puts new elements where they belong. */
function place(added) {
  if (added.length > 0) {
    const fresh = new Set(added);
    const before = order.length;
    order = order.concat(added).sort(newestFirst);
    const last = order.slice(before);
    if (last.every((key) => fresh.has(key))) blocks.append(last.map((key) => elements.get(key)));
    else placeAmong(fresh);
  }
  if (current === null) select(firstShown(), false);
}

function placeAmong(fresh) {
  let next;
  for (let i = order.length - 1; i >= 0; i--) {
    const element = elements.get(order[i]);
    if (fresh.has(order[i])) {
      blocks.place(element, next);
    }
    next = element;
  }
}

/** A row that has no number yet is the newest. */
function rank(key) {
  const number = Number(key);
  return Number.isNaN(number) ? Infinity : number;
}

function newestFirst(a, b) {
  if (rank(a) !== rank(b)) return rank(b) - rank(a);
  const [x, y] = [String(a), String(b)];
  return x.length === y.length ? (x < y ? 1 : -1) : y.length - x.length;
}

function highlight(keys) {
  if (keys.length === 0) return;
  flashed.forEach((element) => element.classList.remove('recent', 'flash-a', 'flash-b'));
  flashed = keys.length > MOST_FLASHING ? [] : keys.map((key) => elements.get(key));
  flip = !flip; // another animation of the same look, or it would not start again
  flashed.forEach((element) => element.classList.add('recent', flip ? 'flash-a' : 'flash-b'));
}

function counted() {
  if (!painted) return; // there may be more than stand in the document
  const filter = byId('filter').value;
  const shown = filter ? order.filter((key) => !elements.get(key).hidden).length : order.length;
  const word = rows.size === 1 ? 'row' : 'rows';
  byId('count').textContent = filter ? `${shown} of ${rows.size} ${word}` : `${rows.size} ${word}`;
  byId('empty').hidden = shown > 0;
  byId('empty').textContent = rows.size > 0 ? 'No row contains that.' : 'Nothing here yet. Add the first row above.';
  body.hidden = shown === 0;
  grid.setAttribute('aria-rowcount', rows.size + 1);
}

// Adding

byId('add').addEventListener('submit', (event) => {
  event.preventDefault();
  const input = byId('add-val');
  const val = input.value;
  input.value = '';
  input.focus();
  live.insert(TABLE, { val }).catch((error) => {
    toast(`Not added: ${error.message}`);
    if (input.value === '') input.value = val;
  });
});

// Editing and deleting

function edit(key, { text, theirs, expect } = /** @type {any} */ ({})) {
  const element = elements.get(key);
  const row = rows.get(key);
  if (!element || !row || element.editor) return;
  select(key, false);
  const editor = new Editor(element, {
    save: (val, seen) => {
      end();
      if (val === rows.get(key)?.val) return;
      live.update(TABLE, key, { val }, { expect: seen }).catch((error) => {
        toast(`Not saved: ${error.message}`);
        if (rows.has(key)) edit(key, { text: val, theirs: error.current, expect: error.current });
        else byId('add-val').value ||= val; // nobody's text is thrown away
      });
    },
    cancel: () => end(),
  });
  element.editor = editor;
  editor.open(text ?? row.val, expect ?? row, theirs);

  function end() {
    element.editor = undefined;
    editor.close();
    if (!rows.has(key)) {
      remove(key);
      counted();
    } else {
      element.focus();
    }
  }
}

function erase(key) {
  if (!rows.has(key)) return;
  select(key, false);
  const button = elements.get(key).querySelector('.delete');
  if (!button.classList.contains('armed')) {
    button.classList.add('armed');
    button.textContent = 'Really?';
    button.setAttribute('aria-label', `Really delete row ${key}?`);
    button.focus();
    announcer.say(`Really delete row ${key}? Press again to delete, Escape to keep.`);
    return;
  }
  live.delete(TABLE, key).catch((error) => toast(`Not deleted: ${error.message}`));
}

/** Names the buttons of a row, if it has them, and has Delete ask again. */
function label(element, shown = element.firstElementChild.textContent) {
  ['Edit', 'Delete'].forEach((word, i) => {
    const button = buttons(element)[i];
    if (!button) return;
    button.setAttribute('aria-label', `${word} row ${shown}`);
    button.classList.remove('armed');
    button.textContent = word;
  });
}

/** Gives a row its buttons, or takes them away: they would be three of eight elements. */
function equip(element) {
  if (!element) return;
  element.tabIndex = element === elements.get(current) ? 0 : -1;
  if (element.tabIndex < 0 && element !== hovered) {
    element.querySelector('.actions')?.remove();
  } else if (!element.querySelector('.actions')) {
    element.append(actionsTemplate.cloneNode(true));
    label(element);
  }
  buttons(element).forEach((button) => (button.tabIndex = element.tabIndex));
}

function buttons(element) {
  return element.querySelectorAll('.actions button');
}

/** Makes a row the one that Tab reaches, with its buttons. */
function select(key, focus) {
  const [before, element] = [current, key].map((each) => elements.get(each));
  current = key;
  equip(element);
  if (focus) element?.focus();
  equip(before); // now that none of its buttons has the focus
}

function hover(element) {
  const before = hovered;
  hovered = element;
  [before, element].forEach(equip);
}

/** The key of the row that an event happened in. */
function keyAt(target) {
  const text = target.closest('#rows .row')?.dataset.key;
  return text === undefined ? null : keyFrom(text);
}

/** As the Map has it: what no number can hold, or is none yet, is a string. */
function keyFrom(text) {
  return Number.isSafeInteger(Number(text)) ? Number(text) : text;
}

body.addEventListener('click', ({ target }) => {
  const key = keyAt(target);
  if (key === null) return;
  if (key !== current) select(key, false); // a touch does not focus everywhere
  if (target.matches('.edit')) edit(key);
  if (target.matches('.delete')) erase(key);
});
body.addEventListener('pointerover', ({ target, pointerType }) => {
  if (pointerType !== 'touch') hover(target.closest('.row'));
});
body.addEventListener('pointerleave', () => hover(null));
body.addEventListener('dblclick', ({ target }) => {
  if (target.closest('.val')) edit(keyAt(target));
});
body.addEventListener('focusin', ({ target }) => {
  const key = keyAt(target);
  if (key !== null && key !== current) select(key, false);
});
body.addEventListener('focusout', ({ target }) => {
  if (target.matches('.delete.armed') && target.isConnected) label(target.closest('.row'));
});

const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
body.addEventListener('keydown', (event) => {
  const key = keyAt(event.target);
  if (key === null || event.target.closest('.editor')) return;
  const onRow = event.target.matches('.row');
  if (event.key in STEPS) {
    const visible = order.filter((other) => !elements.get(other).hidden);
    const to = Math.min(visible.length - 1, Math.max(0, visible.indexOf(key) + STEPS[event.key]));
    select(visible[to], true);
  } else if ((event.key === 'Enter' && onRow) || event.key === 'F2') {
    edit(key);
  } else if (event.key === 'Delete') {
    erase(key);
  } else if (event.key === 'Escape') {
    elements.get(key).focus();
  } else {
    return;
  }
  event.preventDefault();
});

// Filtering

function matches(element, filter) {
  const [id, val] = element.children;
  return filter === '' || `${id.textContent} ${val.textContent}`.toLowerCase().includes(filter.toLowerCase());
}

function firstShown() {
  return order.find((key) => !elements.get(key).hidden) ?? null;
}

byId('filter').addEventListener('input', ({ target }) => {
  elements.forEach((element) => (element.hidden = !element.editor && !matches(element, target.value)));
  blocks.settle(true);
  counted();
  if (current === null || elements.get(current)?.hidden) select(firstShown(), false);
  announcer.say(byId('count').textContent);
});

document.addEventListener('keydown', (event) => {
  if (/** @type {Element} */ (event.target).matches('input, textarea') || event.ctrlKey || event.metaKey || event.altKey) return;
  const field = { '/': 'filter', n: 'add-val' }[event.key];
  if (field) {
    byId(field).focus();
    event.preventDefault();
  }
});

window.addEventListener('beforeunload', (event) => {
  if (live.writing > 0) event.preventDefault();
});

// What was done before this script was there.

byId('add').querySelector('button').disabled = false;
hover(body.querySelector('.row:hover'));
select(keyAt(document.activeElement), false);
