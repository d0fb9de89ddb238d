import { showText } from './text.js';

/** What was heard on the channels, the newest on top. */
export class Heard {
  #list;
  #channels;
  #times;
  #drawn = false;

  constructor(list, channels, announcer, times) {
    this.#list = list;
    this.#channels = channels;
    this.#times = times;
    channels.addEventListener('heard', ({ detail: { message, fresh } }) => {
      if (fresh) announcer.say(message.gap ? 'Some notifications may be missing.' : `${message.channel}: ${message.payload.slice(0, 100)}`);
      this.#drawn ||= Boolean(requestAnimationFrame(() => this.#draw()));
    });
  }

  #draw() {
    this.#drawn = false;
    const known = new Map([...this.#list.children].map((element) => [element.message, element]));
    this.#list.replaceChildren(...this.#channels.kept.map(({ message }) => known.get(message) ?? this.#element(message)).reverse());
  }

  #element(message) {
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById('heard-template'));
    const element = /** @type {any} */ (template.content.firstElementChild.cloneNode(true));
    const { channel, payload, at, since } = message.gap ?? message;
    element.message = message;
    element.classList.toggle('gap', Boolean(message.gap));
    showText(element.querySelector('.channel'), channel ?? 'all channels');
    this.#times.show(element.querySelector('time'), at ?? since);
    showText(element.querySelector('.payload'), message.gap ? 'Since then some may be missing.' : payload);
    return element;
  }
}
