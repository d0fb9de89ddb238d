/** Types that the modules share and users do not see. */

import type { Key, Json, Row, State, Transaction, WriteEvent } from './pbp.js';

/** What a connection knows of the state. */
export type ConnectionState = Omit<State, 'unsent'>;

/** The functions of its surroundings that the client uses; tests bring their own. Times are in milliseconds. */
export interface Platform {
  /** A clock that is never set. */
  now(): number;
  /** The wall clock. */
  time(): number;
  /** 0 to 1. */
  random(): number;
  setTimeout(callback: () => void, millis: number): number;
  clearTimeout(timer: number): void;
  setInterval(callback: () => void, millis: number): number;
  clearInterval(timer: number): void;
  fetch(url: string, options: RequestInit): Promise<Response>;
  webSocket(url: string): Pick<WebSocket, 'onmessage' | 'onclose' | 'close'>;
  eventSource(url: string): Pick<EventSource, 'onmessage' | 'onerror' | 'addEventListener' | 'close'>;
  channel(name: string): Pick<BroadcastChannel, 'onmessage' | 'postMessage' | 'close'>;
  locks(): Pick<LockManager, 'request' | 'query'>;
  uuid(): string;
  /** Whether tabs can share a connection here. */
  canShare(): boolean;
  /** The page's or the worker's address; undefined where there is none. */
  address(): string | undefined;
  /** What comes before `/api` where the site is that this module came from. */
  base(): string;
  warn(text: string): void;
  /** Calls back until the signal is aborted. */
  onPage(signal: AbortSignal, listeners: PageListeners): void;
}

export interface PageListeners {
  /** The browser puts the page aside. */
  sleep: () => void;
  /** The browser takes it up again. */
  restore: () => void;
  /** There is a network again, or the page is visible again. */
  online: () => void;
}

/** A point of the feed: it has seen the transactions below `xmax` that are not `running`. */
export interface Snapshot {
  xmax: number;
  running: Set<number>;
}

/** A change as the server sends it. */
export interface FeedChange {
  table: string;
  /** Of a view with conditions or columns: the name in its term. */
  view?: string;
  op: 'insert' | 'update' | 'delete' | 'truncate';
  key: Record<string, Json>;
  old: Row | null;
  new: Row | null;
  txid: string;
}

export interface Batch {
  cursor: string;
  changes: FeedChange[];
  staleSince?: string;
  /** The terms of the connection that brought it. */
  followed?: string[];
}

export type Rows = Map<Key, Row>;

/** How values are compared: as numbers, by code points, as dates and timestamps, or as JavaScript does. */
export type SortKind = 'number' | 'text' | 'time' | 'plain';

export interface SortTerm {
  column: string;
  descending: boolean;
  nullsFirst: boolean;
}

/** What a view knows of its table. */
export interface Shape {
  /** The columns of the key. */
  key: string[];
  /** Of the columns that decide on the order, then of the key; null where PostgreSQL has to sort. */
  kinds: SortKind[] | null;
}

/** A row that is held is another now. */
export interface Stored {
  key: Key;
  old: Row | undefined;
  row: Row | undefined;
}

/** Rows in the server's order, and the point of the feed that they show; null if it is not known. */
export interface Copy {
  rows: Rows;
  snapshot: Snapshot | null;
  shape: Shape;
  /** Whether these are all that meet the conditions. */
  whole: boolean;
}

/** Rows of one table that were read again. `spec` is that of the table. */
export interface Reread extends Copy {
  spec: string;
}

/** Why a view is read, until it was. */
export interface Mismatch {
  /** The point of the feed which that read has to have seen; null if it cannot be told. */
  snapshot: Snapshot | null;
  /** The transaction that last changed each key since, and the row after it. */
  changed: Map<Key, { txid: string; row: Row | undefined }>;
  /** The transaction that emptied the table since. */
  emptied: string | null;
}

/** What a view that is added does with its replica. */
export interface AdditionHooks {
  platform: Platform;
  /** Whether one connection can follow this view, too. */
  fits(): boolean;
  /** Whether the connection brings its changes already. */
  follows(): boolean;
  /** Asks the server for its changes once. */
  request(): Promise<void>;
  /** Follows what is wanted now. */
  turn(): void;
  /** Reads the view. */
  read(): Promise<void>;
  refuse(error: Error): void;
}

export interface Write {
  kind: 'insert' | 'update' | 'delete';
  table: import('../src/table.js').Table;
  key: Key;
  fields: Row;
  expect?: Row;
  stage: 'queued' | 'answered';
  /** The transaction that did it, once the server has answered. */
  txid: string | null;
  /** The row that the server answered with. */
  row: Row | null;
  resolve: (row: any) => void;
  reject: (error: unknown) => void;
}

/** Passes an event of the replica's to its listeners. */
export interface Emit {
  (type: 'transaction', detail: Transaction): void;
  (type: 'write', detail: WriteEvent): void;
}

export type TransportName = 'socket' | 'stream' | 'poll';
export type ConnectionEvent =
  'read' | 'failed' | 'message' | 'lost' | 'silent' | 'refetch' | 'turn' | 'timer' | 'wake' | 'sleep' | 'close';
export type Fire = (event: ConnectionEvent, detail?: any) => void;
export type Transport = (platform: Platform, address: (wait?: number) => string, fire: Fire) => () => void;

/** One open connection by one transport. */
export interface Link {
  /** What it was asked for. */
  terms: string[];
  /** The cursor that its last request began at. */
  from: string | null;
  /** The wall clock's time of its last event. */
  heard: number;
  close(): void;
}

/** The user of a connection: names the tables to follow, and takes the changes. */
export interface Consumer {
  /** What is to be followed: parts of the query string. */
  readonly terms: string[];
  /** Those of which no change may be missing. */
  readonly needs: string[];
  /** By view: all that decides on its rows. Two tabs with the same spec have the same rows. */
  readonly specs: string[];
  address(terms: string[], cursor: string | null, wait?: number): string;
  /** Reads the tables, but for those of which there is a copy, and returns the cursor of the first read. */
  read(signal: AbortSignal, copies?: Map<string, Copy>): Promise<string | undefined>;
  /** Reads what a spec describes. */
  readAgain(spec: string, signal: AbortSignal): Promise<Copy>;
  /** The server's rows of these specs, for another tab. */
  copy(specs: string[]): [string, Copy][];
  /** Changes, from a connection that follows these terms. */
  batch(batch: Batch, followed?: string[]): void;
  /** Leaves out what this point of the feed has seen. */
  skip(snapshot: Snapshot): void;
  reread(read: Reread): void;
  state(state: ConnectionState): void;
}

/** A tab's point of the feed. */
export interface Position {
  /** Null: nowhere yet. */
  cursor: string | null;
  /** Cursors are compared only among tabs that followed from one read. */
  epoch: string | null;
  /** The terms that the leader follows. */
  followed: string[];
}

/** A message between tabs; without `to` it is for all. */
export type Message = { from: string; to?: string | null } & MessageBody;
export type MessageBody = { to?: string | null } & (
  | { kind: 'hello'; terms: string[]; specs: string[] }
  | { kind: 'need'; terms: string[] }
  | { kind: 'bye' }
  | { kind: 'mismatch'; spec: string }
  | { kind: 'retry' }
  | { kind: 'lead'; lost: boolean }
  | CopyMessage
  | BatchMessage
  | ({ kind: 'reread'; epoch: string | null } & Reread)
  | { kind: 'state'; state: ConnectionState }
  | { kind: 'refused' }
);
export type CopyMessage = { kind: 'copy'; tables: [string, Copy][] } & Position;
export type BatchMessage = { kind: 'batch'; epoch: string | null; after: string | null; followed: string[]; batch: Batch };

/** A group's calls to the tab that belongs to it. */
export interface GroupListener {
  joined(): void;
  /** This tab leads now. The signal is aborted when it leaves. */
  elected(left: AbortSignal): Promise<void>;
  /** It does no longer, since another tab took it to hang. */
  deposed(): void;
  /** Whether this tab has what it needs. */
  supplied(): boolean;
  /** A message to this tab as the leader. */
  lead(message: Message): void;
  /** A message from the leader. */
  follow(message: Message): void;
}

/** The leader's calls to its own tab. */
export interface LeadingTab {
  readonly position: Position;
  state(): ConnectionState;
  send(message: MessageBody): void;
  copy(specs: string[]): CopyMessage;
  take(batch: Batch): void;
  show(state: ConnectionState): void;
  stopReading(): void;
  goAlone(): void;
}
