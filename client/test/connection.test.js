import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { FakeBrowser } from '../fakes/browser.js';
import { settled } from '../fakes/clock.js';
import { FakeServer } from '../fakes/server.js';
import { Connection } from '../src/connection.js';

const SECOND = 1000;
const TRANSPORTS = ['socket', 'stream', 'poll'];
const SILENCE = '30 s pass without a word';
/** The phases in the order in which a connection comes to them. */
const FIRST = { reading: 0, connecting: 1, live: 2, waiting: 3, paused: 3, closed: 3 };

/** A connection to a network where nothing happens unless the test says so. */
class Stage {
  browser = new FakeBrowser(new FakeServer('t'));
  tab = this.browser.tab({
    webSocket: (url) => this.#open('socket', url, { close() {} }, (socket, event) => {
      if (event === 'end') socket.onclose({ reason: '' });
      else socket.onmessage({ data: event === 'refetch' ? '{"mustRefetch":true}' : '{"cursor":"c2","changes":[]}' });
    }),
    eventSource: (url) => this.#open('stream', url, new Source(), (source, event) => {
      if (event === 'end') source.onerror();
      else if (event === 'refetch') source.listeners['must-refetch']();
      else source.onmessage({ data: '{"cursor":"c2","changes":[]}' });
    }),
    fetch: (url) => new Promise((resolve, reject) =>
      this.#open('poll', url, {}, (_, event) => {
        if (event === 'end') reject(new TypeError('the network is gone'));
        const body = '{"cursor":"c2","changes":[]}';
        resolve({ ok: event !== 'refetch', status: event === 'refetch' ? 410 : 200, headers: new Headers(), text: async () => body });
      })),
  });
  /** The connections so far: `{ name, url, happen }`. */
  connections = [];
  #reads = [];
  /** The phases that were reported. */
  phases = [];
  state;
  connection = new Connection(this.tab, {
    terms: ['t'],
    address: (terms, cursor, wait) => `/api/_changes?table=${terms}&cursor=${cursor}&wait=${wait ?? ''}`,
    read: () => new Promise((resolve, reject) => this.#reads.push({ resolve, reject })),
    batch: () => {},
    state: (state) => {
      this.state = state;
      this.phases.push(state.phase);
    },
  });

  #open(name, url, connection, happen) {
    this.connections.push({ name, url, happen: (event) => happen(connection, event) });
    return connection;
  }

  async happen(event) {
    const last = this.connections.at(-1);
    await {
      'the tables have been read': () => this.#reads.pop()?.resolve('c1'),
      'a read is refused': () => this.#reads.pop()?.reject(new Error('away')),
      'a message comes': () => last?.happen('message'),
      'the connection ends': () => last?.happen('end'),
      'must-refetch': () => last?.happen('refetch'),
      [SILENCE]: () => this.browser.clock.pass(30 * SECOND),
      'other tables are wanted, or another transport': () => this.connection.fire('turn'),
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
      await stage.happen('online again, or visible again');
    }
    if (FIRST[phase] > 1) await stage.happen('a message comes');
    const last = { waiting: 'the connection ends', paused: 'the browser puts the page aside', closed: '`close()`' }[phase];
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

class Source {
  listeners = {};
  addEventListener(type, listener) {
    this.listeners[type] = listener;
  }
  close() {}
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
  test('which has sixty cells', () => assert.equal(cells().length, 60));

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
  // Before the time is over, a better transport is tried.
  if (phase === 'live' && event === SILENCE && transport !== 'socket') return 'connecting';
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

  test('tries a better transport after ever more time, and goes back at once if that fails', async () => {
    const stage = await Stage.in('live', 'stream');
    const { clock } = stage.browser;
    const live = async (millis) => {
      for (let passed = 0; passed < millis; passed += SECOND) {
        await clock.pass(Math.min(SECOND, millis - passed));
        if (stage.state.phase === 'live') await stage.happen('a message comes');
      }
    };
    await live(10 * SECOND - 1);
    assert.equal(stage.at, 'live by stream');
    await clock.pass(1);
    assert.equal(stage.at, 'connecting by socket');
    await stage.happen('the connection ends');
    assert.equal(stage.at, 'connecting by stream');
    await stage.happen('a message comes');
    await live(20 * SECOND - 1);
    assert.equal(stage.at, 'live by stream');
    await clock.pass(1);
    assert.equal(stage.at, 'connecting by socket');
    await stage.happen('a message comes');
    await live(300 * SECOND);
    assert.equal(stage.at, 'live by socket');
  });

  test('gives a better transport three seconds', async () => {
    const stage = await Stage.in('live', 'stream');
    await stage.browser.clock.pass(10 * SECOND);
    assert.equal(stage.at, 'connecting by socket');
    await stage.browser.clock.pass(4 * SECOND);
    assert.equal(stage.at, 'connecting by stream');
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
    assert.deepEqual([stage.state.phase, stage.state.error], ['waiting', 'not here']);
    await stage.happen('online again, or visible again');
    assert.equal(stage.at, 'connecting by stream');
  });

  test('waits up to 1, 2, 4 … 30 s, and begins anew once a connection has held for 5 s', async () => {
    const stage = await Stage.in('connecting', 'socket');
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
    await stage.happen('a read is refused');
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
