import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers, fits, union } from '../src/terms.js';

test('terms that are followed cover themselves, and no others', () => {
  assert.ok(covers(['a', 'b'], ['b']));
  assert.ok(covers([], []));
  assert.ok(!covers(['a'], ['a', 'b']));
});

test('each term is asked for once, in order', () => {
  assert.deepEqual(union(['b', 'a', 'b']), ['a', 'b']);
});

test('a request names at most a hundred, in as many characters as a server takes', () => {
  const terms = Array.from({ length: 100 }, (_, i) => `table=t${i}`);
  assert.ok(fits(terms));
  assert.ok(!fits([...terms, 'table=one-more']));
  assert.ok(!fits([`table=${'x'.repeat(11_000)}`]));
});
