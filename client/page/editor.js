/** Edits a row in its place. Enter saves, Shift+Enter breaks the line, Escape leaves it as it was. */
export class Editor {
  #row;
  #cell;
  #form;
  #text;
  /** @type {HTMLElement} */
  #note;
  #seen;
  #opened = '';

  constructor(row, name, { save, cancel }) {
    this.#row = row;
    this.#cell = document.createElement('span');
    this.#cell.className = 'editor-cell';
    this.#cell.setAttribute('role', 'gridcell');
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById('editor-template'));
    this.#cell.append(template.content.cloneNode(true));
    this.#form = this.#cell.querySelector('form');
    this.#text = this.#cell.querySelector('textarea');
    this.#note = this.#cell.querySelector('.meanwhile');
    this.#text.setAttribute('aria-label', `val of ${name}`);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      save(this.#text.value, this.#seen);
    });
    this.#form.querySelector('.cancel').addEventListener('click', cancel);
    this.#form.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        cancel();
      } else if (event.key === 'Enter' && event.target === this.#text && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#form.requestSubmit();
      }
    });
  }

  /** Shows the field with this text; `theirs` is what the row became meanwhile, if it did. */
  open(text, seen, theirs) {
    this.#seen = seen;
    this.#text.value = text;
    this.#opened = seen.val;
    this.#row.classList.add('editing');
    this.#row.append(this.#cell);
    if (theirs) this.#say(theirs);
    this.#text.focus();
    this.#text.select();
  }

  /** Somebody else has changed the row. Who saves after reading that overwrites it knowingly. */
  meanwhile(row) {
    const news = row.val !== this.#seen.val;
    this.#seen = row;
    if (news) this.#say(row);
  }

  /** Whether there is a text in it that is nowhere else. */
  get changed() {
    return this.#text.value !== this.#opened;
  }

  gone() {
    this.#note.textContent = 'Somebody has deleted this row meanwhile.';
    this.#note.hidden = false;
  }

  close() {
    this.#cell.remove();
    this.#row.classList.remove('editing');
  }

  #say(row) {
    this.#note.textContent = `Meanwhile it has become: ${row.val}`;
    this.#note.hidden = false;
  }
}
