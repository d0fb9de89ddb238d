/** Rows in a block; up to twice as many before it is split. */
const SIZE = 20;
/** The rows' elements in blocks, of which the browser lays out only those on the screen: thousands cost like some hundred. */
export class Blocks {
  #body;
  #rowHeight;
  #touched = new Set();

  /** @param {number} rowHeight what a row is high that was never painted, in rem: as in the style sheet */
  constructor(body, rowHeight) {
    this.#body = body;
    this.#rowHeight = rowHeight;
  }

  /** Puts rows after all others. */
  append(elements) {
    const blocks = [];
    for (let at = 0; at < elements.length; at += SIZE) {
      const block = this.#block();
      block.append(...elements.slice(at, at + SIZE));
      this.#touched.add(block);
      blocks.push(block);
    }
    this.#body.append(...blocks);
  }

  /** Puts a row before another one, or after all. */
  place(element, next) {
    const block = next?.parentElement ?? this.#body.lastElementChild;
    const full = block && next === block.firstElementChild && block.childElementCount >= SIZE;
    if (!block || full) {
      const another = this.#block();
      another.append(element);
      this.#body.insertBefore(another, block);
    } else {
      block.insertBefore(element, next ?? null);
    }
    this.touch(element);
  }

  /** A row was hidden or shown. */
  touch(element) {
    this.#touched.add(element.parentElement);
  }

  remove(element) {
    const block = element.parentElement;
    element.remove();
    this.#touched.add(block);
    if (!block.hasChildNodes()) block.remove();
  }

  /** Splits what has grown too long, and says how high each block will be. */
  settle(all = false) {
    const blocks = all ? [...this.#body.children] : [...this.#touched];
    this.#touched.clear();
    for (const block of blocks) {
      while (block.children.length > 2 * SIZE) {
        const rest = this.#block();
        rest.append(...[...block.children].slice(-SIZE));
        block.after(rest);
        this.#measure(rest);
      }
      this.#measure(block);
    }
  }

  #block() {
    const block = document.createElement('div');
    block.className = 'block';
    block.setAttribute('role', 'rowgroup');
    return block;
  }

  #measure(block) {
    const shown = [...block.children].filter(({ hidden }) => !hidden).length;
    block.hidden = shown === 0;
    block.style.containIntrinsicBlockSize = `auto ${shown * this.#rowHeight}rem`;
  }
}
