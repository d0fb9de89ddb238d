import { Blocks } from './blocks.js';
import { count, grouped, plain } from './text.js';

/** More rows than this at once do not flash: nobody could follow it. */
const MOST_FLASHING = 100;
/** How long a deletion can be undone: until then it is not sent. */
const UNDO = 7000;
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };

/**
 * @typedef {object} Layout what is particular to a page
 * @property {Element} template a row's element, without its buttons
 * @property {number} height what a row is high, in rem
 * @property {(element: any, row: any, key: any) => void} draw shows a row in its element
 * @property {(a: any, b: any) => number} compare the order of two keys
 * @property {() => void} [arrange] called before keys are compared
 * @property {boolean} sorts whether a row's place depends on more than its key
 * @property {(element: any) => boolean} hides whether the page leaves a row out
 * @property {() => boolean} filtered
 * @property {(key: any) => string} name what a row is called, such as `row 1`
 * @property {(row: any) => string} tells the row in some words
 * @property {(shown: number) => void} counted the rows have been counted
 * @property {(element: any, key: any, row: any, done: () => void, options: any) => any} editor opens one
 * @property {() => boolean} writable
 * @property {() => void} left the last row that had the focus is gone
 */

/** The rows of a table: their elements, in order; what changes; the keyboard; editing and deleting. */
export class Grid extends EventTarget {
  /** The keys as they stand on the page. */
  order = [];
  /** The rows' elements by key. */
  elements = new Map();
  /** Keys of rows that are deleted here, and not sent yet. @type {Map<any, { send: () => void, undo: () => void }>} */
  leaving = new Map();
  live = null;
  /** @type {ReadonlyMap<any, any>} */
  rows = new Map();
  ready = false;
  #name = '';
  #body;
  #grid;
  #blocks;
  /** @type {Layout} */
  #layout;
  #announcer;
  #notify;
  #detach = new AbortController();
  /** What happened to each key since the last frame. */
  #changed = new Map();
  #flashed = [];
  #flip = false;
  #painted = false;
  #requested = false;
  /** The key of the row that the Tab key reaches. */
  #current = null;
  /** The element of the row that the pointer is over. */
  #hovered = null;
  /** @type {any} */
  #actions = /** @type {HTMLTemplateElement} */ (document.getElementById('actions-template')).content.firstElementChild;

  constructor(grid, body, layout, announcer, notify) {
    super();
    this.#grid = grid;
    this.#body = body;
    this.#layout = layout;
    this.#announcer = announcer;
    this.#notify = notify;
    this.#blocks = new Blocks(body, layout.height);
    for (const element of body.querySelectorAll('.row')) this.elements.set(keyFrom(element.dataset.key), element);
    this.order = [...this.elements.keys()];
    this.#listen();
  }

  /** Shows these rows from now on; what is on the page stays until they have been read. */
  attach(live, name, rows, read = live.ready) {
    this.#detach.abort();
    this.#detach = new AbortController();
    const { signal } = this.#detach;
    this.live = live;
    this.rows = rows;
    this.#name = name;
    this.ready = this.#painted = false;
    this.#changed = new Map();
    this.#grid.setAttribute('aria-busy', 'true');
    live.addEventListener('transaction', ({ detail }) => this.#apply(detail), { signal });
    live.addEventListener('write', ({ detail }) => {
      if (detail.table !== name) return;
      if (!this.#changed.has(detail.key)) this.#changed.set(detail.key, detail.stage === 'saved' ? 'saved' : 'mark');
      this.request();
    }, { signal });
    read.then(() => {
      if (signal.aborted) return;
      this.ready = true;
      for (const key of rows.keys()) if (!this.#changed.has(key)) this.#changed.set(key, 'insert');
      this.#grid.setAttribute('aria-busy', 'false');
      this.request();
    });
  }

  /** How many writes of this page the server does not have yet. */
  get unsent() {
    return (this.live?.writing ?? 0) + this.leaving.size;
  }

  get current() {
    return this.#current;
  }

  /** Whether somebody's text would be lost. */
  get editing() {
    return [...this.elements.values()].some(({ editor }) => editor?.changed);
  }

  #apply({ changes }) {
    for (const { table, op, key, was } of changes) {
      if (table !== this.#name) continue;
      if (was !== undefined) this.#rename(was, key);
      this.#changed.set(key, this.#changed.get(key) === 'insert' && op === 'update' ? 'insert' : op);
    }
    this.request();
  }

  request() {
    if (this.#requested) return;
    this.#requested = true;
    requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    this.#requested = false;
    const changes = this.#changed;
    this.#changed = new Map();
    if (this.ready && !this.#painted) this.order.filter((key) => !this.rows.has(key)).forEach((key) => this.#remove(key)); // what was there, and is gone
    const added = [];
    for (const [key, op] of changes) {
      const row = this.rows.get(key);
      if (!row) {
        this.#remove(key);
      } else {
        if (!this.elements.has(key)) {
          this.elements.set(key, this.#layout.template.cloneNode(true));
          added.push(key);
        }
        this.#draw(key, row, op);
      }
    }
    this.#place(added);
    this.#blocks.settle(!this.#painted);
    if (this.#painted) {
      // What this page writes is news once the server has it.
      const news = [...changes].filter(([key, op]) => op !== 'mark' && !this.live.pending(this.#name, key));
      this.#highlight(news.map(([key]) => key).filter((key) => this.elements.has(key)));
      this.#announcer.changes(news, ([key, op]) => this.#sentence(key, op));
    }
    this.#painted = this.ready;
    this.#counted();
  }

  #sentence(key, op) {
    const row = this.rows.get(key);
    const name = this.#layout.name(key);
    const verb = { insert: 'added', update: 'changed', saved: 'saved' }[op];
    return row ? `${capital(name)} ${verb}: ${this.#layout.tells(row)}.` : `${capital(name)} deleted.`;
  }

  /** Shows a row as it is now. */
  #draw(key, row, op) {
    const element = this.elements.get(key);
    element.dataset.key = element.key = key;
    element.classList.toggle('pending', this.live.pending(this.#name, key));
    this.#layout.draw(element, row, key);
    this.#label(element, key);
    if (op !== 'mark') element.editor?.meanwhile(row);
    this.#show(element, key);
  }

  #show(element, key) {
    const hidden = this.leaving.has(key) || (!element.editor && this.#layout.hides(element));
    if (element.hidden === hidden) return;
    element.hidden = hidden;
    if (element.isConnected) this.#blocks.touch(element);
  }

  #remove(key) {
    const element = this.elements.get(key);
    if (!element) return;
    if (element.editor) {
      // Nobody's text is thrown away while it is being written.
      element.editor.gone();
      return;
    }
    this.leaving.get(key)?.undo();
    const at = this.order.indexOf(key);
    if (this.#current === key) this.#pass(key, element.contains(document.activeElement));
    this.order.splice(at, 1);
    this.elements.delete(key);
    if (this.#hovered === element) this.#hovered = null;
    this.#blocks.remove(element);
  }

  /** The next row, or the one before, is current in place of one that goes. */
  #pass(key, focused) {
    const visible = this.#visible();
    const at = visible.indexOf(key);
    this.#select(visible[at + 1] ?? visible[at - 1] ?? null, focused);
    if (focused && this.#current === null) this.#layout.left();
  }

  #rename(from, to) {
    const element = this.elements.get(from);
    this.#changed.delete(from);
    if (!element) return;
    this.#remove(to);
    this.elements.delete(from);
    this.elements.set(to, element);
    element.dataset.key = element.key = to;
    const before = this.order.indexOf(from);
    this.order[before] = to;
    this.#layout.arrange?.();
    this.#sort();
    const at = this.order.indexOf(to);
    if (at !== before) {
      this.#blocks.remove(element);
      this.#blocks.place(element, this.elements.get(this.order[at + 1]));
      this.#blocks.settle();
    }
    if (this.#current === from) this.#current = to;
  }

  #sort() {
    this.order.sort((a, b) => this.#layout.compare(a, b));
  }

  /** Puts new elements where they belong, and those whose place is another now. */
  #place(added) {
    this.#layout.arrange?.();
    const fresh = new Set(added);
    const focused = document.activeElement;
    if (this.#layout.sorts) {
      const before = new Map(this.order.map((key, at) => [key, at]));
      this.order = this.order.concat(added);
      this.#sort();
      const stayed = risingOf(this.order.map((key) => before.get(key) ?? -1));
      for (const key of this.order) {
        if (!before.has(key) || stayed.has(before.get(key))) continue;
        fresh.add(key);
        this.#blocks.remove(this.elements.get(key));
      }
    } else if (added.length > 0) {
      this.order = this.order.concat(added);
      this.#sort();
    }
    if (fresh.size > 0) {
      const last = this.order.slice(this.order.length - fresh.size);
      if (last.every((key) => fresh.has(key))) this.#blocks.append(last.map((key) => this.elements.get(key)));
      else this.#placeAmong(fresh);
      if (this.#body.contains(focused) && document.activeElement !== focused) /** @type {HTMLElement} */ (focused).focus();
    }
    if (this.#current === null) this.#select(this.#firstShown(), false);
  }

  #placeAmong(fresh) {
    let next;
    for (let i = this.order.length - 1; i >= 0; i--) {
      const element = this.elements.get(this.order[i]);
      if (fresh.has(this.order[i])) this.#blocks.place(element, next);
      next = element;
    }
  }

  #highlight(keys) {
    if (keys.length === 0) return;
    this.#flashed.forEach((element) => element.classList.remove('recent', 'flash-a', 'flash-b'));
    this.#flashed = keys.length > MOST_FLASHING ? [] : keys.map((key) => this.elements.get(key));
    this.#flip = !this.#flip; // another animation of the same look, or it would not start again
    this.#flashed.forEach((element) => element.classList.add('recent', this.#flip ? 'flash-a' : 'flash-b'));
  }

  #counted() {
    if (!this.#painted) return; // there may be more than stand in the document
    const all = this.rows.size - this.leaving.size;
    const shown = this.#layout.filtered() ? this.#visible().length : all;
    this.#body.hidden = this.#firstShown() === null; // one that is gone may still be edited
    this.#grid.setAttribute('aria-rowcount', String(all + 1));
    this.#layout.counted(shown);
  }

  /** The page's own filter is another. */
  filter() {
    this.elements.forEach((element, key) => this.#show(element, key));
    this.#blocks.settle(true);
    this.#counted();
    if (this.#current === null || this.elements.get(this.#current)?.hidden) this.#select(this.#firstShown(), false);
  }

  /** Draws the rows anew, whose cells have been emptied. */
  redraw() {
    for (const key of this.elements.keys()) this.#changed.set(key, 'mark');
    this.request();
  }

  // Editing and deleting

  edit(key, options = {}) {
    const element = this.elements.get(key);
    const row = this.rows.get(key);
    if (!element || !row || element.editor || !this.#layout.writable()) return;
    this.#select(key, false);
    element.editor = this.#layout.editor(element, key, row, () => this.#edited(key, element), options);
  }

  #edited(key, element) {
    element.editor?.close();
    element.editor = undefined;
    if (!this.rows.has(key)) {
      this.#remove(key);
      this.#counted();
    } else {
      element.focus();
      this.request(); // its place may be another
    }
  }

  /** Takes a row away at once, and sends that after a while, unless it is undone. */
  erase(key) {
    const element = this.elements.get(key);
    if (!this.rows.has(key) || this.leaving.has(key) || element.editor || !this.#layout.writable()) return;
    const name = this.#layout.name(key);
    const live = this.live;
    const row = this.rows.get(key);
    const [table, focused] = [this.#name, element.contains(document.activeElement)];
    const end = () => {
      clearTimeout(timer);
      this.leaving.delete(key);
      notice.remove();
      this.dispatchEvent(new Event('unsent'));
    };
    const send = () => {
      if (live.table(table).has(key)) {
        live.delete(table, key, { expect: row }).catch((error) => this.#notify(`${capital(name)} was not deleted: ${error.message}`));
      }
      end();
    };
    const undo = () => {
      end();
      if (!this.elements.has(key)) return;
      this.#show(element, key);
      this.#blocks.settle();
      this.#counted();
      this.#select(key, true);
    };
    if (this.#current === key) this.#pass(key, focused);
    const notice = this.#notify(`${capital(name)} deleted.`, { action: 'Undo', act: undo, dismiss: send });
    const timer = setTimeout(send, UNDO);
    this.leaving.set(key, { send, undo });
    this.#show(element, key);
    this.#blocks.settle();
    this.#counted();
    this.#announcer.say(`${capital(name)} deleted. Control and Z brings it back.`);
    this.dispatchEvent(new Event('unsent'));
  }

  /** Brings the row back that was deleted last. */
  undo() {
    const last = [...this.leaving.values()].at(-1);
    last?.undo();
    return Boolean(last);
  }

  /** Sends all deletions that wait. */
  flush() {
    for (const { send } of [...this.leaving.values()]) send();
  }

  /** Names the buttons of a row, if it has them. */
  #label(element, key) {
    for (const [word, button] of [['Edit', buttons(element)[0]], ['Delete', buttons(element)[1]]]) {
      button?.setAttribute('aria-label', `${word} ${this.#layout.name(key)}`);
    }
  }

  /** Gives a row its buttons, or takes them away: they would be three of eight elements. */
  #equip(element) {
    if (!element) return;
    element.tabIndex = element === this.elements.get(this.#current) ? 0 : -1;
    if (element.tabIndex < 0 && element !== this.#hovered) {
      element.querySelector('.actions')?.remove();
    } else if (this.#layout.writable() && !element.querySelector('.actions')) {
      element.append(this.#actions.cloneNode(true));
      this.#label(element, keyAt(element));
    }
    buttons(element).forEach((button) => (button.tabIndex = element.tabIndex));
  }

  /** Makes a row the one that Tab reaches, with its buttons. */
  #select(key, focus) {
    const [before, element] = [this.#current, key].map((each) => this.elements.get(each));
    this.#current = key;
    this.#equip(element);
    if (focus) element?.focus();
    this.#equip(before); // now that none of its buttons has the focus
  }

  #hover(element) {
    const before = this.#hovered;
    this.#hovered = element;
    [before, element].forEach((each) => this.#equip(each));
  }

  #visible() {
    return this.order.filter((key) => !this.elements.get(key).hidden);
  }

  #firstShown() {
    return this.order.find((key) => !this.elements.get(key).hidden) ?? null;
  }

  #listen() {
    const body = this.#body;
    body.addEventListener('click', ({ target }) => {
      const key = keyAt(target);
      if (key === null) return;
      if (key !== this.#current) this.#select(key, false); // a touch does not focus everywhere
      if (target.matches('.actions .edit')) this.edit(key);
      if (target.matches('.actions .delete')) this.erase(key);
    });
    body.addEventListener('pointerover', ({ target, pointerType }) => {
      if (pointerType !== 'touch') this.#hover(target.closest('.row'));
    });
    body.addEventListener('pointerleave', () => this.#hover(null));
    body.addEventListener('focusin', ({ target }) => {
      const key = keyAt(target);
      if (key !== null && key !== this.#current) this.#select(key, false);
    });
    body.addEventListener('keydown', (event) => this.#key(event));
    document.addEventListener('keydown', (event) => {
      const { target, key, ctrlKey, metaKey, shiftKey } = event;
      if (key !== 'z' || !(ctrlKey || metaKey) || shiftKey) return;
      if (/** @type {Element} */ (target).matches('input, textarea, select')) return;
      if (this.undo()) event.preventDefault();
    });
    // What was done before this script was there.
    this.#hover(body.querySelector('.row:hover'));
    this.#select(keyAt(document.activeElement), false);
  }

  #key(event) {
    const { target } = event;
    const key = keyAt(target);
    if (key === null || target.closest('.editor')) return;
    const onRow = target.matches('.row');
    if (event.key in STEPS) {
      const visible = this.#visible();
      const to = Math.min(visible.length - 1, Math.max(0, visible.indexOf(key) + STEPS[event.key]));
      this.#select(visible[to], true);
    } else if ((event.key === 'Enter' && onRow) || event.key === 'F2') {
      this.edit(key);
    } else if (event.key === 'Delete') {
      this.erase(key);
    } else if (event.key === 'Escape') {
      this.elements.get(key).focus();
    } else {
      return;
    }
    event.preventDefault();
  }
}

function buttons(element) {
  return element.querySelectorAll('.actions button');
}

/** Of places, the most that rise from one to the next: these rows can stay where they are. Those below 0 do not count. */
function risingOf(places) {
  const ends = []; // of a rise of each length, the least end that it can have
  const indices = [];
  const previous = [];
  places.forEach((place, at) => {
    if (place < 0) return;
    let low = ends.length;
    if (low > 0 && ends[low - 1] >= place) {
      low = 0;
      for (let high = ends.length; low < high; ) {
        const middle = (low + high) >> 1;
        if (ends[middle] < place) low = middle + 1;
        else high = middle;
      }
    }
    ends[low] = place;
    indices[low] = at;
    previous[at] = indices[low - 1];
  });
  const rising = new Set();
  for (let at = indices.at(-1); at !== undefined; at = previous[at]) rising.add(places[at]);
  return rising;
}

/** The key of the row that an event happened in. */
export function keyAt(target) {
  const row = target.closest('#rows .row');
  return row === null ? null : (row.key ?? keyFrom(row.dataset.key));
}

/** Of a row of the document: what no number can hold, or is none yet, is a string. */
function keyFrom(text) {
  return Number.isSafeInteger(Number(text)) ? Number(text) : text;
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}

/** What stands above the rows: how many there are, here and in the page's title. */
export function showCount(element, title, shown, all, more = '') {
  const words = shown === all ? count(all, 'row') : `${grouped(shown)} of ${count(all, 'row')}`;
  element.textContent = words + more;
  document.title = all === 0 ? title : `${plain(title)} \u2013 ${count(all, 'row')}${more}`;
}
