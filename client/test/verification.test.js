import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { FakeBrowser } from '../fakes/browser.js';
import { cursorAt } from '../fakes/cursor.js';
import { site } from '../fakes/replica.js';
import { Table } from '../src/table.js';
import { Verification } from '../src/verification.js';

const SECOND = 1000;
const at = (xmax) => ({ xmax, running: new Set() });
const REST = { shape: { key: ['id'], kinds: null }, whole: true };
const row = (id, val) => ({ id, val });
const update = (was, now, txid = '100') => ({ table: 't', op: 'update', key: { id: 1 }, old: row(1, was), new: row(1, now), txid });

let clock;
let tab;
let table;
let verification;
/** When the table was asked to be read again, in seconds. */
let asked;

beforeEach(() => {
  const browser = new FakeBrowser();
  clock = browser.clock;
  tab = browser.tab();
  asked = [];
  table = new Table(site(), 't', { key: 'id' });
  table.replace(new Map([[1, row(1, 'a')]]), null);
  verification = new Verification(tab, () => asked.push(clock.time / SECOND));
});

test('a change that agrees has nothing read', async () => {
  verification.check(table, update('a', 'b'), cursorAt(101));
  await clock.pass(10 * SECOND);
  assert.deepEqual(asked, []);
  assert.equal(table.mismatch, null);
});

test('a mismatch has the table read within a second, then ever later, until that helps', async () => {
  verification.check(table, update('other', 'b'), cursorAt(101));
  await clock.pass(15 * SECOND);
  assert.deepEqual(asked, [1, 3, 7, 15]);
  await clock.pass(20 * 60 * SECOND);
  assert.equal(asked.at(-1) - asked.at(-2), 300, 'at most five minutes');
  asked = [];
  assert.equal(verification.settle(table, { rows: new Map(), snapshot: at(101), ...REST }).length, 1);
  await clock.pass(20 * 60 * SECOND);
  assert.deepEqual(asked, []);
  assert.deepEqual(tab.warnings, []);
});

// evidence: replica-exact | broken once: verification.js, settle: snapshots not compared
test('a read that is older than the mismatch, or that cannot be placed, settles nothing', () => {
  verification.check(table, update('other', 'b'), cursorAt(101));
  assert.deepEqual(verification.settle(table, { rows: new Map(), snapshot: at(100), ...REST }), []);
  assert.deepEqual(verification.settle(table, { rows: new Map(), snapshot: null, ...REST }), []);
  assert.deepEqual([...table.rows.keys()], [1]);
});

test('a read without a mismatch changes nothing', () => {
  assert.deepEqual(verification.settle(table, { rows: new Map(), snapshot: at(200), ...REST }), []);
  assert.deepEqual(verification.settle(new Table(site(), 'other'), { rows: new Map(), snapshot: at(200), ...REST }), []);
});

// evidence: replica-exact | A mismatch that lasts leads to ever fewer reads, and to one warning | broken once: time.js, backoff: always a second
// evidence: replica-exact | A mismatch that lasts leads to ever fewer reads, and to one warning | broken once: verification.js, check: `warned` not asked
test('a mismatch that lasts is reported once, and looked into ever more seldom', async () => {
  // The attempt that a read makes unnecessary counts as well.
  for (const wait of [1, 4, 16, 64]) {
    verification.check(table, update('other', 'b'), cursorAt(101));
    const begin = clock.time / SECOND;
    await clock.pass(wait * SECOND);
    assert.deepEqual(asked, [begin + wait]);
    asked = [];
    verification.settle(table, { rows: new Map([[1, row(1, 'a')]]), snapshot: at(101), ...REST });
  }
  assert.equal(tab.warnings.length, 1);
  assert.match(tab.warnings[0], /t, key 1/);
});

test('a mismatch after more than ten minutes is a new one', async () => {
  verification.check(table, update('other', 'b'), cursorAt(101));
  verification.settle(table, { rows: new Map([[1, row(1, 'a')]]), snapshot: at(101), ...REST });
  await clock.pass(10 * 60 * SECOND + 1);
  const now = clock.time / SECOND;
  verification.check(table, update('other', 'b'), cursorAt(101));
  await clock.pass(SECOND);
  assert.deepEqual(asked, [now + 1]);
  assert.deepEqual(tab.warnings, []);
});

test('nothing is verified where cursors cannot be compared', async () => {
  verification.check(table, update('other', 'b'), 'a-name');
  await clock.pass(10 * SECOND);
  assert.deepEqual(asked, []);
});
