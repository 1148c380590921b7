/** The twelve keys: one stop for Tab, the arrows walk inside. */

import { make } from './dom.js';

const letters = { 2: 'abc', 3: 'def', 4: 'ghi', 5: 'jkl', 6: 'mno', 7: 'pqrs', 8: 'tuv', 9: 'wxyz', 0: '+' };
const names = { '*': 'star', '#': 'hash' };
const columns = 3;
const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };

/** keypad fills a group with keys and calls press(key) for each that is pressed. */
export function keypad(group, press) {
  const keys = [...'123456789*0#'].map((key, i) =>
    make('button', { type: 'button', className: 'key', tabIndex: i === 0 ? 0 : -1, 'aria-label': names[key] || key, 'data-key': key },
      make('b', {}, key), make('small', { 'aria-hidden': 'true' }, letters[key] || '')));
  group.append(...keys);
  group.addEventListener('click', (event) => {
    const key = event.target.closest('button');
    if (key) press(key.dataset.key);
  });
  group.addEventListener('keydown', (event) => {
    const to = keys[keys.indexOf(document.activeElement) + (steps[event.key] || NaN)];
    if (!to) return;
    event.preventDefault();
    walk(keys, to);
  });
  group.addEventListener('focusin', (event) => walk(keys, event.target.closest('button')));
}

/** walk makes a key the one that Tab comes to. */
function walk(keys, to) {
  for (const key of keys) key.tabIndex = key === to ? 0 : -1;
  if (to && to !== document.activeElement) to.focus();
}

/** flash shows that a key was pressed by another hand than the mouse's. */
export function flash(phone, key) {
  const button = phone.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!button) return;
  button.classList.remove('down');
  void button.offsetWidth; // so that the same key twice is seen twice
  button.classList.add('down');
}
