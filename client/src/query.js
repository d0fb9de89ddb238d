import { union } from './terms.js';

/** @typedef {import('../types/pbp.js').ViewOptions} ViewOptions */
/** @typedef {import('../types/internal.js').SortTerm} SortTerm */

/** Parameters of a read that are not columns. */
const RESERVED = ['select', 'order', 'limit', 'offset'];

/**
 * A view's conditions as parameters: column and text. The order in which they are given makes no difference.
 *
 * @param {ViewOptions['where']} where
 * @returns {[string, string][]}
 */
export function conditionsOf(where = {}) {
  return Object.entries(where)
    .flatMap(([column, conditions]) => [conditions].flat().map((one) => /** @type {[string, string]} */ ([column, conditionOf(one)])))
    .sort(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1));
}

/** @param {import('../types/pbp.js').Condition | readonly import('../types/pbp.js').Condition[]} value */
function conditionOf(value) {
  return typeof value === 'string' ? value : value === null ? 'is.null' : `eq.${value}`;
}

/**
 * The names in a list such as `a,"b,c"`.
 *
 * @param {string | readonly string[]} [list]
 */
export function columnsOf(list = []) {
  return partsOf(list).map(([, quoted, plain, rest]) => unquoted(quoted) ?? plain + rest);
}

/**
 * What an order such as `a.desc.nullslast,b` sorts by.
 *
 * @param {string | readonly string[]} [order]
 * @returns {SortTerm[]}
 */
export function orderOf(order = []) {
  return partsOf(order).map(([, quoted, plain, rest]) => {
    const descending = rest.startsWith('.desc');
    const nullsFirst = rest.endsWith('.nullsfirst') || (descending && !rest.endsWith('.nullslast'));
    return { column: unquoted(quoted) ?? plain, descending, nullsFirst };
  });
}

/** @param {string | readonly string[]} list */
function partsOf(list) {
  const parts = [...[list].flat().join().matchAll(/(?:"((?:[^"\\]|\\.)*)"|([^,.]*))([^,]*)(?:,|$)/g)];
  return parts.filter(([text]) => text);
}

/** @param {string | undefined} text */
function unquoted(text) {
  return text?.replace(/\\(.)/g, '$1');
}

/** @param {string} column */
function quoted(column) {
  return /[",.()\\]/.test(column) || RESERVED.includes(column) ? `"${column.replace(/["\\]/g, '\\$&')}"` : column;
}

/**
 * The query string of a view, each parameter's name with something before it.
 *
 * @param {[string, string][]} conditions
 * @param {Record<string, string | number | undefined>} others
 * @param {string} [prefix]
 */
export function queryOf(conditions, others, prefix = '') {
  const given = Object.entries(others).filter(([, value]) => value !== undefined && value !== '');
  return [...conditions.map(([column, text]) => [quoted(column), text]), ...given]
    .map(([name, value]) => `${encodeURIComponent(prefix + name)}=${encodeURIComponent(/** @type {string} */ (value))}`)
    .join('&');
}

/** @param {string[]} columns */
export function listOf(columns) {
  return columns.map(quoted).join();
}

/**
 * What to ask the feed for: the name of the view in its changes, and the part of the query string. Tabs that ask for the same get
 * the same name.
 *
 * @param {string} table
 * @param {[string, string][]} conditions
 * @param {string} select
 */
export function streamOf(table, conditions, select) {
  const stream = `v${hash(JSON.stringify([table, conditions, select]))}`;
  const query = queryOf(conditions, { select }, `${stream}.`);
  return { stream, term: `table=${stream}:${encodeURIComponent(table)}&${query}` };
}

/**
 * 64 bits in letters and digits: two runs of FNV-1a over the text.
 *
 * @param {string} text
 */
function hash(text) {
  return [0x811c9dc5, 0x1000193]
    .map((value) => {
      for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x1000193);
      value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
      return ((value ^ (value >>> 13)) >>> 0).toString(36).padStart(7, '0');
    })
    .join('');
}
