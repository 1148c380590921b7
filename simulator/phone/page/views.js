/**
 * What the display shows. Each view is a function of the phone's state; it returns the
 * elements, and the words of the two soft keys.
 */

import { make } from './dom.js';
import { measure } from './gsm.js';

/** field is the one line people type in; a PIN is not shown. */
function field(phone, label, keyboard, secret) {
  const input = make('input', {
    className: 'field', type: secret ? 'password' : 'text', value: phone.typed, name: 'typed', autocomplete: 'off', spellcheck: false,
    maxLength: phone.world.input, 'aria-label': label, 'data-field': '',
  });
  input.setAttribute('inputmode', keyboard);
  input.setAttribute('autocapitalize', 'off');
  return input;
}

const text = (words) => make('p', { className: 'text' }, words);

/** count tells how full the screen is, as the operator counts. */
function count(phone, words) {
  const { used, room, charset } = measure(words, phone.world);
  return make('p', { className: used > room ? 'count over' : 'count', title: `${charset}: this network shows ${room}` }, `${used}/${room}`);
}

let zone = -new Date().getTimezoneOffset(); // minutes east of UTC

/** setZone makes the network's clock the phones'. */
export const setZone = (minutes) => { zone = minutes; };

/** clock is the network's time of day, as a phone shows it: 09:14:05. */
export const clock = (at) => new Date(new Date(at).getTime() + zone * 60_000).toISOString().slice(11, 19);

export const views = {
  /** Nothing is open: what is typed will be dialled. */
  idle: (phone) => ({
    body: [make('p', { className: 'small' }, phone.away ? 'Out of reach' : 'Type a code'), field(phone, 'Number to dial', 'tel')],
    soft: [phone.typed ? 'Call' : '', phone.typed ? 'Clear' : ''],
  }),

  /** A hop is on its way. */
  waiting: () => ({ body: [make('p', { className: 'text waiting' }, 'USSD code running', make('span', { 'aria-hidden': 'true' }, '…'))], soft: ['', 'Cancel'] }),

  /** The service asks. */
  ussd: (phone) => ({
    body: [text(phone.screen.screen), count(phone, phone.screen.screen), phone.screen.secret ? field(phone, 'PIN', 'numeric', true) : field(phone, 'Answer', 'text')],
    soft: ['Send', phone.typed ? 'Clear' : 'Cancel'],
  }),

  /** The last screen of a dialogue. */
  last: (phone) => ({ body: [text(phone.screen.screen), count(phone, phone.screen.screen)], soft: [phone.unread ? 'Read' : 'OK', ''] }),

  /** No screen came. The first line is what every handset says, the second what it does not. */
  failed: (phone) => ({
    body: [text('Connection problem or invalid MMI code.'), make('p', { className: 'small' }, phone.trouble)],
    soft: ['OK', ''],
  }),

  /** All SMS, newest first. */
  inbox: (phone) => ({
    body: [
      make('p', { className: 'small' }, phone.inbox.length ? `Messages ${phone.inbox.length}` : 'No messages yet'),
      make('ul', { className: 'inbox' }, ...[...phone.inbox].reverse().map((sms) =>
        make('li', {}, make('button', { type: 'button', className: phone.seen.has(sms.id) ? '' : 'new', 'data-sms': sms.id },
          make('b', {}, sms.from), ' ', make('span', {}, clock(sms.at)), make('span', { className: 'begins' }, sms.text))))),
    ],
    soft: [phone.inbox.length ? 'Open' : '', 'Back'],
  }),

  /** One SMS. */
  sms: (phone) => ({
    body: [make('p', { className: 'small' }, `${phone.open.from}  ${clock(phone.open.at)}`), text(phone.open.text)],
    soft: ['OK', 'Back'],
  }),
};
