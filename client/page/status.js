// What the page tells besides the rows.
import { count, grouped, plain } from './text.js';

const SECONDS = 60;
const HEIGHT = 20;
/** A break shorter than this is not worth a word. */
const PATIENCE = 700;
/** The shortest interval between two announcements to screen readers. */
const BREATH = 1000;
const MOST_NOTICES = 3;

const WORDS = {
  reading: 'Reading the table',
  connecting: 'Connecting',
  waiting: 'Offline',
  unauthorized: 'No access',
  refused: 'Not offered',
  paused: 'Paused',
  closed: 'Closed',
};
const REASONS = {
  unauthorized: 'The token is missing, has expired or was withdrawn. Reload the page to sign in.',
  refused: 'The table, or a part of this view, is not offered to you any more.',
};
const WAYS = { socket: 'WebSocket', stream: 'event stream', poll: 'long poll' };

const byId = (id) => /** @type {any} */ (document.getElementById(id));

/** Says how the page is connected, what waits to be sent, and when it will be tried again. */
export class Status {
  #live;
  #unsent;
  #delayed = 0;
  #timer = 0;
  /** When it ceased to be live. */
  #since = null;
  #phase = null;
  #trip = null;
  #measure = roundTrip((millis) => {
    this.#trip = millis;
    this.show();
  });

  /** @param {() => number} unsent how many edits have not been sent */
  constructor(unsent) {
    this.#unsent = unsent;
    byId('retry').addEventListener('click', () => retry(this.#live));
  }

  attach(live) {
    this.#live = live;
    live.addEventListener('state', () => this.show());
    live.addEventListener('write', () => this.show());
    this.show();
  }

  show() {
    const { state } = this.#live;
    const { phase } = state;
    if (phase === 'live') {
      if (this.#phase !== 'live') this.#measure();
      this.#since = null;
    } else {
      this.#since ??= this.#phase === 'live' ? new Date() : null;
    }
    this.#phase = phase;
    clearTimeout(this.#delayed);
    const say = () => this.#say();
    if (byId('state').dataset.phase !== phase && phase !== 'live' && phase !== 'closed') this.#delayed = setTimeout(say, PATIENCE);
    else say();
  }

  #say() {
    const { state } = this.#live;
    const { phase, staleSince = null } = state;
    const stale = phase === 'live' && staleSince;
    byId('state').dataset.phase = stale ? 'stale' : phase;
    byId('state').title = state.error ?? '';
    write(byId('state-text'), stale ? `Live, but the database has been away since ${clock(new Date(staleSince))}` : this.#words(phase));
    this.#sayUnsent(phase);
    this.#way(state);
  }

  #words(phase) {
    if (phase === 'live') return 'Live';
    if (phase === 'closed') return WORDS.closed;
    return this.#since ? `${WORDS[phase]} since ${clock(this.#since)}` : phase === 'waiting' ? 'Not connected' : WORDS[phase];
  }

  /** While all is well a write takes a moment: that is not worth a word. */
  #sayUnsent(phase) {
    const show = () => write(byId('unsent'), this.#unsent() > 0 ? `${count(this.#unsent(), 'edit')} not sent yet` : '');
    clearTimeout(this.#timer);
    if (phase === 'live' && this.#unsent() > 0) this.#timer = setTimeout(show, PATIENCE);
    else show();
  }

  /** How the page is connected: the transport, whether others use it too, and how long a request takes there and back. */
  #way(state) {
    const { phase, transport, role, shared = role === 'follower', retryAt = null } = state;
    const way = byId('way');
    const trip = this.#trip === null ? '' : `${this.#trip < 10 ? this.#trip.toFixed(1) : Math.round(this.#trip)} ms`;
    byId('retry').hidden = phase !== 'waiting' && !REASONS[phase];
    way.title = '';
    if (phase === 'live') {
      way.textContent = [WAYS[transport], shared ? 'shared with other tabs' : '', trip].filter(Boolean).join(' \u00b7 ');
      way.title = 'The time is that of a small request, there and back.';
    } else if (phase === 'waiting' && retryAt !== null) {
      const seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
      way.textContent = seconds === 0 ? 'Trying again' : `Next attempt in ${seconds} s`;
      clearTimeout(this.#delayed);
      this.#delayed = setTimeout(() => this.#way(this.#live.state), 1000);
    } else {
      way.textContent = REASONS[phase] ?? (phase === 'waiting' ? 'Trying again soon' : '\u00a0');
    }
  }
}

/** Tries now; without it, the browser's own news of a network does. */
function retry(live) {
  if (live.retry) live.retry();
  else window.dispatchEvent(new Event('online'));
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** By the clock on the wall. `Intl` would hold up the first rows. */
export function timeOf(date) {
  return local(date).slice(11, 19);
}

export function dayOf(date) {
  return local(date).slice(0, 10);
}

/** Hours and minutes, and the day if it is another. */
function clock(date) {
  return `${dayOf(date) === dayOf(new Date()) ? '' : `${dayOf(date)} `}${timeOf(date).slice(0, 5)}`;
}

function local(date) {
  return new Date(date - date.getTimezoneOffset() * 60_000).toJSON() ?? ''; // null of an infinite one
}

/** A time of the last hour as how long that is ago; one of today as its time; else its day. */
function wordsOf(date, now) {
  const seconds = Math.floor((now - date) / 1000);
  if (seconds >= 0 && seconds < 60) return seconds < 10 ? 'just now' : `${seconds - (seconds % 10)} s ago`;
  if (seconds >= 0 && seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return dayOf(date) === dayOf(now) ? timeOf(date) : dayOf(date);
}

/** Times in words that stay true. */
export class Times {
  /** Elements whose words will be others. @type {Map<HTMLTimeElement, Date>} */
  #recent = new Map();
  #timer = 0;

  /** Shows a time of JSON in a `time` element. */
  show(element, text) {
    const date = new Date(text);
    element.dateTime = element.title = text;
    if (Math.abs(Date.now() - +date) < 3_600_000) this.#recent.set(element, date);
    else this.#recent.delete(element);
    write(element, wordsOf(date, new Date()));
    this.#timer ||= setInterval(() => this.#refresh(), 10_000);
  }

  #refresh() {
    if (document.hidden) return;
    const now = new Date();
    for (const [element, date] of this.#recent) {
      if (!element.isConnected) this.#recent.delete(element);
      else write(element, wordsOf(date, now));
      if (+now - +date > 3_600_000) this.#recent.delete(element);
    }
  }
}

/** Tells how long the last small request took, in milliseconds; it asks for one when it is called. */
function roundTrip(tell) {
  const seen = new PerformanceObserver((list) => {
    const timed = /** @type {PerformanceResourceTiming[]} */ (list.getEntries());
    const last = timed.filter(({ initiatorType, responseStart }) => initiatorType === 'fetch' && responseStart > 0).at(-1);
    if (last) tell(last.responseStart - last.requestStart);
  });
  seen.observe({ type: 'resource' });
  return () => fetch(new URL('../healthz', import.meta.url), { method: 'HEAD', cache: 'no-store' }).catch(() => tell(null));
}

/** Says something above the rows, where it covers nothing, until it is dismissed. */
export function notify(message, { action = '', act = () => {}, dismiss = () => {} } = {}) {
  const template = byId('notice-template');
  const element = /** @type {HTMLElement} */ (template.content.firstElementChild.cloneNode(true));
  const notices = byId('notices');
  const [does, close] = element.querySelectorAll('button');
  element.querySelector('p').textContent = plain(message);
  element.classList.toggle('bad', action === '');
  does.hidden = action === '';
  does.textContent = action;
  does.addEventListener('click', act);
  close.addEventListener('click', () => {
    element.remove();
    dismiss();
  });
  while (notices.children.length >= MOST_NOTICES) notices.firstElementChild.querySelector('.dismiss').click();
  notices.append(element);
  return element;
}

/** Announces changes to screen readers: at most one sentence a second. */
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
      this.#element.textContent = few.join(' ') + (more > 0 ? ` And ${count(more, 'more change')}.` : '');
    }, BREATH);
  }

  /** @param {any[]} news what has changed; `tell` makes a sentence of each */
  changes(news, tell) {
    if (news.length > 3) this.say(`${grouped(news.length)} rows changed.`);
    else news.forEach((one) => this.say(tell(one)));
  }
}

/** Changes a second over the last minute. */
export class Plot {
  #path;
  #text;
  #counts = new Array(SECONDS + 1).fill(0);
  #began = Math.floor(Date.now() / 1000);
  #at = this.#began;

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
    const words = sum === 0 ? 'no changes' : count(sum, 'change');
    write(this.#text, `${words} ${this.#at - this.#began < SECONDS ? 'since you opened this page' : 'in the last minute'}`);
  }
}
