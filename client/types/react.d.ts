import type { Replica, Row, ShownRow, State, ViewOptions } from './pbp.js';

/**
 * The rows of a view of the replica, in its order; the component renders again when one changes. With options the view is made for
 * this use: components that ask for the same share it, and it is dropped some seconds after the last has unmounted. If the server rejects it, the
 * hook throws {@link Refused}, for an error boundary.
 *
 * @param table the name of a view, or with options of a table
 */
export function useLiveTable<R extends object = Row>(live: Replica, table: string, options?: Omit<ViewOptions, 'table'>): readonly ShownRow<R>[];

/** The replica's state; the component renders again when it changes. */
export function useLiveState(live: Replica): State;
