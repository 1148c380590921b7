/** The strip on top: the places a dial passes, how each stands, and the button that breaks it. */

import * as api from './api.js';
import { make } from './dom.js';

const downMS = 15_000; // a killed program comes back by itself after this
const throttledMS = 20_000;
const tickMS = 250;

const icons = {
  phones: 'M8 2h8v20H8zM11 18h2',
  operator: 'M12 8v14M8 22h8M7 4a6 6 0 0 0 0 8M17 4a6 6 0 0 1 0 8M12 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4',
  service: 'M4 4h16v6H4zM4 14h16v6H4zM8 7h.01M8 17h.01',
  gateway: 'M6 22V9a6 6 0 0 1 12 0v13M10 22V11l6 2v9M3 22h18',
  ledgerd: 'M5 3h12a2 2 0 0 1 2 2v16H7a2 2 0 0 1-2-2zM9 8h6M9 12h6M9 16h4',
};

const places = [
  { id: 'phones', name: 'Phones', about: 'keys and screens', broken: 'No signal' },
  { id: 'operator', name: 'Operator', about: 'USSD and SMS', breaks: ['Throttle', ' SMS'], mends: ['Relax', ' and let SMS through'], broken: 'SMS throttled',
    break: () => api.fault('busy', { n: 1, for_ms: throttledMS }), mend: () => api.fault('none') },
  { id: 'gateway', name: 'Gateway', about: 'menus, orders, SMS', breaks: ['Kill', ' the gateway'], mends: ['Start', ' the gateway now'], broken: 'Killed',
    break: () => api.fault('kill', { target: 'gateway', for_ms: downMS }), mend: () => api.fault('restart', { target: 'gateway' }) },
  { id: 'ledgerd', name: 'Ledger', about: 'money, journal', breaks: ['Kill', ' the ledger'], mends: ['Start', ' the ledger now'], broken: 'Killed',
    break: () => api.fault('kill', { target: 'ledgerd', for_ms: downMS }), mend: () => api.fault('restart', { target: 'ledgerd' }) },
];

/** label is a button's word, and what else a screen reader says of it. */
const label = ([word, rest]) => [word, make('span', { className: 'hidden' }, rest)];

/** theirs are the places in front of somebody's own service; how it stands is not known here. */
const theirs = ({ service }) => [places[0], { id: 'operator', name: 'Aggregator', about: 'this program' }, { id: 'service', name: 'Your service', about: service }];

const states = { up: 'Working', starting: 'Starting…' };

/** Network draws the strip into a list. */
export class Network {
  constructor(list, world) {
    this.until = {};
    this.state = {};
    this.places = world.service ? theirs(world) : places;
    this.items = Object.fromEntries(this.places.map((place) => [place.id, this.item(place, world)]));
    list.replaceChildren(...Object.values(this.items));
    setInterval(() => this.count(), tickMS);
  }

  item(place, world) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('aria-hidden', 'true');
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', icons[place.id]);
    svg.append(path);
    const killable = place.break && (world.kills || place.id === 'operator');
    const button = killable ? make('button', { type: 'button', className: 'act' }, ...label(place.breaks)) : null;
    button?.addEventListener('click', () => this.press(place, button));
    return make('li', { id: `place-${place.id}`, 'data-state': 'up' }, svg,
      make('div', {}, make('h3', {}, place.name), make('p', { className: 'about' }, place.about), make('p', { className: 'state', role: 'status' }, '')),
      button);
  }

  async press(place, button) {
    button.disabled = true;
    try {
      await (this.state[place.id] === 'up' ? place.break() : place.mend());
    } catch (refused) {
      this.items[place.id].querySelector('.state').textContent = refused.message;
    }
    button.disabled = false;
  }

  /** set shows how everything stands, as the server tells it. */
  set({ programs, network, away }) {
    this.one('phones', away.length ? 'down' : 'up', 0);
    if (this.places === places) this.one('operator', network ? 'down' : 'up', network?.back_ms);
    for (const { name, state, back_ms } of programs) this.one(name, state, back_ms);
  }

  one(id, state, back) {
    const place = this.places.find((p) => p.id === id);
    const item = this.items[id];
    if (!item) return;
    this.state[id] = state;
    this.until[id] = back ? Date.now() + back : 0;
    item.dataset.state = state;
    const words = states[state] || place.broken;
    const line = item.querySelector('.state');
    if (line.dataset.words !== words) {
      line.dataset.words = words;
      line.replaceChildren(words, make('span', { className: 'left', 'aria-hidden': 'true' }), make('span', { className: 'hidden' }, back ? `, for ${Math.round(back / 1000)} seconds` : ''));
    }
    const button = item.querySelector('button');
    button?.replaceChildren(...label(state === 'up' ? place.breaks : place.mends));
    this.count();
  }

  /** count shows how long it lasts. */
  count() {
    for (const [id, until] of Object.entries(this.until)) {
      const left = this.items[id].querySelector('.left');
      if (left) left.textContent = until ? ` · ${Math.max(0, Math.ceil((until - Date.now()) / 1000))} s` : '';
    }
  }
}
