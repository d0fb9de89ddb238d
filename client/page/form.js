import { plain } from './text.js';

/**
 * A row as a form: a field for each column. Enter saves, Shift+Enter breaks the line, Escape leaves the row as it was. Only what
 * was changed is saved.
 */
export class RowForm {
  #host;
  #box = document.createElement('div');
  #form = document.createElement('form');
  #note = document.createElement('p');
  #fields;
  #seen;

  /**
   * @param {HTMLElement} host what it is put in
   * @param {{ name: string, type: string, kind: string }[]} columns
   * @param {any} row the row as it is; null for a new one, where an untouched field stands for its default
   * @param {string} name what the row is called
   * @param {{ save: (fields: Record<string, any>, seen: any) => void, cancel: () => void }} on
   */
  constructor(host, columns, row, name, { save, cancel }) {
    this.#host = host;
    this.#seen = row;
    this.#form.className = 'editor fields';
    this.#form.autocomplete = 'off';
    this.#form.noValidate = true;
    this.#form.setAttribute('aria-label', row ? `Edit ${name}` : 'New row');
    this.#fields = columns.map((column, at) => new Field(column, row?.[column.name], row === null, `field-${name}-${at}`));
    const grid = document.createElement('div');
    grid.append(...this.#fields.map(({ element }) => element));
    this.#note.className = 'meanwhile';
    this.#note.setAttribute('role', 'status');
    this.#note.hidden = true;
    const buttons = document.createElement('div');
    buttons.className = 'buttons';
    buttons.append(button(row ? 'Save' : 'Add row', 'primary', 'submit'), button('Cancel', 'cancel', 'button', cancel));
    this.#form.append(grid, this.#note, buttons);
    this.#box.className = 'editor-cell';
    if (row) this.#box.setAttribute('role', 'gridcell');
    this.#box.append(this.#form);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const wrong = this.#fields.filter((field) => !field.check());
      if (wrong.length > 0) wrong[0].focus();
      else save(Object.fromEntries(this.#fields.filter(({ changed }) => changed).map((field) => [field.name, field.value])), this.#seen);
    });
    this.#form.addEventListener('keydown', (event) => {
      const { key, target, shiftKey, isComposing } = event;
      if (key === 'Escape') {
        event.stopPropagation();
        cancel();
      } else if (key === 'Enter' && /** @type {Element} */ (target).matches('textarea') && !shiftKey && !isComposing) {
        event.preventDefault();
        this.#form.requestSubmit();
      }
    });
    host.classList.add('editing');
    host.append(this.#box);
  }

  focus(column) {
    (this.#fields.find(({ name }) => name === column) ?? this.#fields[0]).focus();
  }

  /** Puts values into fields, as if they had been typed. */
  fill(values) {
    for (const field of this.#fields) if (field.name in values) field.type(values[field.name]);
  }

  /** Says why it was not saved, at the field that it is about. */
  refuse(message, column) {
    const field = this.#fields.find(({ name }) => name === column);
    if (field) field.complain(message);
    else this.say(message);
  }

  say(message) {
    this.#note.textContent = plain(message);
    this.#note.hidden = false;
  }

  /** Whether there is a text in it that is nowhere else. */
  get changed() {
    return this.#fields.some(({ changed }) => changed);
  }

  /** Somebody else has changed the row. Who saves after reading that overwrites it knowingly. */
  meanwhile(row) {
    const news = this.#fields.filter(({ name }) => JSON.stringify(row[name]) !== JSON.stringify(this.#seen?.[name]));
    this.#seen = row;
    if (news.length === 0) return;
    news.forEach((field) => field.became(row[field.name]));
    this.say(`Meanwhile it has become: ${news.map(({ name }) => `${name} ${shortly(row[name])}`).join(', ')}`);
  }

  gone() {
    this.say('Somebody has deleted this row meanwhile.');
  }

  close() {
    this.#box.remove();
    this.#host.classList.remove('editing');
  }
}

/** A column's value, and whether it is null, or for a new row the default. */
class Field {
  element = document.createElement('div');
  name;
  #kind;
  #input;
  #none;
  #wrong = document.createElement('p');
  #first;
  #fresh;
  #touched = false;

  constructor({ name, type, kind }, value, fresh, id) {
    this.name = name;
    this.#kind = kind;
    this.#fresh = fresh;
    this.element.className = 'field';
    const label = document.createElement('label');
    label.htmlFor = id;
    const called = document.createElement('bdi');
    called.textContent = plain(name);
    const small = document.createElement('small');
    small.textContent = plain(type);
    label.append(called, ' ', small);
    this.#input = kind === 'boolean' ? choices(fresh) : document.createElement('textarea');
    this.#input.id = id;
    this.#input.dir = 'auto';
    if (kind !== 'boolean') this.#input.rows = 1;
    if (kind === 'number') this.#input.inputMode = 'decimal';
    const beside = document.createElement('label');
    beside.className = 'null';
    this.#none = document.createElement('input');
    this.#none.type = 'checkbox';
    this.#none.setAttribute('aria-label', `${plain(name)}: null`);
    beside.append(this.#none, 'null');
    this.#wrong.className = 'wrong';
    this.#wrong.id = `${id}-wrong`;
    this.#wrong.hidden = true;
    this.element.append(label, this.#input, beside, this.#wrong);
    this.#put(fresh ? undefined : value);
    this.#input.addEventListener('input', () => {
      this.#touched = true;
      this.#none.checked = false;
      this.#placeholder();
    });
    this.#none.addEventListener('change', () => {
      this.#touched = true;
      if (this.#none.checked) this.#input.value = '';
      this.#placeholder();
    });
  }

  #put(value) {
    this.#none.checked = value === null;
    this.#input.value = value === null || value === undefined ? '' : textOf(value, this.#kind);
    this.#first = JSON.stringify([this.#none.checked, this.#input.value]);
    this.#placeholder();
  }

  #placeholder() {
    this.#input.placeholder = this.#none.checked ? 'null' : this.#fresh && !this.#touched ? 'default' : '';
  }

  get changed() {
    return JSON.stringify([this.#none.checked, this.#input.value]) !== this.#first || (this.#fresh && this.#touched);
  }

  /** As it is sent. */
  get value() {
    const text = this.#input.value;
    if (this.#none.checked) return null;
    if (this.#kind === 'boolean') return text === '' ? null : text === 'true';
    if (this.#kind === 'json') return JSON.parse(text);
    if (this.#kind === 'number' && text.trim() !== '' && String(Number(text)) === text.trim()) return Number(text);
    return text;
  }

  check() {
    this.complain('');
    if (!this.changed || this.#none.checked || this.#kind !== 'json') return true;
    try {
      JSON.parse(this.#input.value);
      return true;
    } catch (error) {
      this.complain(`This is not JSON: ${error.message}`);
      return false;
    }
  }

  complain(message) {
    this.#wrong.textContent = plain(message);
    this.#wrong.hidden = message === '';
    this.#input.setAttribute('aria-invalid', String(message !== ''));
    if (message) this.#input.setAttribute('aria-describedby', this.#wrong.id);
  }

  type(value) {
    this.#none.checked = value === null;
    this.#input.value = value === null ? '' : textOf(value, this.#kind);
    this.#touched = true;
    this.#placeholder();
  }

  /** A field that nobody has touched shows what the row has become. */
  became(value) {
    if (!this.changed) this.#put(value);
  }

  focus() {
    this.#input.focus();
    this.#input.select?.();
  }
}

function choices(fresh) {
  const select = document.createElement('select');
  select.append(new Option(fresh ? 'default' : '', ''), new Option('true', 'true'), new Option('false', 'false'));
  return select;
}

function textOf(value, kind) {
  return kind === 'json' || typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function shortly(value) {
  const text = value === null ? 'null' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}\u2026` : text;
}

function button(text, name, type, act = () => {}) {
  const element = document.createElement('button');
  element.type = type;
  element.className = `${name} small`;
  element.textContent = text;
  element.addEventListener('click', act);
  return element;
}
