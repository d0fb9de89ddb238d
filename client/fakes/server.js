import { cursorAt } from './cursor.js';

/** A server with tables and their feed, as far as a client sees it. It answers in microtasks. */
export class FakeServer {
  /** By table, the rows by id. */
  tables = new Map();
  /** The requests so far, but for the feed: method and path. */
  requests = [];
  /** The connections that follow: `{ tab, kind, url, terms }`. */
  followers = new Set();
  /** The terms of each connection so far. */
  opened = [];
  /** The transports that get through. */
  permitted = ['socket', 'stream', 'poll'];
  /** Rules that a test adds: each may answer a request in place of the server, or return nothing. */
  rules = [];
  #log = [];
  #xmax = 100;
  #known = 100;

  constructor(...tables) {
    for (const name of tables) this.tables.set(name, new Map());
  }

  /** Commits a transaction: each write is `[table, id, row]`, with the row null for a delete. Returns its id. */
  commit(...writes) {
    const changes = writes.map(([table, id, row]) => {
      const rows = this.tables.get(table);
      const old = rows.get(id) ?? null;
      if (row) rows.set(id, { id, ...row });
      else rows.delete(id);
      return { table, op: !row ? 'delete' : old ? 'update' : 'insert', key: { id }, old, new: rows.get(id) ?? null };
    });
    return this.tell(...changes);
  }

  /** Puts a transaction into the feed, whether it is true or not. Returns its id. */
  tell(...changes) {
    const txid = String(this.#xmax++);
    this.#log.push(...changes.map((change) => ({ ...change, txid })));
    for (const follower of [...this.followers]) follower.wake();
    return txid;
  }

  get cursor() {
    return cursorAt(this.#xmax);
  }

  /** Cursors from before this are not known any more. */
  forgetCursors() {
    this.#known = this.#xmax;
  }

  /** Everybody's connection breaks. */
  cut() {
    for (const follower of [...this.followers]) follower.cut();
  }

  disconnect(tab) {
    for (const follower of [...this.followers]) {
      if (follower.tab === tab) this.followers.delete(follower);
    }
  }

  /** How often a table was read. */
  reads(table) {
    return this.requests.filter((request) => request === `GET /api/${table}`).length;
  }

  async fetch(tab, address, { method = 'GET', signal, body, headers = {} } = {}) {
    const url = new URL(address, 'http://localhost/');
    signal?.throwIfAborted();
    if (url.pathname === '/api/_changes') {
      return this.#poll(tab, url, signal);
    }
    this.requests.push(`${method} ${url.pathname}`);
    const request = { method, path: url.pathname, body: body && JSON.parse(body), headers, tab };
    const aborted = new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    return Promise.race([this.#answer(request), aborted]);
  }

  async #answer(request) {
    for (const rule of this.rules) {
      const answer = await rule(request);
      if (answer) return answer;
    }
    const [, , table, id] = request.path.split('/');
    const rows = this.tables.get(table);
    if (!rows) return response(404, { detail: `${table}: not found` });
    if (request.method === 'GET' && id === undefined) {
      return response(200, [...rows.values()], { 'PBP-Cursor': this.cursor });
    }
    if (request.method === 'GET') return response(200, rows.get(Number(id)), { ETag: '"1"' });
    const key = request.method === 'POST' ? Math.max(0, ...rows.keys()) + 1 : Number(id);
    if (request.method !== 'POST' && !rows.has(key)) return response(404, { detail: `${table}/${id}: not found` });
    const txid = this.commit([table, key, request.method === 'DELETE' ? null : { ...rows.get(key), ...request.body }]);
    return response(request.method === 'DELETE' ? 204 : 200, rows.get(key) ?? null, { 'PBP-Txid': txid });
  }

  connect(tab, kind, address) {
    if (!this.permitted.includes(kind)) throw new Error(`${kind}: not here`);
    const listeners = new Map();
    const connection = {
      onmessage: null,
      onclose: null,
      onerror: null,
      addEventListener: (type, listener) => listeners.set(type, listener),
      close: () => this.followers.delete(follower),
    };
    const send = (message) => connection.onmessage({ data: JSON.stringify(message) });
    const follower = this.#follower(tab, kind, new URL(address, 'http://localhost/'), {
      send,
      cut: () => (kind === 'socket' ? connection.onclose({ reason: '' }) : connection.onerror()),
      refetch: () => (kind === 'socket' ? send({ mustRefetch: true }) : listeners.get('must-refetch')()),
    });
    queueMicrotask(() => follower.begin(true));
    return connection;
  }

  #poll(tab, url, signal) {
    return new Promise((resolve, reject) => {
      if (!this.permitted.includes('poll')) throw new TypeError('poll: not here');
      const unknown = [...terms(url)].find((term) => !this.tables.has(term.split('.')[0]));
      if (unknown) {
        resolve(response(404, { detail: `${unknown}: not found` }));
        return;
      }
      const follower = this.#follower(tab, 'poll', url, {
        send: (message) => {
          this.followers.delete(follower);
          resolve(response(200, message));
        },
        cut: () => reject(new TypeError('the network is gone')),
        refetch: () => resolve(response(410, { detail: 'read again' })),
      });
      signal.addEventListener('abort', () => {
        this.followers.delete(follower);
        reject(signal.reason);
      });
      follower.begin(url.searchParams.get('wait') === '0');
    });
  }

  #follower(tab, kind, url, { send, cut, refetch }) {
    let at = position(url.searchParams.get('cursor'), this.#xmax);
    const follower = { tab, kind, url, terms: [...terms(url)] };
    this.opened.push(follower.terms.join());
    const next = (also) => {
      if (!this.followers.has(follower)) return;
      const changes = this.#log.filter((change) => Number(change.txid) >= at && follower.terms.some((term) => concerns(term, change)));
      at = this.#xmax;
      if (changes.length > 0 || also) send({ cursor: this.cursor, changes });
    };
    follower.wake = () => queueMicrotask(() => tab.whenAwake(() => next(false)));
    follower.beat = () => next(true);
    follower.cut = () => this.followers.delete(follower) && cut();
    follower.begin = (also) => {
      if (at < this.#known) {
        this.followers.delete(follower);
        refetch();
      } else {
        next(also);
      }
    };
    this.followers.add(follower);
    return follower;
  }
}

function position(cursor, now) {
  if (!cursor) return now;
  for (let xmax = now; xmax >= 0; xmax--) {
    if (cursorAt(xmax) === cursor) return xmax;
  }
  throw new Error(`not a cursor of this server: ${cursor}`);
}

function terms(url) {
  return new Set(url.searchParams.getAll('table'));
}

function concerns(term, change) {
  const [table, condition] = term.split('.');
  if (table !== change.table) return false;
  if (!condition) return true;
  const [column, value] = condition.split('=');
  return [change.old, change.new].some((row) => row && String(row[column]) === value);
}

/** An answer without streams, so that reading it takes no turn of the event loop. */
export function response(status, body, headers = {}) {
  return {
    ok: status >= 200 && status < 300,
    status,
    statusText: '',
    headers: new Headers({ 'Content-Type': 'application/json', ...headers }),
    text: async () => (body === null ? '' : JSON.stringify(body)),
  };
}
