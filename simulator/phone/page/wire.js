/**
 * The wire view: what crossed each wire for a phone's last session, as the operator, the
 * gateway and the ledger saw it. Four lines stand for the four places; an arrow is a
 * message between two, a dot what one of them did by itself.
 */

import * as api from './api.js';
import { make } from './dom.js';

const short = { pdu: 'PDU', http: 'HTTP', sms: 'SMS' };
const wide = matchMedia('(min-width: 661px)'); // on a small screen hops open by hand
const ours = ['Phone', 'Operator', 'Gateway', 'Ledger'];
const theirs = ['Phone', 'Aggregator', 'Your service'];
const [phone, operator, gateway, ledger] = [0, 1, 2, 3];
const looks = [60, 500, 2000]; // ms after something happened: acknowledgements come late

/** route says between which places an event went; from and to are equal for a dot. */
function route({ side, kind, text }) {
  if (side === 'ledger') return [ledger, ledger];
  if (kind === 'sms') return [gateway, phone]; // by way of the operator's SMSC
  if (kind === 'order' && / placed$/.test(text)) return [gateway, ledger];
  if (kind === 'order' && /^[0-9a-f]{32} (ok|[a-z_]+) ?[0-9A-Z]*$/.test(text)) return [ledger, gateway];
  if (side === 'gateway') return [gateway, gateway];
  if (kind === 'hop') return [operator, operator];
  if (/^\w+_resp .* after /.test(text)) return [gateway, operator]; // what the operator asked
  return /(^|· )(last )?screen:/.test(text) ? [gateway, operator] : [operator, gateway];
}

/** begins tells whether an event opens a hop: something left the handset. */
const begins = ({ side, kind, text }) => side === 'operator' && (kind === 'pdu' || kind === 'http') && /(begin|input|abort|notified) 2/.test(text);

/** twice tells whether the gateway only says that it sent or got a PDU the operator tells of. */
const twice = ({ side, kind }) => side === 'gateway' && (kind === 'deliver_sm' || kind === 'submit_sm');

const masked = (number) => `${number.slice(0, 4)}*****${number.slice(-3)}`;

/** Wire is the view under one phone. */
export class Wire {
  constructor(element, world) {
    this.element = element;
    this.places = world.service ? theirs : ours;
    element.dataset.places = this.places.length;
    this.timers = [];
    this.clear();
  }

  clear() {
    this.session = '';
    this.events = new Map();
    this.opened = new Map(); // hops that somebody opened or closed
    this.timers.forEach(clearTimeout);
    this.draw();
  }

  /** follow looks at a session from now on. */
  follow(session) {
    if (session !== this.session) {
      this.clear();
      this.session = session;
    }
    this.look();
  }

  /** look asks now and twice again; what was seen stays, whoever forgot it since. */
  look() {
    this.timers.forEach(clearTimeout);
    this.timers = looks.map((ms) => setTimeout(() => this.ask(), ms));
  }

  async ask() {
    const { session } = this;
    if (!session) return;
    const events = await api.trace(session).catch(() => []);
    if (session !== this.session) return;
    const before = this.events.size;
    events.filter((e) => !twice(e)).forEach((e) => this.add(e));
    if (this.events.size !== before) this.draw();
  }

  add(e) { this.events.set(`${e.at} ${e.kind} ${e.text}`, e); }

  /** note shows an SMS on a phone that has no session to show it in. */
  note(number, { at, from, text }) {
    if (this.session) return;
    this.add({ at, side: 'operator', kind: 'sms', text: `submit_sm ${from} → ${masked(number)}: ${text}` });
    this.draw();
  }

  /** hops cuts the events where a new input left the handset. */
  hops() {
    const all = [...this.events.values()].sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
    const hops = [];
    for (const e of all) {
      if (begins(e) || !hops.length) hops.push([]);
      hops.at(-1).push(e);
    }
    return hops;
  }

  /** draw shows all anew; who stood on a hop with the keyboard stands there again. */
  draw() {
    const at = this.stops().indexOf(document.activeElement);
    this.drawHops();
    if (at >= 0) this.stops()[at]?.focus({ preventScroll: true });
  }

  stops() { return [...this.element.querySelectorAll('a, summary')]; }

  drawHops() {
    const hops = this.hops();
    const head = make('div', { className: 'wire-head' }, make('h3', {}, 'Wire view'));
    if (!hops.length) {
      this.element.replaceChildren(head, make('p', { className: 'empty' }, 'Dial, and everything that crosses a wire appears here.'));
      return;
    }
    if (this.session) head.append(make('a', { href: '/api/trace?session=' + encodeURIComponent(this.session), target: '_blank', rel: 'noreferrer', 'aria-label': 'JSON of the wire view' }, 'JSON'));
    const began = micros(hops[0][0].at);
    this.element.replaceChildren(head, lanes(this.places), make('ol', { className: 'hops' }, ...hops.map((hop, i) => this.hop(hop, i, i === hops.length - 1, began))));
  }

  hop(events, i, last, began) {
    const details = make('details', { open: this.opened.get(i) ?? (last && wide.matches) },
      make('summary', {}, make('b', {}, title(events[0])), ' ', make('span', { className: 'took' }, took(events, began))),
      make('ol', {}, ...events.map((e) => row(e, micros(events[0].at), this.places))));
    details.firstElementChild.addEventListener('click', () => this.opened.set(i, !details.open));
    return make('li', {}, details);
  }
}

/** lanes names the four lines. */
function lanes(places) {
  return make('p', { className: 'lanes', 'aria-hidden': 'true' }, ...places.map((name) => make('span', {}, name)));
}

/** title is what the subscriber did. */
function title({ kind, text }) {
  if (kind === 'sms') return 'SMS came';
  const typed = /"(.*)"$/s.exec(text)?.[1];
  if (/abort 2/.test(text)) return 'Hung up';
  return /begin 2/.test(text) ? `Dialled ${typed}` : `Sent ${typed}`;
}

/** took is when the key was pressed, after the dial, and how long the screen took. */
function took(events, began) {
  const pressed = micros(events[0].at);
  const screen = events.find((e) => e.side === 'operator' && /(^|· )(last )?screen:/.test(e.text));
  return [pressed > began ? `at ${milliseconds(pressed - began)}` : '', screen ? `screen after ${milliseconds(micros(screen.at) - pressed)}` : '']
    .filter(Boolean).join(', ');
}

function row(e, began, places) {
  const [from, to] = route(e);
  const [detail, said] = parts(e.text);
  const where = from === to ? places[from] : `${places[from]} to ${places[to]}`;
  return make('li', { className: `${e.side} ${e.kind}` },
    make('span', { className: 'lines', 'aria-hidden': 'true' }, mark(from, to)),
    make('span', { className: 'hidden' }, `${where}: `),
    make('span', { className: 'what' },
      make('span', { className: 'kind' }, short[e.kind] || e.kind), ' ',
      make('time', {}, '+' + milliseconds(micros(e.at) - began)),
      said ? make('span', { className: 'said' }, said) : null,
      make('span', { className: 'detail' }, detail)));
}

/** parts splits a PDU's fields from what it says; everything else only says. */
function parts(text) {
  const at = text.indexOf(' · ');
  const said = (at < 0 ? text : text.slice(at + 3)).replaceAll('\\n', '\n');
  return [at < 0 ? '' : text.slice(0, at), said];
}

/** mark is the arrow or the dot. */
function mark(from, to) {
  const left = Math.min(from, to);
  const kind = from === to ? 'dot' : from < to ? 'arrow' : 'arrow back';
  return make('i', { className: `${kind} from${left} span${Math.abs(to - from)}` });
}

/** micros is an instant of the API, which has more digits than Date takes. */
function micros(at) {
  const digits = /\.(\d+)/.exec(at)?.[1] ?? '';
  return Math.floor(Date.parse(at) / 1000) * 1e6 + Number(digits.padEnd(6, '0').slice(0, 6));
}

function milliseconds(us) {
  if (us >= 1e6) return `${(us / 1e6).toFixed(2)} s`;
  return `${(us / 1e3).toFixed(us < 1e5 ? 1 : 0)} ms`;
}
