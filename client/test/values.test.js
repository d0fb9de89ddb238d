import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeze, parse, same, sameRow } from '../src/values.js';

test('what a number holds is one', () => {
  assert.deepEqual(parse('{"a":[1,1.5,9007199254740991],"b":"1234567890123456789"}'), {
    a: [1, 1.5, 9007199254740991],
    b: '1234567890123456789',
  });
});

// evidence: same-values | Numbers that JavaScript's do not represent exactly stay exact | broken once: values.js, isExact: always true
test('what a number does not hold exactly stays the text of its digits', () => {
  for (const text of ['9007199254740993', '-9007199254740993', '12345678901234567890.10', '0.1234567890123456789', '1e400', '-1e400', '1e-400', '123456789012345678', '9007199254740993.5']) {
    assert.equal(parse(text), text);
    assert.deepEqual(parse(`{"a" : [ ${text} ,{"b":${text}}],"${text}":"${text}"}`), { a: [text, { b: text }], [text]: text });
  }
  for (const text of ['9007199254740991', '9007199254740992', '12345678901234567000', '0.1000000000000000000', '1.0', '-0', '1.5e+300', '1e22', '5e-324', '100000000000000000000', '1234567890.123456']) {
    assert.equal(parse(text), Number(text), text);
  }
});

test('texts that look like numbers or JSON are as they were', () => {
  for (const text of ['12345678901234567890', '"12345678901234567890"', '\\', '\\"', '\\\\" 9007199254740993 \\', 'a\\"9007199254740993,', '\u0000\n']) {
    const row = { text, more: [text, { [text]: text }], end: text };
    assert.deepEqual(parse(`{"n":9007199254740993,"row":${JSON.stringify(row)},"m":9007199254740993}`), { n: '9007199254740993', row, m: '9007199254740993' });
  }
});

test('what is no JSON is an error, with long numbers too', () => {
  for (const text of ['', '{"a":9007199254740993', '[9007199254740993,]', '"9007199254740993', '{9007199254740993:1}x']) assert.throws(() => parse(text), SyntaxError);
});

test('long texts with many escapes take no more time than they are long', () => {
  const text = JSON.stringify({ a: '"\\'.repeat(1_000_000), n: 1 }).replace('1}', '9007199254740993}');
  assert.equal(parse(text).n, '9007199254740993');
});

test('freezing reaches all that is in a value', () => {
  const value = freeze({ a: [{ b: {} }], c: null, d: 'x' });
  assert.ok([value, value.a, value.a[0], value.a[0].b].every(Object.isFrozen));
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
