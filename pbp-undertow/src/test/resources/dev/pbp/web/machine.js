// A network of the test's own: nothing happens in it unless `happen` says so.
(() => {
  const requests = [];
  const streams = [];
  const first = { reading: 0, connecting: 1, live: 2, waiting: 3, paused: 3, closed: 3 };
  let live;
  let told = [];

  window.fetch = () => new Promise((resolve) => requests.push(resolve));
  window.EventSource = class extends EventTarget {
    constructor() {
      super();
      streams.push(this);
    }
    close() {}
  };

  const events = {
    'the tables have been read': () => requests.pop()?.(new Response('[]', { headers: { 'PBP-Cursor': 'c1' } })),
    'a read is refused': () => requests.pop()?.(new Response('{"detail":"away"}', { status: 503 })),
    'a message comes': () => streams.at(-1)?.onmessage({ data: '{"cursor":"c2","changes":[]}' }),
    'the stream ends': () => streams.at(-1)?.onerror(),
    'must-refetch': () => streams.at(-1)?.dispatchEvent(new Event('must-refetch')),
    'online again, or visible again': () => window.dispatchEvent(new Event('online')),
    'the browser puts the page aside': () => window.dispatchEvent(new Event('pagehide')),
    '`close()`': () => live.close(),
  };

  window.begin = async (phase) => {
    live?.close();
    requests.length = streams.length = 0;
    const { connect } = await import('/static/pbp.js');
    live = connect({ tables: ['testtype'], share: false });
    const steps = ['the tables have been read', 'a message comes'];
    const last = { waiting: 'the stream ends', paused: 'the browser puts the page aside', closed: '`close()`' }[phase];
    for (const step of [...steps.slice(0, first[phase]), ...(last ? [last] : [])]) {
      await window.happen(step);
    }
    told = [];
    live.addEventListener('state', ({ detail }) => told.push(detail.phase));
    return live.state.phase;
  };

  window.happen = async (event) => {
    events[event]?.();
    // A read's answer goes through some promises before it is one; a message of ours comes after all of them.
    for (let turns = 0; turns < 5; turns++) {
      await new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = resolve;
        port2.postMessage(null);
      });
    }
  };

  /** The first phase that was told since `begin`, or the one that it still is. */
  window.followed = () => told[0] ?? '–';
  window.phase = () => live.state.phase;
})();
