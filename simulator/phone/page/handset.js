/** One phone: who holds it, what it shows, what its keys do. */

import * as api from './api.js';
import { local, make } from './dom.js';
import { flash, keypad } from './keypad.js';
import { clock, views } from './views.js';
import { Wire } from './wire.js';

const buzzMS = 700;
const sayMS = 50; // a live region must change to be read
const languages = { en: 'English', sw: 'Kiswahili', am: 'Amharic' };

/** sentence makes an error's words one. */
const sentence = (words) => `${words[0].toUpperCase()}${words.slice(1)}.`;

/** Handset is one phone on the page. It calls changed() whenever its state does, and received() for an SMS. */
export class Handset {
  constructor({ name, world, people, changed, received }) {
    this.name = name;
    this.world = world;
    this.people = people;
    this.changed = changed;
    this.received = received;
    this.view = 'idle';
    this.typed = world.code;
    this.inbox = [];
    this.seen = new Set(); // ids of SMS that were read
    this.hops = 0; // screens of this dialogue
    this.used = false; // somebody has pressed a key
    this.turn = 0; // grows with each hop, so that a late answer is known
    this.element = document.getElementById('phone').content.firstElementChild.cloneNode(true);
    this.element.classList.add(name);
    this.build();
  }

  find(selector) { return this.element.querySelector(selector); }

  build() {
    const pick = this.find('.who');
    pick.append(...this.people.map((p) => make('option', { value: p.msisdn }, `${p.name} · ${local(p.msisdn)}${p.note ? ` · ${p.note}` : ''}`)));
    pick.addEventListener('change', () => this.onPick(pick.value));
    this.buildLanguages();
    keypad(this.find('.pad'), (key) => this.key(key));
    this.find('.keys:not(.pad)').addEventListener('click', (event) => {
      const key = event.target.closest('button');
      if (key) this.key(key.dataset.key);
    });
    const lcd = this.find('.lcd');
    lcd.addEventListener('submit', (event) => { event.preventDefault(); this.key('green'); });
    lcd.addEventListener('input', (event) => { this.typed = event.target.value; this.touch(); this.soft(); });
    lcd.addEventListener('click', (event) => {
      const item = event.target.closest('[data-sms]');
      if (item) this.read(this.inbox.find((sms) => sms.id === item.dataset.sms));
    });
    this.find('.signal').addEventListener('click', () => this.act(() => api.fault(this.away ? 'signal' : 'no_signal', { target: this.person.msisdn })));
    this.wire = new Wire(this.find('.wire'), this.world);
  }

  /** buildLanguages lets the holder choose what the service speaks, from the next dial on. */
  buildLanguages() {
    const known = this.world.languages || [];
    const label = this.find('.language');
    label.hidden = !known.length;
    const pick = label.querySelector('select');
    pick.append(...known.map((code) => make('option', { value: code }, languages[code] || code)));
    pick.addEventListener('change', () => this.act(async () => {
      await api.speak(this.person.msisdn, pick.value);
      this.person.language = pick.value;
      this.say(`Reads ${languages[pick.value]} from the next dial on.`);
    }));
  }

  /** hold puts the phone into somebody's hand: their SMS, and the dialogue they left open. */
  async hold(person) {
    if (this.person && this.person !== person && this.view === 'ussd') api.hangup(this.person.msisdn).catch(() => {});
    this.person = person;
    this.turn += 1;
    this.inbox = [];
    this.screen = null;
    this.element.setAttribute('aria-label', `Phone of ${person.name}`);
    this.find('.who').value = person.msisdn;
    this.find('.language select').value = person.language;
    this.wire.clear();
    this.go('idle');
    await this.refresh();
    this.inbox.forEach((sms) => this.seen.add(sms.id));
    this.draw();
  }

  /** refresh asks for everything that may have passed unheard. */
  async refresh() {
    const number = this.person.msisdn;
    const [shown, inbox] = await Promise.all([api.screen(number), api.sms(number)]).catch(() => [{}, this.inbox]);
    if (number !== this.person.msisdn) return;
    const fresh = inbox.filter((sms) => !this.inbox.some((old) => old.id === sms.id));
    if (this.inbox.length) fresh.forEach((sms) => this.receive(sms));
    else this.inbox = inbox;
    if (shown.open && this.view === 'idle') this.show(shown);
    this.draw();
  }

  get unread() { return this.inbox.filter((sms) => !this.seen.has(sms.id)).length; }

  /** key does what a key does; the view decides. */
  key(key) {
    flash(this.element, key);
    this.touch();
    if (key === 'green') return this.green();
    if (key === 'red') return this.red();
    if (key === 'inbox') return this.view === 'waiting' || this.view === 'ussd' ? undefined : this.go('inbox');
    if (key === 'back') return this.back();
    if (this.view === 'waiting') return undefined;
    if (this.view !== 'idle' && this.view !== 'ussd') this.go('idle', '');
    this.typed += key;
    return this.draw();
  }

  green() {
    switch (this.view) {
      case 'idle': return this.hop(api.dial, true);
      case 'ussd': return this.hop(api.press, false);
      case 'last': case 'failed': return this.unread ? this.read(this.inbox.find((sms) => !this.seen.has(sms.id))) : this.go('idle');
      case 'inbox': return this.inbox.length ? this.read(this.inbox.at(-1)) : this.go('idle');
      default: return this.view === 'sms' ? this.go('idle') : undefined;
    }
  }

  /** red hangs up: whatever was under way is over on both sides. */
  red() {
    if (this.view === 'ussd' || this.view === 'waiting') {
      this.turn += 1;
      this.say('Hung up.');
      this.act(() => api.hangup(this.person.msisdn)).then(() => this.wire.look());
    }
    return this.go('idle');
  }

  back() {
    if (this.view === 'sms') return this.go('inbox');
    if (this.view === 'ussd' && !this.typed) return this.red();
    if (this.view !== 'idle' && this.view !== 'ussd') return this.view === 'waiting' ? undefined : this.go('idle');
    this.typed = this.typed.slice(0, -1);
    return this.draw();
  }

  /** hop sends what was typed and shows what comes back. */
  async hop(send, first) {
    const { typed } = this;
    if (!typed) return;
    this.turn += 1;
    const turn = this.turn;
    if (first) { this.hops = 0; this.wire.clear(); }
    this.go('waiting', '');
    try {
      const screen = await send(this.person.msisdn, typed);
      if (turn === this.turn) this.show(screen);
    } catch (refused) {
      if (turn !== this.turn) return;
      this.trouble = sentence(refused.message);
      this.say(`Connection problem: ${refused.message}. ${refused.mend}`);
      this.go('failed');
    }
    this.wire.look();
  }

  /** show puts a screen of the service on the display. */
  show(screen) {
    this.screen = screen;
    this.hops += 1;
    if (screen.session) this.wire.follow(screen.session);
    this.say(screen.screen);
    this.go(screen.open ? 'ussd' : 'last', '');
  }

  /** push shows a screen that nobody dialled for. */
  push(screen) {
    this.turn += 1;
    this.buzz();
    this.show(screen);
    api.screen(this.person.msisdn).then(({ session }) => session && this.wire.follow(session)).catch(() => {});
  }

  /** receive takes an SMS that just came; a phone that does nothing else shows it. */
  receive(sms) {
    if (this.inbox.some((old) => old.id === sms.id)) return;
    this.inbox.push(sms);
    this.buzz();
    this.say(`New message from ${sms.from}: ${sms.text}`);
    this.wire.note(this.person.msisdn, sms);
    this.received();
    if (this.view === 'idle' || this.view === 'sms' || this.view === 'inbox') this.read(sms);
    else this.draw();
  }

  read(sms) {
    if (!sms) return;
    this.seen.add(sms.id);
    this.open = sms;
    this.go('sms');
  }

  /** signal tells the phone whether the network reaches it. */
  signal(away) {
    if (away === Boolean(this.away)) return;
    this.away = away;
    if (away && (this.view === 'ussd' || this.view === 'waiting')) {
      this.turn += 1;
      this.trouble = 'The phone lost its signal.';
      this.go('failed');
    }
    this.say(away ? 'No signal.' : 'Signal is back.');
    this.draw();
    this.wire.look();
  }

  buzz() {
    const handset = this.find('.handset');
    handset.classList.add('buzz');
    setTimeout(() => handset.classList.remove('buzz'), buzzMS);
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([90, 60, 90]);
  }

  /** act does something and says so when it was refused. */
  async act(what) {
    try { await what(); } catch (refused) { this.say(`${refused.message} – ${refused.mend}`); }
  }

  /** say tells a screen reader; the same words twice are said twice. */
  say(words) {
    const live = this.find('.live');
    live.textContent = '';
    setTimeout(() => { live.textContent = `${this.person.name}: ${words}`; }, sayMS);
  }

  touch() {
    this.used = true;
    this.changed(this);
  }

  go(view, typed) {
    this.view = view;
    this.typed = typed ?? (view === 'idle' ? this.world.code : '');
    this.draw();
  }

  soft() {
    const { soft } = views[this.view](this);
    this.element.querySelectorAll('.soft span').forEach((label, i) => { label.textContent = soft[i]; });
  }

  /** draw shows the state. Who was typing goes on typing. */
  draw() {
    const view = this.find('.view');
    const typing = this.find('.lcd').contains(document.activeElement) || this.wasTyping;
    const { body } = views[this.view](this);
    view.replaceChildren(...body);
    view.dataset.view = this.view;
    const field = view.querySelector('[data-field]');
    this.wasTyping = typing && !field; // while the display has no field
    if (typing && field) field.focus();
    if (field) field.setSelectionRange(this.typed.length, this.typed.length);
    this.soft();
    this.status();
    this.changed(this);
  }

  /** status is all around the view: bar, hint, buttons. */
  status() {
    const mail = this.find('.mail');
    mail.hidden = !this.unread;
    mail.textContent = `✉ ${this.unread}`;
    mail.setAttribute('aria-label', `${this.unread} unread`);
    this.element.classList.toggle('away', Boolean(this.away));
    this.element.classList.toggle('fresh', !this.used && this.view === 'idle' && this.name === 'a');
    this.find('.carrier').textContent = this.away ? 'No service' : this.world.network;
    this.find('.bars').setAttribute('aria-label', this.away ? 'No signal' : 'Full signal');
    const signal = this.find('.signal');
    signal.setAttribute('aria-pressed', String(Boolean(this.away)));
    signal.textContent = this.away ? 'Get signal back' : 'Lose signal';
    const hint = this.find('.hint');
    hint.hidden = !(this.world.pin && this.view === 'ussd' && this.screen.secret);
    hint.textContent = `In this demo every PIN is ${this.world.pin}`;
    this.find('.clock').textContent = clock(Date.now()).slice(0, 5);
  }
}
