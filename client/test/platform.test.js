import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Replica } from '../src/replica.js';
import { FakeBrowser } from '../fakes/browser.js';
import { settled } from '../fakes/clock.js';
import { FakeServer } from '../fakes/server.js';
import { baseOf } from '../src/platform.js';

test('the site is where the module came from', () => {
  const page = 'https://shop.example/orders?x=y';
  assert.equal(baseOf('https://shop.example/static/pbp.js', page), '');
  assert.equal(baseOf('https://shop.example/live/static/pbp.js?v=2', page), '/live');
  assert.equal(baseOf('https://live.example/static/pbp.js', page), 'https://live.example');
  assert.equal(baseOf('https://live.example:8443/a/b/static/pbp.js#x', page), 'https://live.example:8443/a/b');
  assert.equal(baseOf('http://shop.example/static/pbp.js', page), 'http://shop.example');
});

test('a module that comes from elsewhere is taken for the page’s own', () => {
  for (const module of ['https://cdn.example/bundle.js', 'https://cdn.example/static/pbp.js/x', 'file:///app/src/platform.js']) {
    assert.equal(baseOf(module, 'https://shop.example/'), '');
  }
});

// evidence: behind-proxies | Below a path, the module finds the site by its own address | broken once: replica.js, constructor: `base` is empty
test('a replica reads and follows below the base of its module', async () => {
  const asked = [];
  const server = new FakeServer('t');
  const tab = new FakeBrowser(server).tab({
    base: () => '/live',
    fetch: (url, options) => {
      asked.push(url);
      return server.fetch(tab, url.replace('/live', ''), options);
    },
    webSocket: (url) => {
      asked.push(new URL(url).pathname);
      return server.connect(tab, 'socket', url);
    },
  });
  const live = new Replica({ tables: { t: { key: 'id' } } }, tab);
  await settled();
  assert.equal(live.state.phase, 'live');
  assert.deepEqual(asked, ['/live/api/t', '/live/api/_changes']);
  live.close();
});
