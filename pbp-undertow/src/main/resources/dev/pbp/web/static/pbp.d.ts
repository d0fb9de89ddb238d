/** A value as JSON has it. A number that a double does not represent exactly is the text of its digits. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export type Row = { readonly [column: string]: Json };

/** A row that is being added: what the server fills in, such as its key and defaults, is not there yet. */
export type PendingRow<R extends object = Row> = Readonly<Partial<R>>;

/** A row as it is shown. */
export type ShownRow<R extends object = Row> = Readonly<R> | PendingRow<R>;

/** The value of a primary key of one column; of several, the JSON text of their values. A row being added has a name until the server gives it a key. */
export type Key = string | number;

/**
 * What a column has to meet: a text in PostgREST's words, such as `gt.3`, `in.(a,b)` or `not.like.a*`. A value of another type stands
 * for equality, and null for `is.null`.
 */
export type Condition = string | number | bigint | boolean | null;

/** What a view shows of a table. Names with commas, dots or quotation marks stand in double quotes in `select` and `order`. */
export interface ViewOptions {
  /** The table, such as `orders` or `shop.orders`; the view's own name if not given. */
  table?: string;
  /** By column: the condition, or several that must all hold. The server evaluates them. */
  where?: Record<string, Condition | readonly Condition[]>;
  /** The columns to have: `id,item` or `['id', 'item']`; all if not given. Those of the key and of `order` are always there. */
  select?: string | readonly string[];
  /** `count.desc.nullslast,item` or `['count.desc', 'item']`. Equal rows are in the order of their key. */
  order?: string | readonly string[];
  /** Only so many rows, the first by `order`, else by key; at least 1. */
  limit?: number;
  /** The columns of the primary key. If not given, the site is asked. */
  key?: string | readonly string[];
  /** Where the table is read and written; `/api/TABLE` if not given. */
  url?: string;
}

export interface Options {
  /** The tables to follow, or views by name. More can be added later: {@link Replica.view}. */
  tables: readonly string[] | Record<string, ViewOptions>;
  /**
   * What comes before `/api`, such as `https://live.example` or `/live`. If not given: what came before `/static/pbp.js` in the
   * module's own address, or nothing if that is another one. Where there is no page, as in Node, it has to be given.
   */
  base?: string;
  /** Whether this tab shares one connection with the browser's other tabs, where the browser can do that; true if not given. */
  share?: boolean;
}

/** What a change did to the rows as they are shown. */
export interface Change<R extends object = Row> {
  /** The name of the view, which is that of the table if it has no other. */
  table: string;
  op: 'insert' | 'update' | 'delete';
  key: Key;
  /** The row as it was shown before; null if it was not. */
  old: ShownRow<R> | null;
  /** The row as it is shown now; null if it is not. */
  new: ShownRow<R> | null;
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
   * `reading` the tables, `connecting` to the feed, `live`, `waiting` before the next attempt, `unauthorized` (the server
   * knows no valid credentials of this page) or `refused` (a table, column or condition is not offered to it) until `retry()`, `paused`
   * while the page is put aside by the browser, or `closed`.
   */
  readonly phase: 'reading' | 'connecting' | 'live' | 'waiting' | 'unauthorized' | 'refused' | 'paused' | 'closed';
  readonly transport: 'socket' | 'stream' | 'poll' | null;
  /** `leader` has the connection, a `follower` gets what the leader's brings; `alone` where tabs do not share. */
  readonly role: 'leader' | 'follower' | 'alone';
  /** Whether other tabs use the same connection now. */
  readonly shared: boolean;
  /** Why the last attempt failed. */
  readonly error: string | null;
  /** When the next attempt comes, in milliseconds since 1970 by this machine's clock; null unless `waiting`. */
  readonly retryAt: number | null;
  /** Since when the server cannot read the feed from the database, as an ISO 8601 time; null while it can. The rows are as of then. */
  readonly staleSince: string | null;
  /** How many writes of this page the server has not answered. */
  readonly unsent: number;
}

export interface Events {
  /** The rows changed, all of a transaction at once. The maps hold the new state when it is told. */
  transaction: CustomEvent<Transaction>;
  state: CustomEvent<State>;
  write: CustomEvent<WriteEvent>;
}

/** A table that the site offers, as `GET /api/_tables` has it. */
export interface TableDescription {
  table: string;
  key: string[];
  /** `collation` is that of types with one; `C` if it compares by code points. */
  columns: { name: string; type: string; collation?: string }[];
  writable: boolean;
}

export interface Replica extends EventTarget {
  /** Settled when all views that `connect` named have been read once. */
  readonly ready: Promise<Replica>;
  /** Frozen; another object whenever something in it changes. */
  readonly state: State;
  /** How many writes of this page are not confirmed yet. */
  readonly writing: number;
  /** The names of the views. */
  readonly views: string[];
  /**
   * Adds a view, or a table, to those that are followed, over the same connection. The others are not read again. Settled when it
   * has been read; rejected with {@link Refused}, and then the view is gone, if the server rejects it, or it was dropped before.
   * Throws a RangeError if there is another view of this name.
   */
  view(name: string, options?: ViewOptions): Promise<Replica>;
  /** Follows a view no longer. Its writes that are under way go on. Without effect if there is none of this name. */
  drop(name: string): void;
  /** The rows by key: a live Map. Throws a RangeError for a view that there is not. */
  table<R extends object = Row>(name: string): ReadonlyMap<Key, ShownRow<R>>;
  /**
   * The rows in the view's order; without `order` and `limit` as they were read, which is by key, and then as they came. Frozen,
   * and the same array until a row changes: fit for React's `useSyncExternalStore`. Empty until the view has been read.
   */
  snapshot<R extends object = Row>(name: string): readonly ShownRow<R>[];
  /** Calls back whenever `snapshot(name)` is another one. Returns what ends that. */
  subscribe(name: string, listener: () => void): () => void;
  /** Whether a row is shown with a write that is not confirmed yet. */
  pending(table: string, key: Key): boolean;
  /** The key of a row of this view. */
  keyOf(name: string, row: Row): Key;
  /** What the site offers, asked once for each replica. */
  describe(): Promise<TableDescription[]>;
  /** Connects at once, if it is waiting for the next attempt. */
  retry(): void;
  /**
   * Writes are shown at once and sent in order, one after the other; while the server is away up to 100 wait. The promise
   * is settled when the feed has brought the write back, with the row, or rejected with {@link Refused}, and then the
   * row is shown as it was.
   */
  insert<R extends object = Row>(table: string, fields: Partial<R>): Promise<R>;
  /**
   * Changes the columns that are named. With `expect`, the row as the user saw it: refused with status 412 and the present row if
   * it is another by now.
   */
  update<R extends object = Row>(table: string, key: Key, fields: Partial<R>, options?: { expect?: ShownRow<R> }): Promise<R>;
  /** With `expect` as {@link update} has it. */
  delete<R extends object = Row>(table: string, key: Key, options?: { expect?: ShownRow<R> }): Promise<null>;
  /** Ends the connection. Writes that are not confirmed are rejected. */
  close(): void;
  addEventListener<T extends keyof Events>(type: T, listener: (event: Events[T]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<T extends keyof Events>(type: T, listener: (event: Events[T]) => void, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
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
