// The page by keyboard: `g` and a letter goes to a view, `j` and `k` walk through its rows, `/` searches.

import { VIEWS, go } from './router.js';
import { ask, el } from './ui.js';

/** How long a `g` waits for its letter. */
const CHORD = 1200;
/** What `j` and `k` walk through. */
const ITEMS = '[data-item]';

let began = 0;

const isTyping = (target) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

function walk(step) {
  const items = [...document.querySelectorAll(`main ${ITEMS}`)].filter((item) => item.offsetParent !== null);
  if (items.length === 0) return;
  const index = items.findIndex((item) => item === document.activeElement || item.contains(document.activeElement));
  const next = items[Math.max(0, Math.min(items.length - 1, index < 0 ? 0 : index + step))];
  next.focus();
  next.scrollIntoView({block: 'nearest'});
}

function search() {
  const field = document.querySelector('main input[type="search"]:not([disabled])');
  field?.focus();
  field?.select();
  return Boolean(field);
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  if (isTyping(event.target)) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  const chord = event.timeStamp - began < CHORD;
  began = 0;
  const view = chord && Object.keys(VIEWS).find((name) => VIEWS[name].letter === event.key);
  if (view) go(view);
  else if (event.key === 'g') { began = event.timeStamp; return; }
  else if (event.key === 'j') walk(1);
  else if (event.key === 'k') walk(-1);
  else if (event.key === '?') showKeys();
  else if (event.key === 'Escape') document.getElementById('main').focus();
  else if (event.key !== '/' || !search()) return;
  event.preventDefault();
}

export const bindKeys = () => document.addEventListener('keydown', pressed);

export function showKeys() {
  const keys = (...names) => el('dt', {}, names.flatMap((name) => [el('kbd', {}, name), ' ']));
  const views = Object.values(VIEWS).flatMap(({word, letter}) => [keys('g', letter), el('dd', {}, word)]);
  const others = [[['/'], 'Search'], [['j'], 'Next row'], [['k'], 'Row before'], [['Enter'], 'Open the row'], [['?'], 'These keys'], [['Esc'], 'Close, or leave a field']];
  return ask('Keyboard', el('dl', {class: 'keys'}, views, others.flatMap(([names, text]) => [keys(...names), el('dd', {}, text)])),
    {test: 'keys-dialog', buttons: [{label: 'Close', value: 'close'}]});
}
