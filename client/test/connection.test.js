import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { FakeBrowser } from '../fakes/browser.js';
import { cursorAt } from '../fakes/cursor.js';
import { settled } from '../fakes/clock.js';
import { FakeServer } from '../fakes/server.js';
import { Connection } from '../src/connection.js';
import { Refused } from '../src/request.js';

const SECOND = 1000;
const TRANSPORTS = ['socket', 'stream', 'poll'];
const SILENCE = '30 s pass without a word';
/** The phases in the order in which a connection comes to them. */
const FIRST = { reading: 0, connecting: 1, live: 2, waiting: 3, unauthorized: 0, refused: 0, paused: 3, closed: 3 };

/** A connection to a network where nothing happens unless the test says so. */
class Stage {
  browser = new FakeBrowser(new FakeServer('t'));
  tab = this.browser.tab({
    webSocket: (url) => this.#open('socket', url, (socket, event, message) => {
      if (event === 'end') socket.onclose({ reason: '' });
      else socket.onmessage({ data: event === 'refetch' ? '{"mustRefetch":true}' : message });
    }),
    eventSource: (url) => this.#open('stream', url, (source, event, message) => {
      if (event === 'end') source.onerror();
      else if (event === 'refetch') source.listeners['must-refetch']();
      else source.onmessage({ data: message });
    }),
    fetch: (url, { signal }) => new Promise((resolve, reject) => {
      const poll = this.#open('poll', url, (_, event, message) => {
        if (event === 'end') reject(new TypeError('the network is gone'));
        const status = { refetch: 410, unauthorized: 401 }[event] ?? 200;
        resolve({ ok: status === 200, status, headers: new Headers(), text: async () => message });
      });
      signal.addEventListener('abort', () => poll.close());
    }),
  });
  /** The connections so far: `{ name, url, happen, closed }`. */
  connections = [];
  #reads = [];
  /** The phases that were reported. */
  phases = [];
  /** The changes that were passed on, their transactions' ids. */
  brought = [];
  state;
  connection = new Connection(this.tab, {
    terms: ['t'],
    address: (terms, cursor, wait) => `/api/_changes?table=${terms}&cursor=${cursor}&wait=${wait ?? ''}`,
    read: () => new Promise((resolve, reject) => this.#reads.push({ resolve, reject })),
    batch: ({ changes }) => this.brought.push(...changes.map(({ txid }) => txid)),
    state: (state) => {
      this.state = state;
      this.phases.push(state.phase);
    },
  });

  #open(name, url, happen) {
    const opened = { name, url, closed: false, happen: (event, message = '{"cursor":"c2","changes":[]}') => happen(connection, event, message) };
    const connection = { listeners: {}, addEventListener: (type, listener) => (connection.listeners[type] = listener), close: () => (opened.closed = true) };
    this.connections.push(opened);
    return connection;
  }

  /** What is open, such as `stream,socket`. */
  get open() {
    return this.connections.filter(({ closed }) => !closed).map(({ name }) => name).join();
  }

  /** The newest connection by a transport brings transactions up to a cursor. */
  async bring(name, cursor, ...txids) {
    const changes = txids.map((txid) => ({ table: 't', op: 'insert', key: { id: 1 }, old: null, new: { id: 1 }, txid: String(txid) }));
    this.connections.findLast((opened) => opened.name === name).happen('message', JSON.stringify({ cursor, changes }));
    await settled();
  }

  async happen(event) {
    const last = this.connections.at(-1);
    await {
      'the tables have been read': () => this.#reads.pop()?.resolve('c1'),
      'a read fails': () => this.#reads.pop()?.reject(new Error('away')),
      'a read gets 401': () => this.#reads.pop()?.reject(new Refused('who?', { status: 401 })),
      'a read gets 400, 403 or 404': () => this.#reads.pop()?.reject(new Refused('no table', { status: 404 })),
      'a message comes': () => last?.happen('message'),
      'the connection ends': () => last?.happen('end'),
      'must-refetch': () => last?.happen('refetch'),
      [SILENCE]: () => this.browser.clock.pass(30 * SECOND),
      'other tables are wanted': () => this.connection.fire('turn'),
      'online again, or visible again': () => this.tab.happen('online'),
      'the browser puts the page aside': () => this.tab.happen('sleep'),
      '`close()`': () => this.connection.close(),
    }[event]();
    await settled();
  }

  /** A connection in a phase, by a transport: those before it have failed. */
  static async in(phase, transport = 'socket') {
    const stage = new Stage();
    stage.connection.start();
    await settled();
    if (FIRST[phase] > 0) await stage.happen('the tables have been read');
    for (let failed = 0; FIRST[phase] > 0 && failed < TRANSPORTS.indexOf(transport); failed++) {
      await stage.happen('the connection ends');
    }
    if (FIRST[phase] > 1) await stage.happen('a message comes');
    const last = { waiting: 'the connection ends', unauthorized: 'a read gets 401', refused: 'a read gets 400, 403 or 404', paused: 'the browser puts the page aside', closed: '`close()`' }[phase];
    if (last) await stage.happen(last);
    assert.equal(stage.state.phase, phase);
    if (['connecting', 'live'].includes(phase)) assert.equal(stage.state.transport, transport);
    stage.phases.length = 0;
    return stage;
  }

  get at() {
    return [this.state.phase, this.state.transport].filter(Boolean).join(' by ');
  }

  get cursors() {
    return this.connections.map(({ url }) => new URL(url, 'http://localhost').searchParams.get('cursor')).join();
  }
}

/** The cells of the table in docs/client.md: `{ phase, event, next }`. */
function cells() {
  const lines = readFileSync(new URL('../../docs/client.md', import.meta.url), 'utf8').split('\n');
  const begin = lines.findIndex((line) => line.startsWith('| event |'));
  const length = lines.slice(begin).findIndex((line) => !line.startsWith('|'));
  const table = lines.slice(begin, begin + length).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
  const [[, ...phases], , ...rows] = table;
  return rows.flatMap(([event, ...next]) => phases.map((phase, i) => ({ phase, event, next: next[i] })));
}

// evidence: replica-exact | Each event in each phase of a connection has the effect that the table in `docs/client.md` names, by each transport | broken once: connection.js, TRANSITIONS: `waiting` without `wake`
describe('a connection does what the table in docs/client.md says', () => {
  test('which has 96 cells', () => assert.equal(cells().length, 96));

  for (const transport of TRANSPORTS) {
    for (const { phase, event, next } of cells()) {
      test(`${phase} by ${transport}, ${event}: ${next}`, async () => {
        const stage = await Stage.in(phase, transport);
        await stage.happen(event);
        assert.equal(stage.phases[0] ?? '–', expected(phase, event, next, transport));
      });
    }
  }
});

function expected(phase, event, next, transport) {
  if (phase === 'live' && next === 'live') return '–'; // that is nothing new
  // None is known to work yet, so the next is tried.
  if (phase === 'connecting' && event === 'the connection ends' && transport !== 'poll') return 'connecting';
  return next;
}

describe('a connection', () => {
  const reconnect = async (stage) => {
    await stage.happen('the connection ends');
    await stage.happen('online again, or visible again');
  };

  test('tries the transports from the best to the last, and keeps the one that works', async () => {
    const stage = await Stage.in('live', 'stream');
    const tried = [];
    for (let i = 0; i < 3; i++) {
      await reconnect(stage);
      tried.push(stage.at);
    }
    assert.deepEqual(tried, ['connecting by stream', 'connecting by poll', 'connecting by socket']);
  });

  // evidence: role-rights | Where access has ended, a client asks no more until it is asked to | broken once: connection.js, #wait: `isPermanent` not asked
  test('whose long poll gets 401 asks no more until it is to', async () => {
    const stage = await Stage.in('live', 'poll');
    stage.connections.at(-1).happen('unauthorized');
    await settled();
    assert.equal(stage.at, 'unauthorized');
    assert.match(stage.state.error, /401/);
    assert.equal(stage.state.retryAt, null);
    const asked = stage.connections.length;
    await stage.browser.clock.pass(600 * SECOND);
    assert.equal(stage.connections.length, asked);
    await stage.happen('online again, or visible again');
    assert.equal(stage.at, 'connecting by poll');
  });

  // evidence: behind-proxies | Where a proxy lets no WebSocket through, the next transport is tried at once | broken once: connection.js, #hear: `tryNext` left out
  test('tries the next transport at once while none is known to work', async () => {
    const stage = await Stage.in('connecting');
    await stage.happen('the connection ends');
    assert.equal(stage.at, 'connecting by stream');
    await stage.happen('the connection ends');
    assert.equal(stage.at, 'connecting by poll');
    await stage.happen('the connection ends');
    assert.equal(stage.at, 'waiting');
    await stage.happen('online again, or visible again');
    assert.equal(stage.at, 'connecting by socket');
  });

  // evidence: behind-proxies | Where a proxy holds back what a transport brings, the next is tried beside it after a second | broken once: connection.js, #connect: `tryNext` not called later
  test('tries the next transport beside one that brings nothing in a second, and keeps the first that does', async () => {
    const stage = await Stage.in('connecting');
    const { clock } = stage.browser;
    await clock.pass(SECOND - 1);
    assert.equal(stage.open, 'socket');
    await clock.pass(1);
    assert.equal(stage.open, 'socket,stream');
    await clock.pass(SECOND);
    assert.equal(stage.open, 'socket,stream,poll');
    await clock.pass(SECOND);
    await stage.bring('stream', 'c2');
    assert.equal(stage.at, 'live by stream');
    assert.equal(stage.open, 'stream');
  });

  test('that a proxy with its defaults lets only poll is live after a second', async () => {
    const stage = await Stage.in('connecting');
    await stage.happen('the connection ends');
    await stage.browser.clock.pass(SECOND);
    await stage.bring('poll', 'c2');
    assert.equal(stage.at, 'live by poll');
    assert.deepEqual(stage.connections.map(({ name }) => name), ['socket', 'stream', 'poll', 'poll']);
  });

  test('tries no other transport beside one that is known to work', async () => {
    const stage = await Stage.in('live');
    await reconnect(stage);
    await stage.browser.clock.pass(5 * SECOND);
    assert.equal(stage.open, 'socket');
    assert.equal(stage.at, 'connecting by socket');
  });

  // evidence: behind-proxies | A page stays live while a better transport is tried | broken once: connection.js, #tryBetter: the one in use is closed
  test('stays live while a better transport is tried, after ever more time', async () => {
    const stage = await Stage.in('live', 'stream');
    const { clock } = stage.browser;
    const pass = async (millis) => {
      for (let passed = 0; passed < millis; passed += SECOND) {
        await clock.pass(Math.min(SECOND, millis - passed));
        await stage.bring('stream', 'c2');
      }
    };
    await pass(10 * SECOND - 1);
    assert.equal(stage.open, 'stream');
    await clock.pass(1);
    assert.equal(stage.open, 'stream,socket');
    await stage.happen('the connection ends');
    assert.equal(stage.open, 'stream');
    await pass(20 * SECOND - 1);
    assert.equal(stage.open, 'stream');
    await clock.pass(1);
    assert.equal(stage.open, 'stream,socket');
    assert.deepEqual(stage.phases, []);
    await stage.bring('socket', 'c2');
    assert.equal(stage.at, 'live by socket');
    assert.equal(stage.open, 'socket');
    assert.deepEqual(stage.phases, ['live']);
  });

  test('gives a better transport three seconds', async () => {
    const stage = await Stage.in('live', 'stream');
    await stage.browser.clock.pass(13 * SECOND - 1);
    assert.equal(stage.open, 'stream,socket');
    await stage.browser.clock.pass(1);
    assert.equal(stage.open, 'stream');
    assert.equal(stage.at, 'live by stream');
  });

  test('takes no must-refetch from a transport that is only tried', async () => {
    const stage = await Stage.in('live', 'stream');
    await stage.browser.clock.pass(10 * SECOND);
    await stage.happen('must-refetch');
    assert.equal(stage.at, 'live by stream');
    assert.equal(stage.open, 'stream');
  });

  // evidence: replica-exact | A change of transport loses nothing and reports nothing twice | broken once: connection.js, #continued: nothing is left out
  test('leaves out what both transports bring', async () => {
    const stage = await Stage.in('live', 'stream');
    await stage.bring('stream', cursorAt(100));
    await stage.browser.clock.pass(10 * SECOND);
    await stage.bring('stream', cursorAt(102, [100]), 101);
    await stage.bring('socket', cursorAt(104), 101, 100, 102, 103);
    await stage.bring('stream', cursorAt(105), 104);
    await stage.bring('socket', cursorAt(105), 104);
    assert.equal(stage.at, 'live by socket');
    assert.deepEqual(stage.brought, ['101', '100', '102', '103', '104']);
  });

  // evidence: replica-exact | A change of transport loses nothing and reports nothing twice | broken once: connection.js, #continued: also from a point that is behind
  test('waits for a transport that is behind', async () => {
    const stage = await Stage.in('live', 'stream');
    await stage.bring('stream', cursorAt(100));
    await stage.browser.clock.pass(10 * SECOND);
    await stage.bring('stream', cursorAt(103), 100, 101, 102);
    await stage.bring('socket', cursorAt(102), 100, 101);
    assert.equal(stage.at, 'live by stream');
    await stage.bring('socket', cursorAt(104), 102, 103);
    assert.equal(stage.at, 'live by socket');
    assert.deepEqual(stage.brought, ['100', '101', '102', '103']);
  });

  test('keeps the transport where the cursors cannot be compared', async () => {
    const stage = await Stage.in('live', 'stream');
    await stage.browser.clock.pass(10 * SECOND);
    await stage.bring('stream', 'unknown-1', 100);
    await stage.bring('socket', 'unknown-2', 100, 101);
    assert.equal(stage.at, 'live by stream');
    await stage.browser.clock.pass(3 * SECOND);
    assert.equal(stage.open, 'stream');
    assert.deepEqual(stage.brought, ['100']);
  });

  // evidence: replica-exact | A change of transport loses nothing and reports nothing twice | broken once: transports.js, poll: asks without a cursor
  // evidence: replica-exact | A change of transport loses nothing and reports nothing twice | broken once: connection.js, #live: the cursor does not move on
  test('goes on from the same cursor by every transport', async () => {
    const stage = await Stage.in('live', 'poll');
    assert.equal(stage.cursors, 'c1,c1,c1,c2', 'the last is the poll’s own next request');
    await reconnect(stage);
    assert.equal(stage.cursors, 'c1,c1,c1,c2,c2');
  });

  test('takes a transport that cannot be had here for one that failed', async () => {
    const stage = new Stage();
    stage.tab.webSocket = () => {
      throw new Error('not here');
    };
    stage.connection.start();
    await stage.happen('the tables have been read');
    assert.equal(stage.at, 'connecting by stream');
  });

  test('waits up to 1, 2, 4 … 30 s, and begins anew once a connection has held for 5 s', async () => {
    const stage = await Stage.in('live');
    const { clock } = stage.browser;
    const waits = [];
    const wait = async () => {
      const begin = clock.time;
      while (stage.state.phase === 'waiting') await clock.pass(100);
      waits.push((clock.time - begin) / SECOND);
    };
    for (let i = 0; i < 7; i++) {
      await stage.happen('the connection ends');
      await wait();
    }
    assert.deepEqual(waits, [1, 2, 4, 8, 16, 30, 30]);
    await stage.happen('a message comes');
    await clock.pass(4 * SECOND);
    await stage.happen('the connection ends');
    await wait();
    await stage.happen('a message comes');
    await clock.pass(5 * SECOND + 1);
    await stage.happen('the connection ends');
    await wait();
    assert.deepEqual(waits.slice(7), [30, 1]);
  });

  test('waits at least as long as the server asks for', async () => {
    const stage = await Stage.in('live');
    stage.tab.random = () => 0.5;
    stage.connection.fire('lost', Object.assign(new Error('restart'), { retryAfter: 4 * SECOND }));
    await stage.browser.clock.pass(4.5 * SECOND - 1);
    assert.equal(stage.state.phase, 'waiting');
    await stage.browser.clock.pass(1);
    assert.equal(stage.state.phase, 'connecting');
  });

  test('takes the time of a machine that slept for silence', async () => {
    const stage = await Stage.in('live');
    const { clock } = stage.browser;
    await clock.pass(24 * SECOND);
    assert.equal(stage.state.phase, 'live');
    stage.tab.time = () => clock.time + 3600 * SECOND; // timers stood still
    await clock.pass(2 * SECOND);
    assert.equal(stage.state.phase, 'waiting');
    assert.match(stage.state.error, /no word from the server for 36\d\d s/);
  });

  test('reads where no read has succeeded yet', async () => {
    const stage = await Stage.in('reading');
    await stage.happen('a read fails');
    await stage.happen('online again, or visible again');
    await stage.happen('the browser puts the page aside');
    await stage.happen('online again, or visible again');
    assert.deepEqual(stage.phases, ['waiting', 'reading', 'paused', 'reading']);
  });

  test('is not driven round in circles by must-refetch', async () => {
    const stage = await Stage.in('live');
    await stage.happen('must-refetch');
    await stage.happen('the tables have been read');
    await stage.happen('a message comes');
    assert.equal(stage.state.phase, 'live');
    await stage.happen('must-refetch');
    assert.equal(stage.state.phase, 'waiting');
  });

  test('that goes on from a cursor reads nothing', async () => {
    const stage = new Stage();
    const connection = new Connection(stage.tab, { ...stage.connection, terms: ['t'], address: (_, cursor) => `/?cursor=${cursor}`, state() {} }, 'c0');
    connection.start();
    assert.equal(stage.cursors, 'c0');
  });
});
