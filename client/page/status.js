// What the page tells besides the rows.

const SECONDS = 60;
const HEIGHT = 20;
/** A break shorter than this is not worth a word. */
const PATIENCE = 700;
/** Screen readers are told at most this often. */
const BREATH = 1000;

const WORDS = {
  reading: 'Reading the table',
  connecting: 'Connecting',
  waiting: 'Reconnecting',
  paused: 'Paused',
  closed: 'Closed',
};

let delayed = 0;

const ROLES = { leader: 'leader', follower: 'follower', alone: '' };
const EXPLAINED = {
  leader: 'This tab has the connection that all tabs share.',
  follower: 'Another tab has the connection that all tabs share.',
  alone: 'This tab has a connection of its own.',
};
const WAYS = { socket: 'WebSocket', stream: 'event stream', poll: 'long poll' };

export function showState(element, text, { phase, error }, writing) {
  element.title = error ?? '';
  clearTimeout(delayed);
  const show = () => {
    element.dataset.phase = phase;
    const words = phase === 'live' ? 'Live' : WORDS[phase];
    const wait = writing > 0 && phase !== 'live' ? ` (${writing} unsent)` : '';
    if (text.textContent !== words + wait) text.textContent = words + wait;
  };
  if (phase === 'live' || phase === 'closed') {
    show();
  } else {
    delayed = setTimeout(show, PATIENCE);
  }
}

/** By the clock on the wall. `Intl` would hold up the first rows. */
export function timeOf(date) {
  return local(date).slice(11, 19);
}

export function dayOf(date) {
  return local(date).slice(0, 10);
}

function local(date) {
  return new Date(date - date.getTimezoneOffset() * 60_000).toJSON() ?? ''; // null of an infinite one
}

/** How the page is connected: the transport, whose it is, and how long a request takes there and back. */
export function showWay(element, { phase, transport, role }, trip) {
  const parts = [WAYS[transport], ROLES[role], trip === null ? '' : `${trip < 10 ? trip.toFixed(1) : Math.round(trip)} ms`];
  element.textContent = phase === 'live' ? parts.filter(Boolean).join(' \u00b7 ') : '\u00a0';
  element.title = phase === 'live' ? `${EXPLAINED[role]} The time is that of a small request, there and back.` : '';
}

/** Tells how long the last small request took, in milliseconds; it asks for one when it is called. */
export function roundTrip(tell) {
  const seen = new PerformanceObserver((list) => {
    const timed = /** @type {PerformanceResourceTiming[]} */ (list.getEntries());
    const last = timed.filter(({ initiatorType, responseStart }) => initiatorType === 'fetch' && responseStart > 0).at(-1);
    if (last) tell(last.responseStart - last.requestStart);
  });
  seen.observe({ type: 'resource' });
  return () => fetch(new URL('../healthz', import.meta.url), { method: 'HEAD', cache: 'no-store' }).catch(() => tell(null));
}

export function toast(message) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById('toast-template'));
  const element = /** @type {HTMLElement} */ (template.content.firstElementChild.cloneNode(true));
  const toasts = document.getElementById('toasts');
  while (toasts.children.length > 2) toasts.firstElementChild.remove();
  toasts.append(element);
  element.querySelector('p').textContent = message;
  element.querySelector('button').addEventListener('click', () => element.remove());
}

/** Says what changed to those who do not see it: a sentence a second at most. */
export class Announcer {
  #element;
  #sentences = [];
  #timer = 0;

  constructor(element) {
    this.#element = element;
  }

  say(sentence) {
    this.#sentences.push(sentence);
    this.#timer ||= setTimeout(() => {
      this.#timer = 0;
      const few = this.#sentences.slice(0, 3);
      const more = this.#sentences.length - few.length;
      this.#sentences = [];
      this.#element.textContent = few.join(' ') + (more > 0 ? ` And ${more} more changes.` : '');
    }, BREATH);
  }

  changes(changes, rows) {
    if (changes.length > 3) {
      this.say(`${changes.length} rows changed.`);
      return;
    }
    for (const [key, op] of changes) {
      const row = rows.get(key);
      const verb = { insert: 'added', update: 'changed', saved: 'saved' }[op];
      this.say(row ? `Row ${key} ${verb}: ${String(row.val).slice(0, 100)}.` : `Row ${key} deleted.`);
    }
  }
}

/** What was heard on the channels, the newest on top. */
export class Heard {
  #list;
  #channels;
  #drawn = false;

  constructor(list, channels, announcer) {
    this.#list = list;
    this.#channels = channels;
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
    element.querySelector('.channel').textContent = channel ?? 'all channels';
    const time = element.querySelector('time');
    time.dateTime = time.title = at ?? since;
    time.textContent = timeOf(new Date(at ?? since));
    element.querySelector('.payload').textContent = message.gap ? 'Since then some may be missing.' : payload;
    return element;
  }
}

/** Changes a second over the last minute. */
export class Plot {
  #path;
  #text;
  #counts = new Array(SECONDS + 1).fill(0);
  #at = Math.floor(Date.now() / 1000);

  constructor(path, text) {
    this.#path = path;
    this.#text = text;
    setInterval(() => this.#draw(), 1000);
  }

  count(changes) {
    this.#advance();
    this.#counts[SECONDS] += changes;
  }

  #advance() {
    const now = Math.floor(Date.now() / 1000);
    for (let steps = Math.min(now - this.#at, SECONDS + 1); steps > 0; steps--) {
      this.#counts.shift();
      this.#counts.push(0);
    }
    this.#at = now;
  }

  #draw() {
    this.#advance();
    if (document.hidden) return;
    const most = Math.max(5, ...this.#counts);
    const points = this.#counts.map((count, x) => `L${x} ${(HEIGHT * (1 - count / most)).toFixed(1)}`);
    this.#path.setAttribute('d', `M0 ${HEIGHT}${points.join('')}L${SECONDS} ${HEIGHT}`);
    const sum = this.#counts.reduce((a, b) => a + b);
    const words = sum === 0 ? 'no changes' : sum === 1 ? '1 change' : `${sum} changes`;
    this.#text.textContent = `${words} in the last minute`;
  }
}
