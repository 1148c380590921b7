/** The page: two handsets, the network between them, and one stream of what happens. */

import * as api from './api.js';
import { Coach } from './coach.js';
import { Handset } from './handset.js';
import { Network } from './network.js';
import { setZone } from './views.js';

const names = ['a', 'b'];
const clockMS = 10_000;
const lostMS = 3000; // a stream that is away for longer is told

/** chosen is who holds the phones, by the address: #a=254722000001&b=254722000002. */
function chosen(people) {
  const wanted = new URLSearchParams(location.hash.slice(1));
  const held = names.map((name, i) => people.find((p) => p.msisdn === wanted.get(name)) || people[i]);
  if (held[0] === held[1]) held[1] = people.find((p) => p !== held[0]);
  return held;
}

/** swap gives a phone to somebody; who holds the other one changes hands. */
function swap(phones, phone, person) {
  const other = phones.find((p) => p !== phone);
  const was = phone.person;
  phone.hold(person);
  if (other.person === person) other.hold(was);
  const hash = new URLSearchParams(phones.map((p) => [p.name, p.person.msisdn]));
  history.replaceState(null, '', '#' + hash);
}

/** keyboard types on the phone that was used last, wherever the focus is. */
function keyboard(current) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const at = event.target;
    const typing = at.matches?.('input, select, textarea');
    const phone = current();
    if (event.key === 'Escape') phone.key('red');
    else if (typing) return;
    else if (/^[0-9*#]$/.test(event.key)) phone.key(event.key);
    else if (event.key === 'Backspace') phone.key('back');
    else if (event.key === 'Enter' && !at.closest?.('button, a, summary')) phone.key('green');
    else return;
    event.preventDefault();
  });
}

/** show says how everything stands. */
function show(state, phones, network) {
  phones.forEach((p) => p.signal(state.away.includes(p.person.msisdn)));
  network.set({ ...state, away: phones.filter((p) => p.away) });
}

/** stream hears everything. What passed while it was away is asked for. */
function stream(phones, network) {
  const gone = document.getElementById('gone');
  let timer = 0;
  const to = (number) => phones.filter((p) => p.person.msisdn === number);
  api.listen({
    connected() {
      clearTimeout(timer);
      timer = 0;
      gone.hidden = true;
      phones.forEach((p) => p.refresh());
    },
    lost() {
      timer ||= setTimeout(() => {
        gone.hidden = false;
        gone.textContent = 'The simulator does not answer. Start it again (go run ./simulator demo); this page finds it by itself.';
      }, lostMS);
    },
    state: (state) => show(state, phones, network),
    sms: ({ msisdn, ...sms }) => to(msisdn).forEach((p) => p.receive(sms)),
    screen: ({ msisdn, ...screen }) => to(msisdn).forEach((p) => p.push(screen)),
  });
}

/** introduce says whose phones these are, when they are not the demo's. */
function introduce({ service }) {
  if (!service) return;
  document.getElementById('about').textContent = `Two phones for the USSD service at ${service}`;
  document.getElementById('warning').textContent = 'Whatever a phone sends goes to that service, as an aggregator sends it.';
}

/** arrange puts all in its place, drawn as far as the page itself knows it. */
function arrange({ world, phones: people, state }) {
  introduce(world);
  setZone(world.zone);
  const network = new Network(document.getElementById('network'), world);
  let current;
  let coach;
  const changed = (phone) => {
    if (phone.used) current = phone;
    coach?.draw();
  };
  const received = () => phones.forEach((p) => p.wire.look()); // a payment's view has the other side's SMS too
  const phones = names.map((name) => new Handset({ name, world, people, changed, received }));
  document.getElementById('phones').append(...phones.map((p) => p.element));
  phones.forEach((p) => {
    p.onPick = (number) => swap(phones, p, people.find((person) => person.msisdn === number));
    p.element.addEventListener('focusin', () => { current = p; });
  });
  current = phones[0];
  const held = chosen(people).map((person, i) => phones[i].hold(person));
  show(state, phones, network);
  if (world.pin) coach = new Coach(document.getElementById('coach'), ...phones);
  coach?.draw();
  keyboard(() => current);
  return { phones, network, held };
}

async function start() {
  const { phones, network, held } = arrange(JSON.parse(document.getElementById('first').textContent));
  await Promise.all(held);
  stream(phones, network);
  setInterval(() => phones.forEach((p) => p.status()), clockMS);
  document.documentElement.dataset.ready = 'yes'; // for tests, and for who watches
}

start().catch((refused) => {
  const gone = document.getElementById('gone');
  gone.hidden = false;
  gone.textContent = `${refused.message} – ${refused.mend || 'load the page again'}`;
});
