/** @typedef {import('../types/pbp.js').Json} Json */
/** @typedef {import('../types/pbp.js').Row} Row */

/**
 * Parses JSON. Integers that a number cannot hold become strings of their digits.
 *
 * @param {string} text
 */
export function parse(text) {
  return /\d{16}/.test(text) ? JSON.parse(text, exact) : JSON.parse(text);
}

/**
 * @param {string} _
 * @param {any} value
 * @param {{ source?: string }} [context] where the engine passes it
 */
function exact(_, value, context) {
  const source = context?.source ?? '';
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? source : value;
}

/**
 * Whether two values of JSON are equal.
 *
 * @param {unknown} a
 * @param {unknown} b
 * @returns {boolean}
 */
export function same(a, b) {
  if (a === b) return true;
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => same(a[key], b[key]));
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return typeof value === 'object' && value !== null;
}

/**
 * Whether two rows are equal, where a column that one of them lacks counts as null.
 *
 * @param {Row} a
 * @param {Row} b
 */
export function sameRow(a, b) {
  return same(a, b) || Object.keys({ ...a, ...b }).every((column) => same(a[column] ?? null, b[column] ?? null));
}
