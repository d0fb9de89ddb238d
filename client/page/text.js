/** As HtmlText.java has it: controls but for tab and the ends of lines, and what changes directions or does not show at all. */
const HIDDEN = /[\p{Cc}\p{Cf}]/gu;
const SHOWN = /[\t\n\r\u200c\u200d\u{e0000}-\u{e0fff}]/u;

/** Shows a text of others: its control characters by their numbers. */
export function showText(element, text) {
  const found = [...text.matchAll(HIDDEN)].filter(([character]) => !SHOWN.test(character));
  if (found.length === 0) {
    if (element.textContent !== text || element.firstElementChild) element.textContent = text;
    return;
  }
  const parts = [];
  let from = 0;
  for (const { 0: character, index } of found) {
    const control = document.createElement('span');
    control.className = 'control';
    control.textContent = numberOf(character);
    parts.push(text.slice(from, index), control);
    from = index + character.length;
  }
  element.replaceChildren(...parts, text.slice(from));
}

/** The same for where there is nothing but text, such as a label. */
export function plain(text) {
  return String(text).replace(HIDDEN, (character) => (SHOWN.test(character) ? character : numberOf(character)));
}

function numberOf(character) {
  return `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** A number of things: `1 row`, `10,000 rows`. */
export function count(number, word) {
  return `${grouped(number)} ${word}${number === 1 ? '' : 's'}`;
}

/** By thousands. `Intl` would hold up the first rows. */
export function grouped(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}
