// Elements and the small parts that all views share. Text goes in as text alone, so nothing that others wrote is ever markup.

const SVG = 'http://www.w3.org/2000/svg';
// Characters that move the cursor or turn the direction of what stands beside them: shown as a mark instead.
const UNRULY = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g;

export const plain = (text) => String(text).replace(UNRULY, '\ufffd');

/** An element. `props`: attributes; `test` is data-test, `on…` a listener, `vars` CSS variables, `value` and `checked` properties. */
export function el(tag, props, ...children) {
  const node = document.createElement(tag);
  set(node, props ?? {});
  add(node, children);
  return node;
}

export function svg(tag, props, ...children) {
  const node = document.createElementNS(SVG, tag);
  set(node, props ?? {});
  add(node, children);
  return node;
}

function set(node, props) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on') && typeof value === 'function') node.addEventListener(name.slice(2), value);
    else if (name === 'vars') for (const [key, own] of Object.entries(value)) node.style.setProperty(key, own);
    else if (name === 'value' || name === 'checked') node[name] = value;
    else node.setAttribute(name === 'test' ? 'data-test' : name, value === true ? '' : String(value));
  }
}

function add(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(plain(child)));
  }
}

/** Puts these children in place of all others. */
export function fill(node, ...children) {
  node.replaceChildren();
  add(node, children);
  return node;
}

/** What somebody else wrote: its own direction, and cut where it would bury the rest. */
export function said(text, most = 300, props = {}) {
  const letters = Array.from(String(text ?? '').slice(0, most * 2 + 2));
  const cut = letters.length > most || String(text ?? '').length > most * 2 + 2;
  const own = letters.slice(0, most).join('') + (cut ? '…' : '');
  return el('span', {dir: 'auto', ...props, class: `said ${props.class ?? ''}`.trim()}, own);
}

const TONES = {
  info: 'info', warning: 'warn', error: 'bad', critical: 'worst', low: 'none', medium: 'info', high: 'warn',
  good: 'good', failing: 'warn', open: 'bad', disabled: 'bad', idle: 'none',
};

/** A word with a colour: a severity, a priority, a health, or any word with a tone of its own. */
export const badge = (word, tone = TONES[word], props = {}) =>
  el('span', {...props, class: 'badge', 'data-tone': tone ?? 'none'}, word);

const grouped = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', {notation: 'compact', maximumFractionDigits: 1});

/** A count, with its thousands apart; beyond 99,999 shortened. */
export function number(count) {
  if (typeof count !== 'number' || !Number.isFinite(count)) return '–';
  return Math.abs(count) > 99_999 ? compact.format(count) : grouped.format(count);
}

export const plural = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

/** A table of `columns` ({name, number?, cell(row)}); on a phone its rows are cards. */
export function table(columns, rows, {test, caption, row: about} = {}) {
  const head = columns.map((column) => el('th', {scope: 'col', class: column.number && 'number'}, column.name));
  const cells = (row) => columns.map((column) =>
    el('td', {'data-label': column.name, class: column.number && 'number'}, column.cell(row)));
  const body = rows.map((row) => el('tr', {test, ...about?.(row)}, cells(row)));
  return el('table', {class: 'cards'}, caption && el('caption', {class: 'unseen'}, caption),
    el('thead', {}, el('tr', {}, head)), el('tbody', {}, body));
}

/** What stands where nothing is: a heading, what to do, and the means. */
export const empty = (heading, text, ...means) =>
  el('div', {class: 'empty', test: 'empty'}, el('h2', {}, heading), el('p', {}, text), means.length > 0 && el('div', {class: 'row'}, means));

/** What went wrong, with another try where there is one. */
export const failure = (error, again) => el('div', {class: 'notice', 'data-tone': 'bad', role: 'alert', test: 'failure'},
  el('span', {}, said(error?.message ?? error, 600)),
  again && el('button', {type: 'button', class: 'little end', onclick: again, test: 'again'}, 'Try again'));

/** A line that comes and goes by itself; what went wrong stays until it is closed. */
export function toast(text, tone = 'good') {
  const own = el('div', {class: 'toast', 'data-tone': tone, test: 'toast'}, said(text, 400),
    el('button', {type: 'button', class: 'plain icon little', 'aria-label': 'Close', onclick: () => own.remove()}, '×'));
  const place = document.getElementById('toasts');
  place.append(own);
  while (place.children.length > 4) place.firstChild.remove();
  if (tone !== 'bad') setTimeout(() => own.remove(), 5000);
}

export function debounce(act, wait = 250, signal) {
  let timer;
  signal?.addEventListener('abort', () => clearTimeout(timer));
  return (...rest) => {
    clearTimeout(timer);
    if (!signal?.aborted) timer = setTimeout(() => act(...rest), wait);
  };
}

/** A button that is busy while its work runs, and says what went wrong. */
export function action(label, work, props = {}) {
  const button = el('button', {type: 'button', ...props, onclick: async () => {
    if (button.getAttribute('aria-busy') === 'true') return;
    button.setAttribute('aria-busy', 'true');
    try {
      await work(button);
    } catch (error) {
      if (error?.name !== 'AbortError') toast(error.message, 'bad');
    } finally {
      button.removeAttribute('aria-busy');
    }
  }}, label);
  return button;
}

export function copyButton(text, label = 'Copy') {
  return action(label, async (button) => {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = label; }, 1600);
  }, {class: 'little', test: 'copy'});
}

/** A command to run, with a button that copies it. */
export const command = (text) => el('div', {class: 'command', test: 'command'}, el('code', {}, text), copyButton(text));

export { ask, confirmed } from './dialog.js';
export { ago, clock, day, isToday, span, stamp, when } from './time.js';
