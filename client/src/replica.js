import { sees, snapshotOf } from './cursor.js';
import { Refused, request } from './request.js';
import { Site } from './site.js';
import { Table } from './table.js';
import { Tabs } from './tabs.js';
import { fits, union } from './terms.js';
import { SECOND } from './time.js';
import { same } from './values.js';
import { Verification } from './verification.js';
import { Writes } from './writes.js';

/** @typedef {import('../types/pbp.js').Change} Change */
/** @typedef {import('../types/pbp.js').Key} Key */
/** @typedef {import('../types/pbp.js').Row} Row */
/** @typedef {import('../types/pbp.js').State} State */
/** @typedef {import('../types/pbp.js').ViewOptions} ViewOptions */
/** @typedef {import('../types/internal.js').Batch} Batch */
/** @typedef {import('../types/internal.js').Copy} Copy */
/** @typedef {import('../types/internal.js').Reread} Reread */
/** @typedef {import('../types/pbp.js').Replica} Interface */
/** @typedef {Copy & { table: Table, cursor?: string }} Read */
/** @typedef {Omit<State, 'unsent'>} ConnectionState */

/** How long the feed waits for the answer to an insert, so that its row is not shown twice. */
const HOLD = SECOND;
/** What no view needs any more is followed for so long. */
const LINGER = 10 * SECOND;

/** Views of tables that follow the feed, with this page's writes on top. @implements {Interface} */
export class Replica extends EventTarget {
  /** @type {Map<string, Table>} */
  #tables = new Map();
  /** @type {Map<string, Set<() => void>>} */
  #listeners = new Map();
  #platform;
  #site;
  #tabs;
  #writes;
  #verification;
  /** Messages that wait for the answer to an insert. @type {(Batch | Reread)[]} */
  #held = [];
  #holdTimer = 0;
  /** @type {ConnectionState} */
  #connection = { phase: 'reading', transport: null, role: 'alone', shared: false, error: null, retryAt: null, staleSince: null };
  #state = stateOf(this.#connection, 0);
  #closed = new AbortController();
  /** @type {(replica: this) => void} */
  #becomeReady = () => {};

  /**
   * @param {import('../types/pbp.js').Options} options
   * @param {import('../types/internal.js').Platform} platform
   */
  constructor({ base: given, tables, share = true }, platform) {
    super();
    const base = given ?? platform.base();
    const address = baseAddress(base, platform);
    this.#platform = platform;
    this.#site = new Site(platform, base);
    /** @type {[string, ViewOptions][]} */
    const entries = Array.isArray(tables) ? tables.map((name) => [name, {}]) : Object.entries(tables);
    for (const [name, options] of entries) {
      this.#tables.set(name, new Table(this.#site, name, options));
    }
    if (this.#tables.size === 0) {
      throw new TypeError('connect: tables: name at least one table to follow');
    }
    /** @type {Promise<this>} */
    this.ready = new Promise((resolve) => (this.#becomeReady = resolve));
    this.#writes = new Writes(platform, (type, detail) => this.#emit(type, detail), () => this.#answered());
    this.#verification = new Verification(platform, (spec) => this.#tabs.requestRead(spec));
    const name = share && platform.canShare() ? `pbp ${address}` : null;
    this.#tabs = new Tabs(platform, this.#consumer(base), name);
    this.#start();
  }

  /** A page with whole tables does not wait, also not for a microtask. */
  async #start() {
    try {
      const views = [...this.#tables.values()].filter(({ isPlain }) => !isPlain);
      if (views.length > 0) await Promise.all(views.map((view) => view.prepare()));
    } catch (/** @type {any} */ error) {
      this.#changed({ ...this.#connection, error: error.message });
      this.#platform.setTimeout(() => this.#start(), HOLD);
      return;
    }
    if (!this.#closed.signal.aborted) this.#tabs.start();
  }

  /**
   * @param {string} base
   * @returns {import('../types/internal.js').Consumer}
   */
  #consumer(base) {
    const all = () => [...this.#tables.values()];
    /** @type {string[]} */
    let terms = [];
    return {
      get terms() {
        const now = union(all().flatMap(({ admitted, term }) => (admitted ? [term] : [])));
        return now.length > 0 ? (terms = now) : terms; // a connection follows something
      },
      get needs() {
        return all().flatMap((table) => (table.loading && !table.mismatch ? [] : [table.term]));
      },
      get specs() {
        return all().map((table) => table.spec);
      },
      address: (terms, cursor, wait) => {
        const others = [cursor && `cursor=${encodeURIComponent(cursor)}`, wait !== undefined && `wait=${wait}`];
        return `${base}/api/_changes?${[...terms, ...others.filter(Boolean)].join('&')}`;
      },
      read: async (signal, copies = new Map()) => {
        const tables = all().filter(({ loading, spec }) => !loading || copies.has(spec));
        const reads = await this.#read(tables.filter(({ spec }) => !copies.has(spec)), signal);
        const copied = tables.flatMap((table) => {
          const copy = copies.get(table.spec);
          return copy ? [{ table, ...copy }] : [];
        });
        this.#replace([...reads, ...copied]);
        return reads[0]?.cursor;
      },
      readAgain: async (spec, signal) => (await Table.of(this.#site, spec)).read(signal),
      copy: (specs) => {
        this.#release();
        return all()
          .filter(({ spec, mismatch, loading }) => specs.includes(spec) && !mismatch && !loading)
          .map((table) => [table.spec, table.copy()]);
      },
      batch: (batch, followed) => this.#receive({ ...batch, followed }),
      skip: (snapshot) => all().forEach((table) => table.skip(snapshot)),
      reread: (read) => this.#receive(read),
      state: (state) => this.#changed(state),
    };
  }

  get state() {
    return this.#state;
  }

  get views() {
    return [...this.#tables.keys()];
  }

  /**
   * @param {string} name
   * @param {ViewOptions} [options]
   * @returns {Promise<this>}
   */
  view(name, options = {}) {
    const known = this.#tables.get(name);
    if (known && textOf(known.options) !== textOf(options)) throw new RangeError(`${name}: there is another view of this name`);
    if (known) return known.addition ? known.addition.done.then(() => this) : this.ready;
    const table = Object.assign(new Table(this.#site, name, options), { loading: true, admitted: false });
    this.#tables.set(name, table);
    return this.#add(table);
  }

  /** @param {Table} table */
  async #add(table) {
    const { signal } = this.#closed;
    const { Addition } = await import('./pbp-views.js').catch((error) => {
      this.#drop(table, error);
      throw error;
    });
    await table.prepare();
    table.addition = new Addition(table, {
      platform: this.#platform,
      fits: () => fits(union([...this.#tables.values()].map(({ term }) => term))),
      follows: () => this.#tabs.follows(table.term) !== null,
      request: async () => {
        await request(this.#platform, `${this.#site.base}/api/_changes?${table.term}&wait=0`, { signal });
      },
      turn: () => {
        this.#tabs.turn();
        const cursor = this.#tabs.follows(table.term);
        if (cursor) this.#cover(table, cursor);
      },
      read: async () => {
        const read = await table.read(signal);
        if (!table.dropped) this.#receive({ spec: table.spec, ...read });
      },
      refuse: (error) => this.#drop(table, error),
    });
    await table.addition.begin();
    return this;
  }

  /** @param {string} name */
  drop(name) {
    const table = this.#tables.get(name);
    if (!table) return;
    this.#drop(table);
    this.#platform.setTimeout(() => this.#tabs.turn(), LINGER);
  }

  /**
   * @param {Table} table
   * @param {Error} [error]
   */
  #drop(table, error = new Refused(`${table.name}: dropped before it was read`)) {
    this.#tables.delete(table.name);
    table.dropped = true;
    table.mismatch = null;
    table.addition?.end(error);
  }

  /**
   * @template {object} R
   * @param {string} name
   * @returns {any}
   */
  table(name) {
    return this.#table(name).rows;
  }

  /**
   * @param {string} name
   * @returns {any}
   */
  snapshot(name) {
    return this.#table(name).list;
  }

  /**
   * @param {string} name
   * @param {() => void} listener
   */
  subscribe(name, listener) {
    this.#table(name);
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    const call = () => listener();
    listeners.add(call);
    return () => {
      listeners.delete(call);
      if (listeners.size === 0 && this.#listeners.get(name) === listeners) this.#listeners.delete(name);
    };
  }

  /**
   * @param {string} name
   * @param {Row} row
   */
  keyOf(name, row) {
    return this.#table(name).keyOf(row);
  }

  describe() {
    return this.#site.describe();
  }

  retry() {
    this.#tabs.retry();
  }

  /**
   * @param {string} name
   * @param {object} fields
   * @returns {Promise<any>}
   */
  insert(name, fields) {
    return this.#writes.insert(this.#table(name), /** @type {Row} */ (fields));
  }

  /**
   * @param {string} name
   * @param {Key} key
   * @param {object} fields
   * @param {{ expect?: object }} [options]
   * @returns {Promise<any>}
   */
  update(name, key, fields, { expect } = {}) {
    return this.#writes.update(this.#table(name), key, /** @type {Row} */ (fields), /** @type {Row} */ (expect));
  }

  /**
   * @param {string} name
   * @param {Key} key
   * @param {{ expect?: object }} [options]
   * @returns {Promise<null>}
   */
  delete(name, key, { expect } = {}) {
    return this.#writes.delete(this.#table(name), key, /** @type {Row} */ (expect));
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
    this.#closed.abort();
    this.#tabs.close();
    this.#writes.close();
    this.#changed({ ...this.#connection, phase: 'closed' }); // also where it had not begun
    for (const table of this.#tables.values()) {
      table.mismatch = null;
      if (table.loading) this.#drop(table);
    }
  }

  /** @param {string} name */
  #table(name) {
    const table = this.#tables.get(name);
    if (!table) throw new RangeError(`${name}: not among the tables connected to (${this.views.join(', ')})`);
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
    const reads = [await first.read(signal)];
    reads.push(...(await Promise.all(others.map((table) => table.read(signal)))));
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
      ...reads.flatMap(({ table, rows, snapshot, shape, whole }) => (table.dropped ? [] : table.replace(rows, snapshot, shape, whole))),
    ];
    // What is added meanwhile has to be read as of the connection that begins.
    this.#tables.forEach((table) => table.loading && (table.mismatch = null));
    this.#emit('transaction', { txid: null, changes });
    this.#loaded();
    this.#becomeReady(this);
  }

  /** Views that were added have been read. */
  #loaded() {
    for (const { loading, addition } of this.#tables.values()) if (!loading) addition?.end(null);
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
    const tables = [...this.#tables.values()].filter(({ spec }) => spec === read.spec);
    this.#emit('transaction', { txid: null, changes: tables.flatMap((table) => this.#verification.settle(table, read)) });
    this.#loaded();
  }

  /** @param {Batch} batch */
  #apply({ cursor, changes, followed }) {
    const tables = [...this.#tables.values()];
    /** @type {Map<string, Table[]>} */
    const streams = new Map();
    for (const table of tables) streams.set(table.stream, [...(streams.get(table.stream) ?? []), table]);
    for (let from = 0; from < changes.length; ) {
      const { txid } = changes[from];
      /** @type {Change[]} */
      const shown = [];
      let mine = false;
      let next = from;
      for (; next < changes.length && changes[next].txid === txid; next++) {
        const change = changes[next];
        for (const table of streams.get(change.view ?? change.table) ?? []) {
          if (!table.awaits(change)) continue;
          mine ||= !table.loading;
          this.#verification.check(table, change, cursor);
          for (const one of table.apply(change)) shown.push(one); // a TRUNCATE may bring more than a call takes arguments
        }
      }
      shown.push(...this.#writes.confirmed(txid));
      if (mine || shown.length > 0) this.#emit('transaction', { txid, changes: shown });
      from = next;
    }
    for (const table of tables) {
      table.reached(cursor);
      this.#verification.complete(table, cursor);
      if (followed?.includes(table.term)) this.#cover(table, cursor);
    }
    const settled = this.#writes.passed(cursor);
    if (settled.length > 0) this.#emit('transaction', { txid: null, changes: settled });
  }

  /**
   * From this cursor on all changes come.
   *
   * @param {Table} table
   * @param {string} cursor
   */
  #cover(table, cursor) {
    if (!table.loading || !table.admitted || table.mismatch) return;
    table.mismatch = { snapshot: snapshotOf(cursor), changed: new Map(), emptied: null };
    table.addition?.load();
  }

  /** @param {ConnectionState} state */
  #changed(state) {
    if (same(state, this.#connection)) return;
    this.#connection = state;
    this.#writes.open(state.phase === 'live');
    this.#showState();
  }

  #showState() {
    this.#state = stateOf(this.#connection, this.#writes.unsent);
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
    for (const [name, table] of this.#tables) {
      if (!table.touched) continue;
      table.touched = false;
      [...(this.#listeners.get(name) ?? [])].forEach((listener) => listener());
    }
    this.#countUnsent();
  }

  #answered() {
    this.#release();
    this.#countUnsent();
  }

  #countUnsent() {
    if (this.#writes.unsent !== this.#state.unsent) this.#showState();
  }
}

/** @param {ViewOptions} options */
function textOf(options) {
  return JSON.stringify(options, (_, value) => (typeof value === 'bigint' ? String(value) : value));
}

/**
 * @param {ConnectionState} connection
 * @param {number} unsent
 * @returns {State}
 */
function stateOf(connection, unsent) {
  return Object.freeze({ ...connection, unsent });
}

/**
 * @param {string} base
 * @param {import('../types/internal.js').Platform} platform
 */
function baseAddress(base, platform) {
  try {
    return new URL(`${base}/`, platform.address());
  } catch {
    throw new TypeError('connect: base: there is no page here, so it has to be the address of the site');
  }
}
