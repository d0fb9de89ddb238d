/** @typedef {import('../types/internal.js').Snapshot} Snapshot */

const SNAPSHOT = 1;

/**
 * Reads which transactions a cursor has seen: docs/protocol.md, "What a cursor says".
 *
 * @param {string} cursor
 * @returns {Snapshot | null} null where the cursor has another form, and so is only a name
 */
export function snapshotOf(cursor) {
  if (!/^A[\w-]+$/.test(cursor) || cursor.length % 4 === 1) return null;
  const bytes = Uint8Array.from(atob(cursor.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));
  if (bytes[0] !== SNAPSHOT) return null;
  let at = 1;
  const number = () => {
    for (let value = 0, unit = 1; ; unit *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte % 128) * unit;
      if (byte < 128) return value;
    }
  };
  const xmax = number();
  const running = new Set();
  for (let left = number(), above = xmax; left > 0 && at < bytes.length; left--) {
    above -= number();
    running.add(above);
  }
  return { xmax, running };
}

/**
 * Whether a snapshot has seen a transaction.
 *
 * @param {Snapshot} snapshot
 * @param {string | number} txid
 */
export function sees({ xmax, running }, txid) {
  return Number(txid) < xmax && !running.has(Number(txid));
}

/**
 * Whether the first snapshot has seen all that the second has.
 *
 * @param {Snapshot} first
 * @param {Snapshot} second
 */
export function includes(first, second) {
  return second.xmax <= first.xmax && [...first.running].every((txid) => !sees(second, txid));
}
