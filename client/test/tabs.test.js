import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { settled } from '../fakes/clock.js';
import { connect, roles, rows, stage, told } from '../fakes/replica.js';
import { response } from '../fakes/server.js';

const SECOND = 1000;
const ONLY_X = { tables: { t: { where: { val: 'eq.x' } } } };
const ONLY_Y = { tables: { t: { where: { val: 'eq.y' } } } };
const BOTH = { tables: ['t', 'other'] };

let server, browser, open, several, commit, followed;
beforeEach(() => ({ server, browser, open, several, commit, followed } = stage()));

describe('tabs', () => {
  // evidence: tabs | All tabs share one connection, counted by the server, and one read | broken once: replica.js: `name` always null
  test('share one connection, and read a table once', async () => {
    const tabs = await several({}, {}, {});
    await commit(['t', 3, { val: 'new' }]);
    assert.deepEqual(roles(tabs), ['leader live', 'follower live', 'follower live']);
    for (const tab of tabs) {
      assert.deepEqual(told(tab), ['read insert1x,insert2y', 'fed insert3new']);
    }
    assert.equal(server.followers.size, 1);
    assert.deepEqual(server.requests, ['GET /api/t']);
  });

  test('have each its own rows, of what one connection brings', async () => {
    const [x, y, both] = await several(ONLY_X, ONLY_Y, BOTH);
    assert.deepEqual(followed(), ['other,t,t?val=eq.x,t?val=eq.y']);
    await commit(['t', 1, { val: 'y' }], ['other', 1, { val: 'zz' }]);
    assert.deepEqual(told(x), ['read insert1x', 'fed delete1']);
    assert.deepEqual(told(y), ['read insert2y', 'fed insert1y']);
    assert.equal(rows(both) + rows(both, 'other'), '1y 2y1zz');
    assert.equal(server.reads('t'), 3);
  });

  test('whose rows the leader has get a copy', async () => {
    const [, second] = await several(BOTH, {});
    assert.equal(rows(second), '1x 2y');
    assert.deepEqual(server.requests, ['GET /api/t', 'GET /api/other']);
  });

  test('get a copy without what the leader has written itself', async () => {
    const leader = await open();
    server.rules.push(({ method }) => (method === 'PATCH' ? new Promise(() => {}) : null));
    leader.update('t', 1, { val: 'mine' }).catch(() => {});
    const second = await open();
    assert.deepEqual([rows(leader), rows(second)], ['1mine 2y', '1x 2y']);
    leader.close();
  });

  // evidence: tabs | What a tab's own read has seen is not reported once more | broken once: table.js, awaits: the read's snapshot not asked
  test('leave out what their own read has seen', async () => {
    const leader = await open(ONLY_X);
    server.rules.push(() => {
      server.rules = [];
      server.commit(['t', 1, { val: 'one' }]);
      server.commit(['t', 1, { val: 'two' }]);
    });
    const second = await open();
    await commit(['t', 3, { val: 'x' }]);
    assert.deepEqual(told(second), ['read insert1two,insert2y', 'fed insert3x']);
    assert.deepEqual(told(leader), ['read insert1x', 'fed delete1', 'fed insert3x']);
  });

  test('that do not share have a connection each', async () => {
    const tabs = await several({}, { share: false });
    assert.deepEqual(roles(tabs), ['leader live', 'alone live']);
    const old = browser.tab({ canShare: () => false });
    assert.equal((await connect(old)).state.role, 'alone');
    assert.equal(server.followers.size, 3);
  });

  test('do not notice what is refused to another', async () => {
    const leader = await open();
    const refused = await open({ tables: ['t', 'nonsense'] });
    const follower = await open();
    assert.equal(refused.state.role, 'alone');
    await commit(['t', 3, { val: 'new' }]);
    assert.deepEqual(roles([leader, follower]), ['leader live', 'follower live']);
    assert.equal(rows(follower), '1x 2y 3new');
    const phases = leader.states.map(({ phase }) => phase);
    assert.deepEqual([...new Set(phases.slice(phases.indexOf('live')))], ['live']);
  });

  // evidence: tabs | What is refused to one tab does not disturb the others | broken once: leader.js, read: stays in the lead
  test('do not wait for a leader that is refused what it wants itself', async () => {
    const first = await open({ tables: ['t', 'nonsense'] });
    assert.equal(first.state.role, 'alone');
    const second = await open();
    assert.deepEqual(roles([second]), ['leader live']);
  });
});

describe('a follower', () => {
  // evidence: tabs | broken once: tabs.js, #receiveBatch: cursors not compared
  test('that has missed something notices, and asks for a copy', async () => {
    const [, deaf] = await several({}, {});
    deaf.tab.deaf = true;
    await commit(['t', 3, { val: 'one' }]);
    deaf.tab.deaf = false;
    await commit(['t', 4, { val: 'two' }]);
    assert.deepEqual(told(deaf), ['read insert1x,insert2y', 'read insert3one,insert4two']);
    assert.equal(server.reads('t'), 1);
  });

  test('whose leader has not heard what it needs asks again', async () => {
    const [first, second, third] = await several(ONLY_X, ONLY_Y, {});
    first.tab.crash();
    second.tab.deaf = true;
    await settled();
    second.tab.deaf = false;
    await browser.clock.pass(10 * SECOND); // the leader follows no longer what the one before did
    server.cut();
    server.opened = [];
    await browser.clock.pass(SECOND);
    assert.equal(server.opened[0], 't?val=eq.y');
    assert.deepEqual(followed(), ['t,t?val=eq.y']);
    await commit(['t', 1, { val: 'a' }], ['t', 2, { val: 'b' }]);
    assert.equal(rows(third), '1a 2b');
  });

  test('that was put aside is paused, and then as the others are', async () => {
    const [, second] = await several({}, {});
    second.tab.happen('sleep');
    assert.equal(second.state.phase, 'paused');
    await commit(['t', 3, { val: 'meanwhile' }]);
    assert.equal(rows(second), '1x 2y');
    second.tab.happen('restore');
    await settled();
    assert.equal(rows(second), '1x 2y 3meanwhile');
    assert.deepEqual(roles([second]), ['follower live']);
  });

  test('is as live as the leader', async () => {
    const tabs = await several({}, {});
    server.cut();
    await settled();
    assert.deepEqual(roles(tabs), ['leader waiting', 'follower waiting']);
    await browser.clock.pass(SECOND);
    assert.deepEqual(roles(tabs), ['leader live', 'follower live']);
  });

  test('is behind, and keeps what comes, until it has read what the leader does not have', async () => {
    await open(ONLY_X);
    let go;
    server.rules.push(async ({ path }) => {
      server.rules = [];
      const answer = response(200, [...server.tables.get('t').values()], { 'PBP-Cursor': server.cursor });
      await new Promise((resolve) => (go = resolve));
      return path === '/api/t' && answer;
    });
    const second = await open();
    assert.deepEqual(roles([second]), ['follower connecting']);
    await commit(['t', 3, { val: 'meanwhile' }]);
    assert.deepEqual(told(second), []);
    go();
    await settled();
    assert.deepEqual(told(second), ['read insert1x,insert2y', 'fed insert3meanwhile']);
    assert.deepEqual(roles([second]), ['follower live']);
  });

  test('reads again where that failed', async () => {
    await open(ONLY_X);
    server.rules.push(() => {
      server.rules = [];
      return response(503, { detail: 'away' });
    });
    const second = await open();
    assert.deepEqual([second.state.phase, second.state.error], ['connecting', 'away']);
    await browser.clock.pass(2 * SECOND);
    assert.deepEqual([second.state.phase, second.state.error], ['live', null]);
  });
});

describe('a mismatch in several tabs', () => {
  const forge = async () => {
    server.tell({ table: 't', op: 'update', key: { id: 1 }, old: { id: 1, val: 'never' }, new: { id: 1, val: 'forged' } });
    await settled();
  };

  // evidence: replica-exact | A mismatch in several tabs is one read, by the leader, also of rows that the leader does not follow | broken once: tabs.js, requestRead: each tab reads
  test('is one read, by the leader, for all', async () => {
    const tabs = await several({}, {}, {});
    const readers = [];
    server.rules.push(({ tab }) => void readers.push(tab));
    tabs[1].tab.random = () => 0.5; // the first to ask does not lead
    await forge();
    await browser.clock.pass(SECOND);
    for (const tab of tabs) assert.deepEqual(told(tab).slice(1), ['fed update1forged', 'read update1x']);
    assert.deepEqual(readers, [tabs[0].tab]);
  });

  // evidence: replica-exact | A mismatch in several tabs is one read, by the leader, also of rows that the leader does not follow | recorded at: tabs.test.js
  test('is read by the leader though it has other rows', async () => {
    const [, second, third] = await several({ tables: ['other'] }, {}, {});
    assert.equal(server.reads('t'), 2);
    await forge();
    await browser.clock.pass(SECOND);
    assert.deepEqual([rows(second), rows(third)], ['1x 2y', '1x 2y']);
    assert.equal(server.reads('t'), 3);
  });

  // evidence: replica-exact | A tab that joins copies no table with a mismatch | broken once: replica.js, copy: `mismatch` not asked
  test('is not copied by a tab that joins', async () => {
    const first = await open();
    await forge();
    const joined = await open();
    assert.deepEqual([rows(first), rows(joined)], ['1forged 2y', '1x 2y']);
  });

  // evidence: replica-exact | A mismatch outlives the leader | broken once: verification.js, check: `retry` called once
  test('outlives the leader', async () => {
    const [first, second] = await several({}, {});
    server.rules.push(({ tab }) => (tab === first.tab ? new Promise(() => {}) : null));
    await forge();
    await browser.clock.pass(SECOND);
    first.tab.crash();
    await browser.clock.pass(10 * SECOND);
    assert.equal(second.state.role, 'leader');
    assert.equal(rows(second), '1x 2y');
  });
});
