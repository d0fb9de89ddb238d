/** Types that the modules share and users do not see. */

import type { Json, Key, Row, State, Transaction, WriteEvent } from './pbp.js';

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
  /** The page's address. */
  address(): string;
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
  op: 'insert' | 'update' | 'delete' | 'truncate';
  key: Record<string, Json>;
  old: Row | null;
  new: Row | null;
  txid: string;
}

export interface Batch {
  cursor: string;
  changes: FeedChange[];
}

export type Rows = Map<Key, Row>;

/** Rows, and the point of the feed that they show; null if that cannot be told. */
export interface Copy {
  rows: Rows;
  snapshot: Snapshot | null;
}

/** Rows of one table that were read again. `spec` is that of the table. */
export interface Reread extends Copy {
  spec: string;
}

/** A mismatch, until the table was read again. */
export interface Mismatch {
  /** The point of the feed at which it was found. */
  snapshot: Snapshot;
  /** The transaction that last changed each key since. */
  changed: Map<Key, string>;
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
  /** The cursor that its last request began at. */
  from: string | null;
  /** The wall clock's time of its last event. */
  heard: number;
  close(): void;
}

/** The user of a connection: names the tables to follow, and takes the changes. */
export interface Consumer {
  /** The server's names for what is followed. */
  readonly terms: string[];
  /** By table: the name, where it is read, its key and its filter. Two tabs with the same spec have the same rows. */
  readonly specs: string[];
  address(terms: string[], cursor: string | null, wait?: number): string;
  /** Reads the tables, but for those of which there is a copy, and returns the cursor of the first read. */
  read(signal: AbortSignal, copies?: Map<string, Copy>): Promise<string | undefined>;
  /** The server's rows of these specs, for another tab. */
  copy(specs: string[]): [string, Copy][];
  batch(batch: Batch): void;
  /** Leaves out what this point of the feed has seen. */
  skip(snapshot: Snapshot): void;
  reread(read: Reread): void;
  state(state: State): void;
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
  | { kind: 'lead'; lost: boolean }
  | CopyMessage
  | BatchMessage
  | ({ kind: 'reread'; epoch: string | null } & Reread)
  | { kind: 'state'; state: State }
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
  state(): State;
  send(message: MessageBody): void;
  copy(specs: string[]): CopyMessage;
  take(batch: Batch): void;
  show(state: State): void;
  stopReading(): void;
  goAlone(): void;
}
