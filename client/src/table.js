import { includes, sees, snapshotOf } from './cursor.js';
import { limited, Refused, request } from './request.js';
import { SECOND } from './time.js';
import { freeze, same, sameRow } from './values.js';

/** @typedef {import('../types/pbp.js').Change} Change */
/** @typedef {import('../types/pbp.js').Key} Key */
/** @typedef {import('../types/pbp.js').Row} Row */
/** @typedef {import('../types/pbp.js').ViewOptions} ViewOptions */
/** @typedef {import('../types/internal.js').Copy} Copy */
/** @typedef {import('../types/internal.js').FeedChange} FeedChange */
/** @typedef {import('../types/internal.js').Rows} Rows */
/** @typedef {import('../types/internal.js').Shape} Shape */
/** @typedef {import('../types/internal.js').Snapshot} Snapshot */
/** @typedef {import('../types/internal.js').Stored} Stored */

const READ_LIMIT = 60 * SECOND;

/** One table, or a view of it: its rows as the server has them, with this page's unconfirmed writes on top. */
export class Table {
  /** The rows as they are shown. @type {Rows} */
  rows = new Map();
  /** All that are held: beyond those that are shown, a limited view has some in reserve. */
  held = this.rows;
  /** The point of the last read, until the feed is past it: changes that this has seen are left out. @type {Snapshot | null} */
  snapshot = null;
  /** Until the view has been read again. @type {import('../types/internal.js').Mismatch | null} */
  mismatch = null;
  /** Of a view that was added later. @type {import('./addition.js').Addition | null} */
  addition = null;
  /** It has been added, and not been read yet. */
  loading = false;
  /** The server is known to follow it. */
  admitted = true;
  dropped = false;
  /** The rows have to be read again for their order, or since the limited view ran short. */
  incomplete = false;
  /** `list` is another than before. */
  touched = false;
  /** What is shown of the table; null: all. @type {import('./lens.js').Lens | null} */
  lens = null;
  /** By keys with writes under way: the row as the server has it, undefined if it has none. @type {Map<Key, Row | undefined>} */
  #confirmed = new Map();
  /** @type {Shape} */
  #shape;
  /** @type {readonly Row[] | null} */
  #list = null;
  #frozen = false;
  #site;
  #key;

  /**
   * @param {import('./site.js').Site} site
   * @param {string} name
   * @param {ViewOptions} [options]
   */
  constructor(site, name, options = {}) {
    const { table = name, limit, key, url = `${site.base}/api/${encodeURIComponent(table)}` } = options;
    if (limit !== undefined && !(Number.isSafeInteger(limit) && limit > 0)) {
      throw new RangeError(`${name}: limit: expected a whole number of at least 1, got ${limit}`);
    }
    this.#site = site;
    this.name = name;
    this.options = options;
    this.url = url;
    this.#key = key === undefined ? undefined : [key].flat();
    this.#shape = { key: this.#key ?? ['id'], kinds: null };
    /** All that decides on the rows: tabs with the same spec have the same. */
    this.spec = JSON.stringify({ table, url, key: this.#key });
    /** What its changes are called. */
    this.stream = table;
    /** The part of the query string that asks for them. */
    this.term = `table=${encodeURIComponent(table)}`;
  }

  /**
   * The view that a spec describes, without rows.
   *
   * @param {import('./site.js').Site} site
   * @param {string} spec
   */
  static async of(site, spec) {
    const options = JSON.parse(spec);
    const table = new Table(site, options.table, options);
    await table.prepare();
    return table;
  }

  /** A view of all rows and columns, in no order. */
  get isPlain() {
    const { where, select, order, limit } = this.options;
    return (where ?? select ?? order ?? limit) === undefined;
  }

  /** Learns what a view is, which a module of its own knows; before, it has neither spec nor term. */
  async prepare() {
    if (this.isPlain || this.lens) return;
    const { Lens } = await import('./pbp-views.js');
    this.lens ??= new Lens(this);
  }

  get keyColumns() {
    return this.#shape.key;
  }

  /** @param {Row} columns */
  keyOf(columns) {
    return keyOf(columns, this.keyColumns);
  }

  /**
   * The values of a key's columns.
   *
   * @param {Key} key
   * @returns {import('../types/pbp.js').Json[]}
   */
  parts(key) {
    return this.keyColumns.length === 1 ? [key] : JSON.parse(/** @type {string} */ (key));
  }

  /**
   * Where a row is read and written.
   *
   * @param {Key} key
   */
  addressOf(key) {
    return `${this.url}/${this.parts(key).map((part) => encodeURIComponent(String(part))).join()}`;
  }

  /**
   * Whether a change is not seen yet.
   *
   * @param {FeedChange} change
   */
  awaits({ txid }) {
    if (this.loading && !this.mismatch) return false;
    return !(this.snapshot && sees(this.snapshot, txid));
  }

  /** @param {Snapshot} snapshot */
  skip(snapshot) {
    if (!this.snapshot || includes(snapshot, this.snapshot)) this.snapshot = snapshot;
  }

  /** @param {string} cursor */
  reached(cursor) {
    const now = this.snapshot && snapshotOf(cursor);
    if (now && this.snapshot && includes(now, this.snapshot)) this.snapshot = null;
  }

  /** @returns {Promise<Shape>} */
  async #describe() {
    const { lens } = this;
    if (this.#key && !lens?.isSorted) return this.#shape;
    const { table: name } = JSON.parse(this.spec);
    const table = (await this.#site.describe()).find((one) => one.table === name);
    const key = this.#key ?? table?.key ?? ['id'];
    return { key, kinds: lens?.kinds(key, table) ?? null };
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<Copy & { table: Table, cursor: string }>}
   */
  async read(signal) {
    await this.prepare();
    const { lens } = this;
    const described = this.#describe();
    const asked = (/** @type {Shape} */ { key }) => this.request(lens?.query(key) ?? '', signal);
    const [shape, { body, cursor }] = await Promise.all([described, lens?.needsKey ? described.then(asked) : asked(this.#shape)]);
    /** @type {Rows} */
    const rows = new Map();
    for (const row of body) {
      const key = keyOf(row, shape.key);
      if (shape.key.some((column) => row[column] === undefined) || rows.has(key)) {
        const columns = shape.key.join(', ');
        throw new Refused(`${this.url}: key (${columns}) does not identify the rows; give this table's primary key as key in connect()`);
      }
      rows.set(key, row);
    }
    return { table: this, rows, cursor, snapshot: snapshotOf(cursor), shape, whole: body.length < (lens?.size ?? Infinity) };
  }

  /**
   * Reads rows.
   *
   * @param {string} query
   * @param {AbortSignal} signal
   */
  async request(query, signal) {
    const { response, body } = await request(this.#site.platform, this.url + query, { signal: limited(signal, READ_LIMIT) });
    const cursor = response.headers.get('PBP-Cursor');
    if (!cursor || !Array.isArray(body)) {
      throw new Refused(`${this.url}: expected a list of rows with a PBP-Cursor`, { status: response.status });
    }
    return { body, cursor };
  }

  /** The rows as the server has them, in their order. @returns {Rows} */
  serverRows() {
    const rows = new Map([...this.held].filter(([key]) => !this.#confirmed.has(key)));
    this.#confirmed.forEach((row, key) => row && rows.set(key, row));
    return this.lens ? this.lens.sorted(rows) : rows;
  }

  /** How many there are of these. */
  serverCount() {
    let count = this.held.size;
    this.#confirmed.forEach((row, key) => (count += Number(row !== undefined) - Number(this.held.has(key))));
    return count;
  }

  /** For another tab. @returns {Copy} */
  copy() {
    return { rows: this.serverRows(), snapshot: this.snapshot, shape: this.#shape, whole: this.lens?.whole ?? true };
  }

  /** The rows as they are shown, in their order. @returns {readonly Row[]} */
  get list() {
    if (!this.#list) {
      if (!this.#frozen) this.held.forEach(freeze);
      this.#frozen = true;
      this.#list = Object.freeze(this.lens?.list() ?? [...this.rows.values()]);
    }
    return this.#list;
  }

  /** @param {Key} key */
  serverRow(key) {
    return this.#confirmed.has(key) ? this.#confirmed.get(key) : this.held.get(key);
  }

  /**
   * Whether a change's `old` is the row here.
   *
   * @param {FeedChange} change
   */
  agrees({ op, key, old }) {
    if (op === 'truncate') return true;
    const held = this.serverRow(this.keyOf(key));
    const was = old ? (this.lens ? this.lens.expected(old, held) : old) : undefined;
    return held && was ? sameRow(held, was) : held === was;
  }

  /**
   * Takes rows read again, and keeps what the read had not seen yet.
   *
   * @param {Copy} read
   */
  reread({ rows, snapshot, shape, whole }) {
    const { changed = new Map(), emptied = null } = this.mismatch ?? {};
    const isNew = (/** @type {string} */ txid) => !(snapshot && sees(snapshot, txid));
    const isEmptied = emptied !== null && isNew(emptied);
    const merged = new Map(isEmptied ? [] : rows);
    this.#begin(merged, shape, whole || isEmptied);
    for (const [key, { txid, row }] of changed) {
      if (!isNew(txid)) continue;
      if (this.lens) this.lens.merge(merged, key, row);
      else if (row) merged.set(key, row);
      else merged.delete(key);
    }
    return this.#end(merged, snapshot);
  }

  /**
   * Makes the rows those that were read, and returns what differs.
   *
   * @param {Rows} read
   * @param {Snapshot | null} snapshot the point that they show
   * @param {Shape} [shape]
   * @param {boolean} [whole] whether these are all that meet the conditions
   * @returns {Change[]}
   */
  replace(read, snapshot = this.snapshot, shape = this.#shape, whole = true) {
    this.#begin(read, shape, whole);
    return this.#end(read, snapshot);
  }

  /**
   * @param {Rows} read
   * @param {Shape} shape
   * @param {boolean} whole
   */
  #begin(read, shape, whole) {
    this.#shape = shape;
    this.incomplete = false;
    this.lens?.begin(read, shape, whole);
  }

  /**
   * @param {Rows} read
   * @param {Snapshot | null} snapshot
   */
  #end(read, snapshot) {
    this.snapshot = snapshot;
    this.mismatch = null;
    this.loading = false;
    /** @type {Stored[]} */
    const stored = [];
    for (const key of [...this.held.keys(), ...this.#confirmed.keys()]) if (!read.has(key)) this.#put(key, undefined, stored);
    for (const [key, row] of read) this.#put(key, row, stored);
    const changes = this.lens ? this.lens.end(read, stored) : stored;
    if (this.lens?.isSorted || changes.length > 0) this.#touch();
    return this.#reported(changes);
  }

  /**
   * @param {FeedChange} change
   * @returns {Change[]} what is shown differently now
   */
  apply({ op, key: columns, old, new: row, txid }) {
    const { mismatch, loading } = this;
    if (op === 'truncate') {
      const changes = this.replace(new Map());
      if (mismatch) {
        mismatch.changed.clear();
        mismatch.emptied = txid;
        Object.assign(this, { mismatch, loading });
      }
      return changes;
    }
    const key = this.keyOf(columns);
    const now = row ?? undefined;
    mismatch?.changed.set(key, { txid, row: now });
    if (loading) return [];
    return this.lens ? this.lens.take(key, old ?? undefined, now) : this.set(key, now);
  }

  /**
   * The server has this row now. Where writes are under way they stay on top.
   *
   * @param {Key} key
   * @param {Row | undefined} row
   */
  set(key, row) {
    /** @type {Stored[]} */
    const stored = [];
    this.#put(key, row, stored);
    return this.#show(stored);
  }

  /**
   * @param {Key} key
   * @param {Row | undefined} row
   * @param {Stored[]} stored gets what changed
   */
  #put(key, row, stored) {
    if (this.#confirmed.has(key)) this.#confirmed.set(key, row);
    else this.#store(key, row, stored);
  }

  /**
   * Shows a row with the writes under way on top of it.
   *
   * @param {Key} key
   * @param {import('../types/internal.js').Write[]} writes
   * @returns {Change[]}
   */
  overlay(key, writes) {
    if (this.dropped) return [];
    const confirmed = this.serverRow(key);
    if (writes.length > 0) {
      this.#confirmed.set(key, confirmed);
    } else {
      this.#confirmed.delete(key);
    }
    let row = confirmed;
    for (const write of writes) row = write.kind === 'delete' ? undefined : { ...row, ...write.fields };
    /** @type {Stored[]} */
    const stored = [];
    this.#store(key, row, stored);
    return this.#show(stored);
  }

  /**
   * The answer to an insert gave a row its key. Returns what is shown differently, so that it has no key at the moment.
   *
   * @param {Key} from
   * @param {Key} to
   */
  rename(from, to) {
    this.#confirmed.delete(from);
    const changes = this.set(from, undefined);
    if (!this.#confirmed.has(to)) {
      this.#confirmed.set(to, this.held.get(to));
    }
    return changes;
  }

  /**
   * @param {Stored[]} stored one change, or none
   * @returns {Change[]}
   */
  #show(stored) {
    const changes = this.lens ? stored.flatMap((change) => this.lens?.move(change) ?? []) : stored;
    if (changes.length > 0) this.#touch();
    return this.#reported(changes);
  }

  /**
   * @param {Key} key
   * @param {Row | undefined} row
   * @param {Stored[]} stored gets what changed
   */
  #store(key, row, stored) {
    const old = this.held.get(key);
    if (row === undefined ? old === undefined : old !== undefined && same(old, row)) return;
    if (row === undefined) this.held.delete(key);
    else this.held.set(key, this.#frozen ? freeze(row) : row);
    stored.push({ key, old, row });
  }

  #touch() {
    this.#list = null;
    this.touched = true;
  }

  /** @param {Stored[]} changes @returns {Change[]} */
  #reported(changes) {
    return changes.map(({ key, old, row }) => ({
      table: this.name,
      op: old === undefined ? 'insert' : row === undefined ? 'delete' : 'update',
      key,
      old: old ?? null,
      new: row ?? null,
    }));
  }
}

/**
 * @param {Row} row
 * @param {string[]} columns
 * @returns {Key}
 */
function keyOf(row, columns) {
  const parts = columns.map((column) => row[column]);
  return parts.length === 1 ? /** @type {Key} */ (parts[0]) : JSON.stringify(parts);
}
