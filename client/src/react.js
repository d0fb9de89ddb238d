import { useCallback, useSyncExternalStore } from 'react';

/** @typedef {import('../types/pbp.js').Replica} Replica */
/** @typedef {import('../types/pbp.js').ViewOptions} ViewOptions */
/** @typedef {{ users: number, timer: ReturnType<typeof setTimeout> | undefined, error: Error | null }} Use */

/** A view stays for so long after its last component, which may come back. */
const LINGER = 5000;
/** @type {readonly any[]} */
const NONE = Object.freeze([]);
/** By replica and name, the views that components made. @type {WeakMap<Replica, Map<string, Use>>} */
const uses = new WeakMap();

/**
 * @param {Replica} live
 * @param {string} table
 * @param {Omit<ViewOptions, 'table'>} [options]
 * @returns {any}
 */
export function useLiveTable(live, table, options) {
  const name = options ? `${table} ${JSON.stringify(options, (_, value) => (typeof value === 'bigint' ? String(value) : value))}` : table;
  const subscribe = useCallback(
    (/** @type {() => void} */ listener) => {
      if (!options) return live.subscribe(name, listener);
      const release = retain(live, name, { ...options, table }, listener);
      const end = live.subscribe(name, listener);
      return () => {
        end();
        release();
      };
    },
    [live, name],
  );
  const get = () => uses.get(live)?.get(name)?.error ?? (options && !live.views.includes(name) ? NONE : live.snapshot(name));
  const rows = useSyncExternalStore(subscribe, get, () => NONE);
  if (rows instanceof Error) throw rows;
  return rows;
}

/** @param {Replica} live */
export function useLiveState(live) {
  const subscribe = useCallback(
    (/** @type {() => void} */ listener) => {
      live.addEventListener('state', listener);
      return () => live.removeEventListener('state', listener);
    },
    [live],
  );
  const get = () => live.state;
  return useSyncExternalStore(subscribe, get, get);
}

/**
 * @param {Replica} live
 * @param {string} name
 * @param {ViewOptions} options
 * @param {() => void} refused called if the server rejects the view
 */
function retain(live, name, options, refused) {
  const views = uses.get(live) ?? new Map();
  uses.set(live, views);
  /** @type {Use} */
  const use = views.get(name) ?? { users: 0, timer: undefined, error: null };
  views.set(name, use);
  clearTimeout(use.timer);
  use.users++;
  live.view(name, options).catch((error) => {
    if (use.users === 0) return;
    use.error = error;
    refused();
  });
  return () => {
    if (--use.users > 0) return;
    use.timer = setTimeout(() => {
      views.delete(name);
      live.drop(name);
    }, LINGER);
  };
}
