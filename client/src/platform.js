/**
 * What comes before `/api`: where the site is that serves the module, relative to the page if that is of the same origin. A
 * module that comes from elsewhere, such as a bundler's file, is taken for the page's own.
 *
 * @param {string} module
 * @param {string} page
 */
export function baseOf(module, page) {
  const { origin, pathname } = new URL(module);
  const [, base] = /^(.*)\/static\/pbp\.js$/.exec(pathname) ?? [];
  return base === undefined ? '' : origin === new URL(page).origin ? base : origin + base;
}

/**
 * The browser's functions that the client uses, also in a worker and in Node, where there is no page. Each global is looked up at
 * each use.
 *
 * @type {import('../types/internal.js').Platform}
 */
export const browser = {
  now: () => performance.now(),
  time: () => Date.now(),
  random: () => Math.random(),
  setTimeout: (callback, millis) => setTimeout(callback, millis),
  clearTimeout: (timer) => clearTimeout(timer),
  setInterval: (callback, millis) => setInterval(callback, millis),
  clearInterval: (timer) => clearInterval(timer),
  fetch: (url, options) => fetch(url, options),
  webSocket: (url) => new WebSocket(url),
  eventSource: (url) => new EventSource(url),
  channel: (name) => new BroadcastChannel(name),
  locks: () => navigator.locks,
  uuid: () => crypto.randomUUID(),
  canShare: () => Boolean(globalThis.navigator?.locks && globalThis.BroadcastChannel),
  address: () => globalThis.location?.href,
  base: () => (globalThis.location ? baseOf(import.meta.url, location.href) : ''),
  warn: (text) => console.warn(text),
  onPage(signal, { sleep, restore, online }) {
    const page = globalThis.document;
    /** @type {[EventTarget | undefined, string, () => void][]} */
    const events = [
      [globalThis, 'pagehide', sleep],
      [page, 'freeze', sleep],
      [globalThis, 'pageshow', restore],
      [page, 'resume', restore],
      [globalThis, 'online', online],
      [page, 'visibilitychange', () => page.visibilityState === 'visible' && online()],
    ];
    for (const [target, type, listener] of events) target?.addEventListener?.(type, listener, { signal });
  },
};
