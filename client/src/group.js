import { SECOND } from './time.js';

/** @typedef {import('../types/internal.js').Message} Message */
/** @typedef {import('../types/internal.js').MessageBody} MessageBody */

/** How often the leader's silence is looked at. */
const LOOK = 2 * SECOND;
/** When a silent leader is taken to hang: sooner by a tab without rows. */
const HANGS = { waiting: 5 * SECOND, supplied: 75 * SECOND };
/** How long a tab that leads, and has nothing, waits for what the others have. */
const GRACE = 100;

/** The tabs of a browser: a channel between them, and a lock that elects the one that leads. */
export class Group {
  #id;
  #platform;
  #name;
  #listener;
  /** @type {ReturnType<import('../types/internal.js').Platform['channel']> | null} */
  #channel = null;
  /** The id of the tab that leads; null: not known. @type {string | null} */
  #leader = null;
  #heard = 0;
  #left = new AbortController();

  /**
   * @param {import('../types/internal.js').Platform} platform
   * @param {string} name of the channel and the lock
   * @param {import('../types/internal.js').GroupListener} listener
   */
  constructor(platform, name, listener) {
    this.#id = platform.uuid();
    this.#platform = platform;
    this.#name = name;
    this.#listener = listener;
  }

  get joined() {
    return this.#channel !== null;
  }

  join() {
    const platform = this.#platform;
    this.#left = new AbortController();
    const { signal } = this.#left;
    this.#channel = platform.channel(this.#name);
    this.#channel.onmessage = ({ data }) => this.#receive(data);
    this.#heard = platform.time();
    this.#leader = null;
    this.#listener.joined();
    this.#compete(signal, { signal });
    const watchdog = platform.setInterval(() => this.#checkLeader(), LOOK);
    signal.addEventListener('abort', () => platform.clearInterval(watchdog));
  }

  leave() {
    this.send({ kind: 'bye' });
    this.#left.abort();
    this.#leader = null;
    this.#channel?.close();
    this.#channel = null;
  }

  /** @param {MessageBody} message */
  send(message) {
    this.#channel?.postMessage({ from: this.#id, ...message });
  }

  /**
   * Waits for the lock, and leads until this tab leaves or another takes the lock away.
   *
   * @param {AbortSignal} left aborted when this tab leaves
   * @param {LockOptions} options
   */
  #compete(left, options) {
    this.#platform
      .locks()
      .request(this.#name, options, async () => {
        if (left.aborted) return;
        const over = new Promise((resolve) => left.addEventListener('abort', resolve));
        this.#leader = this.#id;
        await this.#listener.elected(left);
        await over;
      })
      .catch(() => {
        // This tab has left, or was thought to hang.
        if (left.aborted || this.#leader !== this.#id) return;
        this.#leader = null;
        this.#listener.deposed();
        this.#compete(left, { signal: left });
      });
  }

  /** Waits a moment for the answers of other tabs, if there are any. */
  async grace() {
    const { pending = [] } = await this.#platform.locks().query();
    if (pending.some(({ name }) => name === this.#name)) {
      await new Promise((resolve) => this.#platform.setTimeout(() => resolve(null), GRACE));
    }
  }

  /** Takes the lead from a tab that hangs. */
  #checkLeader() {
    const now = this.#platform.time();
    const limit = this.#listener.supplied() ? HANGS.supplied : HANGS.waiting;
    if (this.#leader !== this.#id && now - this.#heard > limit) {
      this.#heard = now;
      this.#compete(this.#left.signal, { steal: true });
    }
  }

  /** @param {Message} message */
  #receive(message) {
    const { kind, from, to } = message;
    if (to && to !== this.#id) return;
    if (this.#leader === this.#id) {
      this.#listener.lead(message);
      return;
    }
    if (['hello', 'need', 'mismatch', 'retry'].includes(kind)) return; // for the leader
    if (kind === 'bye') {
      if (from === this.#leader) this.#leader = null;
      return;
    }
    if (kind === 'lead' || this.#leader === null) this.#leader = from;
    if (from !== this.#leader) return;
    this.#heard = this.#platform.time();
    this.#listener.follow(message);
  }
}
