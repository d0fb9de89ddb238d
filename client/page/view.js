/** As PostgREST's: `select`, `order`, `limit` and `offset` are no columns unless they stand in quotes. */
const RESERVED = new Set(['select', 'order', 'limit', 'offset']);
/** How many rows a page shows at first, and how many more at a time. */
export const WINDOW = 1000;
export const MOST = 10_000;

/**
 * @typedef {{ column: string, condition: string }} Condition such as `count` and `gt.3`
 * @typedef {{ column: string, descending: boolean }} SortKey
 * @typedef {{ where: Condition[], order: SortKey[], limit: number }} View which rows are shown, and how
 */

/**
 * What the page's address asks for: the words of `GET /api/TABLE`.
 *
 * @param {string} query
 * @param {string[]} columns
 * @returns {View & { problems: string[] }} the problems name what is left out
 */
export function parseView(query, columns) {
  const view = { where: [], order: [], limit: WINDOW, problems: [] };
  const known = (column) => columns.includes(column) || !view.problems.push(`This table has no column ${column}.`);
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === 'order') {
      for (const part of split(value)) {
        const [, quoted, bare, rest] = /^(?:("(?:[^"\\]|\\.)*")|([^.]*))(.*)$/s.exec(part);
        const column = quoted ? unquoted(quoted) : bare;
        if (!/^(\.asc|\.desc)?$/.test(rest)) view.problems.push(`The order ${part} is not known: COLUMN, COLUMN.asc or COLUMN.desc.`);
        else if (known(column)) view.order.push({ column, descending: rest === '.desc' });
      }
    } else if (name === 'limit') {
      if (/^[1-9]\d{0,5}$/.test(value) && Number(value) <= MOST) view.limit = Number(value);
      else view.problems.push(`The limit ${value} is not a number from 1 to ${MOST}.`);
    } else if (RESERVED.has(name)) {
      view.problems.push(`${name} is not known to this page.`);
    } else {
      const column = name.startsWith('"') ? unquoted(name) : name;
      if (known(column)) view.where.push({ column, condition: value });
    }
  }
  return view;
}

/**
 * The same the other way round; empty for a view that is as at first.
 *
 * @param {View} view
 */
export function formatView({ where, order, limit }) {
  const query = new URLSearchParams(where.map(({ column, condition }) => [quoted(column), condition]));
  if (order.length > 0) query.set('order', formatOrder(order));
  if (limit !== WINDOW) query.set('limit', String(limit));
  const text = query.toString().replaceAll('%2C', ',').replaceAll('%28', '(').replaceAll('%29', ')');
  return text && `?${text}`;
}

/** @param {SortKey[]} order */
export function formatOrder(order) {
  return order.map(({ column, descending }) => (/^[\w$]+$/.test(column) ? column : `"${escaped(column)}"`) + (descending ? '.desc' : '')).join(',');
}

/**
 * As the client wants it.
 *
 * @param {View} view
 * @param {string[]} key of the table
 */
export function optionsOf({ where, order, limit }, key) {
  /** @type {Record<string, string[]>} */
  const conditions = Object.create(null);
  for (const { column, condition } of where) (conditions[column] ??= []).push(condition);
  return { key, where: { ...conditions }, order: order.length > 0 ? formatOrder(order) : undefined, limit };
}

/**
 * The order after a click on a column's head: ascending, descending, none; others stay behind it if it is added to them.
 *
 * @param {SortKey[]} order
 * @param {string} column
 * @param {boolean} add
 */
export function turned(order, column, add) {
  const now = order.find((key) => key.column === column);
  const next = !now ? [{ column, descending: false }] : now.descending ? [] : [{ column, descending: true }];
  if (!add) return next;
  return now ? order.flatMap((key) => (key === now ? next : [key])) : [...order, ...next];
}

function quoted(column) {
  return RESERVED.has(column) || column.startsWith('"') ? `"${escaped(column)}"` : column;
}

function escaped(text) {
  return text.replace(/["\\]/g, '\\$&');
}

function unquoted(text) {
  return text.replace(/^"|"$/g, '').replace(/\\(.)/gs, '$1');
}

/** At commas outside of double quotes. */
function split(text) {
  return text.match(/(?:"(?:[^"\\]|\\.)*"|[^,"]|"(?=[^"]*$))+/gs) ?? [];
}
