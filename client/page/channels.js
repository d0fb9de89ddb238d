/** Beside this file, also where the site is under a path. */
const ADDRESS = new URL('../api/_channels', import.meta.url).href;
const MOST_KEPT = 50;
/** In one request. */
const MOST_NAMES = 100;
/** Between attempts; twice as long each time, until one held for `good`. */
const PAUSE = { first: 1000, most: 30_000, good: 5000 };

/**
 * The NOTIFY channels that the server shows: a `heard` event for each message and gap (`fresh`, unless another tab kept
 * it), a `state` event for names and problems. Who is connected, and how: docs/client.md.
 */
export class Channels extends EventTarget {
  /** The names of all that are followed; null until they are known. @type {string[] | null} */
  names = null;
  /** Why nothing is heard at the moment; empty at first, null if all is well. @type {string | null} */
  problem = '';
  /** The newest last. @type {{ place: string | null, message: any }[]} */
  kept = [];
  #replica;
  #others = null;
  /** Behind the last message, of a stream. */
  #place = null;
  /** When the last socket ended. */
  #since = null;
  #following = null;
  /** Whether the way in use has been open. */
  #open = false;

  constructor(replica) {
    super();
    this.#replica = replica;
    replica.addEventListener('state', () => this.#turn());
  }

  #turn() {
    const { phase, role } = this.#replica.state;
    this.#meet(role !== 'alone' && phase !== 'paused' && phase !== 'closed');
    const leads = phase === 'live' && role !== 'follower';
    if (leads && !this.#following) {
      this.#following = new AbortController();
      this.#follow(role === 'alone' ? [this.#socket, this.#stream] : [this.#stream], this.#following.signal);
    } else if (!leads) {
      this.#following?.abort();
      this.#following = null;
    }
    if (phase === 'live' && role === 'follower') this.#learn().catch((error) => this.#became(error.message));
  }

  /** Hears the other tabs, or no longer. */
  #meet(together) {
    if (together === Boolean(this.#others)) return;
    this.#others?.close();
    this.#others = together ? new BroadcastChannel(`pbp channels ${ADDRESS}`) : null;
    if (!this.#others) return;
    this.#others.onmessage = ({ data }) => this.#hear(data);
    this.#others.postMessage({ hello: true });
  }

  #hear({ hello, kept, place, problem, message }) {
    if (hello) {
      if (this.#following) this.#others.postMessage({ kept: this.kept, place: this.#place, problem: this.problem });
      return;
    }
    if (this.#following) return;
    if (kept && this.#place === null) kept.forEach((one) => this.#tell(one.place, one.message, false));
    if (message) this.#tell(place, message);
    if (place) this.#place = place;
    if (problem !== undefined) this.#became(problem);
  }

  async #learn() {
    if (this.names) return;
    const answer = await fetch(`${ADDRESS}/names`);
    if (!answer.ok) throw new Error(`the names of the channels: ${answer.status}`);
    this.names = (await answer.json()).slice(0, MOST_NAMES);
    this.dispatchEvent(new Event('state'));
  }

  /** By the first of these ways, or by the next where that does not even open: some proxies let no WebSocket through. */
  async #follow(ways, signal) {
    for (let pause = PAUSE.first; !signal.aborted; pause = Math.min(2 * pause, PAUSE.most)) {
      const begin = performance.now();
      try {
        await this.#learn();
        signal.throwIfAborted();
        if (this.names?.length === 0) return;
        const query = new URLSearchParams(this.names?.map((name) => ['channel', name]));
        this.#open = false;
        await ways[0].call(this, `${ADDRESS}?${query}`, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#pass({ problem: error.message });
        if (!this.#open) ways.push(ways.shift());
      }
      if (performance.now() - begin > PAUSE.good) pause = PAUSE.first;
      await new Promise((resume) => setTimeout(resume, pause * (0.5 + Math.random() / 2)));
    }
  }

  async #stream(address, signal) {
    if (this.#place === null) {
      const answer = await fetch(`${address}&wait=0`, { signal });
      if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
      this.#pass({ place: answer.headers.get('PBP-Cursor') });
    }
    await new Promise((_, end) => {
      const source = new EventSource(`${address}&cursor=${this.#place}`);
      source.onopen = () => {
        this.#open = true;
        this.#pass({ place: this.#place, problem: null });
      };
      source.onmessage = ({ data, lastEventId }) => this.#pass({ place: lastEventId || null, message: JSON.parse(data) });
      source.onerror = () => {
        source.close();
        end(new Error('the connection was lost'));
      };
      signal.addEventListener('abort', source.onerror);
    });
  }

  async #socket(address, signal) {
    await new Promise((_, end) => {
      const url = new URL(address);
      url.protocol = url.protocol.replace('http', 'ws');
      const socket = new WebSocket(url);
      socket.onopen = () => {
        this.#open = true;
        if (this.#since) this.#pass({ message: { gap: { reason: 'reconnected', since: this.#since } } });
        this.#pass({ problem: null });
      };
      socket.onmessage = ({ data }) => this.#pass({ message: JSON.parse(data) });
      socket.onclose = () => {
        if (this.#open) this.#since = new Date().toISOString();
        end(new Error('the connection was lost'));
      };
      signal.addEventListener('abort', () => socket.close());
    });
  }

  #pass({ place = null, problem = undefined, message = null }) {
    this.#others?.postMessage({ place, problem, message });
    if (message) this.#tell(place, message);
    if (place) this.#place = place;
    if (problem !== undefined) this.#became(problem);
  }

  #became(problem) {
    this.problem = problem;
    this.dispatchEvent(new Event('state'));
  }

  /** A new leader may bring once more what one tab has had and it has not. */
  #tell(place, message, fresh = true) {
    if (place && this.kept.some((one) => one.place === place)) return;
    this.kept.push({ place, message });
    if (this.kept.length > MOST_KEPT) this.kept.shift();
    this.dispatchEvent(new CustomEvent('heard', { detail: { message, fresh } }));
  }
}
