import { Connection } from './connection.js';
import { includes, snapshotOf } from './cursor.js';
import { Group } from './group.js';
import { Leader } from './leader.js';
import { Reading } from './reading.js';
import { covers } from './terms.js';
import { SECOND } from './time.js';

/** @typedef {import('../types/internal.js').ConnectionState} State */
/** @typedef {import('../types/internal.js').Batch} Batch */
/** @typedef {import('../types/internal.js').CopyMessage} CopyMessage */
/** @typedef {import('../types/internal.js').Message} Message */

/** After a read that was asked for, the next of the same rows waits a second, or this many times as long as it took. */
const MOST_READING = 10;
const REST = { shared: true, error: null, retryAt: null, staleSince: null };

/** All tabs of a browser on one connection: that of the tab that leads. */
export class Tabs {
  #platform;
  #consumer;
  /** Null: this tab does not share. @type {Group | null} */
  #group;
  /** @type {import('../types/internal.js').Position} */
  #position = { cursor: null, epoch: null, followed: [] };
  /** A copy was asked for: what the leader passes on before that is of no use. */
  #asked = true;
  /** Null: another tab leads. @type {Leader | null} */
  #leader = null;
  /** While tables are read that no other tab has. @type {Reading | null} */
  #reading = null;
  /** Of a tab that does not share, or is refused what it wants. @type {Connection | null} */
  #alone = null;
  /** The specs of tables that are being read again. @type {Set<string>} */
  #rereading = new Set();
  /** @type {State} */
  #state = { phase: 'reading', transport: null, role: 'follower', ...REST };
  #closed = new AbortController();

  /**
   * @param {import('../types/internal.js').Platform} platform
   * @param {import('../types/internal.js').Consumer} consumer
   * @param {string | null} name which tabs share; null: none
   */
  constructor(platform, consumer, name) {
    this.#platform = platform;
    this.#consumer = consumer;
    this.#group =
      name === null
        ? null
        : new Group(platform, name, {
            joined: () => this.#ask(),
            elected: (left) => this.#elected(left),
            deposed: () => this.#deposed(),
            supplied: () => this.#position.cursor !== null,
            lead: (message) => this.#receiveAsLeader(message),
            follow: (message) => this.#receiveAsFollower(message),
          });
  }

  start() {
    if (!this.#group) {
      this.#goAlone();
      return;
    }
    this.#platform.onPage(this.#closed.signal, {
      sleep: () => this.#leave('paused'),
      restore: () => this.#join(),
      online: () => {},
    });
    this.#join();
  }

  close() {
    this.#closed.abort();
    if (this.#alone) this.#alone.close();
    else this.#leave('closed');
  }

  /**
   * Has a table read again, once for all tabs, by the one that leads.
   *
   * @param {string} spec
   */
  requestRead(spec) {
    if (this.#alone || this.#leader) this.#reread(spec);
    else this.#group?.send({ kind: 'mismatch', spec });
  }

  /** @param {string} spec */
  async #reread(spec) {
    if (this.#rereading.has(spec)) return;
    this.#rereading.add(spec);
    const { epoch } = this.#position;
    const begun = this.#platform.now();
    try {
      const { rows, snapshot, shape, whole } = await this.#consumer.readAgain(spec, this.#closed.signal);
      const read = { spec, rows, snapshot, shape, whole };
      this.#group?.send({ kind: 'reread', epoch, ...read });
      if (epoch === this.#position.epoch) this.#consumer.reread(read);
    } catch {
      // It will be asked for again.
    }
    const pause = Math.max(SECOND, MOST_READING * (this.#platform.now() - begun));
    this.#platform.setTimeout(() => this.#rereading.delete(spec), pause);
  }

  /**
   * The point from which on the connection brings what a term asks for; null if it does not.
   *
   * @param {string} term
   */
  follows(term) {
    if (this.#alone) return this.#alone.follows(term);
    return !this.#asked && !this.#reading && this.#position.followed.includes(term) ? this.#position.cursor : null;
  }

  /** Other tables or views are wanted than before. */
  turn() {
    if (this.#closed.signal.aborted) return;
    if (this.#alone) this.#alone.turn();
    else if (!this.#leader) this.#group?.send({ kind: 'need', terms: this.#consumer.terms });
    else if (!this.#leader.turn()) this.#goAlone();
  }

  /** Does not wait any longer for the next attempt. */
  retry() {
    if (this.#alone) this.#alone.fire('wake');
    else if (this.#leader) this.#leader.retry();
    else this.#group?.send({ kind: 'retry' });
  }

  #join() {
    if (!this.#alone && !this.#group?.joined) this.#group?.join();
  }

  #goAlone() {
    this.#leave('waiting');
    this.#alone = new Connection(this.#platform, this.#consumer);
    this.#alone.start();
  }

  /** @param {State['phase']} phase */
  #leave(phase) {
    if (!this.#group?.joined) return;
    this.#group.leave();
    this.#retire();
    this.#stopReading();
    this.#consumer.state({ phase, transport: null, role: 'follower', ...REST, shared: false });
  }

  /** @param {AbortSignal} left aborted when this tab leaves */
  async #elected(left) {
    const group = /** @type {Group} */ (this.#group);
    const leader = new Leader(this.#platform, this.#consumer, {
      position: this.#position,
      state: () => this.#state,
      send: (message) => group.send(message),
      copy: (specs) => this.#copy(specs),
      take: (batch) => this.#take(batch),
      show: (state) => this.#show(state),
      stopReading: () => this.#stopReading(),
      goAlone: () => this.#goAlone(),
    });
    this.#leader = leader;
    group.send({ kind: 'lead', lost: this.#asked });
    if (this.#asked) await group.grace();
    if (left.aborted || this.#leader !== leader) return;
    this.#asked = false;
    leader.start();
  }

  /** Another tab has taken the lead away. */
  #deposed() {
    this.#retire();
    this.#group?.send({ kind: 'bye' });
    this.#ask();
  }

  #retire() {
    const leader = this.#leader;
    this.#leader = null;
    leader?.end();
  }

  /** @param {Message} message */
  #receiveAsLeader(message) {
    const { from } = message;
    switch (message.kind) {
      case 'mismatch':
        this.#reread(message.spec);
        break;
      case 'retry':
        this.#leader?.retry();
        break;
      case 'bye':
        this.#leader?.forget(from);
        break;
      case 'hello':
        this.#leader?.provide(from, message.terms, message.specs);
        break;
      case 'need':
        this.#leader?.provide(from, message.terms, null);
        break;
      case 'copy':
        if (this.#asked && !this.#leader?.connected) this.#adopt(message);
        break;
    }
  }

  /** @param {Message} message from the leader */
  #receiveAsFollower(message) {
    switch (message.kind) {
      case 'lead':
        this.#group?.send({ kind: 'need', terms: this.#consumer.terms });
        if (this.#asked) {
          this.#ask();
        } else if (message.lost) {
          this.#group?.send({ ...this.#copy(this.#consumer.specs), to: message.from });
        }
        break;
      case 'copy':
        if (this.#asked || message.epoch !== this.#position.epoch) this.#adopt(message);
        break;
      case 'batch':
        this.#receiveBatch(message);
        break;
      case 'reread':
        if (message.epoch === this.#position.epoch) this.#consumer.reread(message);
        break;
      case 'state':
        this.#show(message.state);
        break;
      case 'refused':
        this.#goAlone();
        break;
    }
  }

  /** @param {import('../types/internal.js').BatchMessage} message */
  #receiveBatch({ epoch, after, followed, batch }) {
    if (this.#asked) return;
    const position = this.#position;
    if (epoch !== position.epoch || !covers(followed, this.#consumer.needs)) {
      this.#ask();
      return;
    }
    if (after !== position.cursor) {
      // A new leader goes on from where it stood itself.
      const [here, there] = [position.cursor, after].map((cursor) => cursor && snapshotOf(cursor));
      if (this.#reading || !here || !there || !includes(here, there)) {
        this.#ask();
        return;
      }
      this.#consumer.skip(here);
    }
    position.followed = followed;
    this.#take(batch);
  }

  /** @param {Batch} batch */
  #take(batch) {
    this.#position.cursor = batch.cursor;
    if (!this.#reading) {
      this.#consumer.batch(batch, this.#position.followed);
    } else if (!this.#reading.hold(batch)) {
      if (this.#leader) this.#leader.refetch();
      else this.#ask();
    }
  }

  #ask() {
    this.#stopReading();
    this.#asked = true;
    this.#group?.send({ kind: 'hello', terms: this.#consumer.terms, specs: this.#consumer.specs });
  }

  /**
   * @param {string[]} specs
   * @returns {CopyMessage}
   */
  #copy(specs) {
    return { kind: 'copy', ...this.#position, tables: this.#reading ? [] : this.#consumer.copy(specs) };
  }

  /**
   * Takes over another tab's position and copies; tables without a copy are read.
   *
   * @param {CopyMessage} message
   */
  #adopt({ epoch, cursor, followed, tables }) {
    this.#stopReading();
    if (!this.#leader && !covers(followed, this.#consumer.needs)) {
      this.#ask();
      return;
    }
    this.#asked = false;
    Object.assign(this.#position, { epoch, cursor, followed });
    const here = cursor === null ? null : snapshotOf(cursor);
    const copies = new Map(tables.map(([spec, copy]) => [spec, { ...copy, snapshot: copy.snapshot ?? here }]));
    this.#reading = new Reading(this.#platform, this.#consumer, copies, {
      done: (held) => {
        this.#reading = null;
        held.forEach((one) => this.#consumer.batch(one, this.#position.followed));
        this.#show();
      },
      failed: ({ message }) => this.#show(this.#state, message),
      refused: () => this.#goAlone(),
    });
    this.#show();
    this.#reading.run();
  }

  /** A read that was not completed leaves this tab without a position. */
  #stopReading() {
    if (!this.#reading) return;
    this.#reading.stop();
    this.#reading = null;
    this.#position.cursor = null;
    this.#asked = true;
  }

  /** A tab is live when the leader is, and it has all that it follows. */
  #show(state = this.#state, error = state.error) {
    this.#state = state;
    const behind = this.#asked || this.#reading !== null;
    const role = this.#leader ? 'leader' : 'follower';
    const shared = !this.#leader || this.#leader.shares;
    this.#consumer.state({ ...state, error, role, shared, phase: state.phase === 'live' && behind ? 'connecting' : state.phase });
  }
}
