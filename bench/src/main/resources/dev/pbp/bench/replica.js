// A tab with nothing in it but the module's replica.
async (share) => {
  const { connect } = await import('/static/pbp.js');
  const live = connect({ tables: ['testtype'], share });
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
    let changes = 0;
    const count = ({ detail }) => (changes += detail.changes.length);
    live.addEventListener('transaction', count);
    const begin = probe.now();
    probe.expectTold(text);
    document.dispatchEvent(new Event('resume'));
    return probe.asked.then((end) => {
      live.removeEventListener('transaction', count);
      return [end - begin, changes];
    });
  };
}
