// A text field that shows marks where something is wrong: a wavy line below the place, and what is wrong right under its column.
// What is wrong is told by whoever owns the text.

import { el, fill } from '../ui.js';
import { lineAndColumn, pieces } from './bytes.js';

/** More would bury the rest. */
const MOST = 12;

let made = 0;

/** `{node, text, put(text), mark(marks)}`; `oninput(text)` hears of each change. */
export function markedEditor({value, label, hidden = false, test, oninput}) {
  const id = `editor-${++made}`;
  const ghost = el('div', {class: 'ghost', 'aria-hidden': 'true'});
  const area = el('textarea', {
    value, id, test, spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', autocorrect: 'off', wrap: 'soft', rows: 1,
    'aria-describedby': `${id}-problems`, oninput: () => { draw([]); oninput(area.value); },
  });
  const sheet = el('div', {class: 'sheet'}, ghost, area);
  const problems = el('ul', {class: 'problems', id: `${id}-problems`, 'aria-live': 'polite', test: `${test}-problems`});
  const node = el('div', {class: 'editor'}, el('label', {for: id, class: hidden ? 'unseen' : 'field'}, label), el('div', {class: 'paper'}, sheet),
    problems);

  /** The same text below the field, so that its marks stand where the letters stand. */
  function draw(marks) {
    const places = new Map();
    const drawn = pieces(area.value, marks).map(({text, mark: one}) => {
      if (one) places.set(one, el('mark', {'data-level': one.level}, text || '\u00a0'));
      return places.get(one) ?? text;
    });
    // A last line that is empty has no height of its own.
    fill(ghost, drawn, '\u200b');
    return places;
  }

  function mark(marks) {
    const places = draw(marks);
    area.setAttribute('aria-invalid', String(marks.some((one) => one.level === 'error')));
    const several = area.value.includes('\n');
    fill(problems, marks.slice(0, MOST).map((one) => note(one, places.get(one), several)));
  }

  function note(one, drawn, several) {
    const {line, column} = lineAndColumn(area.value, one.from);
    const room = Math.max(ghost.clientWidth - 300, 0);
    const left = drawn ? Math.min(drawn.offsetLeft, room) : 0;
    return el('li', {'data-level': one.level, vars: {'--left': `${left}px`}},
      el('button', {type: 'button', class: 'place', title: 'Go there', onclick: () => select(one)},
        several ? `line ${line}, column ${column}` : `column ${column}`), ' ',
      el('span', {class: 'message'}, one.message), one.help && el('span', {class: 'help'}, ` — ${one.help}`));
  }

  function select(one) {
    area.focus();
    area.setSelectionRange(one.from, Math.max(one.to, one.from));
  }

  draw([]);
  return {
    node,
    area,
    get text() { return area.value; },
    put(text) { area.value = text; mark([]); },
    mark,
  };
}
