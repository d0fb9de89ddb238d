import { connect } from '../src/pbp.js';
import { classOf, kindOf, scaleOf, showValue, widthOf } from './cells.js';
import { Filters } from './filter.js';
import { RowForm } from './form.js';
import { Grid, keyAt, showCount } from './grid.js';
import { Announcer, notify, Plot, Status } from './status.js';
import { grouped, plain, showText } from './text.js';
import { formatView, MOST, optionsOf, parseView, turned, WINDOW } from './view.js';

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
/** @type {import('../types/pbp.js').Replica} */
let live;
/** The view that is shown; the next one has another name. */
let shown = '';
let views = 0;
/** Whether any view has been read: until then there is nothing to come back to. */
let begun = false;
/** @type {ReadonlyMap<any, any>} */
let rows = new Map();
/** The place of each row. */
let places = new Map();
let measured = false;
let unwatch = () => {};
/** Why the first view is not shown, as it was said. */
let complaint = null;

const grid = new Grid(byId('grid'), byId('rows'), {
  template: emptyRow(),
  height: 2.81,
  draw,
  arrange: () => (places = new Map(live.snapshot(shown).map((row, at) => [row, at]))),
  compare: (a, b) => placeOf(a) - placeOf(b),
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

const filters = new Filters(columns, (where) => show({ ...view, where }));

drawHeads();
filters.show(view.where);
begin();
for (const problem of view.problems) notify(problem);

/** Follows the first view. */
function begin() {
  shown = table.table;
  live = connect({ tables: { [shown]: optionsOf(view, table.key) } });
  rows = live.table(shown);
  live.addEventListener('transaction', ({ detail: { txid, changes } }) => {
    if (txid) plot.count(Math.max(1, changes.filter((change) => change.table === shown).length));
  });
  live.addEventListener('state', ({ detail: { error } }) => refused(error));
  live.ready.then(() => (begun = true));
  grid.attach(live, shown, rows);
  status.attach(live);
  watchOrder();
}

/** The server may say that rows which stay as they are belong in another order. */
function watchOrder() {
  unwatch();
  unwatch = live.subscribe(shown, () => grid.request());
}

measure();

/** A first view that the server rejects has no rows, and its reason has to be seen. */
function refused(error) {
  if (begun || view.where.length === 0 || !error || error === complaint) return;
  complaint = error;
  notify(`Not shown: ${error}`);
}

/** Another view is shown, and stands in the address. */
function show(next) {
  const before = location.search;
  history.pushState(null, '', formatView(next) || location.pathname);
  follow({ problems: [], ...next }, before);
}

/** Follows another view over the same connection; what is shown stays until it has been read. */
async function follow(next, before) {
  const last = view;
  view = next;
  drawHeads();
  filters.show(view.where);
  if (!begun) {
    live.close();
    complaint = null;
    begin();
    return;
  }
  const name = `view_${++views}`;
  try {
    byId('grid').setAttribute('aria-busy', 'true');
    const read = live.view(name, { table: table.table, ...optionsOf(view, table.key) });
    await read;
    if (view !== next) {
      live.drop(name); // yet another one is wanted by now
      return;
    }
    live.drop(shown);
    shown = name;
    rows = live.table(name);
    grid.attach(live, name, rows, read);
    watchOrder();
  } catch (error) {
    if (view !== next) return;
    notify(`Not shown: ${error.message}`);
    view = last;
    history.replaceState(null, '', before || location.pathname);
    byId('grid').setAttribute('aria-busy', 'false');
    drawHeads();
    filters.show(view.where);
  }
}

window.addEventListener('popstate', () => follow(parseView(location.search, names), formatView(view)));

/** What is being added comes first until it has its place. */
function placeOf(key) {
  return places.get(rows.get(key)) ?? -1;
}

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
  if (measured) return;
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

function counted(visible) {
  if (!measured) measure();
  const all = rows.size - grid.leaving.size;
  const cut = rows.size >= view.limit;
  showCount(byId('count'), TITLE, visible, all, cut ? ', and more' : '');
  byId('empty').hidden = visible > 0;
  byId('empty').textContent = view.where.length > 0 ? 'No row meets all filters.' : 'This table has no rows.';
  const more = byId('more');
  more.hidden = !cut;
  const next = Math.min(view.limit + WINDOW, MOST);
  more.querySelector('span').textContent = `These are the first ${grouped(view.limit)} rows. Sort or filter to see others.`;
  more.querySelector('button').hidden = next === view.limit;
  more.querySelector('button').textContent = `Show ${grouped(next - view.limit)} more`;
}

byId('more').querySelector('button').addEventListener('click', () => show({ ...view, limit: Math.min(view.limit + WINDOW, MOST) }));

// Writing

let adding = null;

function editor(element, key, row, done, { fields = {}, theirs = null, expect = row, refused = null, column = '' } = {}) {
  const form = new RowForm(element, columns, row, `row ${plain(key)}`, {
    save: (changed, seen) => {
      const now = keyAt(element);
      done();
      if (Object.keys(changed).length === 0) return;
      live.update(shown, now, changed, { expect: seen }).catch((error) => {
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
      live.insert(shown, fields).then((row) => {
        if (!rows.has(live.keyOf(shown, row))) notify('The row was added. It is not among those that are shown.');
      }, (error) => {
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
