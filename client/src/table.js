import { includes, sees, snapshotOf } from './cursor.js';
import { limited, Refused, request } from './request.js';
import { SECOND } from './time.js';
import { same, sameRow } from './values.js';

/** @typedef {import('../types/pbp.js').Change} Change */
/** @typedef {import('../types/pbp.js').Json} Json */
/** @typedef {import('../types/pbp.js').Key} Key */
/** @typedef {import('../types/pbp.js').Row} Row */
/** @typedef {import('../types/internal.js').FeedChange} FeedChange */
/** @typedef {import('../types/internal.js').Rows} Rows */
/** @typedef {import('../types/internal.js').Snapshot} Snapshot */

const READ_LIMIT = 60 * SECOND;

/** One table's rows: as the server has them, with this page's unconfirmed writes on top. */
export class Table {
  /** The rows as they are shown. @type {Rows} */
  rows = new Map();
  /** The point of the last read, until the feed is past it: changes that this has seen are left out. @type {Snapshot | null} */
  snapshot = null;
  /** @type {import('../types/internal.js').Mismatch | null} */
  mismatch = null;
  /** By keys with writes under way: the row as the server has it, undefined if it has none. @type {Map<Key, Row | undefined>} */
  #confirmed = new Map();
  #filter;

  /**
   * @param {string} name
   * @param {{ url: string, key?: string | string[] }} where
   * @param {Record<string, Json>} [filter]
   */
  constructor(name, { url, key = ['id'] }, filter = {}) {
    this.name = name;
    this.url = url;
    this.keyColumns = [key].flat();
    this.#filter = Object.entries(filter);
    this.spec = JSON.stringify([name, url, this.keyColumns, this.#filter]);
  }

  /**
   * The table that a spec describes, without rows.
   *
   * @param {string} spec
   */
  static of(spec) {
    const [name, url, key, filter] = JSON.parse(spec);
    return new Table(name, { url, key }, Object.fromEntries(filter));
  }

  /** The server's name for what is followed: it compares one column. */
  get term() {
    const [column] = this.#filter;
    return column ? `${this.name}.${column[0]}=${column[1]}` : this.name;
  }

  /**
   * @param {Row} columns
   * @returns {Key}
   */
  keyOf(columns) {
    const parts = this.keyColumns.map((column) => columns[column]);
    return parts.length === 1 ? /** @type {Key} */ (parts[0]) : JSON.stringify(parts);
  }

  /**
   * Whether a change is one of this table's rows, and not seen yet.
   *
   * @param {FeedChange} change
   */
  awaits({ op, old, new: row, txid }) {
    if (this.snapshot && sees(this.snapshot, txid)) return false;
    return this.#filter.length === 0 || op === 'truncate' || Boolean((old && this.matches(old)) || (row && this.matches(row)));
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

  /** @param {Row} row */
  matches(row) {
    return this.#filter.every(([column, value]) => row[column] !== null && String(row[column]) === String(value));
  }

  /**
   * @param {import('../types/internal.js').Platform} platform
   * @param {AbortSignal} signal
   */
  async read(platform, signal) {
    const { response, body } = await request(platform, this.url, { signal: limited(signal, READ_LIMIT) });
    const cursor = response.headers.get('PBP-Cursor');
    if (!cursor || !Array.isArray(body)) {
      throw new Refused(`${this.url}: expected a list of rows with a PBP-Cursor`, { status: response.status });
    }
    /** @type {Rows} */
    const rows = new Map();
    for (const row of body) {
      if (!this.matches(row)) continue;
      const key = this.keyOf(row);
      if (this.keyColumns.some((column) => row[column] === undefined) || rows.has(key)) {
        const columns = this.keyColumns.join(', ');
        throw new Refused(`${this.url}: key (${columns}) does not identify the rows; give this table's primary key as key in connect()`);
      }
      rows.set(key, row);
    }
    return { table: /** @type {Table} */ (this), rows, cursor, snapshot: snapshotOf(cursor) };
  }

  /** The rows as the server has them. @returns {Rows} */
  serverRows() {
    const rows = new Map([...this.rows].filter(([key]) => !this.#confirmed.has(key)));
    this.#confirmed.forEach((row, key) => row && rows.set(key, row));
    return rows;
  }

  /** @param {Key} key */
  #serverRow(key) {
    return this.#confirmed.has(key) ? this.#confirmed.get(key) : this.rows.get(key);
  }

  /**
   * Whether a change's `old` is the row here.
   *
   * @param {FeedChange} change
   */
  agrees({ op, key, old }) {
    if (op === 'truncate') return true;
    const held = this.#serverRow(this.keyOf(key));
    const was = old && this.matches(old) ? old : undefined;
    return held && was ? sameRow(held, was) : held === was;
  }

  /**
   * Takes rows read again, and keeps what the read had not seen yet.
   *
   * @param {Rows} rows
   * @param {Snapshot} snapshot
   */
  reread(rows, snapshot) {
    for (const [key, txid] of this.mismatch?.changed ?? []) {
      if (sees(snapshot, txid)) continue;
      const row = this.#serverRow(key);
      if (row) rows.set(key, row);
      else rows.delete(key);
    }
    return this.replace(rows, snapshot);
  }

  /**
   * Makes the rows those that were read, and returns what differs.
   *
   * @param {Rows} read
   * @param {Snapshot | null} snapshot the point that they show
   */
  replace(read, snapshot = this.snapshot) {
    this.snapshot = snapshot;
    this.mismatch = null;
    const gone = [...this.rows.keys(), ...this.#confirmed.keys()].filter((key) => !read.has(key));
    return [...gone.flatMap((key) => this.#set(key, undefined)), ...[...read].flatMap(([key, row]) => this.#set(key, row))];
  }

  /**
   * @param {FeedChange} change
   * @returns {Change[]} what is shown differently now
   */
  apply({ op, key: columns, new: row, txid }) {
    if (op === 'truncate') {
      return this.replace(new Map());
    }
    const key = this.keyOf(columns);
    this.mismatch?.changed.set(key, txid);
    return this.#set(key, row && this.matches(row) ? row : undefined);
  }

  /**
   * The server has this row now. Where writes are under way they stay on top.
   *
   * @param {Key} key
   * @param {Row | undefined} row
   */
  #set(key, row) {
    if (this.#confirmed.has(key)) {
      this.#confirmed.set(key, row);
      return [];
    }
    return this.#show(key, row);
  }

  /**
   * Shows a row with the writes under way on top of it.
   *
   * @param {Key} key
   * @param {import('../types/internal.js').Write[]} writes
   */
  overlay(key, writes) {
    const confirmed = this.#serverRow(key);
    if (writes.length > 0) {
      this.#confirmed.set(key, confirmed);
    } else {
      this.#confirmed.delete(key);
    }
    let row = confirmed;
    for (const write of writes) row = write.kind === 'delete' ? undefined : { ...row, ...write.fields };
    return this.#show(key, row);
  }

  /**
   * The answer to an insert gave a row its key. Returns the row as it was shown.
   *
   * @param {Key} from
   * @param {Key} to
   */
  rename(from, to) {
    const shown = this.rows.get(from);
    this.rows.delete(from);
    this.#confirmed.delete(from);
    if (!this.#confirmed.has(to)) {
      this.#confirmed.set(to, this.rows.get(to));
    }
    return shown;
  }

  /**
   * @param {Key} key
   * @param {Row | undefined} row
   * @returns {Change[]}
   */
  #show(key, row) {
    const old = this.rows.get(key);
    if (row === undefined ? old === undefined : old !== undefined && same(old, row)) {
      return [];
    }
    if (row === undefined) {
      this.rows.delete(key);
    } else {
      this.rows.set(key, row);
    }
    const op = old === undefined ? 'insert' : row === undefined ? 'delete' : 'update';
    return [{ table: this.name, op, key, old: old ?? null, new: row ?? null }];
  }
}
