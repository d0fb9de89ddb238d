import { plain } from './text.js';

/** Comparisons: the beginning of a condition, what it is called, and whether a value belongs to it. */
const COMPARISONS = [
  { operator: 'eq.', words: '=', valued: true },
  { operator: 'neq.', words: '\u2260', valued: true },
  { operator: 'gt.', words: '>', valued: true },
  { operator: 'gte.', words: '\u2265', valued: true },
  { operator: 'lt.', words: '<', valued: true },
  { operator: 'lte.', words: '\u2264', valued: true },
  { operator: 'ilike.', words: 'contains', valued: true, kinds: ['text'] },
  { operator: 'in.', words: 'is one of', valued: true },
  { operator: 'is.null', words: 'is null', valued: false },
  { operator: 'is.not_null', words: 'is not null', valued: false },
  { operator: 'is.true', words: 'is true', valued: false, kinds: ['boolean'] },
  { operator: 'is.false', words: 'is false', valued: false, kinds: ['boolean'] },
];

/** The comparisons that a column of this kind offers. */
export function comparisonsOf(kind) {
  if (kind === 'json') return COMPARISONS.filter(({ operator }) => operator.endsWith('null'));
  return COMPARISONS.filter(({ kinds, valued }) => (kinds ? kinds.includes(kind) : !(kind === 'boolean' && valued)));
}

/** The condition of a comparison with what was typed, in the words of `GET /api/TABLE`. */
export function conditionOf(operator, value) {
  if (operator === 'ilike.') return `ilike.*${value.replace(/[%_\\]/g, '\\$&')}*`;
  if (operator === 'in.') return `in.(${value.split(',').map((one) => listed(one.trim())).join(',')})`;
  return operator + (operator.startsWith('is.') ? '' : value);
}

function listed(value) {
  return /[",()\\]/.test(value) || value === '' ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;
}

/** A condition as somebody would say it. */
export function wordsOf({ column, condition }) {
  const contains = /^ilike\.\*([^*]+)\*$/s.exec(condition);
  const known = COMPARISONS.find(({ operator, valued }) => (valued ? condition.startsWith(operator) : condition === operator));
  if (contains) return plain(`${column} contains ${contains[1].replace(/\\(.)/gs, '$1')}`);
  if (!known || known.operator === 'ilike.') return plain(`${column} ${condition}`);
  const value = condition.slice(known.operator.length);
  if (known.operator === 'in.') return plain(`${column} is one of ${value.slice(1, -1)}`);
  return plain(`${column} ${known.words} ${known.valued && value === '' ? '(empty)' : value}`.trimEnd());
}

const byId = (id) => /** @type {any} */ (document.getElementById(id));

/** The filters: those in force, each with a button that takes it away, and a form for another. */
export class Filters {
  #columns;
  #changed;
  #where = [];

  /**
   * @param {{ name: string, kind: string }[]} columns
   * @param {(where: import('./view.js').Condition[]) => void} changed
   */
  constructor(columns, changed) {
    this.#columns = columns;
    this.#changed = changed;
    const [column, operator] = [byId('condition-column'), byId('condition-operator')];
    column.append(...columns.map(({ name }, at) => new Option(plain(name), String(at))));
    column.addEventListener('change', () => this.#offer());
    operator.addEventListener('change', () => this.#ask());
    byId('filter').addEventListener('click', () => this.open(byId('conditions').hidden));
    byId('condition').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#add();
    });
    byId('conditions').addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      this.open(false);
      byId('filter').focus();
    });
    this.#offer();
  }

  open(open) {
    byId('conditions').hidden = !open;
    byId('filter').setAttribute('aria-expanded', String(open));
    if (open) byId('condition-column').focus();
  }

  #offer() {
    const { kind } = this.#columns[byId('condition-column').value];
    byId('condition-operator').replaceChildren(...comparisonsOf(kind).map(({ operator, words }) => new Option(words, operator)));
    this.#ask();
  }

  #ask() {
    const operator = byId('condition-operator').value;
    const value = byId('condition-value');
    value.hidden = operator.startsWith('is.');
    value.placeholder = operator === 'in.' ? 'value, value' : 'value';
  }

  #add() {
    const { name } = this.#columns[byId('condition-column').value];
    const condition = conditionOf(byId('condition-operator').value, byId('condition-value').value);
    byId('condition-value').value = '';
    this.#changed([...this.#where.filter((known) => known.column !== name || known.condition !== condition), { column: name, condition }]);
  }

  show(where) {
    this.#where = where;
    const button = byId('filter');
    if (where.length > 0) button.dataset.count = String(where.length);
    else delete button.dataset.count;
    const chips = byId('chips');
    chips.hidden = where.length === 0;
    chips.replaceChildren(...where.map((one) => this.#chip(one)));
    if (where.length > 0 && byId('conditions').hidden) {
      byId('conditions').hidden = false;
      button.setAttribute('aria-expanded', 'true');
    }
  }

  #chip(condition) {
    const chip = document.createElement('li');
    const words = document.createElement('span');
    words.dir = 'auto';
    words.textContent = wordsOf(condition);
    const away = document.createElement('button');
    away.type = 'button';
    away.textContent = '\u2715';
    away.setAttribute('aria-label', `Remove the filter ${words.textContent}`);
    away.addEventListener('click', () => {
      this.#changed(this.#where.filter((known) => known !== condition));
      byId('filter').focus();
    });
    chip.append(words, away);
    return chip;
  }
}
