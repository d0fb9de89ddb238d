import { connect } from '../src/pbp.js';
import { classOf, kindOf, scaleOf, showValue, widthOf } from './cells.js';
import { Filters } from './filter.js';
import { RowForm } from './form.js';
import { Grid, keyAt, showCount } from './grid.js';
import { Announcer, notify, Plot, Status } from './status.js';
import { grouped, plain, showText } from './text.js';
import { formatView, parseView, turned, WINDOW } from './view.js';

const TITLE = document.title;
/** So many rows say how wide the columns are to be. */
const SAMPLE = 200;
/** Room for the two buttons of a row. */
const ACTIONS = 9.5;

const RIGID = new Set(['number', 'boolean', 'time']);

const byId = (id) => /** @type {any} */ (document.getElementById(id));
/** @type {{ table: string, key: string[], columns: { name: string, type: string }[], writable: boolean }} */
const table = JSON.parse(document.querySelector('main').dataset.table);
const columns = table.columns.map((column) => ({ ...column, kind: kindOf(column.type), scale: scaleOf(column.type) }));
const names = columns.map(({ name }) => name);
/** The first column stays in sight if it says which row it is. */
const pinned = table.key.includes(names[0]) ? names[0] : null;

const announcer = new Announcer(byId('announce'));
const plot = new Plot(byId('plot-path'), byId('rate'));
const heads = byId('heads');
let view = parseView(location.search, names);
let live;
let rows = new Map();
let measured = false;

const grid = new Grid(byId('grid'), byId('rows'), {
  template: emptyRow(),
  height: 2.81,
  draw,
  compare,
  sorts: true,
  hides: () => false,
  filtered: () => false,
  name: (key) => `row ${plain(key)}`,
  tells: (row) => names.filter((name) => !table.key.includes(name)).slice(0, 3).map((name) => `${plain(name)} ${plain(row[name])}`).join(', ').slice(0, 100),
  counted,
  editor,
  writable: () => table.writable,
  left: () => byId('filter').focus(),
}, announcer, notify);
const status = new Status(() => grid.unsent);
grid.addEventListener('unsent', () => status.show());

table.writable = false; // until the client sends the columns that it changes, and no others
const filters = new Filters(columns, (where) => show({ ...view, where }));

drawHeads();
filters.show(view.where);
follow();
for (const problem of view.problems) notify(plain(problem));

/** Follows what the view asks for. */
function follow() {
  live?.close();
  live = connect({ tables: { [table.table]: { key: table.key } } });
  rows = live.table(table.table);
  live.addEventListener('transaction', ({ detail }) => {
    if (detail.txid) plot.count(Math.max(1, detail.changes.length));
  });
  grid.attach(live, table.table, rows);
  status.attach(live);
}

/** Another view is shown, and stands in the address. */
function show(next) {
  view = { problems: [], ...next };
  history.pushState(null, '', formatView(view) || location.pathname);
  refresh();
}

function refresh() {
  drawHeads();
  filters.show(view.where);
  follow();
}

window.addEventListener('popstate', () => {
  view = parseView(location.search, names);
  refresh();
});

// The columns

function emptyRow() {
  const row = document.createElement('div');
  row.className = 'row';
  row.setAttribute('role', 'row');
  row.tabIndex = -1;
  for (const { name, kind } of columns) {
    const cell = document.createElement('span');
    cell.className = classOf(kind) + (name === pinned ? ' pinned' : '');
    cell.setAttribute('role', 'gridcell');
    cell.dir = 'auto';
    row.append(cell);
  }
  return row;
}

function drawHeads() {
  const focused = [...heads.children].findIndex((head) => head.contains(document.activeElement));
  heads.replaceChildren(...columns.map((column) => {
    const head = document.createElement('span');
    head.setAttribute('role', 'columnheader');
    head.className = `is-${column.kind}` + (column.name === pinned ? ' pinned' : '');
    const by = view.order.find((key) => key.column === column.name);
    if (by) head.setAttribute('aria-sort', by.descending ? 'descending' : 'ascending');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sort';
    button.title = 'Sort by this column; with Shift, after the others';
    const name = document.createElement('b');
    name.dir = 'auto';
    showText(name, column.name);
    const type = document.createElement('small');
    showText(type, column.type);
    button.append(name, type);
    button.addEventListener('click', ({ shiftKey }) => show({ ...view, order: turned(view.order, column.name, shiftKey) }));
    head.append(button);
    return head;
  }));
  if (focused >= 0) heads.children[focused].querySelector('button').focus();
}

/** Once, by the first rows that are there: later nothing moves. */
function measure() {
  const sample = [...rows.values()].slice(0, SAMPLE);
  if (measured || (sample.length === 0 && !grid.ready)) return;
  measured = sample.length > 0;
  const widths = columns.map((column) => widthOf(column, column.kind, sample.map((row) => row[column.name])));
  const tracks = widths.map((width) => `minmax(calc(${width}ch + 1.6rem), ${width}fr)`);
  const sum = widths.reduce((a, b) => a + b, 0);
  const { style } = byId('grid');
  if (table.writable) tracks.push(`${ACTIONS}rem`);
  style.setProperty('--columns', tracks.join(' '));
  // On paper what cannot be broken keeps its width.
  style.setProperty('--printed', widths.map((width, at) => (RIGID.has(columns[at].kind) ? `calc(${width}ch + 0.7rem)` : `minmax(0, ${width}fr)`)).join(' '));
  style.setProperty('--width', `calc(${sum}ch + ${1.6 * columns.length + 1 + (table.writable ? ACTIONS : 0)}rem)`);
}

function draw(element, row) {
  if (!measured) measure();
  columns.forEach((column, at) => {
    const cell = element.children[at];
    const value = row[column.name];
    if (cell.value === value && cell.drawn) return;
    cell.value = value;
    cell.drawn = true;
    showValue(cell, column, value);
  });
}

function compare(a, b) {
  const [x, y] = [rows.get(a), rows.get(b)];
  if (!x || !y) return 0;
  for (const { column, descending } of [...view.order, ...table.key.map((column) => ({ column, descending: false }))]) {
    const by = compareValues(x[column], y[column]);
    if (by !== 0) return descending ? -by : by;
  }
  return 0;
}

/** Nulls are the greatest, as in PostgreSQL. */
function compareValues(a, b) {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : 1;
}

function counted(shown) {
  if (!measured) measure();
  showCount(byId('count'), TITLE, shown, rows.size - grid.leaving.size);
  byId('empty').hidden = shown > 0;
  byId('empty').textContent = view.where.length > 0 ? 'No row meets all filters.' : 'This table has no rows.';
  const more = byId('more');
  more.hidden = rows.size < view.limit;
  more.querySelector('span').textContent = `The first ${grouped(view.limit)} rows.`;
  more.querySelector('button').textContent = `Show ${grouped(WINDOW)} more`;
}

// Writing

let adding = null;

function editor(element, key, row, done, { fields = {}, theirs = null, expect = row, refused = null, column = '' } = {}) {
  const form = new RowForm(element, columns, row, `row ${plain(key)}`, {
    save: (changed, seen) => {
      const now = keyAt(element);
      done();
      if (Object.keys(changed).length === 0) return;
      live.update(table.table, now, changed, { expect: seen }).catch((error) => {
        if (!rows.has(now)) notify(`Not saved: ${error.message}`);
        else grid.edit(now, { fields: changed, theirs: error.current, expect: error.current ?? seen, refused: error.message, column: error.problem?.field });
      });
    },
    cancel: done,
  });
  form.fill(fields);
  if (theirs) form.meanwhile(theirs);
  else if (refused) form.refuse(`Not saved: ${refused}`, column);
  form.focus(column || names.find((name) => !table.key.includes(name)));
  return form;
}

function add() {
  if (adding) return adding.focus();
  const host = byId('adding');
  host.hidden = false;
  const close = () => {
    adding.close();
    adding = null;
    host.hidden = true;
  };
  adding = new RowForm(host, columns, null, 'new', {
    save: (fields) => {
      close();
      byId('add-row').focus();
      live.insert(table.table, fields).catch((error) => {
        add();
        adding.fill(fields);
        adding.refuse(`Not added: ${error.message}`, error.problem?.field);
      });
    },
    cancel: () => {
      close();
      byId('add-row').focus();
    },
  });
  adding.focus();
}

byId('add-row').hidden = byId('write-keys').hidden = byId('write-touch').hidden = !table.writable;
byId('add-row').addEventListener('click', add);
byId('rows').addEventListener('dblclick', ({ target }) => {
  if (target.closest('.cell') && !target.closest('button, details')) grid.edit(keyAt(target));
});

document.addEventListener('keydown', (event) => {
  if (/** @type {Element} */ (event.target).matches('input, textarea, select') || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === '/') filters.open(true);
  else if (event.key === 'n' && table.writable) add();
  else return;
  event.preventDefault();
});

window.addEventListener('beforeunload', (event) => {
  if (grid.unsent > 0 || grid.editing || adding?.changed) event.preventDefault();
});
