import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import React, { createElement as h, StrictMode } from 'react';
import renderer from 'react-test-renderer';
import { useLiveState, useLiveTable } from '@pbp/client/react';
import { FakeBrowser } from '../fakes/browser.js';
import { settled } from '../fakes/clock.js';
import { connect } from '../fakes/replica.js';
import { FakeServer } from '../fakes/server.js';

globalThis.IS_REACT_ACT_ENVIRONMENT = true;

let server;
let live;
/** How often a list was rendered. */
let renders;
beforeEach(async () => {
  server = new FakeServer('t');
  server.columns.t = { id: 'integer', val: 'text', n: 'integer' };
  server.commit(['t', 1, { val: 'b', n: 2 }], ['t', 2, { val: 'a', n: 1 }], ['t', 3, { val: 'c', n: 3 }]);
  live = await connect(new FakeBrowser(server).tab(), { share: false });
  renders = 0;
});

function List({ table = 't', options }) {
  renders++;
  return useLiveTable(live, table, options).map(({ val }) => val).join('');
}

function Phase() {
  return useLiveState(live).phase;
}

const show = async (element) => {
  let root;
  await React.act(async () => {
    root = renderer.create(element);
    await settled();
  });
  return root;
};
const commit = (...writes) =>
  React.act(async () => {
    server.commit(...writes);
    await settled();
  });

// evidence: replica-exact | React shows a view, and renders again only when it changes | broken once: table.js, list: not kept
test('a component shows a table, and renders again only when a row changes', async () => {
  const root = await show(h(List));
  assert.deepEqual([root.toJSON(), renders], ['bac', 1]);
  await commit(['t', 1, { val: 'B', n: 2 }], ['t', 3, null]);
  assert.deepEqual([root.toJSON(), renders], ['Ba', 2]);
  await commit(['t', 1, { val: 'B', n: 2 }]);
  assert.equal(renders, 2);
  root.unmount();
});

test('components with the same options share a view, which goes when they do', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const options = () => ({ where: { n: 'lt.3' }, order: 'n' });
  const root = await show(h(StrictMode, null, h(List, { options: options() }), h(List, { options: options() })));
  assert.deepEqual(root.toJSON(), ['ab', 'ab']);
  assert.equal(server.reads('t'), 2);
  assert.equal(live.views.length, 2);
  await commit(['t', 3, { val: 'c', n: 0 }]);
  assert.deepEqual(root.toJSON(), ['cab', 'cab']);
  await React.act(async () => root.update(h(StrictMode, null, h(List, { options: { ...options(), order: 'n.desc' } }))));
  await React.act(settled);
  assert.equal(root.toJSON(), 'bac');
  await React.act(async () => root.unmount());
  assert.equal(live.views.length, 3);
  t.mock.timers.tick(5000);
  assert.deepEqual(live.views, ['t']);
});

test('a view that the server rejects is an error for the boundary', async () => {
  class Boundary extends React.Component {
    state = { message: null };
    static getDerivedStateFromError({ message }) {
      return { message };
    }
    render() {
      return this.state.message ?? this.props.children;
    }
  }
  const { error } = console;
  console.error = () => {}; // React tells what it caught
  const root = await show(h(Boundary, null, h(List, { table: 'nonsense', options: {} })));
  await React.act(settled);
  console.error = error;
  assert.match(root.toJSON(), /nonsense: not found/);
});

test('a component shows the state', async () => {
  const root = await show(h(Phase));
  assert.equal(root.toJSON(), 'live');
  await React.act(async () => live.close());
  assert.equal(root.toJSON(), 'closed');
});
