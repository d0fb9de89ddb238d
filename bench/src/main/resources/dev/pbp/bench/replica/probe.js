// In each page of the benchmark, before its own scripts: when something was painted, or told.
window.probe = {
  /** Milliseconds since the epoch by the clock that this page has had since it began. */
  now: () => performance.timeOrigin + performance.now(),

  /**
   * Settled by the first task after the frame in which what the document holds now is laid out and painted. A
   * ResizeObserver is asked in the frame that is under way or in the next one, after layout and before painting: right
   * for who changes the document in an animation frame and for who does it at any other time.
   */
  frame: () =>
    new Promise((done) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => done(probe.now());
      const observer = new ResizeObserver(() => {
        observer.disconnect();
        port2.postMessage(null);
      });
      observer.observe(document.documentElement);
    }),

  /** Settled as a promise is, which has a minute's time. */
  soon: (what, promise) =>
    Promise.race([promise, new Promise((_, fail) => setTimeout(() => fail(new Error(`not ${what} within a minute`)), 60_000))]),

  /** Settled with the time of the frame that first shows what fulfils a condition. */
  painted: (condition) =>
    probe.soon('painted', new Promise((done) => {
      const look = () => {
        if (!condition()) return;
        observer.disconnect();
        probe.frame().then(done);
      };
      const observer = new MutationObserver(look);
      observer.observe(document, { childList: true, subtree: true, characterData: true });
      look();
    })),

  rows: (count) => probe.painted(() => document.querySelectorAll('#rows .row').length === count),

  /** The same, once the page also says that it is up to date, if it says such things. */
  live: (count) =>
    probe.painted(() => document.querySelectorAll('#rows .row').length === count && (document.getElementById('state-text') ?? { textContent: 'Live' }).textContent === 'Live'),

  /** `asked` is settled with the time at which a row with this text was painted. */
  expect: ([key, text]) => {
    probe.asked = probe.painted(() => document.querySelector(`#rows .row[data-key="${key}"] .val`)?.textContent === text);
  },

  /** Scrolls down and up again by so many pixels a frame; how many milliseconds there were from frame to frame. */
  scroll: async (frames, pixels) => {
    const frame = () => new Promise(requestAnimationFrame);
    const times = [];
    for (let i = 0, last = await frame(); i < frames; i++) {
      window.scrollBy(0, i < frames / 2 ? pixels : -pixels);
      const now = await frame();
      times.push(now - last);
      last = now;
    }
    return times;
  },
};
