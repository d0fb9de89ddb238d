import { connect } from '../src/pbp.js';
import { Channels } from './channels.js';
import { Editor } from './editor.js';
import { Grid, keyAt, showCount } from './grid.js';
import { Heard } from './heard.js';
import { Announcer, notify, Plot, Status, Times } from './status.js';
import { plain, showText } from './text.js';

const TABLE = 'testtype';
const TITLE = document.title;

const byId = (id) => /** @type {any} */ (document.getElementById(id));
const template = byId('row-template').content.firstElementChild;
template.querySelector('time').textContent = ''; // a new row has none yet

const live = connect({ tables: { [TABLE]: { key: 'id' } } });
const rows = live.table(TABLE);
const times = new Times();
const announcer = new Announcer(byId('announce'));
const plot = new Plot(byId('plot-path'), byId('rate'));
const channels = new Channels(live);
const [field, filter] = [byId('add-val'), byId('filter')];
new Heard(byId('heard'), channels, announcer, times);

const grid = new Grid(byId('grid'), byId('rows'), {
  template,
  height: 3.3,
  draw,
  compare: newestFirst,
  sorts: false,
  hides: (element) => !matches(element),
  filtered: () => filter.value !== '',
  name: (key) => `row ${key}`,
  tells: (row) => plain(row.val).slice(0, 100),
  counted,
  editor,
  writable: () => true,
  left: () => field.focus(),
}, announcer, notify);
const status = new Status(() => grid.unsent);

grid.addEventListener('unsent', () => status.show());
channels.addEventListener('state', showChannels);
channels.addEventListener('heard', () => (byId('unheard').hidden = true));
live.addEventListener('state', showChannels);
live.addEventListener('transaction', ({ detail }) => {
  if (detail.txid) plot.count(Math.max(1, detail.changes.length)); // none if it confirms what this page wrote
});
grid.attach(live, TABLE, rows);
status.attach(live);

function showChannels() {
  const { names, problem } = channels;
  const heard = live.state.phase === 'live' && problem === null;
  const words = names?.length === 0 ? 'no channel is shown here' : heard ? names?.join(', ') : problem === '' ? '' : 'not heard at the moment';
  byId('channels').textContent = words || '\u00a0';
  byId('channels').title = problem ?? '';
  byId('example').textContent = names?.[0] ?? 'hello';
}

function draw(element, row) {
  const [id, val, time] = element.children;
  const shown = String(row.id ?? 'new');
  if (id.textContent !== shown) id.textContent = shown;
  showText(val, row.val);
  element.text = `${shown} ${row.val}`.toLowerCase();
  if (row.mtime) times.show(time.firstElementChild, row.mtime);
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

function counted(shown) {
  showCount(byId('count'), TITLE, shown, rows.size - grid.leaving.size);
  byId('empty').hidden = shown > 0;
  byId('empty').textContent = rows.size > grid.leaving.size ? 'No row contains that.' : 'Nothing here yet. Add the first row above.';
}

// Adding

byId('add').addEventListener('submit', (event) => {
  event.preventDefault();
  const val = field.value;
  field.value = '';
  field.focus();
  live.insert(TABLE, { val }).catch((error) => {
    notify(`Not added: ${error.message}`);
    if (field.value === '') field.value = val;
  });
});

// Editing

function editor(element, key, row, done, { text, theirs, expect } = /** @type {any} */ ({})) {
  const opened = new Editor(element, `row ${row.id ?? key}`, {
    save: (val, seen) => {
      const now = keyAt(element);
      done();
      if (val === rows.get(now)?.val) return;
      live.update(TABLE, now, { val }, { expect: seen }).catch((error) => {
        notify(`Not saved: ${error.message}`);
        if (rows.has(now)) grid.edit(now, { text: val, theirs: error.current, expect: error.current });
        else field.value ||= val; // nobody's text is thrown away
      });
    },
    cancel: done,
  });
  opened.open(text ?? row.val, expect ?? row, theirs);
  return opened;
}

byId('rows').addEventListener('dblclick', ({ target }) => {
  if (target.closest('.val')) grid.edit(keyAt(target));
});

// Filtering

/** The rows of the document have their text in their cells alone. */
function matches(element) {
  const sought = filter.value.toLowerCase();
  element.text ??= `${element.children[0].textContent} ${element.children[1].textContent}`.toLowerCase();
  return sought === '' || element.text.includes(sought);
}

filter.addEventListener('input', () => {
  grid.filter();
  announcer.say(byId('count').textContent);
});

document.addEventListener('keydown', (event) => {
  if (/** @type {Element} */ (event.target).matches('input, textarea') || event.ctrlKey || event.metaKey || event.altKey) return;
  const to = { '/': filter, n: field }[event.key];
  if (to) {
    to.focus();
    event.preventDefault();
  }
});

window.addEventListener('beforeunload', (event) => {
  if (grid.unsent > 0 || grid.editing || field.value.trim() !== '') event.preventDefault();
});

// Beside the table there is room for the notifications; below it they are folded.

const narrow = matchMedia('(max-width: 64rem)');
const fold = () => (byId('notify').open = !narrow.matches);
narrow.addEventListener('change', fold);
fold();

byId('add').querySelector('button').disabled = false;
