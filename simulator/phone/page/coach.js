/** The first payment, step by step, beside the phones: for who sees this for the first time. */

import { local, make, pause } from './dom.js';

const keyMS = 90;

/** Coach follows the phone that pays. */
export class Coach {
  constructor(element, payer, payee) {
    this.element = element;
    this.payer = payer;
    this.payee = payee;
    element.hidden = false;
    element.querySelector('[data-step]').addEventListener('click', () => this.doStep());
  }

  /** steps are what to type at each screen; only the demo's own wallet is known. */
  steps() {
    const { code, pin } = this.payer.world;
    const to = this.payee.person;
    return [
      { keys: code, words: ['Press ', make('b', { className: 'green' }, 'green'), ` to dial ${code}`] },
      { keys: '1', words: ['Press ', make('kbd', {}, '1'), ' Send money, then green'] },
      { keys: local(to.msisdn), words: [make('kbd', {}, local(to.msisdn)), ` is ${to.name}`] },
      { keys: '500', words: [make('kbd', {}, '500'), ' shillings'] },
      this.twice()
        ? { keys: '1', words: [make('kbd', {}, '1'), ' sends it once more: the wallet asks before it does'] }
        : { keys: pin, words: [make('kbd', {}, pin), ' is the PIN of everybody here'] },
      { keys: '', words: [this.late() ? 'The SMS follow once all works again' : 'Both phones buzz, with one receipt number'] },
    ];
  }

  /** late tells whether the payer was promised an SMS: an outcome has a receipt number and a balance, a promise no figure. */
  late() { return this.payer.view === 'last' && !this.payer.unread && !/\d/.test(this.payer.screen.screen); }

  /** twice tells whether a list stands where the PIN is asked: the same payment was made shortly before. */
  twice() {
    const { view, hops, screen } = this.payer;
    return view === 'ussd' && hops >= 4 && !screen.secret && /^1 /m.test(screen.screen);
  }

  /** at is the step that comes next. */
  at() {
    const { view, hops } = this.payer;
    if (view === 'ussd' || view === 'waiting') return Math.min(hops, 4);
    return view === 'last' || view === 'sms' ? 5 : 0;
  }

  draw() {
    if (!this.payer.person || !this.payee.person) return;
    const now = this.at();
    this.element.querySelector('ol').replaceChildren(...this.steps().map(({ words }, i) =>
      make('li', { 'data-number': i + 1, ...(i === now ? { className: 'now', 'aria-current': 'step' } : { className: i < now ? 'done' : '' }) }, ...words)));
    const button = this.element.querySelector('[data-step]');
    button.textContent = now === 5 ? 'Begin again' : 'Do this step for me';
    button.disabled = this.busy || this.payer.view === 'waiting';
  }

  /** doStep types what the step says, key by key, and presses green. */
  async doStep() {
    const { payer } = this;
    const now = this.at();
    this.busy = true;
    if (now === 5) payer.key('red');
    else {
      while (payer.typed) payer.key('back');
      for (const key of this.steps()[now].keys) {
        payer.key(key);
        await pause(keyMS);
      }
      payer.key('green');
    }
    this.busy = false;
    this.draw();
  }
}
