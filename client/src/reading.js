import { isPermanent } from './request.js';
import { SECOND } from './time.js';

/** @typedef {import('../types/internal.js').Batch} Batch */

/** How many batches wait for a table that is being read. */
const MOST_HELD = 1000;

/** Reads what a tab lacks, until that succeeds, and holds what the feed brings meanwhile. */
export class Reading {
  /** @type {Batch[]} */
  #held = [];
  #stopped = new AbortController();
  #timer = 0;
  #platform;
  #consumer;
  #copies;
  #listener;

  /**
   * @param {import('../types/internal.js').Platform} platform
   * @param {import('../types/internal.js').Consumer} consumer
   * @param {Map<string, import('../types/internal.js').Copy>} copies what need not be read
   * @param {{ done: (held: Batch[]) => void, failed: (error: Error) => void, refused: () => void }} listener
   */
  constructor(platform, consumer, copies, listener) {
    this.#platform = platform;
    this.#consumer = consumer;
    this.#copies = copies;
    this.#listener = listener;
  }

  async run() {
    const { signal } = this.#stopped;
    try {
      await this.#consumer.read(signal, this.#copies);
      if (!signal.aborted) this.#listener.done(this.#held);
    } catch (/** @type {any} */ error) {
      if (signal.aborted) return;
      if (isPermanent(error)) {
        this.#listener.refused();
        return;
      }
      this.#listener.failed(error);
      const wait = (error.retryAfter || SECOND) * (1 + this.#platform.random());
      this.#timer = this.#platform.setTimeout(() => this.run(), wait);
    }
  }

  /**
   * @param {Batch} batch
   * @returns {boolean} false: there are too many
   */
  hold(batch) {
    return this.#held.push(batch) <= MOST_HELD;
  }

  stop() {
    this.#stopped.abort();
    this.#platform.clearTimeout(this.#timer);
  }
}
