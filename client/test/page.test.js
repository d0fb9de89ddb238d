import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindOf, scaleOf, widthOf } from '../page/cells.js';
import { comparisonsOf, conditionOf, wordsOf } from '../page/filter.js';
import { count, plain } from '../page/text.js';
import { formatView, parseView, turned, WINDOW } from '../page/view.js';

const COLUMNS = ['id', 'count', 'a,b', 'order', 'with "quotes"', 'dot.ted'];

const parsed = (query) => parseView(query, COLUMNS);

test('a view is its address, and the other way round', () => {
  for (const view of [
    { where: [], order: [], limit: WINDOW },
    { where: [{ column: 'count', condition: 'gt.3' }, { column: 'count', condition: 'lt.9' }], order: [{ column: 'id', descending: true }], limit: 2000 },
    { where: [{ column: 'order', condition: 'eq.5' }, { column: 'a,b', condition: 'in.(a,"b,c")' }], order: [], limit: WINDOW },
    { where: [{ column: 'with "quotes"', condition: 'is.null' }], order: [], limit: WINDOW },
    {
      where: [],
      order: ['a,b', 'with "quotes"', 'dot.ted', 'order'].map((column, at) => ({ column, descending: at % 2 === 0 })),
      limit: WINDOW,
    },
  ]) {
    assert.deepEqual(parsed(formatView(view)), { ...view, problems: [] }, formatView(view));
  }
});

test('the address has the words of GET /api/TABLE', () => {
  const view = { where: [{ column: 'count', condition: 'in.(1,2)' }], order: [{ column: 'count', descending: true }, { column: 'id', descending: false }], limit: WINDOW };
  assert.equal(formatView(view), '?count=in.(1,2)&order=count.desc,id');
});

test('what is not understood is left out and named', () => {
  assert.deepEqual(parsed('?nope=eq.1&id=eq.1').problems, ['This table has no column nope.']);
  assert.deepEqual(parsed('?nope=eq.1&id=eq.1').where, [{ column: 'id', condition: 'eq.1' }]);
  assert.match(parsed('?order=id.sideways').problems[0], /id\.sideways/);
  assert.match(parsed('?order=nope.desc').problems[0], /nope/);
  for (const limit of ['0', '-1', 'x', '1e3', '9999999']) assert.match(parsed(`?limit=${limit}`).problems[0], new RegExp(limit));
  assert.match(parsed('?offset=3').problems[0], /offset/);
});

test('a head sorts up, down and not at all; with others, in its place', () => {
  const [id, count] = ['id', 'count'].map((column) => ({ column, descending: false }));
  assert.deepEqual(turned([], 'id', false), [id]);
  assert.deepEqual(turned([id], 'id', false), [{ column: 'id', descending: true }]);
  assert.deepEqual(turned([{ column: 'id', descending: true }], 'id', false), []);
  assert.deepEqual(turned([id], 'count', true), [id, count]);
  assert.deepEqual(turned([id, count], 'id', true), [{ column: 'id', descending: true }, count]);
  assert.deepEqual(turned([id, count], 'count', false), [{ column: 'count', descending: true }]);
});

test('a filter is sent in the words of GET /api/TABLE, and shown in words', () => {
  for (const [operator, value, condition, words] of [
    ['eq.', 'a', 'eq.a', 'c = a'],
    ['eq.', '', 'eq.', 'c = (empty)'],
    ['gte.', '-3', 'gte.-3', 'c \u2265 -3'],
    ['ilike.', '50%_\\', 'ilike.*50\\%\\_\\\\*', 'c contains 50%_\\'],
    ['in.', 'a, b (c), "d"', 'in.(a,"b (c)","\\"d\\"")', 'c is one of a,"b (c)","\\"d\\""'],
    ['is.null', 'ignored', 'is.null', 'c is null'],
    ['is.not_null', '', 'is.not_null', 'c is not null'],
  ]) {
    assert.equal(conditionOf(operator, value), condition);
    assert.equal(wordsOf({ column: 'c', condition }), words);
  }
  assert.equal(wordsOf({ column: 'c', condition: 'not.like.a*' }), 'c not.like.a*');
  assert.equal(wordsOf({ column: 'c\u202e', condition: 'eq.\u0007' }), 'cU+202E = U+0007');
});

test('each kind of column offers what it can be compared by', () => {
  const offered = (kind) => comparisonsOf(kind).map(({ operator }) => operator);
  assert.ok(offered('text').includes('ilike.') && offered('text').includes('gt.'));
  assert.ok(!offered('number').includes('ilike.'));
  assert.deepEqual(offered('boolean'), ['is.null', 'is.not_null', 'is.true', 'is.false']);
  assert.deepEqual(offered('json'), ['is.null', 'is.not_null']);
});

test('columns are shown by their types', () => {
  for (const [type, kind] of Object.entries({
    'numeric(12,2)': 'number', bigint: 'number', boolean: 'boolean', jsonb: 'json', 'integer[]': 'json', uuid: 'id', bytea: 'bytes',
    'timestamp(3) with time zone': 'time', date: 'time', 'character varying(20)': 'text', 'double precision': 'number', interval: 'text', 'my.mood': 'text',
  })) {
    assert.equal(kindOf(type), kind, type);
  }
  assert.equal(scaleOf('numeric(12,2)'), 2);
  assert.equal(scaleOf('numeric'), 0);
  assert.equal(widthOf({ name: 'id', type: 'date' }, 'time', ['2026-12-02', null]), 10);
});

test('control characters show, counts are words', () => {
  assert.equal(plain('a\u202eb\u0007c\td\ne\u200d\ufeff'), 'aU+202EbU+0007c\td\ne\u200dU+FEFF');
  assert.equal(count(1, 'row'), '1 row');
  assert.equal(count(1234567, 'row'), '1,234,567 rows');
});
