/** A request names at most this many terms. */
const MOST_TERMS = 100;

/**
 * The table of a term such as `orders` or `orders.item=apple`.
 *
 * @param {string} term
 */
export function tableOf(term) {
  const equals = term.indexOf('=');
  const dot = equals < 0 ? -1 : term.slice(0, equals).lastIndexOf('.');
  return dot < 0 ? term : term.slice(0, dot);
}

/**
 * Whether all that the second terms ask for is brought by the first.
 *
 * @param {string[]} followed
 * @param {string[]} terms
 */
export function covers(followed, terms) {
  return terms.every((term) => followed.includes(term) || followed.includes(tableOf(term)));
}

/**
 * The fewest terms that cover all of these; whole tables, if there are too many for a request.
 *
 * @param {Iterable<string>} terms
 */
export function union(terms) {
  const all = new Set(terms);
  const narrow = all.size <= MOST_TERMS;
  return [...new Set([...all].map((term) => (narrow && !all.has(tableOf(term)) ? term : tableOf(term))))].sort();
}
