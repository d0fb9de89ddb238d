/** A clock and timers that go on only when a test says so. */
export class FakeClock {
  time = 0;
  #timers = new Map();
  #last = 0;

  setTimeout(callback, millis) {
    return this.#add(callback, millis, 0);
  }

  setInterval(callback, millis) {
    return this.#add(callback, millis, millis);
  }

  clear(timer) {
    this.#timers.delete(timer);
  }

  #add(callback, millis, every) {
    this.#timers.set(++this.#last, { at: this.time + millis, every, callback });
    return this.#last;
  }

  /** Lets time pass, and all that follows from it happen in its order. */
  async pass(millis) {
    const end = this.time + millis;
    await settled();
    for (;;) {
      const [id, timer] = this.#next(end);
      if (!timer) break;
      this.time = timer.at;
      if (timer.every) timer.at += timer.every;
      else this.#timers.delete(id);
      timer.callback();
      await settled();
    }
    this.time = end;
  }

  #next(end) {
    const due = [...this.#timers].filter(([, { at }]) => at <= end);
    return due.reduce((first, other) => (first[1] && first[1].at <= other[1].at ? first : other), []);
  }
}

/** All that was begun is done: the fakes work in microtasks, which end before the next turn of the event loop. */
export function settled() {
  return new Promise((resolve) => setImmediate(resolve));
}
