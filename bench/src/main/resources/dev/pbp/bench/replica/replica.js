// A tab with nothing in it but the module's replica.
async (share) => {
  const { connect } = await import('/static/pbp.js');
  // What a replica of its own is told by the server is kept.
  const recorded = { read: null, messages: [] };
  const { fetch, WebSocket } = window;
  if (!share) {
    window.fetch = async (...request) => {
      const answer = await fetch(...request);
      if (request[0] === '/api/testtype') {
        recorded.read = { body: await answer.clone().text(), headers: { 'PBP-Cursor': answer.headers.get('PBP-Cursor') } };
      }
      return answer;
    };
    window.WebSocket = class extends WebSocket {
      set onmessage(listener) {
        super.onmessage = (event) => {
          recorded.messages.push(event.data);
          listener(event);
        };
      }
    };
  }
  const live = connect({ tables: { testtype: { key: 'id' } }, share });
  await live.ready;
  if (live.state.phase !== 'live') {
    await new Promise((done) => live.addEventListener('state', ({ detail }) => detail.phase === 'live' && done()));
  }
  probe.role = () => live.state.role;
  /** `asked` is settled with the time at which a transaction of the feed had brought a row with this text. */
  probe.expectTold = (text) => {
    probe.asked = probe.soon('told', new Promise((done) => {
      const stop = new AbortController();
      const look = ({ detail: { txid, changes } }) => {
        if (txid === null || !changes.some(({ new: row }) => row?.val === text)) return;
        stop.abort();
        done(probe.now());
      };
      live.addEventListener('transaction', look, { signal: stop.signal });
    }));
  };
  probe.sleep = () => document.dispatchEvent(new Event('freeze'));
  /** How long it takes to be up to date again after a sleep, in milliseconds, and how many changes that were. */
  probe.wake = (text) => {
    const told = probe.told(live, text);
    document.dispatchEvent(new Event('resume'));
    return told;
  };
  /** The same, for a new replica that is given what was recorded, each message in a task of its own: no server, no network. */
  probe.replay = async (text) => {
    live.close();
    window.fetch = async () => new Response(recorded.read.body, { headers: recorded.read.headers });
    let socket;
    window.WebSocket = class {
      constructor() {
        socket = this;
      }
      close() {}
    };
    const again = connect({ tables: { testtype: { key: 'id' } }, share: false });
    await again.ready;
    const { port1, port2 } = new MessageChannel();
    let next = 0;
    port1.onmessage = () => {
      socket.onmessage({ data: recorded.messages[next++] });
      if (next < recorded.messages.length) port2.postMessage(null);
    };
    const told = probe.told(again, text);
    port2.postMessage(null);
    const result = await told;
    again.close();
    return result;
  };
  probe.told = (replica, text) =>
    probe.soon('told', new Promise((done) => {
      const begin = probe.now();
      let changes = 0;
      replica.addEventListener('transaction', ({ detail: { txid, changes: some } }) => {
        if (txid === null) return;
        changes += some.length;
        if (some.some(({ new: row }) => row?.val === text)) done([probe.now() - begin, changes]);
      });
    }));
}
