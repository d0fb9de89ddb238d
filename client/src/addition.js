import { isPermanent } from './request.js';
import { backoff, SECOND } from './time.js';

const LONGEST_BACKOFF = 30 * SECOND;

/** A view that is added to those that are followed, until it has been read. */
export class Addition {
  #table;
  #hooks;
  /** @type {() => void} */
  #resolve = () => {};
  /** @type {(error: Error) => void} */
  #reject = () => {};

  /**
   * @param {import('./table.js').Table} table
   * @param {import('../types/internal.js').AdditionHooks} hooks
   */
  constructor(table, hooks) {
    this.#table = table;
    this.#hooks = hooks;
    /** @type {Promise<void>} */
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.done.catch(() => {}); // view() reports it
  }

  /** Follows the view once the server has shown that it can: the others must not lose their connection to it. */
  async begin() {
    const { fits, follows, request, turn, refuse } = this.#hooks;
    const table = this.#table;
    if (!table.dropped && !fits()) refuse(new RangeError(`${table.name}: one connection cannot follow that many views`));
    if (table.dropped) this.end(new Error(`${table.name}: dropped before it was read`));
    await this.#persist(async () => follows() || request());
    if (!table.dropped) {
      table.admitted = true;
      turn();
    }
    return this.done;
  }

  /** Reads the view, whose changes are followed by now. */
  load() {
    return this.#persist(async () => {
      await this.#hooks.read();
      if (this.#table.loading) throw new Error('the read is older than the feed');
    });
  }

  /** @param {Error | null} error null: it has been read */
  end(error) {
    if (error) this.#reject(error);
    else this.#resolve();
  }

  /**
   * Tries until it succeeds, unless that is in vain.
   *
   * @param {() => Promise<unknown>} attempt
   */
  async #persist(attempt) {
    const { platform, refuse } = this.#hooks;
    const table = this.#table;
    const isOver = () => table.dropped || !table.loading;
    for (let attempts = 0; !isOver(); attempts++) {
      try {
        await attempt();
        return;
      } catch (/** @type {any} */ error) {
        if (isOver()) return;
        if (isPermanent(error)) return refuse(error);
        const wait = (error.retryAfter ?? 0) + backoff(platform, attempts, LONGEST_BACKOFF);
        await new Promise((resolve) => platform.setTimeout(() => resolve(null), wait));
      }
    }
  }
}
