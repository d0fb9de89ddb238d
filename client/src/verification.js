import { includes, snapshotOf } from './cursor.js';
import { backoff, SECOND } from './time.js';

/** @typedef {import('./table.js').Table} Table */

const LONGEST_BACKOFF = 5 * 60 * SECOND;
/** A mismatch after this time is a new one. */
const FORGOTTEN_AFTER = 2 * LONGEST_BACKOFF;

/** How soon a read is asked for again that was not answered, where a view has to be read for its order or its size. */
const AGAIN = SECOND;

/**
 * Has a view read again where a change's `old` is not the row held, ever later if that does not help; and where its order, or the rows
 * behind its limit, are known to the server alone.
 */
export class Verification {
  #platform;
  #requestRead;
  /** @type {WeakMap<Table, { at: number, attempts: number, warned: boolean }>} */
  #histories = new WeakMap();

  /**
   * @param {import('../types/internal.js').Platform} platform
   * @param {(spec: string) => void} requestRead
   */
  constructor(platform, requestRead) {
    this.#platform = platform;
    this.#requestRead = requestRead;
  }

  /**
   * Compares a change, which comes with this cursor, with the row held.
   *
   * @param {Table} table
   * @param {import('../types/internal.js').FeedChange} change
   * @param {string} cursor
   */
  check(table, change, cursor) {
    if (table.mismatch || table.agrees(change)) return;
    const mismatch = this.#begin(table, cursor);
    if (!mismatch) return; // the cursors do not show whether a read is newer
    const history = this.#history(table);
    if (history.attempts > 0 && !history.warned) {
      history.warned = true;
      this.#platform.warn(`pbp: ${table.name}, key ${table.keyOf(change.key)}: not the row that the feed says, even read again`);
    }
    const retry = () => {
      const wait = backoff(this.#platform, history.attempts++, LONGEST_BACKOFF);
      this.#later(table, mismatch, wait, retry);
    };
    retry();
  }

  /**
   * Has a view read again that is incomplete, as of this cursor or later.
   *
   * @param {Table} table
   * @param {string} cursor
   */
  complete(table, cursor) {
    const mismatch = table.incomplete && !table.mismatch && this.#begin(table, cursor);
    if (!mismatch) return;
    table.incomplete = false;
    this.#requestRead(table.spec);
    const retry = () => this.#later(table, mismatch, AGAIN, retry);
    retry();
  }

  /**
   * @param {Table} table
   * @param {string} cursor
   */
  #begin(table, cursor) {
    const snapshot = snapshotOf(cursor);
    return snapshot && (table.mismatch = { snapshot, changed: new Map(), emptied: null });
  }

  /**
   * @param {Table} table
   * @param {import('../types/internal.js').Mismatch} mismatch
   * @param {number} wait
   * @param {() => void} next
   */
  #later(table, mismatch, wait, next) {
    this.#platform.setTimeout(() => {
      if (table.mismatch !== mismatch) return;
      this.#requestRead(table.spec);
      next();
    }, wait);
  }

  /** @param {Table} table */
  #history(table) {
    const now = this.#platform.now();
    const history = this.#histories.get(table) ?? { at: -Infinity, attempts: 0, warned: false };
    if (now - history.at > FORGOTTEN_AFTER) history.attempts = 0;
    history.at = now;
    this.#histories.set(table, history);
    return history;
  }

  /**
   * What differs now that a table was read again; nothing if the read is older than the mismatch, or there is none.
   *
   * @param {Table} table
   * @param {import('../types/internal.js').Copy} read
   */
  settle(table, read) {
    const since = table.mismatch?.snapshot;
    const helps = since === null || (since && read.snapshot && includes(read.snapshot, since));
    return helps ? table.reread(read) : [];
  }
}
