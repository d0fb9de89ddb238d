import { sees, snapshotOf } from './cursor.js';
import { Order } from './order.js';
import { columnsOf, conditionsOf, listOf, orderOf, queryOf, streamOf } from './query.js';
import { union } from './terms.js';
import { same } from './values.js';

/** @typedef {import('../types/pbp.js').Change} Change */
/** @typedef {import('../types/pbp.js').Json} Json */
/** @typedef {import('../types/pbp.js').Key} Key */
/** @typedef {import('../types/pbp.js').Row} Row */
/** @typedef {import('../types/internal.js').Rows} Rows */
/** @typedef {import('../types/internal.js').Shape} Shape */
/** @typedef {import('../types/internal.js').Stored} Stored */

/** How many rows a limited view holds beyond those that it shows, so that it seldom runs short. */
const MOST_RESERVED = 50;

/** What a view shows of its table: conditions and columns, which the server evaluates, the order, and how many rows. */
export class Lens {
  /** Whether all rows that meet the conditions are held. */
  whole = true;
  /** Where not: the last row of those that are held, as the server has it. @type {Row | undefined} */
  #bound;
  /** @type {Order | null} */
  #order = null;
  /** @type {Shape | null} */
  #shape = null;
  #table;
  #conditions;
  /** Empty for all. @type {string[]} */
  #columns = [];
  #sorting;
  #options;

  /** @param {import('./table.js').Table} table */
  constructor(table) {
    const { where, select, order, limit } = table.options;
    this.#table = table;
    this.#conditions = conditionsOf(where);
    this.#sorting = orderOf(order);
    if (select !== undefined) this.#columns = union([...columnsOf(select), ...this.#sorting.map(({ column }) => column)]);
    this.#options = { order: order && [order].flat().join(), limit };
    /** @type {Record<string, string[]>} */
    const normal = {};
    for (const [column, condition] of this.#conditions) (normal[column] ??= []).push(condition);
    const selected = this.#columns.length > 0 ? listOf(this.#columns) : undefined;
    table.spec = JSON.stringify({ ...JSON.parse(table.spec), where: normal, select: selected, ...this.#options });
    if (this.narrows) Object.assign(table, streamOf(table.stream, this.#conditions, selected ?? ''));
  }

  /** Whether conditions or columns leave out something of the table. */
  get narrows() {
    return this.#conditions.length + this.#columns.length > 0;
  }

  get #limit() {
    return this.#options.limit ?? Infinity;
  }

  get #reserve() {
    return Math.min(this.#limit, MOST_RESERVED);
  }

  /** Whether the key has to be known before the rows are read, so that its columns are among them. */
  get needsKey() {
    return this.#columns.length > 0;
  }

  /** Whether the types of columns have to be known. */
  get isSorted() {
    return this.#sorting.length > 0 || this.#limit < Infinity;
  }

  /** How many rows are asked for; Infinity for all. */
  get size() {
    return this.#limit + this.#reserve;
  }

  /**
   * The query string of a read of all rows, or of one.
   *
   * @param {string[]} key
   * @param {Json[]} [values] of the key
   */
  query(key, values) {
    const ofKey = (values ?? []).map((value, i) => /** @type {[string, string]} */ ([key[i], `eq.${value}`]));
    const select = this.needsKey ? listOf(union([...this.#columns, ...key])) : '';
    const { order, limit } = this.#options;
    return `?${queryOf([...this.#conditions, ...ofKey], { select, order, limit: limit && this.size })}`;
  }

  /**
   * @param {string[]} key
   * @param {import('../types/pbp.js').TableDescription | undefined} table
   */
  kinds(key, table) {
    return Order.kinds([...this.#sorting.map(({ column }) => column), ...key], table);
  }

  /**
   * Of a row's columns those that this view has.
   *
   * @param {Row} row
   */
  project(row) {
    if (this.#columns.length === 0) return row;
    const columns = [...this.#columns, ...this.#table.keyColumns];
    return Object.fromEntries(Object.entries(row).filter(([column]) => columns.includes(column)));
  }

  /**
   * Whether a write changed nothing that this view shows, so that the feed will not bring it: the server alone knows.
   *
   * @param {import('../types/internal.js').Write} write
   * @param {AbortSignal} signal
   */
  async leavesOut({ key, txid }, signal) {
    const table = this.#table;
    try {
      const { body, cursor } = await table.request(this.query(table.keyColumns, table.parts(key)), signal);
      const snapshot = snapshotOf(cursor);
      return snapshot !== null && sees(snapshot, String(txid)) && same(body[0], table.serverRow(key));
    } catch {
      return false; // the cursor of the next heartbeat tells it, too
    }
  }

  /**
   * What else is shown differently where a row got another key, so that it left and came: not the rows that made room for a moment.
   *
   * @param {Change[]} changes
   * @param {Key} from
   * @param {Key} to
   */
  aside(changes, from, to) {
    const others = changes.filter(({ key }) => key !== from && key !== to);
    return others.filter(({ key }) => others.filter((other) => other.key === key).length === 1);
  }

  list() {
    return this.#order?.list();
  }

  /** @param {Rows} rows */
  sorted(rows) {
    return this.#order ? this.#order.sorted(rows) : rows;
  }

  /**
   * Whether a row belongs to those that are held; undefined if the client cannot decide it.
   *
   * @param {Row} row
   */
  #isWithin(row) {
    return this.whole || (this.#order?.compare ? this.#bound !== undefined && this.#order.compare(row, this.#bound) <= 0 : undefined);
  }

  /**
   * The row that is expected to be held where this is the server's.
   *
   * @param {Row} row
   * @param {Row | undefined} held
   */
  expected(row, held) {
    return (this.#isWithin(row) ?? held) ? row : undefined;
  }

  /**
   * The rows that follow are others.
   *
   * @param {Rows} read
   * @param {Shape} shape
   * @param {boolean} whole
   */
  begin(read, shape, whole) {
    this.whole = whole;
    if (!whole) this.#bound = [...read.values()].at(-1);
    if (!this.isSorted || (this.#order && same(shape, this.#shape))) return;
    const table = this.#table;
    this.#shape = shape;
    this.#order = new Order(this.#sorting, shape, this.#limit);
    if (this.#limit < Infinity && table.held === table.rows) table.held = new Map(table.rows);
  }

  /**
   * Takes a change that a read has not seen into its rows.
   *
   * @param {Rows} rows
   * @param {Key} key
   * @param {Row | undefined} row
   */
  merge(rows, key, row) {
    if (row && this.expected(row, rows.get(key))) rows.set(key, row);
    else rows.delete(key);
    if (row && this.#order && !this.#order.compare) this.#table.incomplete = true;
  }

  /**
   * All rows are there.
   *
   * @param {Rows} read
   * @param {Stored[]} stored what differs
   */
  end(read, stored) {
    const { held, rows } = this.#table;
    this.#checkSize();
    return this.#order ? this.#order.replace(held, read, stored, rows) : stored;
  }

  #checkSize() {
    if (!this.whole && this.#table.serverCount() < this.#limit) this.#table.incomplete = true;
  }

  /**
   * The server has this row now.
   *
   * @param {Key} key
   * @param {Row | undefined} old
   * @param {Row | undefined} row
   */
  take(key, old, row) {
    const table = this.#table;
    const order = this.#order;
    if (!order) return table.set(key, row);
    const held = table.serverRow(key);
    if (!order.compare && row && !(held && old && order.isSamePlace(old, row))) table.incomplete = true;
    const changes = table.set(key, row && this.expected(row, held));
    this.#checkSize();
    if (table.serverCount() > this.#limit + 2 * this.#reserve && order.compare) changes.push(...this.#trim());
    return changes;
  }

  /** Lets go of rows far beyond those that are shown. */
  #trim() {
    const rows = [...this.#table.serverRows()];
    this.whole = false;
    this.#bound = rows[this.size - 1][1];
    return rows.slice(this.size).flatMap(([key]) => this.#table.set(key, undefined));
  }

  /**
   * One row that is held is another.
   *
   * @param {Stored} change
   * @returns {Stored[]} what is shown differently
   */
  move(change) {
    return this.#order ? this.#order.move(change, this.#table.rows) : [change];
  }
}
