import { includes, snapshotOf } from './cursor.js';
import { backoff, SECOND } from './time.js';

/** @typedef {import('./table.js').Table} Table */

const LONGEST_BACKOFF = 5 * 60 * SECOND;
/** A mismatch after this time is a new one. */
const FORGOTTEN_AFTER = 2 * LONGEST_BACKOFF;

/** Has a table read again where a change's `old` is not the row held, ever later if that does not help. */
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
    const snapshot = snapshotOf(cursor);
    if (!snapshot) return; // whether a read is newer could not be told
    const history = this.#history(table);
    if (history.attempts > 0 && !history.warned) {
      history.warned = true;
      this.#platform.warn(`pbp: ${table.name}, key ${table.keyOf(change.key)}: not the row that the feed says, even read again`);
    }
    const mismatch = (table.mismatch = { snapshot, changed: new Map() });
    const retry = () => {
      const wait = backoff(this.#platform, history.attempts++, LONGEST_BACKOFF);
      this.#platform.setTimeout(() => {
        if (table.mismatch !== mismatch) return;
        this.#requestRead(table.spec);
        retry();
      }, wait);
    };
    retry();
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
   * @param {Table | undefined} table
   * @param {import('../types/internal.js').Copy} read
   */
  settle(table, { rows, snapshot }) {
    const helps = table?.mismatch && snapshot && includes(snapshot, table.mismatch.snapshot);
    return helps ? table.reread(rows, snapshot) : [];
  }
}
