/** @typedef {import('../types/pbp.js').Json} Json */
/** @typedef {import('../types/pbp.js').Row} Row */

/** Doubles hold every number of 15 digits, and exponents of two. */
const SUSPICIOUS = /\d[\d.]{15}|\d[eE][+-]?\d{3}/;
const NUMBER = /-?\d[\d.eE+-]*/g;

/**
 * Parses JSON. Numbers that a double does not represent exactly become strings of their digits.
 *
 * @param {string} text
 */
export function parse(text) {
  return JSON.parse(SUSPICIOUS.test(text) ? quoteNumbers(text) : text);
}

/**
 * Puts those numbers into quotation marks: the engine's own parser would round them, and tells few browsers what it has read.
 *
 * @param {string} text
 */
function quoteNumbers(text) {
  let quoted = '';
  for (let at = 0; at < text.length; ) {
    const begin = text.indexOf('"', at);
    const between = text.slice(at, begin < 0 ? undefined : begin);
    quoted += SUSPICIOUS.test(between) ? between.replace(NUMBER, (number) => (isExact(number) ? number : `"${number}"`)) : between;
    at = begin < 0 ? text.length : endOfString(text, begin);
    quoted += begin < 0 ? '' : text.slice(begin, at);
  }
  return quoted;
}

/**
 * The place behind a string of JSON.
 *
 * @param {string} text
 * @param {number} begin of its first quotation mark
 */
function endOfString(text, begin) {
  for (let end = begin; ; ) {
    end = text.indexOf('"', end + 1);
    if (end < 0) return text.length;
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
}

/**
 * Whether a double's shortest form has the same value.
 *
 * @param {string} text a number of JSON
 */
function isExact(text) {
  const number = Number(text);
  return Number.isFinite(number) && decimal(text) === decimal(String(number));
}

/**
 * One form for all texts of a number: its digits without zeros at either end, and the exponent.
 *
 * @param {string} text
 */
function decimal(text) {
  const [, sign, whole, part = '', exponent = '0'] = /** @type {RegExpExecArray} */ (/^(-?)(\d+)(?:\.(\d+))?(?:e\+?(-?\d+))?$/i.exec(text));
  const digits = (whole + part).replace(/^0+/, '');
  const short = digits.replace(/0+$/, '');
  return short && `${sign}${short}e${Number(exponent) - part.length + digits.length - short.length}`;
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

/**
 * Makes a value, and all that is in it, one that cannot be changed.
 *
 * @template T
 * @param {T} value
 */
export function freeze(value) {
  if (isObject(value) && !Object.isFrozen(value)) {
    for (const name in value) freeze(value[name]);
    Object.freeze(value);
  }
  return value;
}
