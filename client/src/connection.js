import { backoff, SECOND } from './time.js';
import { TRANSPORTS } from './transports.js';

/** @typedef {import('../types/pbp.js').State} State */
/** @typedef {import('../types/internal.js').Batch} Batch */
/** @typedef {import('../types/internal.js').ConnectionEvent} ConnectionEvent */
/** @typedef {import('../types/internal.js').Fire} Fire */
/** @typedef {import('../types/internal.js').TransportName} TransportName */
/** @typedef {'live' | 'wait' | 'connect' | 'turn' | 'read' | 'resume' | 'pause' | 'end'} Step */

const NAMES = /** @type {TransportName[]} */ (Object.keys(TRANSPORTS));

/**
 * The next step for an event in a phase, as docs/client.md has it; other events have no effect.
 *
 * @type {Record<State['phase'], { [event in ConnectionEvent]?: Step }>}
 */
const TRANSITIONS = {
  reading: { read: 'connect', failed: 'wait', sleep: 'pause', close: 'end' },
  connecting: { message: 'live', lost: 'wait', silent: 'wait', refetch: 'read', turn: 'turn', sleep: 'pause', close: 'end' },
  live: { message: 'live', lost: 'wait', silent: 'wait', refetch: 'read', turn: 'turn', sleep: 'pause', close: 'end' },
  waiting: { timer: 'resume', wake: 'resume', sleep: 'pause', close: 'end' },
  paused: { wake: 'resume', close: 'end' },
  closed: {},
};

/** On an open connection something comes every 15 s. */
const SILENCE = 25 * SECOND;
const FIRST_MESSAGE = 8 * SECOND;
/** The same, of a better transport that is tried while a lesser one works. */
const TRIAL = 3 * SECOND;
const LONGEST_BACKOFF = 30 * SECOND;
/** After this time on a lesser transport a better one is tried; then after twice that. */
const TRY_BETTER = { first: 10 * SECOND, most: 5 * 60 * SECOND };
/** A connection that held this long starts the backoff anew. */
const GOOD = 5 * SECOND;
/** How often a connection is looked at, by wall clock: timers stop while a machine sleeps. */
const LOOK = 2 * SECOND;

/** Follows the feed: one phase at a time, each with one thing under way. */
export class Connection {
  /** @type {State['phase']} */
  #phase = 'waiting';
  /** @type {State['transport']} */
  #transport = null;
  /** @type {string | null} */
  #error = null;
  /** @type {string | null} */
  #cursor;
  #attempt = 0;
  #liveSince = 0;
  /** Ends what the phase has under way. */
  #stop = () => {};
  #heard = 0;
  /** The index of the transport in use; they are tried in turn. */
  #choice = 0;
  /** The one that works, while a better one is tried. @type {number | null} */
  #proven = null;
  #trials = 0;
  #tryBetterAfter = TRY_BETTER.first;
  #lastRefetch = -Infinity;
  #platform;
  #consumer;
  #closed = new AbortController();

  /**
   * Goes on from the cursor, or begins by reading the tables. If the consumer's terms change: fire `turn`.
   *
   * @param {import('../types/internal.js').Platform} platform
   * @param {import('../types/internal.js').Consumer} consumer
   * @param {string | null} [cursor]
   */
  constructor(platform, consumer, cursor = null) {
    this.#platform = platform;
    this.#consumer = consumer;
    this.#cursor = cursor;
  }

  start() {
    const wake = () => this.fire('wake');
    this.#platform.onPage(this.#closed.signal, { sleep: () => this.fire('sleep'), restore: wake, online: wake });
    this.#begin('resume');
  }

  close() {
    this.fire('close');
  }

  /** @type {Fire} */
  fire(event, detail) {
    const step = TRANSITIONS[this.#phase][event];
    if (step) this.#begin(step, detail);
  }

  /**
   * @param {Step} step
   * @param {any} [detail]
   */
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
        this.#closed.abort();
        return this.#enter('closed', () => () => {});
    }
  }

  /**
   * Ends what the last phase had under way and begins this one's.
   *
   * @param {State['phase']} phase
   * @param {(fire: Fire) => () => void} begin returns what ends it
   */
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
    this.#report();
  }

  #report() {
    this.#consumer.state({ phase: this.#phase, transport: this.#transport, role: 'alone', error: this.#error });
  }

  #read() {
    this.#enter('reading', (fire) => {
      const abort = new AbortController();
      this.#consumer.read(abort.signal).then(
        (cursor) => fire('read', cursor),
        (error) => fire('failed', error),
      );
      return () => abort.abort();
    });
  }

  #readAgain() {
    this.#cursor = null;
    const now = this.#platform.now();
    const soon = now - this.#lastRefetch < GOOD;
    this.#lastRefetch = now;
    if (soon) {
      this.#wait(new Error('the server asks to read again, and again'));
    } else {
      this.#read();
    }
  }

  #connect() {
    const name = NAMES[this.#choice];
    const platform = this.#platform;
    this.#transport = name;
    this.#heard = platform.time();
    this.#enter('connecting', (fire) => {
      const watchdog = platform.setInterval(() => this.#checkSilence(fire), LOOK);
      const trial = this.#choice > 0 ? platform.setTimeout(() => this.#tryBetter(fire), this.#tryBetterAfter) : 0;
      const { terms } = this.#consumer;
      let close = () => {};
      try {
        close = TRANSPORTS[name](platform, (wait) => this.#consumer.address(terms, this.#cursor, wait), fire);
      } catch (error) {
        queueMicrotask(() => fire('lost', error)); // not to be had here, or forbidden
      }
      return () => {
        platform.clearInterval(watchdog);
        platform.clearTimeout(trial);
        close();
      };
    });
  }

  /** @param {Fire} fire */
  #checkSilence(fire) {
    const silence = this.#platform.time() - this.#heard;
    const limit = this.#phase === 'live' ? SILENCE : this.#proven === null ? FIRST_MESSAGE : TRIAL;
    if (silence > limit) fire('silent', new Error(`no word from the server for ${Math.round(silence / SECOND)} s`));
  }

  /** @param {Fire} fire */
  #tryBetter(fire) {
    this.#proven = this.#choice;
    this.#choice = this.#trials++ % this.#choice;
    this.#tryBetterAfter = Math.min(2 * this.#tryBetterAfter, TRY_BETTER.most);
    fire('turn');
  }

  /** @param {Batch} batch */
  #live(batch) {
    this.#heard = this.#platform.time();
    this.#cursor = batch.cursor;
    if (this.#phase === 'connecting') {
      this.#phase = 'live';
      this.#liveSince = this.#platform.now();
      this.#error = null;
      this.#proven = null;
      if (this.#choice === 0) this.#tryBetterAfter = TRY_BETTER.first;
      this.#report();
    }
    this.#consumer.batch(batch);
  }

  /** @param {Error & { retryAfter?: number }} [error] */
  #wait(error) {
    if (this.#phase === 'connecting' && this.#proven !== null) {
      this.#choice = this.#proven;
      this.#proven = null;
      this.#connect();
      return;
    }
    if (this.#phase === 'connecting') this.#choice = (this.#choice + 1) % NAMES.length;
    if (this.#phase === 'live' && this.#platform.now() - this.#liveSince > GOOD) this.#attempt = 0;
    this.#error = error?.message ?? null;
    const wait = (error?.retryAfter ?? 0) + backoff(this.#platform, this.#attempt++, LONGEST_BACKOFF);
    this.#enter('waiting', (fire) => {
      const timer = this.#platform.setTimeout(() => fire('timer'), wait);
      return () => this.#platform.clearTimeout(timer);
    });
  }
}
