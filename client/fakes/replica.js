import '../src/pbp-views.js'; // so that loading it takes no turn of the event loop
import { Replica } from '../src/replica.js';
import { FakeBrowser } from './browser.js';
import { settled } from './clock.js';
import { FakeServer } from './server.js';
import { Site } from '../src/site.js';

/** A replica in a tab, with all that it reported: `transactions` and `states`. */
export async function connect(tab, options = {}) {
  const live = new Replica({ tables: ['t'], ...options }, tab);
  live.tab = tab;
  live.transactions = [];
  live.states = [];
  live.addEventListener('transaction', ({ detail }) => live.transactions.push(detail));
  live.addEventListener('state', ({ detail }) => live.states.push(detail));
  await settled();
  return live;
}

/** A site that a table alone belongs to; its `platform` may be an object with the functions that are used. */
export function site(platform = new FakeBrowser(new FakeServer('t')).tab()) {
  return new Site(platform, '');
}

/** The values of a table's rows by key, such as `1a 2b`. */
export function rows(live, table = 't') {
  return [...live.table(table).values()]
    .sort((a, b) => a.id - b.id)
    .map(({ id, val }) => `${id}${val}`)
    .join(' ');
}

/** The transactions that were reported, a text each: `fed` by the feed, or `read`, and the changes. */
export function told(live) {
  return live.transactions.map(
    ({ txid, changes }) => `${txid ? 'fed' : 'read'} ${changes.map(({ op, key, new: row }) => op + key + (row?.val ?? '')).join()}`,
  );
}

/** Tabs of one browser at a server with two tables: what tests of several tabs begin with. */
export function stage() {
  const server = new FakeServer('t', 'other');
  server.commit(['t', 1, { val: 'x' }], ['t', 2, { val: 'y' }], ['other', 1, { val: 'z' }]);
  server.requests = [];
  const browser = new FakeBrowser(server);
  return {
    server,
    browser,
    open: (options) => connect(browser.tab(), options),
    /** Opens tabs one after the other. */
    several: async (...options) => {
      const tabs = [];
      for (const one of options) tabs.push(await connect(browser.tab(), one));
      return tabs;
    },
    commit: async (...writes) => {
      server.commit(...writes);
      await settled();
    },
    /** The terms of each connection. */
    followed: () => [...server.followers].map(({ terms }) => terms.join()),
  };
}

/** The roles and phases of tabs. */
export function roles(tabs) {
  return tabs.map(({ state }) => `${state.role} ${state.phase}`);
}
