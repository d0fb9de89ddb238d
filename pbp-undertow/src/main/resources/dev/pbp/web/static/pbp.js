/**
 * Live copies of PostgreSQL tables in the browser. Types: pbp.d.ts; how it works: docs/client.md.
 *
 *     const live = connect({ tables: ['testtype'] });
 *     live.table('testtype').get(1); // a Map of rows by key, always up to date
 */

/** What follows from an event in a phase, as docs/client.md has it; other events change nothing. */
const MACHINE = {
  reading: { read: 'connect', failed: 'wait', sleep: 'pause', close: 'end' },
  connecting: { message: 'live', lost: 'wait', silent: 'wait', refetch: 'read', turn: 'turn', sleep: 'pause', close: 'end' },
  live: { message: 'live', lost: 'wait', silent: 'wait', refetch: 'read', turn: 'turn', sleep: 'pause', close: 'end' },
  waiting: { timer: 'resume', wake: 'resume', sleep: 'pause', close: 'end' },
  paused: { wake: 'resume', close: 'end' },
  closed: {},
};

const SECOND = 1000;
/** On an open connection something comes every 15 s. */
const SILENCE = 25 * SECOND;
const FIRST_MESSAGE = 8 * SECOND;
/** … of a better transport, while a lesser one works. */
const TRIAL = 3 * SECOND;
const POLL_WAIT_SECONDS = 18;
const LONGEST_BACKOFF = 30 * SECOND;
/** After this time on a lesser transport a better one is tried; then after twice that. */
const PATIENCE = { first: 10 * SECOND, most: 5 * 60 * SECOND };
/** A connection that held this long starts the backoff anew. */
const GOOD = 5 * SECOND;
const READ_LIMIT = 60 * SECOND;
const WRITE_LIMIT = 30 * SECOND;
const MOST_WRITES = 100;
/** How long the feed waits for the answer to an insert, so that its row is not shown twice. */
const HOLD = SECOND;
/** How often a connection is looked at, by wall clock: timers stop while a machine sleeps. */
const LOOK = 2 * SECOND;
/** How long a tab that leads, and has nothing, waits for what the others have. */
const GRACE = 100;
/** How long a leader follows what the one before did. */
const INHERITED = 10 * SECOND;
/** A request names at most this many terms. */
const MOST_TERMS = 100;
/** How many batches wait for a table that is being read. */
const MOST_HELD = 1000;
/** When a silent leader is taken to hang: sooner by a tab without rows. */
const HANGS = { joining: 5 * SECOND, joined: 75 * SECOND };
/** How many transactions are remembered for writes that are answered later. */
const MOST_REMEMBERED = 500;
/** A mismatch after this time is a new one. */
const FORGIVEN = 2 * PATIENCE.most;

/** A write or read that failed. `status` is 0 if it is not known whether it was done. */
export class Refused extends Error {
  constructor(message, { status = 0, problem = {}, current = null, retryAfter = 0 } = {}) {
    super(message);
    Object.assign(this, { name: 'Refused', status, problem, current, retryAfter });
  }
}

/** @type {typeof import('./pbp.js').connect} */
export function connect(options) {
  return new Replica(options);
}

class Replica extends EventTarget {
  #tables = new Map();
  #source;
  #writes;
  /** Batches that wait for the answer to an insert. */
  #held = [];
  #patience = 0;
  /** @type {import('./pbp.js').State} */
  #state = { phase: 'reading', transport: null, role: 'alone', error: null };
  #becomeReady;

  constructor({ base = '', tables, filters = {}, share = true }) {
    super();
    for (const [name, shape] of Array.isArray(tables) ? tables.map((name) => [name, {}]) : Object.entries(tables)) {
      this.#tables.set(name, new Table(name, { url: `${base}/api/${encodeURIComponent(name)}`, ...shape }, filters[name]));
    }
    if (this.#tables.size === 0) {
      throw new TypeError('connect: tables: name at least one table to follow');
    }
    this.ready = new Promise((resolve) => (this.#becomeReady = resolve));
    this.#writes = new Writes({ tell: (type, detail) => this.#tell(type, detail), inserted: () => this.#release() });
    const all = [...this.#tables.values()];
    const world = {
      terms: all.map((table) => table.term),
      specs: all.map((table) => table.spec),
      address: (terms, cursor, wait) => {
        const query = new URLSearchParams(terms.map((term) => ['table', term]));
        if (cursor) query.set('cursor', cursor);
        if (wait !== undefined) query.set('wait', wait);
        return `${base}/api/_changes?${query}`;
      },
      read: async (signal, copies = new Map()) => {
        const reads = await this.#read(all.filter(({ spec }) => !copies.has(spec)), signal);
        const copied = all.filter(({ spec }) => copies.has(spec)).map((table) => ({ table, ...copies.get(table.spec) }));
        this.#replace([...reads, ...copied]);
        return reads[0]?.cursor;
      },
      copy: (specs) => this.#copy(all.filter(({ spec, doubt }) => specs.includes(spec) && !doubt)),
      batch: (batch) => this.#receive(batch),
      skip: (point) => all.forEach((table) => table.skip(point)),
      renew: (read) => this.#receive(read),
      state: (state) => this.#changed(state),
    };
    const shared = share && 'locks' in navigator && 'BroadcastChannel' in window;
    this.#source = new Tabs(world, shared && `pbp ${new URL(`${base}/`, location.href)}`);
    this.#source.start();
  }

  get state() {
    return this.#state;
  }

  table(name) {
    return this.#table(name).rows;
  }

  insert(name, fields) {
    return this.#writes.add({ kind: 'insert', table: this.#table(name), key: undefined, fields });
  }

  update(name, key, fields, { expect } = /** @type {any} */ ({})) {
    return this.#writes.add({ kind: 'update', table: this.#table(name), key, fields, expect });
  }

  delete(name, key) {
    return this.#writes.add({ kind: 'delete', table: this.#table(name), key });
  }

  pending(name, key) {
    return this.#writes.concern(this.#table(name), key);
  }

  get writing() {
    return this.#writes.count;
  }

  close() {
    this.#source.close();
    this.#writes.close();
    this.#tables.forEach((table) => (table.doubt = null));
  }

  #table(name) {
    const table = this.#tables.get(name);
    if (!table) throw new RangeError(`${name}: not among the tables connected to (${[...this.#tables.keys()].join(', ')})`);
    return table;
  }

  /** The first is read before the others begin, so its cursor is not later than theirs. @param {Table[]} tables */
  async #read(tables, signal) {
    const [first, ...others] = tables;
    if (!first) return [];
    const reads = [await first.read(signal)];
    reads.push(...(await Promise.all(others.map((table) => table.read(signal)))));
    signal.throwIfAborted();
    return reads;
  }

  /** Makes the rows those that were read, or that another tab had; what differs is told. */
  #replace(reads) {
    this.#held = []; // older than what was read
    const points = new Map(reads.map(({ table, point }) => [table, point]));
    const settled = this.#writes.answered().filter(({ table, txid }) => !points.get(table) || sees(points.get(table), txid));
    const changes = [
      ...settled.flatMap((write) => this.#writes.settle(write)),
      ...reads.flatMap(({ table, rows, point }) => table.replace(rows, point)),
    ];
    this.#tell('transaction', { txid: null, changes });
    this.#becomeReady(this);
  }

  /** What the server has, for another tab. */
  #copy(tables) {
    this.#release();
    return tables.map((table) => [table.spec, { rows: table.server(), point: table.point }]);
  }

  #receive(batch) {
    if (this.#held.push(batch) > 1) return;
    if (this.#writes.inserting) {
      this.#patience = window.setTimeout(() => this.#release(), HOLD);
    } else {
      this.#release();
    }
  }

  #release() {
    clearTimeout(this.#patience);
    for (let batch; (batch = this.#held.shift()); ) {
      if (batch.spec) this.#renew(batch);
      else this.#apply(batch);
    }
  }

  #renew({ spec, rows, point }) {
    const table = [...this.#tables.values()].find((one) => one.spec === spec);
    if (table?.doubt && point && includes(point, table.doubt.point)) {
      this.#tell('transaction', { txid: null, changes: table.renew(rows, point) });
    }
  }

  /** A change's `old` is not the row here: the table is read again, ever later if that does not help. */
  #doubt(table, key, cursor) {
    const point = pointOf(cursor);
    if (!point) return; // a read could not be placed
    const now = performance.now();
    if (now - table.doubted > FORGIVEN) {
      table.tries = 0;
    } else if (!table.warned) {
      table.warned = true;
      console.warn(`pbp: ${table.name}, key ${key}: not the row that the feed says, even read again`);
    }
    table.doubted = now;
    const doubt = (table.doubt = { point, since: new Map() });
    const reread = () => {
      if (table.doubt !== doubt) return;
      this.#source.reread(table.spec);
      later();
    };
    const later = () => setTimeout(reread, backoff(table.tries++, PATIENCE.most));
    later();
  }

  #apply({ cursor, changes }) {
    for (let from = 0; from < changes.length; ) {
      const { txid } = changes[from];
      const told = [];
      let mine = false;
      let next = from;
      for (; next < changes.length && changes[next].txid === txid; next++) {
        const change = changes[next];
        const table = this.#tables.get(change.table);
        if (table?.awaits(change)) {
          mine = true;
          if (!table.doubt && !table.agrees(change)) this.#doubt(table, table.keyOf(change.key), cursor);
          for (const one of table.apply(change)) told.push(one); // a TRUNCATE may bring more than a call takes arguments
        }
      }
      told.push(...this.#writes.confirmed(txid));
      if (mine || told.length > 0) this.#tell('transaction', { txid, changes: told });
      from = next;
    }
    this.#tables.forEach((table) => table.reached(cursor));
  }

  #changed(state) {
    this.#state = Object.freeze(state);
    this.#writes.open(state.phase === 'live');
    this.dispatchEvent(new CustomEvent('state', { detail: this.#state }));
  }

  #tell(type, detail) {
    if (type !== 'transaction' || detail.txid || detail.changes.length > 0) {
      this.dispatchEvent(new CustomEvent(type, { detail }));
    }
  }
}

/** One table's rows: as the server has them, with the writes under way laid over them. */
class Table {
  rows = new Map();
  /** Where it was read, until the feed is past that: what that point has seen is left out. */
  point = null;
  /** After a mismatch, until the table was read again: at which point, and which transaction changed a key last since. */
  doubt = null;
  doubted = -Infinity;
  tries = 0;
  warned = false;
  /** Where writes are under way: the row as the server has it, undefined if it has none. */
  #under = new Map();
  #filter;

  constructor(name, { url, key = ['id'] }, filter = {}) {
    this.name = name;
    this.url = url;
    this.keyColumns = [key].flat();
    this.#filter = Object.entries(filter);
    /** Two tabs with the same have the same rows. */
    this.spec = JSON.stringify([name, url, this.keyColumns, this.#filter]);
  }

  /** For the server, which compares one column. */
  get term() {
    const [column] = this.#filter;
    return column ? `${this.name}.${column[0]}=${column[1]}` : this.name;
  }

  keyOf(columns) {
    const parts = this.keyColumns.map((column) => columns[column]);
    return parts.length === 1 ? parts[0] : JSON.stringify(parts);
  }

  /** Whether a change is one of this table's rows, and not seen yet. */
  awaits({ op, old, new: row, txid }) {
    if (this.point && sees(this.point, txid)) return false;
    return this.#filter.length === 0 || op === 'truncate' || Boolean((old && this.matches(old)) || (row && this.matches(row)));
  }

  skip(point) {
    if (!this.point || includes(point, this.point)) this.point = point;
  }

  reached(cursor) {
    const now = this.point && pointOf(cursor);
    if (now && includes(now, this.point)) this.point = null;
  }

  matches(row) {
    return this.#filter.every(([column, value]) => row[column] !== null && String(row[column]) === String(value));
  }

  async read(signal) {
    const { response, body } = await request(this.url, { signal: limited(signal, READ_LIMIT) });
    const cursor = response.headers.get('PBP-Cursor');
    if (!cursor || !Array.isArray(body)) {
      throw new Refused(`${this.url}: expected a list of rows with a PBP-Cursor`, { status: response.status });
    }
    const rows = new Map();
    for (const row of body) {
      if (this.matches(row)) rows.set(this.keyOf(row), row);
    }
    return { table: this, rows, cursor, point: pointOf(cursor) };
  }

  /** The rows as the server has them. */
  server() {
    const rows = [...this.rows].filter(([key]) => !this.#under.has(key));
    return rows.concat([...this.#under].filter(([, row]) => row !== undefined));
  }

  #confirmed(key) {
    return this.#under.has(key) ? this.#under.get(key) : this.rows.get(key);
  }

  /** Whether a change's `old` is the row here. */
  agrees({ op, key, old }) {
    if (op === 'truncate') return true;
    const held = this.#confirmed(this.keyOf(key));
    const was = old && this.matches(old) ? old : undefined;
    return held && was ? alike(held, was) : held === was;
  }

  /** Takes rows read again, and keeps what the read had not seen yet. */
  renew(rows, point) {
    for (const [key, txid] of this.doubt.since) {
      if (sees(point, txid)) continue;
      const row = this.#confirmed(key);
      if (row) rows.set(key, row);
      else rows.delete(key);
    }
    return this.replace(rows, point);
  }

  /** Makes the rows those that were read; what differs is told. */
  replace(read, point = this.point) {
    this.point = point;
    this.doubt = null;
    const gone = [...this.rows.keys(), ...this.#under.keys()].filter((key) => !read.has(key));
    return [...gone.flatMap((key) => this.#server(key, undefined)), ...[...read].flatMap(([key, row]) => this.#server(key, row))];
  }

  apply({ op, key: columns, new: row, txid }) {
    if (op === 'truncate') {
      return this.replace(new Map());
    }
    const key = this.keyOf(columns);
    this.doubt?.since.set(key, txid);
    return this.#server(key, row && this.matches(row) ? row : undefined);
  }

  /** The server has this row now. Where writes are under way they stay on top. */
  #server(key, row) {
    if (this.#under.has(key)) {
      this.#under.set(key, row);
      return [];
    }
    return this.#show(key, row);
  }

  /** Shows a row with the writes under way on top of it. */
  overlay(key, writes) {
    const under = this.#confirmed(key);
    if (writes.length > 0) {
      this.#under.set(key, under);
    } else {
      this.#under.delete(key);
    }
    return this.#show(key, writes.reduce((row, write) => (write.kind === 'delete' ? undefined : { ...row, ...write.fields }), under));
  }

  /** The first answer gave a new row its key. */
  rename(from, to) {
    const shown = this.rows.get(from);
    this.rows.delete(from);
    this.#under.delete(from);
    if (!this.#under.has(to)) {
      this.#under.set(to, this.rows.get(to));
    }
    return shown;
  }

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

/** Writes: shown at once, sent one after the other, settled when the feed has brought the transaction that the answer named. */
class Writes {
  /** All that are not settled, in order. @type {any[]} */
  #all = [];
  /** Transactions that the feed brought: a write's answer may come after its own. */
  #brought = new Set();
  #tell;
  #inserted;
  #open = false;
  #later = 0;
  /** The one that is on its way. */
  #sent = null;
  #closed = new AbortController();
  #count = 0;

  constructor({ tell, inserted }) {
    this.#tell = tell;
    this.#inserted = inserted;
  }

  get inserting() {
    return this.#sent?.kind === 'insert';
  }

  get count() {
    return this.#all.length;
  }

  concern(table, key) {
    return this.#of(table, key).length > 0;
  }

  answered() {
    return this.#all.filter((write) => write.stage === 'answered');
  }

  add(write) {
    if (this.#all.length >= MOST_WRITES) {
      return Promise.reject(new Refused(`${write.table.name}: ${MOST_WRITES} writes are waiting for the server already; try again later`, { status: 503 }));
    }
    if (write.kind === 'insert') {
      write.key = `new-${++this.#count}`;
    } else if (!write.table.rows.has(write.key)) {
      return Promise.reject(new Refused(`${write.table.name}: no row with key ${write.key}`, { status: 404 }));
    }
    write.stage = 'queued';
    return new Promise((resolve, reject) => {
      Object.assign(write, { resolve, reject });
      this.#all.push(write);
      this.#redraw(write, 'pending');
      this.#next();
    });
  }

  open(open) {
    this.#open = open;
    this.#next();
  }

  close() {
    this.#closed.abort();
    clearTimeout(this.#later);
    for (const write of [...this.#all]) {
      this.#fail(write, new Refused(`${write.table.name}: closed before the server confirmed this`));
    }
  }

  /** The feed has brought this transaction. */
  confirmed(txid) {
    this.#brought.add(txid);
    if (this.#brought.size > MOST_REMEMBERED) {
      this.#brought.delete(this.#brought.values().next().value);
    }
    const write = this.#all.find((known) => known.txid === txid && known.stage === 'answered');
    return write ? this.settle(write) : [];
  }

  settle(write) {
    this.#remove(write);
    const changes = write.table.overlay(write.key, this.#of(write.table, write.key));
    this.#tell('write', { table: write.table.name, key: write.key, stage: 'saved', error: null });
    write.resolve(write.row ?? null);
    return changes;
  }

  #of(table, key) {
    return this.#all.filter((write) => write.table === table && write.key === key);
  }

  #remove(write) {
    this.#all = this.#all.filter((other) => other !== write);
  }

  #redraw({ table, key }, stage, error = null) {
    const changes = table.overlay(key, this.#of(table, key));
    this.#tell('transaction', { txid: null, changes });
    this.#tell('write', { table: table.name, key, stage, error });
  }

  async #next() {
    const write = this.#all.find(({ stage }) => stage === 'queued');
    if (!write || !this.#open || this.#sent || this.#later) return;
    this.#sent = write;
    try {
      const { response, body } = await this.#send(write);
      this.#answer(write, response.headers.get('PBP-Txid'), body);
    } catch (error) {
      if (!this.#closed.signal.aborted) this.#refused(write, error);
    }
    this.#sent = null;
    this.#inserted();
    this.#next();
  }

  async #send({ kind, table, key, fields, expect }) {
    const signal = limited(this.#closed.signal, WRITE_LIMIT);
    const headers = {};
    const url = kind === 'insert' ? table.url : `${table.url}/${encodeURIComponent(key)}`;
    if (expect) {
      const { response, body } = await request(url, { signal });
      if (!same(body, expect)) {
        throw new Refused(`${table.name}: the row with key ${key} has changed since you read it`, { status: 412, current: body });
      }
      headers['If-Match'] = response.headers.get('ETag');
    }
    const method = { insert: 'POST', update: 'PUT', delete: 'DELETE' }[kind];
    if (kind === 'delete') {
      return request(url, { method, headers, signal });
    }
    headers['Content-Type'] = 'application/json';
    return request(url, { method, headers, signal, body: JSON.stringify(fields) });
  }

  #answer(write, txid, row) {
    Object.assign(write, { stage: 'answered', txid, row });
    const { table } = write;
    if (write.kind === 'insert') {
      const [from, to] = [write.key, table.keyOf(row)];
      const old = table.rename(from, to);
      this.#all.forEach((other) => other.table === table && other.key === from && (other.key = to));
      write.fields = row;
      const changes = table.overlay(to, this.#of(table, to));
      // The same row, by the key it has now.
      changes.splice(0, changes.length, { table: table.name, op: 'update', key: to, was: from, old, new: table.rows.get(to) });
      this.#tell('transaction', { txid: null, changes });
    }
    const unseen = row && !table.matches(row) && !table.rows.has(write.key);
    if (!txid || unseen || this.#brought.has(txid)) {
      const changes = this.settle(write);
      this.#tell('transaction', { txid: null, changes });
    }
  }

  #refused(write, error) {
    const { kind, fields } = write;
    const again = error.status === 503 || error.status === 429;
    const broken = error instanceof TypeError || error.name === 'TimeoutError';
    if (kind === 'delete' && error.status === 404) {
      this.#answer(write, null, null); // gone is what was wanted
    } else if (kind === 'update' && error.status === 412 && error.current && same({ ...error.current, ...fields }, error.current)) {
      this.#answer(write, null, error.current); // so it is there: an answer was lost, or another wrote the same
    } else if (broken && kind === 'insert') {
      // Sent twice, it might be there twice.
      this.#fail(write, new Refused(`${write.table.name}: the connection broke while this was sent; if it was saved, it will show`));
    } else if (again || broken) {
      this.#later = window.setTimeout(() => {
        this.#later = 0;
        this.#next();
      }, error.retryAfter || SECOND);
    } else {
      this.#fail(write, error);
    }
  }

  #fail(write, error) {
    this.#remove(write);
    this.#redraw(write, 'refused', error);
    write.reject(error);
    for (const later of write.kind === 'insert' ? this.#of(write.table, write.key) : []) {
      this.#fail(later, new Refused(`${write.table.name}: the row was not added`, { status: 404 }));
    }
  }
}

/** Follows the feed: one phase at a time, each with one thing under way. */
class Connection {
  #phase = 'waiting';
  #transport = null;
  #error = null;
  #cursor = null;
  #attempt = 0;
  #liveSince = 0;
  #stop = () => {};
  #heard = 0;
  /** Which of the transports: they are tried in turn. */
  #way = 0;
  /** The one that works, while a better one is tried. */
  #proven = null;
  #trials = 0;
  #patience = PATIENCE.first;
  #lastRefetch = -Infinity;
  #world;
  #listening = new AbortController();

  /** Goes on from the cursor, or begins by reading the tables. If `world.terms` change: `turn`. */
  constructor(world, cursor = null) {
    this.#world = world;
    this.#cursor = cursor;
  }

  close() {
    this.fire('close');
  }

  start() {
    const on = (target, type, event) => target.addEventListener(type, event, { signal: this.#listening.signal });
    on(window, 'online', () => this.fire('wake'));
    on(window, 'pageshow', () => this.fire('wake'));
    on(document, 'resume', () => this.fire('wake'));
    on(document, 'visibilitychange', () => document.visibilityState === 'visible' && this.fire('wake'));
    on(window, 'pagehide', () => this.fire('sleep'));
    on(document, 'freeze', () => this.fire('sleep'));
    this.#begin('resume');
  }

  fire(event, detail) {
    const step = MACHINE[this.#phase][event];
    if (step) this.#begin(step, detail);
  }

  #begin(step, detail) {
    switch (step) {
      case 'live':
        return this.#live(detail);
      case 'wait':
        return this.#wait(detail);
      case 'connect':
        this.#cursor = detail;
        return this.#connect();
      case 'turn':
        return this.#connect();
      case 'read':
        return this.#readAgain();
      case 'resume':
        return this.#cursor === null ? this.#read() : this.#connect();
      case 'pause':
        return this.#enter('paused', () => () => {});
      case 'end':
        this.#listening.abort();
        return this.#enter('closed', () => () => {});
    }
  }

  /** Ends what the last phase had under way and begins this one's. */
  #enter(phase, begin) {
    this.#stop();
    this.#phase = phase;
    if (phase !== 'connecting' && phase !== 'live') this.#transport = null;
    let current = true;
    const end = begin((event, detail) => current && this.fire(event, detail));
    this.#stop = () => {
      current = false;
      end();
    };
    this.#tell();
  }

  #tell() {
    this.#world.state({ phase: this.#phase, transport: this.#transport, role: 'alone', error: this.#error });
  }

  #read() {
    this.#enter('reading', (fire) => {
      const abort = new AbortController();
      this.#world.read(abort.signal).then(
        (cursor) => fire('read', cursor),
        (error) => fire('failed', error),
      );
      return () => abort.abort();
    });
  }

  #readAgain() {
    this.#cursor = null;
    const soon = performance.now() - this.#lastRefetch < GOOD;
    this.#lastRefetch = performance.now();
    if (soon) {
      this.#wait(new Error('the server asks to read again, and again'));
    } else {
      this.#read();
    }
  }

  #connect() {
    const [name, open] = Object.entries(TRANSPORTS)[this.#way];
    this.#transport = name;
    this.#heard = Date.now();
    this.#enter('connecting', (fire) => {
      const watchdog = setInterval(() => {
        const silence = Date.now() - this.#heard;
        const limit = this.#phase === 'live' ? SILENCE : this.#proven === null ? FIRST_MESSAGE : TRIAL;
        if (silence > limit) fire('silent', new Error(`no word from the server for ${Math.round(silence / SECOND)} s`));
      }, LOOK);
      const patience = this.#way > 0 && setTimeout(() => this.#tryBetter(fire), this.#patience);
      const { terms } = this.#world;
      let close = () => {};
      try {
        close = open((wait) => this.#world.address(terms, this.#cursor, wait), fire);
      } catch (error) {
        queueMicrotask(() => fire('lost', error)); // not to be had here, or forbidden
      }
      return () => {
        clearInterval(watchdog);
        clearTimeout(patience);
        close();
      };
    });
  }

  #tryBetter(fire) {
    this.#proven = this.#way;
    this.#way = this.#trials++ % this.#way;
    this.#patience = Math.min(2 * this.#patience, PATIENCE.most);
    fire('turn');
  }

  #live(batch) {
    this.#heard = Date.now();
    this.#cursor = batch.cursor;
    if (this.#phase === 'connecting') {
      this.#phase = 'live';
      this.#liveSince = performance.now();
      this.#error = null;
      this.#proven = null;
      if (this.#way === 0) this.#patience = PATIENCE.first;
      this.#tell();
    }
    this.#world.batch(batch);
  }

  #wait(error) {
    if (this.#phase === 'connecting' && this.#proven !== null) {
      this.#way = this.#proven;
      this.#proven = null;
      this.#connect();
      return;
    }
    if (this.#phase === 'connecting') this.#way = (this.#way + 1) % Object.keys(TRANSPORTS).length;
    if (this.#phase === 'live' && performance.now() - this.#liveSince > GOOD) this.#attempt = 0;
    this.#error = error?.message ?? null;
    const wait = (error?.retryAfter ?? 0) + backoff(this.#attempt++, LONGEST_BACKOFF);
    this.#enter('waiting', (fire) => {
      const timer = setTimeout(() => fire('timer'), wait);
      return () => clearTimeout(timer);
    });
  }
}

/** All tabs of a browser on one connection: that of the tab that holds a lock. It follows what any of them needs. */
class Tabs {
  #id = crypto.randomUUID?.(); // where tabs can share
  #name;
  #world;
  /** Where this tab stands; null: nowhere yet. */
  #cursor = null;
  /** A copy was asked for: what the leader passes on before that is of no use. */
  #asked = true;
  /** Cursors are compared only within what followed from one read. */
  #epoch = null;
  /** What the leader follows. */
  #followed = [];
  /** The id of the tab that leads. */
  #leader = null;
  /** What each other tab needs, for the one that leads. */
  #needs = new Map();
  #inherited = [];
  #connection = null;
  /** Tables that are being read, and what came since. */
  #reading = null;
  /** Of a tab that does not share, or is refused what it wants. */
  #alone = null;
  /** What is being read again. */
  #rereading = new Set();
  #channel = null;
  #state = { phase: 'reading', transport: null, role: 'follower', error: null };
  #heard = 0;
  #joined = new AbortController();
  #closed = new AbortController();

  constructor(world, name) {
    this.#world = world;
    this.#name = name;
  }

  start() {
    if (!this.#name) {
      this.#goAlone();
      return;
    }
    const on = (target, type, listener) => target.addEventListener(type, listener, { signal: this.#closed.signal });
    on(window, 'pagehide', () => this.#leave('paused'));
    on(document, 'freeze', () => this.#leave('paused'));
    on(window, 'pageshow', () => this.#join());
    on(document, 'resume', () => this.#join());
    this.#join();
  }

  close() {
    this.#closed.abort();
    if (this.#alone) this.#alone.close();
    else this.#leave('closed');
  }

  /** Has a table read again, once for all tabs, by the one that leads. */
  reread(spec) {
    if (this.#alone || this.#leader === this.#id) this.#reread(spec);
    else this.#say({ kind: 'doubt', spec });
  }

  async #reread(spec) {
    if (this.#rereading.has(spec)) return;
    this.#rereading.add(spec);
    const [name, url, key, filter] = JSON.parse(spec);
    const epoch = this.#epoch;
    try {
      const { rows, point } = await new Table(name, { url, key }, Object.fromEntries(filter)).read(this.#closed.signal);
      const read = { kind: 'renew', epoch, spec, rows, point };
      this.#say(read);
      this.#renew(read);
    } catch {
      // It will be asked for again.
    }
    setTimeout(() => this.#rereading.delete(spec), SECOND);
  }

  #renew(read) {
    if (read.epoch === this.#epoch) this.#world.renew(read);
  }

  #join() {
    if (this.#channel || this.#alone) return;
    this.#joined = new AbortController();
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    this.#heard = Date.now();
    this.#leader = null;
    this.#ask();
    this.#campaign({ signal: this.#joined.signal });
    const watchdog = setInterval(() => this.#look(), LOOK);
    this.#joined.signal.addEventListener('abort', () => clearInterval(watchdog));
  }

  #goAlone() {
    this.#leave('waiting');
    this.#alone = new Connection(this.#world);
    this.#alone.start();
  }

  #leave(phase) {
    if (!this.#channel) return;
    this.#say({ kind: 'bye' });
    this.#joined.abort();
    this.#retire();
    this.#stopReading();
    this.#channel.close();
    this.#channel = null;
    this.#world.state({ phase, transport: null, role: 'follower', error: null });
  }

  /** Leads once the lock is ours, until this tab leaves or another takes it away. */
  #campaign(options) {
    const joined = this.#joined;
    navigator.locks
      .request(this.#name, options, async () => {
        if (joined.signal.aborted) return;
        const over = new Promise((resolve) => joined.signal.addEventListener('abort', resolve));
        this.#leader = this.#id;
        this.#needs.clear();
        this.#inherited = this.#followed;
        this.#say({ kind: 'lead', lost: this.#asked });
        if (this.#asked && (await this.#awaited())) await new Promise((resolve) => setTimeout(resolve, GRACE));
        if (joined.signal.aborted) return;
        this.#asked = false;
        this.#lead();
        await over;
      })
      .catch(() => {
        // This tab has left, or was thought to hang.
        if (!joined.signal.aborted && this.#leader === this.#id) {
          this.#retire();
          this.#say({ kind: 'bye' });
          this.#ask();
          this.#campaign({ signal: joined.signal });
        }
      });
  }

  async #awaited() {
    const { pending } = await navigator.locks.query();
    return pending.some(({ name }) => name === this.#name);
  }

  #lead() {
    setTimeout(() => (this.#inherited = []), INHERITED);
    this.#followed = this.#wanted();
    const tabs = this;
    this.#connection = new Connection(
      {
        ...this.#world,
        get terms() {
          return (tabs.#followed = tabs.#wanted());
        },
        read: async (signal) => {
          this.#stopReading();
          this.#cursor = await this.#world.read(signal).catch((error) => {
            if (!isRefused(error)) throw error;
            this.#goAlone();
            return new Promise(() => {});
          });
          this.#epoch = crypto.randomUUID();
          this.#say({ kind: 'copy', to: null, ...this.#copy(this.#world.specs) });
          return this.#cursor;
        },
        batch: (batch) => {
          this.#say({ kind: 'batch', epoch: this.#epoch, after: this.#cursor, followed: this.#followed, batch });
          this.#take(batch);
        },
        state: (state) => {
          if (this.#leader !== this.#id) return;
          this.#say({ kind: 'state', state });
          this.#show(state);
        },
      },
      this.#cursor,
    );
    this.#connection.start();
  }

  #retire() {
    const connection = this.#connection;
    this.#connection = null;
    this.#leader = null;
    connection?.close();
  }

  /** What has to be followed for all tabs. */
  #wanted() {
    const terms = new Set([...this.#world.terms, ...this.#inherited, ...[...this.#needs.values()].flat()]);
    const narrow = terms.size <= MOST_TERMS;
    const wanted = [...terms].map((term) => (narrow && !terms.has(tableOf(term)) ? term : tableOf(term)));
    return [...new Set(wanted)].sort();
  }

  #hear(message) {
    const { kind, from, to } = message;
    if (to && to !== this.#id) return;
    if (this.#leader === this.#id) {
      this.#hearAsLeader(message);
      return;
    }
    if (['hello', 'need', 'doubt'].includes(kind)) return;
    if (kind === 'bye') {
      if (from === this.#leader) this.#leader = null;
      return;
    }
    if (kind === 'lead' || this.#leader === null) this.#leader = from;
    if (from !== this.#leader) return;
    this.#heard = Date.now();
    switch (kind) {
      case 'lead':
        this.#say({ kind: 'need', terms: this.#world.terms });
        if (this.#asked) {
          this.#ask();
        } else if (message.lost) {
          this.#say({ kind: 'copy', to: from, ...this.#copy(this.#world.specs) });
        }
        break;
      case 'copy':
        if (this.#asked || message.epoch !== this.#epoch) this.#place(message);
        break;
      case 'batch':
        this.#follow(message);
        break;
      case 'renew':
        this.#renew(message);
        break;
      case 'state':
        this.#show(message.state);
        break;
      case 'refused':
        this.#goAlone();
        break;
    }
  }

  #hearAsLeader({ kind, from, terms, specs, ...message }) {
    switch (kind) {
      case 'doubt':
        this.#reread(message.spec);
        break;
      case 'bye':
        this.#needs.delete(from);
        break;
      case 'hello':
      case 'need':
        this.#provide(from, terms, kind === 'hello' ? specs : null);
        break;
      case 'copy':
        if (this.#asked && !this.#connection) this.#place(/** @type {any} */ (message));
        break;
    }
  }

  /** Follows what another tab needs, too, and says from where. */
  async #provide(to, terms, specs) {
    if (!covers(this.#followed, terms)) {
      const { signal } = this.#joined;
      const refused = await request(this.#world.address(terms, this.#cursor, 0), { signal }).then(() => false, isRefused);
      if (this.#leader !== this.#id) return;
      if (refused) {
        this.#say({ kind: 'refused', to });
        return;
      }
    }
    this.#needs.set(to, terms);
    if (!covers(this.#followed, terms)) {
      this.#followed = this.#wanted();
      this.#connection?.fire('turn');
    }
    if (!specs) return;
    if (this.#cursor && this.#connection) this.#say({ kind: 'copy', to, ...this.#copy(specs) });
    this.#say({ kind: 'state', to, state: this.#state });
  }

  #follow({ epoch, after, followed, batch }) {
    if (this.#asked) return;
    if (epoch !== this.#epoch || !covers(followed, this.#world.terms)) {
      this.#ask();
      return;
    }
    if (after !== this.#cursor) {
      // A new leader goes on from where it stood itself.
      const [here, there] = [pointOf(this.#cursor), pointOf(after)];
      if (this.#reading || !here || !there || !includes(here, there)) {
        this.#ask();
        return;
      }
      this.#world.skip(here);
    }
    this.#followed = followed;
    this.#take(batch);
  }

  #take(batch) {
    this.#cursor = batch.cursor;
    if (!this.#reading) {
      this.#world.batch(batch);
    } else if (this.#reading.held.push(batch) > MOST_HELD) {
      if (this.#connection) this.#connection.fire('refetch');
      else this.#ask();
    }
  }

  #ask() {
    this.#stopReading();
    this.#asked = true;
    this.#say({ kind: 'hello', terms: this.#world.terms, specs: this.#world.specs });
  }

  #copy(specs) {
    const tables = this.#reading ? [] : this.#world.copy(specs);
    return { epoch: this.#epoch, cursor: this.#cursor, followed: this.#followed, tables };
  }

  /** Stands where another tab stands, with its copies; what is missing is read. */
  #place({ epoch, cursor, followed, tables }) {
    this.#stopReading();
    if (this.#leader !== this.#id && !covers(followed, this.#world.terms)) {
      this.#ask();
      return;
    }
    this.#asked = false;
    this.#epoch = epoch;
    this.#cursor = cursor;
    this.#followed = followed;
    const copies = tables.map(([spec, { rows, point }]) => [spec, { rows: new Map(rows), point: point ?? pointOf(cursor) }]);
    this.#reading = { abort: new AbortController(), held: [], later: 0 };
    this.#read(this.#reading, new Map(copies));
  }

  async #read(reading, copies) {
    this.#show();
    try {
      await this.#world.read(reading.abort.signal, copies);
      if (this.#reading !== reading) return;
      this.#reading = null;
      reading.held.forEach((batch) => this.#world.batch(batch));
      this.#show();
    } catch (error) {
      if (this.#reading !== reading) return;
      if (isRefused(error)) {
        this.#goAlone();
        return;
      }
      this.#show(this.#state, error.message);
      reading.later = window.setTimeout(() => this.#read(reading, copies), (error.retryAfter || SECOND) * (1 + Math.random()));
    }
  }

  /** What was not read to its end leaves this tab nowhere. */
  #stopReading() {
    if (!this.#reading) return;
    this.#reading.abort.abort();
    clearTimeout(this.#reading.later);
    this.#reading = null;
    this.#cursor = null;
    this.#asked = true;
  }

  /** A tab is live when the leader is, and it has all that it follows. */
  #show(state = this.#state, error = state.error) {
    this.#state = state;
    const behind = this.#asked || this.#reading !== null;
    const role = this.#leader === this.#id ? 'leader' : 'follower';
    this.#world.state({ ...state, error, role, phase: state.phase === 'live' && behind ? 'connecting' : state.phase });
  }

  #say(message) {
    this.#channel?.postMessage({ from: this.#id, ...message });
  }

  #look() {
    const limit = this.#cursor === null ? HANGS.joining : HANGS.joined;
    if (this.#leader !== this.#id && Date.now() - this.#heard > limit) {
      this.#heard = Date.now();
      this.#campaign({ steal: true });
    }
  }
}

/** Whether a request will be refused however often it is made. */
function isRefused({ status }) {
  return [400, 401, 403, 404].includes(status);
}

/** Whether who follows these terms follows those too. */
function covers(followed, terms) {
  return terms.every((term) => followed.includes(term) || followed.includes(tableOf(term)));
}

function tableOf(term) {
  const equals = term.indexOf('=');
  const dot = equals < 0 ? -1 : term.slice(0, equals).lastIndexOf('.');
  return dot < 0 ? term : term.slice(0, dot);
}

/** The point of the feed that a cursor names: which transactions it has seen. Null if its form is not known here. */
function pointOf(cursor) {
  if (!/^A[\w-]+$/.test(cursor) || cursor.length % 4 === 1) return null;
  const bytes = Uint8Array.from(atob(cursor.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));
  if (bytes[0] !== 1) return null;
  let at = 1;
  const number = () => {
    for (let value = 0, unit = 1; ; unit *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte % 128) * unit;
      if (byte < 128) return value;
    }
  };
  const xmax = number();
  const running = new Set();
  for (let left = number(), above = xmax; left > 0 && at < bytes.length; left--) {
    above -= number();
    running.add(above);
  }
  return { xmax, running };
}

function sees({ xmax, running }, txid) {
  return Number(txid) < xmax && !running.has(Number(txid));
}

/** Whether the first has seen all that the second has. */
function includes(first, second) {
  return second.xmax <= first.xmax && [...first.running].every((txid) => !sees(second, txid));
}

/** The ways to follow the feed, the best first: a socket is not one of the browser's six connections. */
const TRANSPORTS = {
  socket(address, fire) {
    const url = new URL(address(), location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = new WebSocket(url);
    socket.onmessage = ({ data }) => {
      const message = parse(data);
      fire(message.mustRefetch ? 'refetch' : 'message', message);
    };
    socket.onclose = ({ reason }) => {
      const retryAfter = Number(/^retry=(\d+)$/.exec(reason)?.[1] ?? 0); // of a server that is about to end
      fire('lost', Object.assign(new Error('the connection was lost'), { retryAfter }));
    };
    return () => socket.close();
  },

  stream(address, fire) {
    const source = new EventSource(address());
    source.onmessage = ({ data }) => fire('message', parse(data));
    source.addEventListener('must-refetch', () => fire('refetch'));
    // The browser's own reconnecting has no jitter, and ends at a 503.
    source.onerror = () => fire('lost', new Error('the connection was lost'));
    return () => source.close();
  },

  poll(address, fire) {
    const abort = new AbortController();
    const { signal } = abort;
    (async () => {
      for (let wait = 0; !signal.aborted; wait = POLL_WAIT_SECONDS) {
        const { body } = await request(address(wait), { signal });
        fire('message', body);
      }
    })().catch((error) => fire(error.status === 410 ? 'refetch' : 'lost', error));
    return () => abort.abort();
  },
};

/** One request, answered with JSON or nothing; a failure throws {@link Refused}. */
async function request(url, { headers = {}, ...options }) {
  const response = await fetch(url, { cache: 'no-store', ...options, headers: { Accept: 'application/json', ...headers } });
  const text = await response.text();
  if (response.ok) {
    return { response, body: text ? parse(text) : null };
  }
  let problem = {};
  if (response.headers.get('Content-Type')?.includes('json')) {
    problem = parse(text);
  }
  const seconds = Number(response.headers.get('Retry-After')) || 0;
  throw new Refused(problem.detail ?? `${url}: ${response.status} ${response.statusText}`, {
    status: response.status,
    problem,
    current: problem.current ?? null,
    retryAfter: seconds * SECOND,
  });
}

/** A random time, up to ever more. */
function backoff(attempt, most) {
  return Math.random() * Math.min(most, SECOND * 2 ** attempt);
}

function limited(signal, time) {
  return AbortSignal.any ? AbortSignal.any([signal, AbortSignal.timeout(time)]) : signal;
}

/** Integers that numbers cannot hold become strings of their digits. */
function parse(text) {
  return /\d{16}/.test(text)
    ? JSON.parse(text, /** @type {any} */ (exact))
    : JSON.parse(text);
}

function exact(_, value, context) {
  const source = context?.source;
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '') ? source : value;
}

function same(a, b) {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => same(a[key], b[key]));
}

/** Whether two rows say the same: a column that one of them has not is null there. */
function alike(a, b) {
  return same(a, b) || Object.keys({ ...a, ...b }).every((column) => same(a[column] ?? null, b[column] ?? null));
}
