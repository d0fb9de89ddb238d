import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnsOf, conditionsOf, listOf, orderOf, queryOf, streamOf } from '../src/query.js';

test('conditions are texts of PostgREST, or values for equality', () => {
  assert.deepEqual(conditionsOf({ count: ['lt.9', 'gt.3'], item: 'in.(a,b)', n: 5, big: 9007199254740993n, open: true, note: null }), [
    ['big', 'eq.9007199254740993'],
    ['count', 'gt.3'],
    ['count', 'lt.9'],
    ['item', 'in.(a,b)'],
    ['n', 'eq.5'],
    ['note', 'is.null'],
    ['open', 'eq.true'],
  ]);
});

test('names with commas, dots and quotation marks stand in quotation marks', () => {
  assert.deepEqual(columnsOf('id,"a,b","say \\"x\\"",a.b'), ['id', 'a,b', 'say "x"', 'a.b']);
  assert.equal(listOf(['id', 'a,b', 'say "x"', 'a.b', 'Select me', 'order']), 'id,"a,b","say \\"x\\"","a.b",Select me,"order"');
});

test('an order is what PostgREST makes of it', () => {
  assert.deepEqual(orderOf('a,b.desc,c.asc.nullsfirst,d.desc.nullslast,"e.f".desc'), [
    { column: 'a', descending: false, nullsFirst: false },
    { column: 'b', descending: true, nullsFirst: true },
    { column: 'c', descending: false, nullsFirst: true },
    { column: 'd', descending: true, nullsFirst: false },
    { column: 'e.f', descending: true, nullsFirst: true },
  ]);
  assert.deepEqual(orderOf(['a.desc', 'b']), orderOf('a.desc,b'));
  assert.deepEqual(orderOf(undefined), []);
});

test('a column is never taken for a parameter', () => {
  assert.equal(decodeURIComponent(queryOf([['limit', 'eq.1'], ['a.b', 'eq.x&y']], { select: '', order: undefined, limit: 3 })), '"limit"=eq.1&"a.b"=eq.x&y&limit=3');
  assert.equal(queryOf([['item', 'eq.x&y']], {}), 'item=eq.x%26y');
});

test('the same view has the same name, others have others', () => {
  const stream = (where, select = '', table = 'orders') => streamOf(table, conditionsOf(where), select);
  const { stream: name, term } = stream({ count: ['gt.3', 'lt.9'], item: 'eq.a' });
  assert.match(name, /^[a-z][a-z0-9]{14}$/);
  assert.deepEqual(stream({ item: 'eq.a', count: ['lt.9', 'gt.3'] }), { stream: name, term });
  assert.equal(decodeURIComponent(term), `table=${name}:orders&${name}.count=gt.3&${name}.count=lt.9&${name}.item=eq.a`);
  const others = [stream({ item: 'eq.b' }), stream({ item: 'eq.a' }, 'id'), stream({ item: 'eq.a' }, '', 'other'), stream({ item: 'eq.a' })];
  assert.equal(new Set(others.map(({ stream }) => stream)).size, 4);
});

test('names of a hundred thousand views differ', () => {
  const names = new Set(Array.from({ length: 100_000 }, (_, i) => streamOf('orders', [['id', `eq.${i}`]], '').stream));
  assert.equal(names.size, 100_000);
});
