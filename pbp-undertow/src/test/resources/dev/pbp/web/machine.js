// A network of the test's own: nothing happens in it unless `happen` says so.
(() => {
  /** Reads of the table, then connections, each with what can become of it. */
  let reads = [];
  let connections = [];
  let live;
  let other;
  let told = [];
  const first = { reading: 0, connecting: 1, live: 2, waiting: 3, paused: 3, closed: 3 };
  const ways = ['socket', 'stream', 'poll'];
  const batch = '{"cursor":"c2","changes":[]}';

  function answer(body, status = 200) {
    return new Response(body, { status, headers: { 'PBP-Cursor': 'c1' } });
  }

  window.fetch = (address) =>
    new Promise((resolve, reject) => {
      if (!String(address).includes('/_changes')) {
        reads.push(resolve);
        return;
      }
      connections.push({
        way: 'poll',
        address: String(address),
        message: () => resolve(answer(batch)),
        end: () => reject(new TypeError('the network is gone')),
        refetch: () => resolve(answer('{}', 410)),
      });
    });

  window.EventSource = class extends EventTarget {
    constructor(address) {
      super();
      connections.push({
        way: 'stream',
        address,
        message: () => this.onmessage({ data: batch }),
        end: () => this.onerror(),
        refetch: () => this.dispatchEvent(new Event('must-refetch')),
      });
    }
    close() {}
  };

  window.WebSocket = class {
    constructor(address) {
      connections.push({
        way: 'socket',
        address: String(address),
        message: () => this.onmessage({ data: batch }),
        end: () => this.onclose({ reason: '' }),
        leave: (wait) => this.onclose({ reason: `retry=${wait}` }),
        refetch: () => this.onmessage({ data: '{"mustRefetch":true}' }),
      });
    }
    close() {}
  };

  const events = {
    'the tables have been read': () => reads.pop()?.(answer('[]')),
    'a read is refused': () => reads.pop()?.(answer('{"detail":"away"}', 503)),
    'a message comes': () => connections.at(-1)?.message(),
    'the connection ends': () => connections.at(-1)?.end(),
    'must-refetch': () => connections.at(-1)?.refetch(),
    'other tables are wanted, or another transport': wantMore,
    'online again, or visible again': () => window.dispatchEvent(new Event('online')),
    'the browser puts the page aside': () => window.dispatchEvent(new Event('pagehide')),
    '`close()`': () => live.close(),
  };

  /** Turns of the event loop: a read's answer goes through some promises before it is one. */
  async function turns() {
    for (let turn = 0; turn < 8; turn++) {
      await new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = resolve;
        port2.postMessage(null);
      });
    }
  }

  function until(replica, condition) {
    return new Promise((resolve) => {
      const look = () => condition() && resolve();
      replica.addEventListener('state', look);
      look();
    });
  }

  /** Another tab wants something that is not followed yet; the one that leads asks the server first whether it may. */
  async function wantMore() {
    const { connect } = await import('/static/pbp.js');
    const idle = live.state.phase === 'paused' || live.state.phase === 'closed';
    let asked;
    const asking = new Promise((resolve) => (asked = resolve));
    const push = connections.push;
    connections.push = (connection) => (connection.address.includes('wait=0') ? asked(connection) : push.call(connections, connection));
    other = connect({ tables: ['testtype'], filters: { testtype: { val: 'x' } } });
    if (idle) {
      await until(other, () => other.state.role === 'leader');
    } else {
      (await asking).message();
      await turns();
    }
    connections.push = push;
  }

  /** Brings a replica into a phase, on one of the ways: those before it have failed. */
  window.begin = async (phase, way = 'socket', options = { share: false }) => {
    live?.close();
    other?.close();
    other = undefined;
    reads = [];
    connections = [];
    const { connect } = await import('/static/pbp.js');
    live = connect({ tables: ['testtype'], ...options });
    if (options.share) await until(live, () => live.state.role === 'leader');
    const step = (event) => window.happen(event);
    if (first[phase] > 0) await step('the tables have been read');
    for (let failed = 0; first[phase] > 0 && failed < ways.indexOf(way); failed++) {
      await step('the connection ends');
      await step('online again, or visible again');
    }
    if (first[phase] > 1) await step('a message comes');
    const last = { waiting: 'the connection ends', paused: 'the browser puts the page aside', closed: '`close()`' }[phase];
    if (last) await step(last);
    told = [];
    live.addEventListener('state', ({ detail }) => told.push(detail.phase));
    return live.state.phase + (first[phase] === 1 || first[phase] === 2 ? ` by ${live.state.transport}` : '');
  };

  window.happen = async (event) => {
    await events[event]?.();
    await turns();
  };

  /** The first phase that was told since `begin`; nothing, if there was none. */
  window.followed = () => told[0] ?? '–';
  window.phase = () => live.state.phase;
  window.transport = () => live.state.transport;
  window.cursors = () => connections.map(({ address }) => new URL(address, location.href).searchParams.get('cursor')).join();
  window.leave = (wait) => connections.at(-1).leave(wait);
})();
