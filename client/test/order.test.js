import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Order } from '../src/order.js';

const column = (type, collation) => ({ name: 'c', type, collation });
const kindOf = (type, collation) => Order.kinds(['c'], { columns: [column(type, collation)] })?.[0] ?? null;
const by = (column, descending = false, nullsFirst = descending) => ({ column, descending, nullsFirst });
/** Sorts values of one column in every way, and expects them as they stand. */
const inOrder = (kind, ...values) => {
  const order = new Order([by('c')], { key: ['id'], kinds: [kind, 'number'] });
  const rows = values.map((c, id) => ({ c, id }));
  for (const a of rows) {
    for (const b of rows) {
      assert.equal(Math.sign(order.compare(a, b)), Math.sign(a.id - b.id), `${a.c} and ${b.c}`);
    }
  }
};

// evidence: replica-exact | Rows are in PostgreSQL's order, or PostgreSQL sorts | broken once: order.js, kinds: `collation` not asked
describe('which types the client sorts', () => {
  for (const [kind, ...types] of [
    ['number', 'smallint', 'integer', 'bigint', 'oid', 'numeric', 'numeric(10,2)', 'real', 'double precision'],
    ['time', 'date', 'timestamp without time zone', 'timestamp(3) with time zone'],
    ['plain', 'boolean', 'uuid', 'time without time zone', 'time(0) without time zone'],
    [null, 'integer[]', 'character(3)', 'json', 'jsonb', 'interval', 'time with time zone', 'money', 'mood', 'bytea', 'numeric(10,2)[]', 'inet'],
  ]) {
    for (const type of types) test(`${type}: ${kind}`, () => assert.equal(kindOf(type), kind));
  }

  test('text under collation C alone', () => {
    for (const type of ['text', 'name', 'character varying', 'character varying(20)']) {
      assert.equal(kindOf(type, 'C'), 'text');
      assert.equal(kindOf(type, 'default'), null);
      assert.equal(kindOf(type, undefined), null);
    }
    assert.equal(kindOf('text[]', 'C'), null);
  });

  test('not by a column that is not known', () => assert.equal(Order.kinds(['d'], { columns: [column('integer')] }), null));
});

describe('values in PostgreSQL’s order', () => {
  test('numbers, exactly, also those that a double would round', () => {
    inOrder('number', '-Infinity', '-1e400', '-9007199254740993', -9007199254740992, -1.5, 0, 1e-7, '0.10000000000000000001', 0.5, 9007199254740991, '9007199254740993', '9007199254740993.5', '12345678901234567890.1', '12345678901234567890.12', 1e300, '1e400', 'Infinity', 'NaN');
  });

  test('numbers that are equal but written otherwise', () => {
    const order = new Order([by('c')], { key: [], kinds: ['number'] });
    assert.equal(order.compare({ c: '12345678901234567890.10' }, { c: '12345678901234567890.1' }), 0);
    assert.equal(order.compare({ c: 0 }, { c: -0 }), 0);
  });

  // evidence: replica-exact | Rows are in PostgreSQL's order, or PostgreSQL sorts | broken once: order.js, text: `plain` alone
  test('texts by code points', () => inOrder('text', '', 'A', 'B', 'a', 'aa', 'b', 'é', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10000}a', '\u{10ffff}'));

  test('dates and timestamps', () => {
    inOrder('time', '-infinity', '4713-01-01 BC', '0044-03-14 BC', '0044-03-15 BC', '0001-01-01', '1999-12-31', '2026-12-01', '10000-01-01', '294276-12-31', 'infinity');
    inOrder('time', '0044-03-15T10:00:00+00:00 BC', '2026-12-01T10:00:00+00:00', '2026-12-01T10:00:00.4+00:00', '2026-12-01T10:00:00.45+00:00', '2026-12-01T10:00:00.5+00:00', '2026-12-01T10:00:01+00:00', '12026-12-01T10:00:00+00:00');
  });

  test('booleans, uuids and times of day', () => {
    inOrder('plain', false, true);
    inOrder('plain', '00000000-0000-0000-0000-000000000000', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'ffffffff-ffff-ffff-ffff-ffffffffffff');
    inOrder('plain', '00:00:00', '10:00:00', '10:00:00.5', '24:00:00');
  });

  test('nulls last, or first where it is descending, or as it says', () => {
    const sorted = (term) => {
      const order = new Order([term], { key: ['id'], kinds: ['number', 'number'] });
      return [null, 2, undefined, 1].map((c, id) => ({ c, id })).sort(order.compare).map(({ id }) => id).join('');
    };
    assert.equal(sorted(by('c')), '3102');
    assert.equal(sorted(by('c', true)), '0213');
    assert.equal(sorted(by('c', false, true)), '0231');
    assert.equal(sorted(by('c', true, false)), '1302');
  });

  test('several columns, and the key among equals', () => {
    const order = new Order([by('a', true), by('b')], { key: ['id'], kinds: ['number', 'text', 'number'] });
    const rows = [[1, 'x', 4], [2, 'y', 3], [2, 'x', 2], [2, 'x', 1]].map(([a, b, id]) => ({ a, b, id }));
    assert.deepEqual(rows.sort(order.compare).map(({ id }) => id), [1, 2, 3, 4]);
  });
});

/** An order of rows by `c` and then `id`, with what is held and shown. */
class Shelf {
  held = new Map();
  constructor(limit, kinds = ['number', 'number']) {
    this.order = new Order([by('c')], { key: ['id'], kinds }, limit);
    this.shown = limit ? new Map() : this.held;
  }

  put(id, c) {
    const [old, row] = [this.held.get(id), c === null ? undefined : { id, c }];
    if (row) this.held.set(id, row);
    else this.held.delete(id);
    return this.order.move({ key: id, old, row }, this.shown).map(({ key, old, row }) => (old ? (row ? '~' : '-') : '+') + key).join(' ');
  }

  get ids() {
    return this.order.list().map(({ id }) => id).join(' ');
  }
}

describe('an order', () => {
  test('moves one row at a time', () => {
    const shelf = new Shelf();
    assert.equal(shelf.put(1, 5), '+1');
    assert.equal(shelf.put(2, 3), '+2');
    assert.equal(shelf.put(3, 5), '+3');
    assert.equal(shelf.ids, '2 1 3');
    assert.equal(shelf.put(1, 9), '~1');
    assert.equal(shelf.ids, '2 3 1');
    assert.equal(shelf.put(3, null), '-3');
    assert.equal(shelf.ids, '2 1');
  });

  test('with a limit reports what enters and what leaves', () => {
    const shelf = new Shelf(2);
    assert.equal(shelf.put(1, 1), '+1');
    assert.equal(shelf.put(3, 3), '+3');
    assert.equal(shelf.put(5, 5), '');
    assert.equal(shelf.put(2, 2), '-3 +2');
    assert.equal(shelf.put(2, 1.5), '~2');
    assert.equal(shelf.put(2, 4), '-2 +3');
    assert.equal(shelf.put(1, null), '-1 +2');
    assert.equal(shelf.put(5, 0), '-2 +5');
    assert.equal(shelf.put(2, 9), '');
    assert.equal(shelf.put(2, null), '');
    assert.equal(shelf.put(5, 0.5), '~5');
    assert.deepEqual([...shelf.shown.keys()].sort().join(' '), '3 5');
    assert.equal(shelf.ids, '5 3');
  });

  test('keeps many rows sorted through random changes, as sorting them anew does', () => {
    for (const limit of [undefined, 1, 7, 50]) {
      const shelf = new Shelf(limit);
      let seed = 42;
      const random = (below) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % below;
      const shown = new Set();
      for (let i = 0; i < 2000; i++) {
        const key = random(100);
        const changes = shelf.put(key, shelf.held.has(key) && random(2) === 0 ? null : random(20) / 7);
        for (const [op, ...digits] of changes.split(' ').filter(Boolean)) {
          if (op === '+') assert.ok(!shown.has(digits.join('')) && shown.add(digits.join('')));
          if (op === '-') assert.ok(shown.delete(digits.join('')));
        }
        const sorted = [...shelf.held.values()].sort((a, b) => a.c - b.c || a.id - b.id).slice(0, limit).map(({ id }) => id);
        assert.equal(shelf.ids, sorted.join(' '));
        assert.deepEqual([...shown].map(Number).sort(), [...sorted].sort());
      }
    }
  });

  test('that PostgreSQL knows alone leaves rows where they are, and puts new ones at the end', () => {
    const shelf = new Shelf(undefined, null);
    const read = new Map([[2, 'b'], [1, 'a'], [3, 'c']].map(([id, c]) => [id, { id, c }]));
    read.forEach((row, key) => shelf.held.set(key, row));
    shelf.order.replace(shelf.held, read, [], shelf.held);
    assert.equal(shelf.ids, '2 1 3');
    shelf.put(4, 'a');
    shelf.put(2, 'z');
    assert.equal(shelf.ids, '2 1 3 4');
    shelf.put(1, null);
    assert.equal(shelf.ids, '2 3 4');
  });
});
