/** What the types promise to users; `tsc` reads it, nothing runs it. */

import { connect, Refused, type Change, type Events, type Key, type Replica, type ShownRow } from '@pbp/client';
import { useLiveState, useLiveTable } from '@pbp/client/react';

/** An interface, without an index signature. */
interface Order {
  id: number;
  item: string;
}

const live: Replica = await connect({
  tables: {
    orders: { key: ['id', 'line'], where: { count: ['gt.3', 'lt.10'], item: 'in.(a,b)', open: true, note: null, id: 5n }, order: 'item.desc', limit: 10 },
    dear: { table: 'orders', where: { price: 'gte.100' }, select: ['id', 'item'], order: ['price.desc', 'id'] },
    testtype: {},
  },
  base: '/live',
  share: false,
}).ready;
connect({ tables: ['orders'] });

const rows: ReadonlyMap<Key, ShownRow<Order>> = live.table<Order>('orders');
const item: string | undefined = rows.get(1)?.item;
const added: Order = await live.insert<Order>('orders', { item: 'pear' });
await live.update('orders', added.id, { item: 'plum' }, { expect: added });
const gone: null = await live.delete('orders', added.id, { expect: added });
await live.view('cheap', { table: 'orders', where: { price: 'lt.10' } });
const end: () => void = live.subscribe('cheap', () => live.snapshot<Order>('cheap').map(({ id }) => id));
const cheap: readonly ShownRow<Order>[] = useLiveTable<Order>(live, 'orders', { where: { price: 'lt.10' } });
const isStale: boolean = useLiveState(live).staleSince !== null || live.state.unsent > 0;
end();
live.drop('cheap');

const listener = ({ detail }: Events['transaction']) => detail.changes.length;
live.addEventListener('transaction', listener);
live.removeEventListener('transaction', listener);
live.addEventListener('transaction', ({ detail: { txid, changes } }) => changes.forEach(({ op, was }: Change) => [txid, op, was]));
live.addEventListener('state', ({ detail: { phase } }) => phase === 'paused');
live.addEventListener('write', ({ detail: { stage, error } }) => stage === 'refused' && error instanceof Refused && error.status);

// @ts-expect-error: tables are required
connect({});
// @ts-expect-error: rows are changed by writes alone
rows.set(1, added);
// @ts-expect-error: a snapshot is not changed at all
cheap.push(added);
// @ts-expect-error: a row that is being added may lack its key
const id: number = cheap[0].id;
// @ts-expect-error: the state is the replica's
live.state.unsent = 0;
// @ts-expect-error: there is no such phase
live.state.phase === 'open';
// @ts-expect-error: a row has such columns as its type names
await live.insert<Order>('orders', { item: 1 });

export { gone, id, isStale, item };
