/** Web Locks, exclusive ones: asked for in turn, stolen, or lost with their tab. */
export class FakeLocks {
  /** By name: who holds it. */
  #held = new Map();
  /** In the order in which they were asked for. */
  #pending = [];

  /** The locks as a tab sees them. */
  of(tab) {
    return {
      request: (name, options, callback) => this.#request(tab, name, options, callback),
      query: async () => ({ held: [...this.#held.keys()].map((name) => ({ name })), pending: this.#pending.map(({ name }) => ({ name })) }),
    };
  }

  /** A tab is gone. */
  forget(tab) {
    this.#pending = this.#pending.filter((request) => request.tab !== tab);
    for (const [name, holder] of this.#held) {
      if (holder.tab === tab) this.#pass(name, holder);
    }
  }

  #request(tab, name, { signal, steal = false }, callback) {
    return new Promise((resolve, reject) => {
      const request = { tab, name, callback, resolve, reject };
      if (steal) {
        const robbed = this.#held.get(name);
        robbed?.tab.whenAwake(() => robbed.reject(new DOMException('another took the lock', 'AbortError')));
        this.#grant(request);
        return;
      }
      this.#pending.push(request);
      signal?.addEventListener('abort', () => {
        if (!this.#pending.includes(request)) return;
        this.#pending = this.#pending.filter((other) => other !== request);
        reject(signal.reason);
      });
      if (!this.#held.has(name)) this.#grantNext(name);
    });
  }

  #grantNext(name) {
    const request = this.#pending.find((one) => one.name === name);
    if (!request) return;
    this.#pending = this.#pending.filter((other) => other !== request);
    this.#grant(request);
  }

  #grant(request) {
    this.#held.set(request.name, request);
    queueMicrotask(() =>
      Promise.resolve(request.callback())
        .then(request.resolve, request.reject)
        .finally(() => this.#pass(request.name, request)),
    );
  }

  #pass(name, holder) {
    if (this.#held.get(name) !== holder) return;
    this.#held.delete(name);
    this.#grantNext(name);
  }
}
