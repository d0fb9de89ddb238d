import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { connect } from '@pbp/client';
import { cursorAt } from '../fakes/cursor.js';

/** A site with one table, by HTTP: what a client in Node has, without a page, WebSocket and event streams. */
async function site() {
  const waiting = [];
  const rows = [{ id: 1, val: 'a' }];
  let xmax = 100;
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    const send = (body, headers = {}) => response.writeHead(200, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
    if (pathname === '/live/api/t') send(rows, { 'PBP-Cursor': cursorAt(xmax) });
    else if (searchParams.get('wait') === '0') send({ cursor: cursorAt(xmax), changes: [] });
    else waiting.push(send);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    base: `http://127.0.0.1:${server.address().port}/live`,
    close: () => server.close() && server.closeAllConnections(),
    waits: () => waiting.length > 0,
    commit(row) {
      const txid = String(xmax++);
      waiting.shift()({ cursor: cursorAt(xmax), changes: [{ table: 't', op: 'insert', key: { id: row.id }, old: null, new: row, txid }] });
    },
  };
}

// evidence: replica-exact | The client works in Node and in workers | broken once: platform.js, canShare: asks `navigator` that is not there
test('the package follows a site in Node, where there is no page', async () => {
  const { base, close, commit, waits } = await site();
  const live = await connect({ base, tables: { t: { key: 'id' } } }).ready;
  if (live.state.phase !== 'live') await new Promise((resolve) => live.addEventListener('state', ({ detail }) => detail.phase === 'live' && resolve()));
  assert.deepEqual([live.state.transport, live.state.role], ['poll', 'alone']);
  while (!waits()) await new Promise(setImmediate);
  const changed = new Promise((resolve) => live.subscribe('t', resolve));
  commit({ id: 2, val: 'b' });
  await changed;
  assert.deepEqual(live.snapshot('t').map(({ val }) => val), ['a', 'b']);
  live.close();
  close();
});

test('where there is no page the site has to be named', () => {
  assert.throws(() => connect({ tables: ['t'] }), { name: 'TypeError', message: /base/ });
});
