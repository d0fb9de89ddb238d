/** A request names at most this many tables or views, */
const MOST_TERMS = 100;
/** and has at most 16 kB with its cursor. */
const MOST_CHARACTERS = 11_000;

/**
 * Whether all that the second terms ask for is brought by the first.
 *
 * @param {string[]} followed
 * @param {string[]} terms
 */
export function covers(followed, terms) {
  return terms.every((term) => followed.includes(term));
}

/**
 * Each term once, in order.
 *
 * @param {Iterable<string>} terms
 */
export function union(terms) {
  return [...new Set(terms)].sort();
}

/**
 * Whether one request can name all of these.
 *
 * @param {string[]} terms
 */
export function fits(terms) {
  return terms.length <= MOST_TERMS && terms.join('&').length <= MOST_CHARACTERS;
}
