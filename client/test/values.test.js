import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, same, sameRow } from '../src/values.js';

test('what a number holds is one', () => {
  assert.deepEqual(parse('{"a":[1,1.5,9007199254740991],"b":"1234567890123456789"}'), {
    a: [1, 1.5, 9007199254740991],
    b: '1234567890123456789',
  });
});

test('equal values', () => {
  for (const value of [null, 1, 'a', [1, { a: null }], { a: { b: [] } }]) {
    assert.ok(same(value, structuredClone(value)));
  }
});

test('unequal values', () => {
  const values = [null, 0, '', 'a', [1], [1, 2], { a: 1 }, { a: null }, { b: 1 }, { a: { b: 1 } }, { a: { b: 2 } }];
  for (const a of values) {
    for (const b of values) assert.equal(same(a, b), a === b, `${JSON.stringify(a)} and ${JSON.stringify(b)}`);
  }
});

test('a column that one of two rows lacks counts as null', () => {
  assert.ok(sameRow({ id: 1 }, { id: 1, note: null }));
  assert.ok(sameRow({ id: 1, note: null }, { id: 1 }));
  assert.ok(!sameRow({ id: 1 }, { id: 1, note: 'x' }));
});
