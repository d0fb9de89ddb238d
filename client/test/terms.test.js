import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers, tableOf, union } from '../src/terms.js';

test('the table of a term', () => {
  assert.equal(tableOf('orders'), 'orders');
  assert.equal(tableOf('orders.item=apple'), 'orders');
  assert.equal(tableOf('orders.item=a.b=c'), 'orders');
  assert.equal(tableOf('shop.orders.item=apple'), 'shop.orders');
});

test('a table covers each condition on it, a condition only itself', () => {
  assert.ok(covers(['orders'], ['orders', 'orders.item=apple']));
  assert.ok(covers(['orders.item=apple', 'other'], ['orders.item=apple']));
  assert.ok(!covers(['orders.item=apple'], ['orders']));
  assert.ok(!covers(['orders.item=apple'], ['orders.item=pear']));
});

test('terms that another covers are left out', () => {
  assert.deepEqual(union(['b', 'a.x=1', 'a', 'b']), ['a', 'b']);
});

test('too many terms for a request become their tables', () => {
  const terms = Array.from({ length: 101 }, (_, i) => `a.x=${i}`);
  assert.deepEqual(union(terms), ['a']);
  assert.equal(union(terms.slice(1)).length, 100);
});
