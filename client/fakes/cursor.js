const SIGNATURE = Array(12).fill(7);

/** A cursor as the server makes them, but for its signature, which a client cannot check. */
export function cursorAt(xmax, running = [], form = 1) {
  const bytes = [form, ...number(xmax), ...number(running.length)];
  let above = xmax;
  for (const txid of [...running].sort((a, b) => b - a)) {
    bytes.push(...number(above - txid));
    above = txid;
  }
  return Buffer.from([...bytes, ...SIGNATURE]).toString('base64url');
}

function number(value) {
  return value < 128 ? [value] : [(value % 128) | 128, ...number(Math.floor(value / 128))];
}
