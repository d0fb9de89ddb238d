import { sees, snapshotOf } from './cursor.js';
import { limited, Refused, request } from './request.js';
import { SECOND } from './time.js';
import { same } from './values.js';

/** @typedef {import('./table.js').Table} Table */
/** @typedef {import('../types/pbp.js').Change} Change */
/** @typedef {import('../types/pbp.js').Key} Key */
/** @typedef {import('../types/pbp.js').Row} Row */
/** @typedef {import('../types/internal.js').Write} Write */

const WRITE_LIMIT = 30 * SECOND;
const MOST_WRITES = 100;
/** How many transactions are remembered for writes that are answered later. */
const MOST_REMEMBERED = 500;
const METHODS = { insert: 'POST', update: 'PATCH', delete: 'DELETE' };
/** How long the feed has to bring a write, before the view is asked whether it will. */
const LOOK = SECOND / 2;

/** Writes: shown at once, sent one after the other, settled when the feed has brought the transaction that the answer named. */
export class Writes {
  /** All that are not settled, in order. @type {Write[]} */
  #all = [];
  /** Transactions that the feed brought: a write's answer may come after its own. @type {Set<string>} */
  #brought = new Set();
  #platform;
  #emit;
  #answered;
  #open = false;
  /** The timer of the next attempt; 0: none. */
  #later = 0;
  /** The one that is on its way. @type {Write | null} */
  #sent = null;
  #closed = new AbortController();
  #count = 0;

  /**
   * @param {import('../types/internal.js').Platform} platform
   * @param {import('../types/internal.js').Emit} emit
   * @param {() => void} answered called after each answer
   */
  constructor(platform, emit, answered) {
    this.#platform = platform;
    this.#emit = emit;
    this.#answered = answered;
  }

  /** Whether an insert is on its way. */
  get inserting() {
    return this.#sent?.kind === 'insert';
  }

  get count() {
    return this.#all.length;
  }

  /** How many the server has not answered. */
  get unsent() {
    return this.#all.length - this.answered().length;
  }

  /**
   * @param {Table} table
   * @param {Key} key
   */
  concern(table, key) {
    return this.#of(table, key).length > 0;
  }

  answered() {
    return this.#all.filter((write) => write.stage === 'answered');
  }

  /**
   * @param {Table} table
   * @param {Row} fields
   */
  insert(table, fields) {
    return this.#add('insert', table, null, fields);
  }

  /**
   * @param {Table} table
   * @param {Key} key
   * @param {Row} fields
   * @param {Row} [expect]
   */
  update(table, key, fields, expect) {
    return this.#add('update', table, key, fields, expect);
  }

  /**
   * @param {Table} table
   * @param {Key} key
   * @param {Row} [expect]
   */
  delete(table, key, expect) {
    return this.#add('delete', table, key, {}, expect);
  }

  /**
   * @param {Write['kind']} kind
   * @param {Table} table
   * @param {Key | null} key null: the server gives one
   * @param {Row} fields
   * @param {Row} [expect]
   * @returns {Promise<any>}
   */
  #add(kind, table, key, fields, expect) {
    if (this.#all.length >= MOST_WRITES) {
      return Promise.reject(new Refused(`${table.name}: ${MOST_WRITES} writes are waiting for the server already; try again later`, { status: 503 }));
    }
    if (key !== null && !table.rows.has(key)) {
      return Promise.reject(new Refused(`${table.name}: no row with key ${key}`, { status: 404 }));
    }
    return new Promise((resolve, reject) => {
      /** @type {Write} */
      const write = { kind, table, key: key ?? `new-${++this.#count}`, fields, expect, stage: 'queued', txid: null, row: null, resolve, reject };
      this.#all.push(write);
      this.#redraw(write, 'pending');
      this.#next();
    });
  }

  /** @param {boolean} open whether the server is there to take writes */
  open(open) {
    this.#open = open;
    this.#next();
  }

  close() {
    this.#closed.abort();
    this.#platform.clearTimeout(this.#later);
    for (const write of [...this.#all]) {
      this.#fail(write, new Refused(`${write.table.name}: closed before the server confirmed this`));
    }
  }

  /**
   * The feed has brought this transaction.
   *
   * @param {string} txid
   */
  confirmed(txid) {
    this.#brought.add(txid);
    if (this.#brought.size > MOST_REMEMBERED) {
      const [oldest] = this.#brought;
      this.#brought.delete(oldest);
    }
    const write = this.#all.find((known) => known.txid === txid && known.stage === 'answered');
    return write ? this.settle(write) : [];
  }

  /**
   * The feed is at this point: a write that it has passed without a change is in none of this view's columns or rows.
   *
   * @param {string} cursor
   */
  passed(cursor) {
    const waiting = this.answered();
    const now = waiting.length > 0 && snapshotOf(cursor);
    return now ? waiting.filter(({ txid }) => txid !== null && sees(now, txid)).flatMap((write) => this.settle(write)) : [];
  }

  /**
   * @param {Write} write
   * @returns {Change[]} what is shown differently now
   */
  settle(write) {
    this.#remove(write);
    const changes = write.table.overlay(write.key, this.#of(write.table, write.key));
    this.#emit('write', { table: write.table.name, key: write.key, stage: 'saved', error: null });
    write.resolve(write.row);
    return changes;
  }

  /**
   * @param {Table} table
   * @param {Key} key
   */
  #of(table, key) {
    return this.#all.filter((write) => write.table === table && write.key === key);
  }

  /** @param {Write} write */
  #remove(write) {
    this.#all = this.#all.filter((other) => other !== write);
  }

  /**
   * @param {Write} write
   * @param {'pending' | 'refused'} stage
   * @param {Refused | null} error
   */
  #redraw({ table, key }, stage, error = null) {
    const changes = table.overlay(key, this.#of(table, key));
    this.#emit('transaction', { txid: null, changes });
    this.#emit('write', { table: table.name, key, stage, error });
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
    this.#answered();
    this.#next();
  }

  /** @param {Write} write */
  async #send({ kind, table, key, fields, expect }) {
    const signal = limited(this.#closed.signal, WRITE_LIMIT);
    /** @type {Record<string, string>} */
    const headers = {};
    const url = kind === 'insert' ? table.url : table.addressOf(key);
    if (expect) {
      const { response, body } = await request(this.#platform, url, { signal });
      if (!same({ ...body, ...expect }, body)) {
        throw new Refused(`${table.name}: the row with key ${key} has changed since you read it`, { status: 412, current: body });
      }
      headers['If-Match'] = String(response.headers.get('ETag'));
    }
    const method = METHODS[kind];
    if (kind === 'delete') {
      return request(this.#platform, url, { method, headers, signal });
    }
    headers['Content-Type'] = 'application/json';
    const options = { headers, signal, body: JSON.stringify(fields) };
    return request(this.#platform, url, { method, ...options }).catch((error) => {
      if (kind !== 'update' || error.status !== 405) throw error;
      return request(this.#platform, url, { method: 'PUT', ...options }); // a resource of the site's own
    });
  }

  /**
   * @param {Write} write
   * @param {string | null} txid
   * @param {Row | null} row
   */
  #answer(write, txid, row) {
    Object.assign(write, { stage: 'answered', txid, row });
    if (write.kind === 'insert' && row) this.#named(write, row);
    if (!txid || this.#brought.has(txid)) {
      const changes = this.settle(write);
      this.#emit('transaction', { txid: null, changes });
    } else if (write.table.lens?.narrows) {
      this.#platform.setTimeout(() => this.#look(write), LOOK);
    }
  }

  /** @param {Write} write that the feed may have no change for, since the view leaves it out */
  async #look(write) {
    const isWaiting = () => this.#all.includes(write);
    const unseen = isWaiting() && (await write.table.lens?.leavesOut(write, this.#closed.signal));
    if (unseen && isWaiting()) this.#emit('transaction', { txid: null, changes: this.settle(write) });
  }

  /**
   * A new row has its key.
   *
   * @param {Write} write
   * @param {Row} row
   */
  #named(write, row) {
    const { table } = write;
    const [from, to] = [String(write.key), table.keyOf(row)];
    const old = table.rows.get(from) ?? null;
    const left = table.rename(from, to);
    this.#all.forEach((other) => other.table === table && other.key === from && (other.key = to));
    write.fields = table.lens?.project(row) ?? row;
    const came = table.overlay(to, this.#of(table, to));
    // The same row, by the key it has now.
    /** @type {Change} */
    const change = { table: table.name, op: 'update', key: to, was: from, old, new: table.rows.get(to) ?? null };
    const others = table.lens?.aside([...left, ...came], from, to) ?? [];
    this.#emit('transaction', { txid: null, changes: [change, ...others] });
  }

  /**
   * @param {Write} write
   * @param {any} error
   */
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
      this.#later = this.#platform.setTimeout(() => {
        this.#later = 0;
        this.#next();
      }, error.retryAfter || SECOND);
    } else {
      this.#fail(write, error);
    }
  }

  /**
   * @param {Write} write
   * @param {Refused} error
   */
  #fail(write, error) {
    this.#remove(write);
    this.#redraw(write, 'refused', error);
    write.reject(error);
    for (const later of write.kind === 'insert' ? this.#of(write.table, write.key) : []) {
      this.#fail(later, new Refused(`${write.table.name}: the row was not added`, { status: 404 }));
    }
  }
}
