import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeBrowser } from '../fakes/browser.js';
import { settled } from '../fakes/clock.js';
import { FakeServer } from '../fakes/server.js';
import { TRANSPORTS } from '../src/transports.js';

/** Opens a transport, from the cursor or from now, and keeps what it fires. */
async function open(name, cursor) {
  const server = new FakeServer('t');
  const fired = [];
  const waits = [];
  const address = (wait) => {
    waits.push(wait);
    return `/api/_changes?table=t${cursor ? `&cursor=${cursor}` : ''}${wait === undefined ? '' : `&wait=${wait}`}`;
  };
  const close = TRANSPORTS[name](new FakeBrowser(server).tab(), address, (event, detail) => fired.push([event, detail]));
  await settled();
  return { server, fired, waits, close };
}

for (const name of Object.keys(TRANSPORTS)) {
  test(`${name} brings changes`, async () => {
    const { server, fired, close } = await open(name);
    server.commit(['t', 1, { val: 'a' }]);
    await settled();
    assert.deepEqual(fired.map(([event, { changes }]) => event + changes.length), ['message0', 'message1']);
    assert.equal(fired[1][1].cursor, server.cursor);
    close();
    assert.equal(server.followers.size, 0);
  });

  // evidence: replica-exact | A 503 does not end an event stream for good | broken once: transports.js, stream: `onerror` left out
  test(`${name} reports a connection that breaks`, async () => {
    const { server, fired } = await open(name);
    server.cut();
    await settled();
    const [event, error] = fired.at(-1);
    assert.equal(event, 'lost');
    assert.ok(error instanceof Error);
  });

  test(`${name} reports must-refetch`, async () => {
    const { server } = await open(name);
    const { cursor } = server;
    server.commit(['t', 1, { val: 'a' }]);
    server.forgetCursors();
    const fired = [];
    const tab = new FakeBrowser(server).tab();
    TRANSPORTS[name](tab, (wait) => `/api/_changes?table=t&cursor=${cursor}&wait=${wait ?? ''}`, (event) => fired.push(event));
    await settled();
    assert.deepEqual(fired, ['refetch']);
  });
}

test('the first transport is the one that is not one of the browser’s six connections', () => {
  assert.deepEqual(Object.keys(TRANSPORTS), ['socket', 'stream', 'poll']);
});

test('a socket that the server closes says how long to wait', async () => {
  let socket;
  const fired = [];
  const platform = { address: () => 'https://example.org/page', webSocket: (url) => (socket = { url, close() {} }) };
  TRANSPORTS.socket(platform, () => '/api/_changes?table=t', (event, detail) => fired.push([event, detail.retryAfter]));
  assert.equal(socket.url, 'wss://example.org/api/_changes?table=t');
  socket.onclose({ reason: 'retry=4000' });
  socket.onclose({ reason: 'nonsense' });
  assert.deepEqual(fired, [['lost', 4000], ['lost', 0]]);
});

test('a poll asks at once, then waits, until it is closed', async () => {
  const { server, waits, fired, close } = await open('poll');
  server.commit(['t', 1, { val: 'a' }]);
  await settled();
  assert.deepEqual(waits, [0, 18, 18]);
  close();
  await settled();
  assert.deepEqual(waits, [0, 18, 18]);
  assert.equal(fired.at(-1)[0], 'lost');
});
