/** A value as JSON has it. Integers beyond 2^53 are strings of their digits. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export type Row = { readonly [column: string]: Json };

/** The value of a primary key of one column; of several, the JSON text of their values. A row being added has a name until the server gives it a key. */
export type Key = string | number;

export interface TableOptions {
  /** Where the table is read and written; `/api/NAME` if not given. */
  url?: string;
  /** The columns of the primary key; `id` if not given. */
  key?: string | string[];
}

export interface Options {
  /** The tables to follow. */
  tables: string[] | Record<string, TableOptions>;
  /** By table: only rows whose columns have these values. */
  filters?: Record<string, Record<string, string | number | boolean>>;
  /**
   * What comes before `/api`, such as `https://live.example` or `/live`. If not given: what came before `/static/pbp.js` in the
   * module's own address, or nothing if that is another one.
   */
  base?: string;
  /** Whether this tab shares one connection with the browser's other tabs, where the browser can do that; true if not given. */
  share?: boolean;
}

/** What a change did to the rows as they are shown. */
export interface Change<R extends Row = Row> {
  table: string;
  op: 'insert' | 'update' | 'delete';
  key: Key;
  /** The row as it was shown before; null if it was not. */
  old: R | null;
  /** The row as it is shown now; null if it is not. */
  new: R | null;
  /** The name a row had until the server gave it its key. */
  was?: string;
}

export interface Transaction {
  /** Null for what was read anew, and for a write of this page before the feed confirms it. */
  txid: string | null;
  /** What is shown differently now: nothing, if the transaction only confirms what this page wrote. */
  changes: Change[];
}

/** What has become of a write of this page. */
export interface WriteEvent {
  table: string;
  key: Key;
  stage: 'pending' | 'saved' | 'refused';
  error: Refused | null;
}

export interface State {
  /**
   * `reading` the tables, `connecting` to the feed, `live`, `waiting` before the next attempt, `paused` while the page
   * is put aside by the browser, or `closed`.
   */
  phase: 'reading' | 'connecting' | 'live' | 'waiting' | 'paused' | 'closed';
  transport: 'socket' | 'stream' | 'poll' | null;
  /** `leader` has the connection, a `follower` gets what the leader's brings; `alone` where tabs do not share. */
  role: 'leader' | 'follower' | 'alone';
  /** Why the last attempt failed. */
  error: string | null;
}

export interface Events {
  /** The rows changed, all of a transaction at once. The maps hold the new state when it is told. */
  transaction: CustomEvent<Transaction>;
  state: CustomEvent<State>;
  write: CustomEvent<WriteEvent>;
}

export interface Replica extends EventTarget {
  /** Settled when all tables have been read once. */
  readonly ready: Promise<Replica>;
  readonly state: State;
  /** How many writes of this page are not confirmed yet. */
  readonly writing: number;
  /** The rows by key: a live Map. Throws a RangeError for a table that is not followed. */
  table<R extends Row = Row>(name: string): ReadonlyMap<Key, R>;
  /** Whether a row is shown with a write that is not confirmed yet. */
  pending(table: string, key: Key): boolean;
  /**
   * Writes are shown at once and sent in order, one after the other; while the server is away up to 100 wait. The promise
   * is settled when the feed has brought the write back, with the row, or rejected with {@link Refused}, and then the
   * row is shown as it was.
   */
  insert<R extends Row = Row>(table: string, fields: Partial<R>): Promise<R>;
  /** With `expect`, the row as the user saw it: refused with status 412 and the present row if it is another by now. */
  update<R extends Row = Row>(table: string, key: Key, fields: Partial<R>, options?: { expect?: R }): Promise<R>;
  delete(table: string, key: Key): Promise<null>;
  /** Ends the connection. Writes that are not confirmed are rejected. */
  close(): void;
  addEventListener<T extends keyof Events>(type: T, listener: (event: Events[T]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
}

/** A read or write that was not done, and why in `message`. */
export class Refused extends Error {
  /** The answer's status; 0 if there was none, and nobody knows whether a row was added. */
  status: number;
  /** The answer's problem details (RFC 9457). */
  problem: Record<string, Json>;
  /** With 412: the row as it is now. */
  current: Row | null;
  /** How long the server asks to wait before another attempt, in milliseconds; 0 if it does not say. */
  retryAfter: number;
}

/** Reads the tables and follows them until {@link Replica.close}. */
export function connect(options: Options): Replica;
