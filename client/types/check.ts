/** What the types promise to users; `tsc` reads it, nothing runs it. */

import { connect, Refused, type Change, type Key, type Replica, type Row } from '@pbp/client';

interface Order extends Row {
  id: number;
  item: string;
}

const live: Replica = await connect({
  tables: { orders: { key: ['id', 'line'] }, testtype: {} },
  filters: { orders: { item: 'apple', count: 3, open: true } },
  base: '/live',
  share: false,
}).ready;
connect({ tables: ['orders'] });

const rows: ReadonlyMap<Key, Order> = live.table<Order>('orders');
const item: string | undefined = rows.get(1)?.item;
const added: Order = await live.insert<Order>('orders', { item: 'pear' });
await live.update('orders', added.id, { item: 'plum' }, { expect: added });
const gone: null = await live.delete('orders', added.id);
live.addEventListener('transaction', ({ detail: { txid, changes } }) => changes.forEach(({ op, was }: Change) => [txid, op, was]));
live.addEventListener('state', ({ detail: { phase } }) => phase === 'paused');
live.addEventListener('write', ({ detail: { stage, error } }) => stage === 'refused' && error instanceof Refused && error.status);

// @ts-expect-error: tables are required
connect({});
// @ts-expect-error: rows are changed by writes alone
rows.set(1, added);
// @ts-expect-error: there is no such phase
live.state.phase === 'open';
// @ts-expect-error: a row has such columns as its type names
await live.insert<Order>('orders', { item: 1 });

export { gone, item };
