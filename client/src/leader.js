import { Connection } from './connection.js';
import { isPermanent, request } from './request.js';
import { SECOND } from './time.js';
import { covers, fits, union } from './terms.js';

/** @typedef {import('../types/internal.js').Consumer} Consumer */
/** @typedef {import('../types/internal.js').Platform} Platform */

/** How long a leader follows what the one before did. */
const INHERITED = 10 * SECOND;

/** The tab that has the connection: it follows what any tab needs, and passes on what that brings. */
export class Leader {
  /** The terms that each other tab needs. @type {Map<string, string[]>} */
  #needs = new Map();
  #inherited;
  /** @type {Connection | null} */
  #connection = null;
  #ended = new AbortController();
  #platform;
  #consumer;
  #tab;

  /**
   * @param {Platform} platform
   * @param {Consumer} consumer of this tab
   * @param {import('../types/internal.js').LeadingTab} tab
   */
  constructor(platform, consumer, tab) {
    this.#platform = platform;
    this.#consumer = consumer;
    this.#tab = tab;
    this.#inherited = tab.position.followed;
  }

  get connected() {
    return this.#connection !== null;
  }

  /** Connects, from where the tab stands. */
  start() {
    this.#platform.setTimeout(() => (this.#inherited = []), INHERITED);
    const { position } = this.#tab;
    position.followed = this.#wanted();
    this.#connection = new Connection(this.#platform, this.#forAll(), position.cursor);
    this.#connection.start();
  }

  end() {
    this.#ended.abort();
    this.#connection?.close();
  }

  /** Whether there are other tabs. */
  get shares() {
    return this.#needs.size > 0;
  }

  /** Reads the tables again. */
  refetch() {
    this.#connection?.fire('refetch');
  }

  /** Does not wait any longer. */
  retry() {
    this.#connection?.fire('wake');
  }

  /** @param {string} tab that has left */
  forget(tab) {
    if (this.#needs.delete(tab)) this.#tab.show(this.#tab.state());
  }

  /**
   * Follows what is wanted now.
   *
   * @returns {boolean} false: that is more than one connection can follow
   */
  turn() {
    const { position } = this.#tab;
    const wanted = this.#wanted();
    if (!fits(wanted)) return false;
    if (wanted.join() !== position.followed.join()) this.#connection?.fire('turn');
    return true;
  }

  /** The terms to follow for all tabs. */
  #wanted() {
    return union([...this.#consumer.terms, ...this.#inherited, ...[...this.#needs.values()].flat()]);
  }

  /** This tab's consumer, with all that the connection brings passed on to the others. @returns {Consumer} */
  #forAll() {
    const leader = this;
    const tab = this.#tab;
    const { position } = tab;
    return {
      ...this.#consumer,
      get terms() {
        return (position.followed = leader.#wanted());
      },
      read: async (signal) => {
        tab.stopReading();
        const cursor = await this.#consumer.read(signal).catch((error) => {
          if (!isPermanent(error)) throw error;
          tab.goAlone();
          return new Promise(() => {});
        });
        position.cursor = cursor;
        position.epoch = this.#platform.uuid();
        tab.send({ ...tab.copy(this.#consumer.specs), to: null });
        return cursor;
      },
      batch: (batch) => {
        const { epoch, cursor: after, followed } = position;
        tab.send({ kind: 'batch', epoch, after, followed, batch });
        tab.take(batch);
      },
      state: (state) => {
        if (this.#ended.signal.aborted) return;
        tab.send({ kind: 'state', state });
        tab.show(state);
      },
    };
  }

  /**
   * Follows what another tab needs, too, and sends it what this tab has.
   *
   * @param {string} to
   * @param {string[]} terms
   * @param {string[] | null} specs of the copies that the tab asks for; null: none
   */
  async provide(to, terms, specs) {
    const tab = this.#tab;
    const { position } = tab;
    if (!covers(position.followed, terms)) {
      const { signal } = this.#ended;
      const address = this.#consumer.address(terms, position.cursor, 0);
      const refused =
        !fits(union([...this.#wanted(), ...terms])) || (await request(this.#platform, address, { signal }).then(() => false, isPermanent));
      if (signal.aborted) return;
      if (refused) {
        tab.send({ kind: 'refused', to });
        return;
      }
    }
    this.#needs.set(to, terms);
    if (!covers(position.followed, terms)) {
      position.followed = this.#wanted();
      this.#connection?.fire('turn');
    }
    tab.show(tab.state());
    if (!specs) return;
    if (position.cursor && this.#connection) tab.send({ ...tab.copy(specs), to });
    tab.send({ kind: 'state', to, state: tab.state() });
  }
}
