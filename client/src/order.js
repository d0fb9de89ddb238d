/** @typedef {import('../types/pbp.js').Json} Json */
/** @typedef {import('../types/pbp.js').Key} Key */
/** @typedef {import('../types/pbp.js').Row} Row */
/** @typedef {import('../types/internal.js').Rows} Rows */
/** @typedef {import('../types/internal.js').SortTerm} SortTerm */
/** @typedef {import('../types/internal.js').Stored} Stored */
/** @typedef {import('../types/internal.js').SortKind} SortKind */

/** More changes than this at once are sorted anew. */
const FEW = 100;

/** @type {[RegExp, SortKind][]} */
const KINDS = [
  [/^(smallint|integer|bigint|oid|numeric(\(.*\))?|real|double precision)$/, 'number'],
  [/^(date|timestamp(\(\d\))? with(out)? time zone)$/, 'time'],
  [/^(boolean|uuid|time(\(\d\))? without time zone)$/, 'plain'],
];

/** The order of a view's rows, and of a limited view which of them are shown. */
export class Order {
  /** All keys and rows that are held, in order. @type {Key[]} */
  #keys = [];
  /** @type {Row[]} */
  #rows = [];
  /** By key, the place in the last read, where PostgreSQL has to sort. @type {Map<Key, number>} */
  #places = new Map();
  #terms;
  #limit;

  /**
   * The kinds of columns; null if PostgreSQL has to sort by one of them.
   *
   * @param {string[]} columns
   * @param {import('../types/pbp.js').TableDescription | undefined} table
   * @returns {SortKind[] | null}
   */
  static kinds(columns, table) {
    const kinds = columns.map((name) => {
      const { type = '', collation } = table?.columns.find((column) => column.name === name) ?? {};
      const isText = /^(text|name|character varying(\(\d+\))?)$/.test(type);
      return isText ? (collation === 'C' ? 'text' : undefined) : KINDS.find(([pattern]) => pattern.test(type))?.[1];
    });
    return kinds.includes(undefined) ? null : /** @type {SortKind[]} */ (kinds);
  }

  /**
   * @param {SortTerm[]} sorting
   * @param {import('../types/internal.js').Shape} shape
   * @param {number} [limit]
   */
  constructor(sorting, { key, kinds }, limit = Infinity) {
    this.#limit = limit;
    this.#terms = [...sorting, ...key.map((column) => ({ column, descending: false, nullsFirst: false }))];
    const terms = this.#terms.map((term, i) => ({ ...term, by: kinds ? COMPARE[kinds[i]] : plain }));
    /** Compares rows; null where PostgreSQL has to. @type {((a: Row, b: Row) => number) | null} */
    this.compare = kinds && ((a, b) => {
      for (const { column, descending, nullsFirst, by } of terms) {
        const [x, y] = [a[column] ?? null, b[column] ?? null];
        if (x === y) continue;
        if (x === null || y === null) return (x === null) === nullsFirst ? -1 : 1;
        const result = by(x, y);
        if (result !== 0) return descending ? -result : result;
      }
      return 0;
    });
  }

  /**
   * Whether a change leaves alone what the rows are sorted by.
   *
   * @param {Row} old
   * @param {Row} row
   */
  isSamePlace(old, row) {
    return this.#terms.every(({ column }) => old[column] === row[column]);
  }

  /** The rows that are shown. */
  list() {
    return this.#rows.slice(0, this.#limit);
  }

  /**
   * @param {Rows} rows
   * @returns {Rows} the same in order
   */
  sorted(rows) {
    return new Map([...rows].sort(this.#compareEntries));
  }

  /** @type {(a: [Key, Row], b: [Key, Row]) => number} */
  #compareEntries = ([key, row], [other, otherRow]) =>
    this.compare ? this.compare(row, otherRow) : this.#place(key) - this.#place(other);

  /** What was not there when the rows were read comes last. @param {Key} key */
  #place(key) {
    return this.#places.get(key) ?? Number.MAX_SAFE_INTEGER;
  }

  /**
   * All rows are others.
   *
   * @param {Rows} held
   * @param {Rows} read in the server's order
   * @param {Stored[]} stored what differs
   * @param {Rows} shown the rows that are shown; `held` if that is all
   * @returns {Stored[]} what is shown differently
   */
  replace(held, read, stored, shown) {
    if (this.compare && held === shown && this.#keys.length > 0 && stored.length <= FEW) {
      stored.forEach((change) => this.move(change, shown));
      return stored;
    }
    let at = 0;
    this.#places = new Map();
    if (!this.compare) for (const key of read.keys()) this.#places.set(key, at++);
    const entries = [...held].sort(this.#compareEntries);
    this.#keys = entries.map(([key]) => key);
    this.#rows = entries.map(([, row]) => row);
    return held === shown ? stored : this.#showFirst(shown);
  }

  /** @param {Rows} shown becomes the first rows */
  #showFirst(shown) {
    /** @type {Stored[]} */
    const changes = [];
    const keys = this.#keys.slice(0, this.#limit);
    const now = new Set(keys);
    for (const [key, old] of shown) if (!now.has(key)) changes.push({ key, old, row: undefined });
    keys.forEach((key, i) => {
      const old = shown.get(key);
      if (old !== this.#rows[i]) changes.push({ key, old, row: this.#rows[i] });
    });
    changes.forEach((change) => put(shown, change));
    return changes;
  }

  /**
   * One row is another.
   *
   * @param {Stored} change
   * @param {Rows} shown the rows that are shown
   * @returns {Stored[]} what is shown differently
   */
  move(change, shown) {
    const { key, old, row } = change;
    const limit = this.#limit;
    const from = old ? this.#find(key, old) : -1;
    if (from >= 0 && row && (!this.compare || this.compare(/** @type {Row} */ (old), row) === 0)) {
      this.#rows[from] = row;
      return from < limit ? [put(shown, change)] : [];
    }
    if (from >= 0) this.#splice(from, 1);
    const to = row ? this.#insertionPoint(key, row) : -1;
    if (row) this.#splice(to, 0, key, row);
    if (limit === Infinity) return [change];
    const [was, is] = [from >= 0 && from < limit, to >= 0 && to < limit];
    if (was && is) return [put(shown, change)];
    if (was) return [put(shown, { key, old, row: undefined }), ...this.#enters(limit - 1, shown)];
    return is ? [...this.#leaves(limit, shown), put(shown, { key, old: undefined, row })] : [];
  }

  /**
   * @param {number} at
   * @param {Rows} shown
   */
  #enters(at, shown) {
    const [key, row] = [this.#keys[at], this.#rows[at]];
    return row ? [put(shown, { key, old: undefined, row })] : [];
  }

  /**
   * @param {number} at
   * @param {Rows} shown
   */
  #leaves(at, shown) {
    const [key, old] = [this.#keys[at], this.#rows[at]];
    return old ? [put(shown, { key, old, row: undefined })] : [];
  }

  /**
   * @param {number} at
   * @param {number} removed
   * @param {[] | [Key, Row]} added
   */
  #splice(at, removed, ...[key, row]) {
    if (row === undefined) {
      this.#keys.splice(at, removed);
      this.#rows.splice(at, removed);
    } else {
      this.#keys.splice(at, removed, /** @type {Key} */ (key));
      this.#rows.splice(at, removed, row);
    }
  }

  /**
   * @param {Key} key
   * @param {Row} row
   */
  #find(key, row) {
    if (this.compare) {
      const at = this.#search(row, 0);
      if (this.#keys[at] === key) return at;
    }
    return this.#keys.indexOf(key); // rows without a key yet may be equal
  }

  /**
   * @param {Key} key
   * @param {Row} row
   */
  #insertionPoint(key, row) {
    if (this.compare) return this.#search(row, 1);
    const place = this.#place(key);
    const at = this.#keys.findIndex((other) => this.#place(other) > place);
    return at < 0 ? this.#keys.length : at;
  }

  /**
   * The place before those that compare as this row, or behind them.
   *
   * @param {Row} row
   * @param {0 | 1} behind
   */
  #search(row, behind) {
    const compare = /** @type {(a: Row, b: Row) => number} */ (this.compare);
    let [low, high] = [0, this.#rows.length];
    if (high > 0 && compare(this.#rows[high - 1], row) < 0) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(this.#rows[middle], row) < behind) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * @param {Rows} rows
 * @param {Stored} change
 */
function put(rows, change) {
  if (change.row) rows.set(change.key, change.row);
  else rows.delete(change.key);
  return change;
}

/** @type {Record<SortKind, (a: any, b: any) => number>} */
const COMPARE = { number, text, time, plain };

/**
 * @param {any} a
 * @param {any} b
 */
function plain(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * As numbers, exactly. NaN is the greatest, and beyond the doubles' range are texts of digits.
 *
 * @param {number | string} a
 * @param {number | string} b
 */
function number(a, b) {
  if (typeof a === 'number' && typeof b === 'number') return plain(a, b);
  const special = (SPECIAL[a] ?? 0) - (SPECIAL[b] ?? 0);
  if (special !== 0 || a in SPECIAL) return special;
  const [x, y] = [Number(a), Number(b)];
  if (x !== y) return plain(x, y); // doubles round, but never past one another
  const [m, n] = [scaled(String(a)), scaled(String(b))];
  const scale = m.scale > n.scale ? m.scale : n.scale;
  return plain(m.digits * 10n ** (scale - m.scale), n.digits * 10n ** (scale - n.scale));
}

/** @type {Record<string, number>} */
const SPECIAL = { '-Infinity': -1, Infinity: 1, NaN: 2 };

/** @param {string} text */
function scaled(text) {
  const [, sign = '', whole = '0', part = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e\+?(-?\d+))?$/i.exec(text) ?? [];
  const scale = BigInt(part.length) - BigInt(exponent);
  const digits = BigInt(sign + whole + part);
  return scale < 0n ? { digits: digits * 10n ** -scale, scale: 0n } : { digits, scale };
}

/**
 * By code points, as collation C does in UTF-8. JavaScript compares the halves of surrogate pairs.
 *
 * @param {string} a
 * @param {string} b
 */
function text(a, b) {
  if (!/[\ud800-\uffff]/.test(a) || !/[\ud800-\uffff]/.test(b)) return plain(a, b);
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  return rank(a.charCodeAt(at)) - rank(b.charCodeAt(at));
}

/** Surrogates stand for what is beyond all others; the end is before all. @param {number} unit */
function rank(unit) {
  return Number.isNaN(unit) ? -1 : unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit;
}

/**
 * Dates and timestamps of one zone, as PostgreSQL writes them in ISO form.
 *
 * @param {string} a
 * @param {string} b
 */
function time(a, b) {
  const USUAL = /^\d{4}-.*[^C]$/;
  if (USUAL.test(a) && USUAL.test(b)) return plain(a, b);
  const [x, y] = [yearAndRest(a), yearAndRest(b)];
  return plain(x[0], y[0]) || plain(x[1], y[1]);
}

/** @param {string} text @returns {[number, string]} */
function yearAndRest(text) {
  if (text.endsWith('infinity')) return [text[0] === '-' ? -Infinity : Infinity, ''];
  const [, year, rest, before] = /** @type {RegExpExecArray} */ (/^(\d+)(.*?)( BC)?$/.exec(text));
  return [before ? -Number(year) : Number(year), rest];
}
