import { cursorAt } from './cursor.js';

/** A server with tables and their feed, as far as a client sees it. It answers in microtasks. */
export class FakeServer {
  /** By table, the rows by id. */
  tables = new Map();
  /** The columns' types by table, where they are not `id integer, val text COLLATE "C"`. */
  columns = {};
  /** The keys by table, where they are not `id`; rows are not written by these. */
  keys = {};
  /** The requests so far, but for the feed and for what is offered: method and path. */
  requests = [];
  /** Their query strings, decoded. */
  queries = [];
  /** Since when it cannot read the feed; its heartbeats say so. @type {string | undefined} */
  staleSince;
  /** How often it was asked what is offered. */
  described = 0;
  /** The connections that follow: `{ tab, kind, url, terms }`, a term such as `t` or `t?val=eq.x&select=id`. */
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
    if (url.pathname.endsWith('/api/_tables')) {
      this.described++;
    } else {
      this.requests.push(`${method} ${url.pathname}`);
      this.queries.push(decodeURIComponent(url.search.slice(1)));
    }
    const request = { method, path: url.pathname, query: url.searchParams, body: body && JSON.parse(body), headers, tab };
    const aborted = new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    return Promise.race([this.#answer(request), aborted]);
  }

  async #answer(request) {
    for (const rule of this.rules) {
      const answer = await rule(request);
      if (answer) return answer;
    }
    const [, , table, id] = request.path.split('/');
    if (table === '_tables') return response(200, [...this.tables.keys()].map((name) => this.#describe(name)));
    const rows = this.tables.get(table);
    if (!rows) return response(404, { detail: `${table}: not found` });
    if (request.method === 'GET' && id === undefined) {
      return response(200, select([...rows.values()], request.query), { 'PBP-Cursor': this.cursor });
    }
    if (request.method === 'GET') return response(200, rows.get(Number(id)), { ETag: '"1"' });
    const key = request.method === 'POST' ? Math.max(0, ...rows.keys()) + 1 : Number(id);
    if (request.method !== 'POST' && !rows.has(key)) return response(404, { detail: `${table}/${id}: not found` });
    const txid = this.commit([table, key, request.method === 'DELETE' ? null : { ...rows.get(key), ...request.body }]);
    return response(request.method === 'DELETE' ? 204 : 200, rows.get(key) ?? null, { 'PBP-Txid': txid });
  }

  #describe(table) {
    const columns = Object.entries(this.columns[table] ?? { id: 'integer', val: 'text' });
    return {
      table,
      key: this.keys[table] ?? ['id'],
      columns: columns.map(([name, type]) => ({ name, type, ...(type === 'text' && { collation: 'C' }) })),
      writable: true,
    };
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
      const unknown = viewsOf(url).find(({ table }) => !this.tables.has(table));
      if (unknown) {
        resolve(response(404, { detail: `${unknown.table}: not found` }));
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
    const views = viewsOf(url);
    const follower = { tab, kind, url, terms: views.map(({ text }) => text).sort() };
    this.opened.push(follower.terms.join());
    const next = (also) => {
      if (!this.followers.has(follower)) return;
      const late = this.#log.filter((change) => Number(change.txid) >= at);
      const changes = late.flatMap((change) => views.flatMap((view) => seenBy(view, change)));
      at = this.#xmax;
      if (changes.length > 0 || also) send({ cursor: this.cursor, changes, ...(this.staleSince && { staleSince: this.staleSince }) });
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

/** The views that a request for changes names: what the real server makes of `table=ALIAS:TABLE` and `ALIAS.COLUMN=OP.VALUE`. */
function viewsOf(url) {
  return url.searchParams.getAll('table').map((term) => {
    const colon = term.indexOf(':');
    const [name, table] = [colon < 0 ? term : term.slice(0, colon), term.slice(colon + 1)];
    const query = new URLSearchParams([...url.searchParams].flatMap(([key, value]) => (key.startsWith(`${name}.`) ? [[key.slice(name.length + 1), value]] : [])));
    return { name, table, query, text: [table, decodeURIComponent(query)].filter(Boolean).join('?') };
  });
}

/** A change as a view has it; nothing if it does not concern the view. */
function seenBy({ name, table, query }, change) {
  if (change.table !== table) return [];
  const view = name === table ? {} : { view: name };
  if (change.op === 'truncate') return [{ ...change, ...view }];
  const [old, now] = [change.old, change.new].map((row) => (row && meets(row, query) ? project(row, query, true) : null));
  if (!old && !now) return [];
  if (query.has('select') && JSON.stringify(old) === JSON.stringify(now)) return [];
  return [{ ...change, ...view, op: !old ? 'insert' : !now ? 'delete' : change.op, old, new: now }];
}

/** The rows of a read. */
function select(rows, query) {
  const keys = [...(query.get('order') ?? '').split(','), 'id'].filter(Boolean).map((key) => key.split('.'));
  const sorted = rows.filter((row) => meets(row, query)).sort((a, b) => {
    for (const [column, direction] of keys) {
      if (a[column] !== b[column]) return (a[column] < b[column] ? -1 : 1) * (direction === 'desc' ? -1 : 1);
    }
    return 0;
  });
  return sorted.slice(0, Number(query.get('limit') ?? rows.length)).map((row) => project(row, query, false));
}

function project(row, query, withKey) {
  const columns = query.get('select')?.split(',');
  return columns ? Object.fromEntries(Object.entries(row).filter(([column]) => columns.includes(column) || (withKey && column === 'id'))) : row;
}

const OPERATORS = {
  eq: (a, b) => String(a) === b,
  gt: (a, b) => a > Number(b),
  lt: (a, b) => a < Number(b),
  in: (a, b) => b.slice(1, -1).split(',').includes(String(a)),
  is: (a, b) => String(a) === b,
};

function meets(row, query) {
  return [...query].every(([column, text]) => {
    if (['select', 'order', 'limit'].includes(column)) return true;
    const [operator, ...value] = text.split('.');
    return OPERATORS[operator](row[column] ?? null, value.join('.'));
  });
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
