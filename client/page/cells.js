import { grouped, plain, showText } from './text.js';

/** A longer text is shown in part. */
const LONG = 120;
const LINES = 4;
/** A shorter value of JSON is shown as it is. */
const SHORT_JSON = 60;
const NUMBERS = /^(smallint|integer|bigint|numeric|real|double precision|money|oid)\b/;
const TIMES = /^(timestamp|date|time)\b/;
/** Characters, at most, that a column is wide at first. */
const WIDEST = 40;

/** @typedef {'number' | 'boolean' | 'json' | 'time' | 'id' | 'bytes' | 'text'} Kind how a value is shown */

/**
 * @param {string} type as PostgreSQL writes it
 * @returns {Kind}
 */
export function kindOf(type) {
  if (type.endsWith('[]') || type === 'json' || type === 'jsonb') return 'json';
  if (NUMBERS.test(type)) return 'number';
  if (TIMES.test(type)) return 'time';
  if (type === 'boolean') return 'boolean';
  if (type === 'uuid') return 'id';
  return type === 'bytea' ? 'bytes' : 'text';
}

/** What a cell is styled by. */
export function classOf(kind) {
  return `cell is-${kind}${kind === 'json' || kind === 'id' || kind === 'bytes' ? ' mono' : ''}`;
}

/** Digits behind the point that a type has, which JSON's numbers do not show if they are zeros. */
export function scaleOf(type) {
  return Number(/^numeric\(\d+,(\d+)\)/.exec(type)?.[1] ?? 0);
}

function padded(value, scale) {
  const text = String(value);
  const digits = text.includes('.') ? text.length - text.indexOf('.') - 1 : 0;
  if (scale <= digits || !/^-?\d+(\.\d+)?$/.test(text)) return text;
  return `${text}${digits === 0 ? '.' : ''}${'0'.repeat(scale - digits)}`;
}

/** Shows a value in its cell. */
export function showValue(cell, { kind, name, scale }, value) {
  const nothing = value === null || value === undefined ? 'null' : value === '' ? 'empty' : '';
  cell.classList.toggle('nothing', nothing !== '');
  cell.classList.remove('open');
  if (nothing) cell.textContent = nothing;
  else if (kind === 'json') showJson(cell, value);
  else if (kind === 'time') showTime(cell, String(value));
  else if (typeof value === 'object') showJson(cell, value);
  else showLong(cell, kind === 'number' ? padded(value, scale) : String(value), name);
}

function showLong(cell, text, column) {
  const part = beginning(text);
  if (part === text) {
    showText(cell, text);
    return;
  }
  const shown = document.createElement('span');
  shown.className = 'text';
  showText(shown, `${part}\u2026`);
  const more = document.createElement('button');
  more.type = 'button';
  more.className = 'more';
  more.textContent = 'more';
  more.title = `${grouped(text.length)} characters`;
  more.setAttribute('aria-expanded', 'false');
  more.setAttribute('aria-label', `more of ${plain(column)}`);
  more.addEventListener('click', (event) => {
    event.stopPropagation();
    const open = cell.classList.toggle('open');
    showText(shown, open ? text : `${part}\u2026`);
    more.textContent = open ? 'less' : 'more';
    more.setAttribute('aria-label', `${more.textContent} of ${plain(column)}`);
    more.setAttribute('aria-expanded', String(open));
  });
  cell.replaceChildren(shown, more);
}

/** Of a long text: whole characters, some lines. */
function beginning(text) {
  let end = text.length <= LONG + 20 ? text.length : LONG;
  if (/[\ud800-\udbff]/.test(text[end - 1] ?? '') && end < text.length) end--;
  const lines = text.slice(0, end).split('\n');
  return lines.length > LINES ? lines.slice(0, LINES).join('\n') : text.slice(0, end);
}

function showJson(cell, value) {
  const text = JSON.stringify(value);
  if (typeof value !== 'object' || text.length <= SHORT_JSON) {
    showText(cell, text);
    return;
  }
  const details = document.createElement('details');
  const summary = document.createElement('summary');
  const size = Array.isArray(value) ? value.length : Object.keys(value).length;
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  showText(summary, `${open}${text.slice(1, 32)}\u2026${close} ${grouped(size)}`);
  details.append(summary);
  details.addEventListener('toggle', () => {
    if (details.children.length > 1) return;
    const pre = document.createElement('pre');
    pre.tabIndex = 0;
    showText(pre, JSON.stringify(value, null, 2));
    details.append(pre);
  });
  cell.replaceChildren(details);
}

/** A point in time by the reader's clock; what PostgreSQL wrote is its title. */
function showTime(cell, text) {
  cell.title = text;
  const [, seconds, fraction = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?[+-]\d\d(?::\d\d)*$/.exec(text) ?? [];
  const date = new Date(text);
  if (!seconds || Number.isNaN(+date)) {
    showText(cell, text.replace(/^(\d{4}-\d\d-\d\d)T/, '$1 ')); // has no zone, or is beyond what JavaScript knows
    return;
  }
  const time = document.createElement('time');
  time.dateTime = text;
  const local = new Date(+date - date.getTimezoneOffset() * 60_000).toJSON();
  const rest = document.createElement('small');
  rest.textContent = fraction;
  time.append(`${local.slice(0, 10)} ${local.slice(11, 19)}`, rest);
  cell.replaceChildren(time);
}

/** How many characters a column needs: those of its name, and of most of the values that are there. */
export function widthOf({ name, type }, kind, values) {
  const title = Math.max(Math.min(name.length, 18) * 0.9, Math.min(type.length, 24) * 0.72);
  if (kind === 'id') return Math.max(title, 36);
  const lengths = values.map((value) => lengthOf(value, kind)).sort((a, b) => a - b);
  const most = lengths[Math.floor(lengths.length * 0.95)] ?? 0;
  return Math.ceil(Math.max(4, title, Math.min(most * (kind === 'json' ? 0.9 : 1), WIDEST)));
}

function lengthOf(value, kind) {
  if (value === null || value === undefined) return 4;
  if (kind === 'time') return String(value).replace(/(T.*)[+-]\d\d:?\d*$/, '$1').length;
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return Math.max(...text.slice(0, 400).split('\n').map((line) => line.length));
}
