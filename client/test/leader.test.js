import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { settled } from '../fakes/clock.js';
import { connect, roles, rows, stage, told } from '../fakes/replica.js';

const SECOND = 1000;
const ONLY_X = { tables: { t: { where: { val: 'eq.x' } } } };
const ONLY_Y = { tables: { t: { where: { val: 'eq.y' } } } };
const BOTH = { tables: ['t', 'other'] };

let server, browser, open, several, commit, followed;
beforeEach(() => ({ server, browser, open, several, commit, followed } = stage()));

describe('the next leader', () => {
  for (const [name, end] of [
    ['was closed', (leader) => leader.close()],
    ['crashed', (leader) => leader.tab.crash()],
    ['was put aside', (leader) => leader.tab.happen('sleep')],
  ]) {
    // evidence: tabs | A follower takes over from a leader that was closed or crashed, and reads nothing again | broken once: leader.js, start: begins without its cursor
    test(`goes on from where it stands, when the one before ${name}`, async () => {
      const [first, ...others] = await several({}, {}, {});
      end(first);
      await settled();
      await commit(['t', 3, { val: 'new' }]);
      assert.deepEqual(roles(others), ['leader live', 'follower live']);
      for (const tab of others) assert.deepEqual(told(tab), ['read insert1x,insert2y', 'fed insert3new']);
      assert.equal(server.reads('t'), 1);
      assert.equal(server.followers.size, 1);
    });
  }

  // evidence: tabs | A new leader goes on with all that the one before followed | broken once: leader.js, #wanted: `#inherited` left out
  test('follows all that the one before did, then what is needed', async () => {
    const [first, onlyY, both] = await several(ONLY_X, ONLY_Y, BOTH);
    server.opened = [];
    first.tab.crash();
    await settled();
    assert.deepEqual(server.opened, ['other,t,t?val=eq.x,t?val=eq.y']);
    await commit(['other', 1, { val: 'zz' }], ['t', 3, { val: 'y' }]);
    assert.deepEqual([rows(onlyY), rows(both, 'other')], ['2y 3y', '1zz']);
    both.close();
    await browser.clock.pass(10 * SECOND);
    server.cut();
    await browser.clock.pass(SECOND);
    assert.deepEqual(followed(), ['t?val=eq.y']);
  });

  // evidence: tabs | A tab that has more than the new leader leaves that out | broken once: tabs.js, #receiveBatch: `skip` left out
  test('that had missed something gets it from the server, and the others leave it out', async () => {
    const [first, deaf, ahead] = await several({}, {}, {});
    deaf.tab.deaf = true;
    await commit(['t', 3, { val: 'one' }]);
    deaf.tab.deaf = false;
    assert.equal(rows(deaf), '1x 2y');
    first.close();
    await settled();
    assert.equal(deaf.state.role, 'leader');
    await commit(['t', 4, { val: 'two' }]);
    for (const tab of [deaf, ahead]) {
      assert.deepEqual(told(tab), ['read insert1x,insert2y', 'fed insert3one', 'fed insert4two']);
    }
    assert.equal(server.reads('t'), 1);
  });

  /** Three tabs, of which the third heard nothing yet and is the next to lead. */
  const withOneThatHasNothing = async () => {
    const [first, second] = await several({}, {});
    const third = await connect(browser.tab({ deaf: true }));
    second.tab.happen('sleep');
    second.tab.happen('restore'); // it has to wait for its turn behind the third
    await settled();
    third.tab.deaf = false;
    assert.deepEqual([rows(second), rows(third)], ['1x 2y', '']);
    return [first, second, third];
  };

  test('that has nothing yet takes what the others have', async () => {
    const [first, second, third] = await withOneThatHasNothing();
    third.tab.lag = 50;
    first.close();
    await browser.clock.pass(SECOND);
    assert.deepEqual(roles([third, second]), ['leader live', 'follower live']);
    assert.equal(rows(third), '1x 2y');
    assert.equal(server.reads('t'), 1);
  });

  test('that ends before it has begun leaves the lead to another', async () => {
    const [first, second, third] = await withOneThatHasNothing();
    first.close();
    await settled();
    third.close();
    await browser.clock.pass(SECOND);
    assert.deepEqual(roles([second, third]), ['leader live', 'follower closed']);
    assert.equal(server.followers.size, 1);
  });
});

// evidence: tabs | The lead is taken from a tab that hangs, which follows when it goes on | broken once: group.js, #checkLeader: steals no lock
// evidence: tabs | The lead is taken from a tab that hangs, which follows when it goes on | broken once: group.js, #compete: `deposed` not called
describe('a leader that hangs', () => {
  test('loses the lead after 75 s, and follows when it goes on', async () => {
    const [first, second] = await several({}, {});
    first.tab.hang();
    await browser.clock.pass(74 * SECOND);
    assert.equal(second.state.role, 'follower');
    await browser.clock.pass(4 * SECOND);
    assert.deepEqual(roles([second]), ['leader live']);
    await commit(['t', 3, { val: 'new' }]);
    assert.equal(rows(second), '1x 2y 3new');
    first.tab.goOn();
    await settled();
    assert.deepEqual(roles([first]), ['follower live']);
    assert.equal(rows(first), '1x 2y 3new');
    assert.equal(server.followers.size, 1);
  });

  test('loses it sooner to a tab that waits for its first rows', async () => {
    const first = await open();
    first.tab.hang();
    const second = await open();
    await browser.clock.pass(5 * SECOND);
    assert.equal(second.table('t').size, 0);
    await browser.clock.pass(2 * SECOND);
    assert.deepEqual(roles([second]), ['leader live']);
    assert.equal(rows(second), '1x 2y');
  });
});
