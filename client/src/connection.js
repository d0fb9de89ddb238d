import { includes, sees, snapshotOf } from './cursor.js';
import { isPermanent } from './request.js';
import { backoff, SECOND } from './time.js';
import { TRANSPORTS } from './transports.js';

/** @typedef {import('../types/pbp.js').State} State */
/** @typedef {import('../types/internal.js').Batch} Batch */
/** @typedef {import('../types/internal.js').ConnectionEvent} ConnectionEvent */
/** @typedef {import('../types/internal.js').Fire} Fire */
/** @typedef {import('../types/internal.js').Link} Link */
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
  unauthorized: { wake: 'resume', sleep: 'pause', close: 'end' },
  refused: { wake: 'resume', sleep: 'pause', close: 'end' },
  paused: { wake: 'resume', close: 'end' },
  closed: {},
};

/** On an open connection something comes every 15 s. */
const SILENCE = 25 * SECOND;
const FIRST_MESSAGE = 8 * SECOND;
/** After this time without a message the next transport is tried beside the ones before, where none is known to work. */
const HEAD_START = SECOND;
/** How long a better transport is tried. */
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
  /** When the next attempt comes, by the wall clock. @type {number | null} */
  #retryAt = null;
  /** Since when the server cannot read the feed. @type {string | null} */
  #staleSince = null;
  /** @type {string | null} */
  #cursor;
  #attempt = 0;
  #liveSince = 0;
  /** Ends what the phase has under way. */
  #stop = () => {};
  /** When the phase began. */
  #begun = 0;
  /** The connections that are open, by the index of their transport. @type {Map<number, Link>} */
  #links = new Map();
  /** The index of the transport in use, or to begin with. */
  #choice = 0;
  /** Those still to be tried, while none is known to work. @type {number[]} */
  #untried = [];
  #isKnown = false;
  /** Of what is to be tried next. */
  #timer = 0;
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

  /** @param {string} term */
  follows(term) {
    return this.#links.get(this.#choice)?.terms.includes(term) ? this.#cursor : null;
  }

  /** Connects anew if other terms are wanted now. */
  turn() {
    if (this.#links.get(this.#choice)?.terms.join() !== this.#consumer.terms.join()) this.fire('turn');
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
    if (phase !== 'waiting') this.#retryAt = null;
    let current = true;
    const end = begin((event, detail) => current && this.fire(event, detail));
    this.#stop = () => {
      current = false;
      end();
    };
    this.#report();
  }

  #report() {
    this.#consumer.state({
      phase: this.#phase,
      transport: this.#transport,
      role: 'alone',
      shared: false,
      error: this.#error,
      retryAt: this.#retryAt,
      staleSince: this.#staleSince,
    });
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
    const platform = this.#platform;
    this.#begun = platform.time();
    this.#transport = NAMES[this.#choice];
    this.#untried = this.#isKnown ? [] : [...NAMES.keys()].filter((choice) => choice !== this.#choice);
    this.#enter('connecting', (fire) => {
      const watchdog = platform.setInterval(() => this.#checkSilence(fire), LOOK);
      this.#open(this.#choice, fire);
      this.#later(HEAD_START, () => this.#tryNext(fire));
      return () => {
        platform.clearInterval(watchdog);
        platform.clearTimeout(this.#timer);
        [...this.#links.keys()].forEach((choice) => this.#close(choice));
      };
    });
  }

  /**
   * @param {number} millis
   * @param {() => void} callback in place of what was to come
   */
  #later(millis, callback) {
    this.#platform.clearTimeout(this.#timer);
    this.#timer = this.#platform.setTimeout(callback, millis);
  }

  /**
   * @param {number} choice
   * @param {Fire} fire
   */
  #open(choice, fire) {
    const { terms } = this.#consumer;
    /** @type {Link} */
    const link = { terms, from: this.#cursor, heard: this.#platform.time(), close: () => {} };
    this.#links.set(choice, link);
    const address = (/** @type {number | undefined} */ wait) => {
      link.from = this.#cursor;
      return this.#consumer.address(terms, this.#cursor, wait);
    };
    /** @type {Fire} */
    const hear = (event, detail) => {
      if (this.#links.get(choice) !== link) return;
      link.heard = this.#platform.time();
      this.#hear(choice, fire, event, detail);
    };
    try {
      link.close = TRANSPORTS[NAMES[choice]](this.#platform, address, hear);
    } catch (error) {
      queueMicrotask(() => hear('lost', error)); // not to be had here, or forbidden
    }
  }

  /** @param {number} choice */
  #close(choice) {
    const link = this.#links.get(choice);
    this.#links.delete(choice);
    link?.close();
  }

  /**
   * An event of one of the open connections.
   *
   * @param {number} choice
   * @param {Fire} fire
   * @param {ConnectionEvent} event
   * @param {any} detail
   */
  #hear(choice, fire, event, detail) {
    if (this.#phase === 'live' && choice !== this.#choice) {
      const batch = event === 'message' ? this.#continued(choice, detail) : null;
      if (batch) {
        this.#use(choice, fire);
        this.#report();
        fire('message', batch);
      } else if (event !== 'message') {
        this.#endTrial(choice, fire);
      }
    } else if (this.#phase === 'connecting' && event === 'lost' && (this.#links.size > 1 || this.#untried.length > 0)) {
      this.#close(choice);
      this.#tryNext(fire);
      this.#report();
    } else {
      if (this.#phase === 'connecting' && event !== 'lost') this.#use(choice, fire);
      fire(event, detail);
    }
  }

  /** @param {Fire} fire */
  #tryNext(fire) {
    const next = this.#untried.shift();
    if (next === undefined) return;
    this.#transport = NAMES[next];
    this.#open(next, fire);
    this.#later(HEAD_START, () => this.#tryNext(fire));
  }

  /**
   * Goes on with one of the open connections alone.
   *
   * @param {number} choice
   * @param {Fire} fire
   */
  #use(choice, fire) {
    this.#choice = choice;
    this.#isKnown = true;
    this.#transport = NAMES[choice];
    [...this.#links.keys()].filter((other) => other !== choice).forEach((other) => this.#close(other));
    if (choice === 0) this.#tryBetterAfter = TRY_BETTER.first;
    this.#later(this.#tryBetterAfter, () => this.#tryBetter(fire));
  }

  /** @param {Fire} fire */
  #tryBetter(fire) {
    if (this.#phase !== 'live' || this.#choice === 0) return;
    const better = this.#trials++ % this.#choice;
    this.#tryBetterAfter = Math.min(2 * this.#tryBetterAfter, TRY_BETTER.most);
    this.#open(better, fire);
    this.#later(TRIAL, () => this.#endTrial(better, fire));
  }

  /**
   * @param {number} choice
   * @param {Fire} fire
   */
  #endTrial(choice, fire) {
    this.#close(choice);
    this.#later(this.#tryBetterAfter, () => this.#tryBetter(fire));
  }

  /**
   * What a connection that is tried brings, without what the one in use has brought meanwhile.
   *
   * @param {number} choice
   * @param {Batch} batch
   * @returns {Batch | null} null if it is not as far yet, or its cursor cannot be read
   */
  #continued(choice, batch) {
    if (this.#links.get(choice)?.from === this.#cursor) return batch;
    const [here, there] = [this.#cursor, batch.cursor].map((cursor) => cursor && snapshotOf(cursor));
    if (!here || !there || !includes(there, here)) return null;
    return { ...batch, changes: batch.changes.filter(({ txid }) => !sees(here, txid)) };
  }

  /** @param {Fire} fire */
  #checkSilence(fire) {
    const live = this.#phase === 'live';
    const silence = this.#platform.time() - (live ? (this.#links.get(this.#choice)?.heard ?? 0) : this.#begun);
    if (silence > (live ? SILENCE : FIRST_MESSAGE)) {
      fire('silent', new Error(`no word from the server for ${Math.round(silence / SECOND)} s`));
    }
  }

  /** @param {Batch} batch */
  #live(batch) {
    const { cursor, staleSince = null } = batch;
    this.#cursor = cursor;
    const begins = this.#phase === 'connecting';
    if (begins) {
      this.#phase = 'live';
      this.#liveSince = this.#platform.now();
      this.#error = null;
    }
    if (begins || staleSince !== this.#staleSince) {
      this.#staleSince = staleSince;
      this.#report();
    }
    this.#consumer.batch(batch, this.#links.get(this.#choice)?.terms);
  }

  /** @param {Error & { retryAfter?: number, status?: number }} [error] */
  #wait(error) {
    if (this.#phase === 'connecting' && this.#isKnown) this.#choice = (this.#choice + 1) % NAMES.length;
    if (this.#phase === 'live' && this.#platform.now() - this.#liveSince > GOOD) this.#attempt = 0;
    this.#error = error?.message ?? null;
    this.#staleSince = null;
    if (isPermanent(error ?? {})) {
      this.#enter(error?.status === 401 ? 'unauthorized' : 'refused', () => () => {});
      return;
    }
    const wait = (error?.retryAfter ?? 0) + backoff(this.#platform, this.#attempt++, LONGEST_BACKOFF);
    this.#retryAt = this.#platform.time() + wait;
    this.#enter('waiting', (fire) => {
      const timer = this.#platform.setTimeout(() => fire('timer'), wait);
      return () => this.#platform.clearTimeout(timer);
    });
  }
}
