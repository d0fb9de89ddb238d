import { FakeClock } from './clock.js';
import { FakeLocks } from './locks.js';

/** A browser with any number of tabs, all of which reach one server. */
export class FakeBrowser {
  clock = new FakeClock();
  locks = new FakeLocks();
  /** The channels that are open. */
  channels = new Set();
  #tabs = 0;

  constructor(server) {
    this.server = server;
  }

  /** A tab: the platform that a replica in it has, with what a test does to it. */
  tab(overrides = {}) {
    return Object.assign(new FakeTab(this, ++this.#tabs), overrides);
  }
}

class FakeTab {
  warnings = [];
  /** Messages of other tabs are lost while this is set. */
  deaf = false;
  /** How long messages of other tabs are under way, in milliseconds; 0: they come at once. */
  lag = 0;
  #browser;
  #number;
  #ids = 0;
  #listeners = new Set();
  #alive = true;
  /** The callbacks of a tab that hangs, for when it goes on. */
  #later = [];

  constructor(browser, number) {
    this.#browser = browser;
    this.#number = number;
  }

  /** The tab is gone without a word. */
  crash() {
    this.#alive = false;
    this.#browser.locks.forget(this);
    for (const channel of this.#browser.channels) {
      if (channel.tab === this) channel.close();
    }
    this.#browser.server.disconnect(this);
  }

  /** The page gets an event: `sleep`, `restore` or `online`. */
  happen(event) {
    for (const listeners of [...this.#listeners]) listeners[event]();
  }

  /** The tab does nothing, but keeps its lock, until it goes on. */
  hang() {
    this.#alive = false;
  }

  goOn() {
    this.#alive = true;
    for (const callback of this.#later.splice(0)) callback();
  }

  /** Calls back once this tab is not busy. */
  whenAwake(callback) {
    if (this.#alive) callback();
    else this.#later.push(callback);
  }

  now() {
    return this.#browser.clock.time;
  }

  time() {
    return this.#browser.clock.time;
  }

  random() {
    return 1;
  }

  setTimeout(callback, millis) {
    return this.#browser.clock.setTimeout(() => this.whenAwake(callback), millis);
  }

  setInterval(callback, millis) {
    return this.#browser.clock.setInterval(() => this.whenAwake(callback), millis);
  }

  clearTimeout(timer) {
    this.#browser.clock.clear(timer);
  }

  clearInterval(timer) {
    this.#browser.clock.clear(timer);
  }

  fetch(url, options) {
    return this.#browser.server.fetch(this, url, options);
  }

  webSocket(url) {
    return this.#browser.server.connect(this, 'socket', url);
  }

  eventSource(url) {
    return this.#browser.server.connect(this, 'stream', url);
  }

  channel(name) {
    const { channels } = this.#browser;
    const channel = {
      tab: this,
      name,
      onmessage: null,
      postMessage: (message) => {
        for (const other of channels) {
          if (other === channel || other.name !== name) continue;
          const data = structuredClone(message);
          if (other.tab.deaf) continue;
          const deliver = () => other.tab.whenAwake(() => channels.has(other) && other.onmessage({ data }));
          if (other.tab.lag) this.#browser.clock.setTimeout(deliver, other.tab.lag);
          else queueMicrotask(deliver);
        }
      },
      close: () => channels.delete(channel),
    };
    channels.add(channel);
    return channel;
  }

  locks() {
    return this.#browser.locks.of(this);
  }

  uuid() {
    return `tab ${this.#number}, ${++this.#ids}`;
  }

  canShare() {
    return true;
  }

  address() {
    return 'http://localhost/page';
  }

  base() {
    return '';
  }

  warn(text) {
    this.warnings.push(text);
  }

  onPage(signal, listeners) {
    this.#listeners.add(listeners);
    signal.addEventListener('abort', () => this.#listeners.delete(listeners));
  }
}
