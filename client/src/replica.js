import { sees } from './cursor.js';
import { Table } from './table.js';
import { Tabs } from './tabs.js';
import { SECOND } from './time.js';
import { Verification } from './verification.js';
import { Writes } from './writes.js';

/** @typedef {import('../types/pbp.js').Change} Change */
/** @typedef {import('../types/pbp.js').Key} Key */
/** @typedef {import('../types/pbp.js').Row} Row */
/** @typedef {import('../types/pbp.js').State} State */
/** @typedef {import('../types/internal.js').Batch} Batch */
/** @typedef {import('../types/internal.js').Copy} Copy */
/** @typedef {import('../types/internal.js').Reread} Reread */
/** @typedef {import('../types/pbp.js').Replica} Interface */
/** @typedef {import('../types/pbp.js').TableOptions} TableOptions */
/** @typedef {Copy & { table: Table }} Read */

/** How long the feed waits for the answer to an insert, so that its row is not shown twice. */
const HOLD = SECOND;

/** Copies of tables that follow the feed, with this page's writes on top. @implements {Interface} */
export class Replica extends EventTarget {
  /** @type {Map<string, Table>} */
  #tables = new Map();
  #platform;
  #tabs;
  #writes;
  #verification;
  /** Messages that wait for the answer to an insert. @type {(Batch | Reread)[]} */
  #held = [];
  #holdTimer = 0;
  /** @type {State} */
  #state = { phase: 'reading', transport: null, role: 'alone', error: null };
  /** @type {(replica: this) => void} */
  #becomeReady = () => {};

  /**
   * @param {import('../types/pbp.js').Options} options
   * @param {import('../types/internal.js').Platform} platform
   */
  constructor({ base: given, tables, filters = {}, share = true }, platform) {
    super();
    const base = given ?? platform.base();
    this.#platform = platform;
    /** @type {[string, TableOptions][]} */
    const entries = Array.isArray(tables) ? tables.map((name) => [name, {}]) : Object.entries(tables);
    for (const [name, options] of entries) {
      this.#tables.set(name, new Table(name, { url: `${base}/api/${encodeURIComponent(name)}`, ...options }, filters[name]));
    }
    if (this.#tables.size === 0) {
      throw new TypeError('connect: tables: name at least one table to follow');
    }
    /** @type {Promise<this>} */
    this.ready = new Promise((resolve) => (this.#becomeReady = resolve));
    this.#writes = new Writes(platform, (type, detail) => this.#emit(type, detail), () => this.#release());
    this.#verification = new Verification(platform, (spec) => this.#tabs.requestRead(spec));
    const name = share && platform.canShare() ? `pbp ${new URL(`${base}/`, platform.address())}` : null;
    this.#tabs = new Tabs(platform, this.#consumer(base), name);
    this.#tabs.start();
  }

  /**
   * @param {string} base
   * @returns {import('../types/internal.js').Consumer}
   */
  #consumer(base) {
    const all = [...this.#tables.values()];
    return {
      terms: all.map((table) => table.term),
      specs: all.map((table) => table.spec),
      address: (terms, cursor, wait) => {
        const query = new URLSearchParams(terms.map((term) => ['table', term]));
        if (cursor) query.set('cursor', cursor);
        if (wait !== undefined) query.set('wait', String(wait));
        return `${base}/api/_changes?${query}`;
      },
      read: async (signal, copies = new Map()) => {
        const reads = await this.#read(all.filter(({ spec }) => !copies.has(spec)), signal);
        const copied = all.flatMap((table) => {
          const copy = copies.get(table.spec);
          return copy ? [{ table, ...copy }] : [];
        });
        this.#replace([...reads, ...copied]);
        return reads[0]?.cursor;
      },
      copy: (specs) => {
        this.#release();
        return all
          .filter(({ spec, mismatch }) => specs.includes(spec) && !mismatch)
          .map((table) => [table.spec, { rows: table.serverRows(), snapshot: table.snapshot }]);
      },
      batch: (batch) => this.#receive(batch),
      skip: (snapshot) => all.forEach((table) => table.skip(snapshot)),
      reread: (read) => this.#receive(read),
      state: (state) => this.#changed(state),
    };
  }

  get state() {
    return this.#state;
  }

  /**
   * @template {Row} R
   * @param {string} name
   */
  table(name) {
    return /** @type {Map<Key, R>} */ (this.#table(name).rows);
  }

  /**
   * @template {Row} R
   * @param {string} name
   * @param {Partial<R>} fields
   * @returns {Promise<R>}
   */
  insert(name, fields) {
    return this.#writes.insert(this.#table(name), /** @type {Row} */ (fields));
  }

  /**
   * @template {Row} R
   * @param {string} name
   * @param {Key} key
   * @param {Partial<R>} fields
   * @param {{ expect?: R }} [options]
   * @returns {Promise<R>}
   */
  update(name, key, fields, { expect } = {}) {
    return this.#writes.update(this.#table(name), key, /** @type {Row} */ (fields), expect);
  }

  /**
   * @param {string} name
   * @param {Key} key
   * @returns {Promise<null>}
   */
  delete(name, key) {
    return this.#writes.delete(this.#table(name), key);
  }

  /**
   * @param {string} name
   * @param {Key} key
   */
  pending(name, key) {
    return this.#writes.concern(this.#table(name), key);
  }

  get writing() {
    return this.#writes.count;
  }

  close() {
    this.#tabs.close();
    this.#writes.close();
    this.#tables.forEach((table) => (table.mismatch = null));
  }

  /** @param {string} name */
  #table(name) {
    const table = this.#tables.get(name);
    if (!table) throw new RangeError(`${name}: not among the tables connected to (${[...this.#tables.keys()].join(', ')})`);
    return table;
  }

  /**
   * The first is read before the others begin, so its cursor is not later than theirs.
   *
   * @param {Table[]} tables
   * @param {AbortSignal} signal
   */
  async #read([first, ...others], signal) {
    if (!first) return [];
    const reads = [await first.read(this.#platform, signal)];
    reads.push(...(await Promise.all(others.map((table) => table.read(this.#platform, signal)))));
    signal.throwIfAborted();
    return reads;
  }

  /**
   * Makes the rows those that were read, or that another tab had, and reports what differs.
   *
   * @param {Read[]} reads
   */
  #replace(reads) {
    this.#held = []; // older than what was read
    const snapshots = new Map(reads.map(({ table, snapshot }) => [table, snapshot]));
    const settled = this.#writes.answered().filter(({ table, txid }) => {
      const snapshot = snapshots.get(table);
      return !snapshot || txid === null || sees(snapshot, txid);
    });
    const changes = [
      ...settled.flatMap((write) => this.#writes.settle(write)),
      ...reads.flatMap(({ table, rows, snapshot }) => table.replace(rows, snapshot)),
    ];
    this.#emit('transaction', { txid: null, changes });
    this.#becomeReady(this);
  }

  /** @param {Batch | Reread} message */
  #receive(message) {
    if (this.#held.push(message) > 1) return;
    if (this.#writes.inserting) {
      this.#holdTimer = this.#platform.setTimeout(() => this.#release(), HOLD);
    } else {
      this.#release();
    }
  }

  #release() {
    this.#platform.clearTimeout(this.#holdTimer);
    for (let message; (message = this.#held.shift()); ) {
      if ('spec' in message) this.#reread(message);
      else this.#apply(message);
    }
  }

  /** @param {Reread} read */
  #reread(read) {
    const table = [...this.#tables.values()].find(({ spec }) => spec === read.spec);
    this.#emit('transaction', { txid: null, changes: this.#verification.settle(table, read) });
  }

  /** @param {Batch} batch */
  #apply({ cursor, changes }) {
    for (let from = 0; from < changes.length; ) {
      const { txid } = changes[from];
      /** @type {Change[]} */
      const shown = [];
      let mine = false;
      let next = from;
      for (; next < changes.length && changes[next].txid === txid; next++) {
        const change = changes[next];
        const table = this.#tables.get(change.table);
        if (table?.awaits(change)) {
          mine = true;
          this.#verification.check(table, change, cursor);
          for (const one of table.apply(change)) shown.push(one); // a TRUNCATE may bring more than a call takes arguments
        }
      }
      shown.push(...this.#writes.confirmed(txid));
      if (mine || shown.length > 0) this.#emit('transaction', { txid, changes: shown });
      from = next;
    }
    this.#tables.forEach((table) => table.reached(cursor));
  }

  /** @param {State} state */
  #changed(state) {
    this.#state = Object.freeze(state);
    this.#writes.open(state.phase === 'live');
    this.dispatchEvent(new CustomEvent('state', { detail: this.#state }));
  }

  /**
   * @param {'transaction' | 'write'} type
   * @param {any} detail
   */
  #emit(type, detail) {
    if (type !== 'transaction' || detail.txid || detail.changes.length > 0) {
      this.dispatchEvent(new CustomEvent(type, { detail }));
    }
  }
}
