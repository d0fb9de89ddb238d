/**
 * The browser's functions that the client uses. Each global is looked up at each use.
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
  canShare: () => 'locks' in navigator && 'BroadcastChannel' in globalThis,
  address: () => location.href,
  warn: (text) => console.warn(text),
  onPage(signal, { sleep, restore, online }) {
    window.addEventListener('pagehide', sleep, { signal });
    document.addEventListener('freeze', sleep, { signal });
    window.addEventListener('pageshow', restore, { signal });
    document.addEventListener('resume', restore, { signal });
    window.addEventListener('online', online, { signal });
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && online(), { signal });
  },
};
