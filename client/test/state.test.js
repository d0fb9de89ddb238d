import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { settled } from '../fakes/clock.js';
import { connect, stage } from '../fakes/replica.js';
import { response } from '../fakes/server.js';

const SECOND = 1000;
const SINCE = '2026-12-01T11:23:00Z';

let server, browser, open, several;
beforeEach(() => ({ server, browser, open, several } = stage()));
const beat = async () => {
  for (const follower of [...server.followers]) follower.beat();
  await settled();
};

describe('the state', () => {
  test('is frozen, and another only if something in it is', async () => {
    const live = await open();
    const { state } = live;
    assert.ok(Object.isFrozen(state));
    await beat();
    assert.equal(live.state, state);
    assert.deepEqual(state, { phase: 'live', transport: 'socket', role: 'leader', shared: false, error: null, retryAt: null, staleSince: null, unsent: 0 });
  });

  // evidence: replica-exact | A page says since when the database has been away | broken once: connection.js, #live: `staleSince` not compared
  test('says since when the server cannot read the feed, in every tab', async () => {
    const [first, second] = await several({}, {});
    server.staleSince = SINCE;
    await beat();
    assert.deepEqual([first.state.staleSince, second.state.staleSince, second.state.phase], [SINCE, SINCE, 'live']);
    const joined = await open();
    assert.equal(joined.state.staleSince, SINCE);
    server.staleSince = undefined;
    await beat();
    assert.deepEqual([first, second, joined].map(({ state }) => state.staleSince), [null, null, null]);
  });

  test('says when the next attempt comes, which can be made at once by any tab', async () => {
    const tabs = await several({}, {});
    for (const tab of tabs) {
      server.cut();
      await settled();
      assert.deepEqual(tabs.map(({ state }) => [state.phase, state.retryAt]), [['waiting', browser.clock.time + SECOND], ['waiting', browser.clock.time + SECOND]]);
      tab.retry();
      await settled();
      assert.deepEqual(tabs.map(({ state }) => [state.phase, state.retryAt]), [['live', null], ['live', null]]);
      tab.retry();
      assert.equal(tab.state.phase, 'live');
      await browser.clock.pass(10 * SECOND);
    }
    const alone = await open({ share: false });
    server.cut();
    await settled();
    assert.equal(alone.state.phase, 'waiting');
    alone.retry();
    await settled();
    assert.equal(alone.state.phase, 'live');
  });

  test('says whether other tabs use the connection', async () => {
    const first = await open();
    assert.equal(first.state.shared, false);
    const second = await open();
    assert.deepEqual([first.state.shared, second.state.shared], [true, true]);
    second.close();
    await settled();
    assert.equal(first.state.shared, false);
    assert.equal((await open({ share: false })).state.shared, false);
    assert.equal((await connect(browser.tab({ canShare: () => false }))).state.shared, false);
  });

  test('counts in every phase what is unsent', async () => {
    const live = await open();
    const counts = [];
    live.addEventListener('state', ({ detail }) => counts.push(`${detail.phase} ${detail.unsent}`));
    server.cut();
    live.update('t', 1, { val: 'a' });
    live.update('t', 2, { val: 'b' });
    assert.deepEqual([live.state.phase, live.state.unsent, live.writing], ['waiting', 2, 2]);
    await browser.clock.pass(SECOND);
    assert.deepEqual([live.state.phase, live.state.unsent, live.writing], ['live', 0, 0]);
    assert.ok(counts.includes('waiting 1') && counts.includes('waiting 2') && counts.at(-1) === 'live 0', counts.join());
    server.rules.push(({ method }) => (method === 'PATCH' ? { ...response(200, { id: 1, val: 'c' }, { 'PBP-Txid': '999' }) } : null));
    live.update('t', 1, { val: 'c' }).catch(() => {});
    await settled();
    assert.deepEqual([live.state.unsent, live.writing, counts.at(-1)], [0, 1, 'live 0'], 'answered, but not confirmed');
    live.close();
    assert.deepEqual([live.state.unsent, live.state.phase], [0, 'closed']);
  });

  test('of a replica that is closed before it began is closed', async () => {
    const live = await connect(browser.tab(), { tables: { t: { order: 'id' } } });
    const early = new (live.constructor)({ tables: { t: { order: 'id' } } }, browser.tab());
    early.close();
    assert.equal(early.state.phase, 'closed');
    await settled();
    assert.equal(early.state.phase, 'closed');
  });
});

describe('keys', () => {
  test('are what the site says, asked once for all tables', async () => {
    server.keys.t = ['val', 'id'];
    const live = await open({ tables: ['t', 'other'] });
    assert.deepEqual([...live.table('t').keys()], ['["x",1]', '["y",2]']);
    assert.equal(live.keyOf('t', { id: 1, val: 'x' }), '["x",1]');
    assert.equal(server.described, 1);
    assert.deepEqual((await live.describe()).map(({ table, key }) => [table, key]), [['t', ['val', 'id']], ['other', ['id']]]);
    assert.equal(server.described, 1);
  });

  test('that are given are not asked for', async () => {
    await open({ tables: { t: { key: 'id' }, other: { key: ['id'] } } });
    assert.equal(server.described, 0);
  });

  test('of several columns are in the address of a row, each value encoded', async () => {
    server.keys.t = ['val', 'id'];
    server.commit(['t', 3, { val: 'a/b,c %' }]);
    const live = await open();
    const asked = [];
    server.rules.push(({ method, path }) => void asked.push(`${method} ${path}`));
    live.update('t', live.keyOf('t', { val: 'a/b,c %', id: 3 }), { val: 'z' }).catch(() => {});
    live.delete('t', '["x",1]').catch(() => {});
    await settled();
    assert.deepEqual(asked, ['PATCH /api/t/a%2Fb%2Cc%20%25,3', 'DELETE /api/t/x,1']);
  });
});
