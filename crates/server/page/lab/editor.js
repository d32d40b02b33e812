// A text field that shows marks where something is wrong: a wavy line below the place, and what is wrong right under its column.
// What is wrong is told by whoever owns the text.

import { el, fill } from '../ui.js';
import { lineAndColumn, pieces } from './bytes.js';

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
    const drawn = pieces(area.value, marks).map((piece) => piece.mark
      ? el('mark', {'data-level': piece.mark.level}, piece.text || '\u00a0')
      : piece.text);
    // A last line that is empty has no height of its own.
    fill(ghost, drawn, '\u200b');
  }

  function mark(marks) {
    draw(marks);
    area.setAttribute('aria-invalid', String(marks.some((one) => one.level === 'error')));
    const drawn = [...ghost.querySelectorAll('mark')];
    const several = area.value.includes('\n');
    fill(problems, marks.slice(0, 12).map((one, place) => note(one, drawn[place], several)));
  }

  function note(one, drawn, several) {
    const {line, column} = lineAndColumn(area.value, one.from);
    const room = Math.max(ghost.clientWidth - 300, 0);
    const left = drawn ? Math.min(drawn.offsetLeft, room) : 0;
    return el('li', {'data-level': one.level, vars: {'--left': `${left}px`}, onclick: () => select(one)},
      el('span', {class: 'place'}, several ? `line ${line}, column ${column}` : `column ${column}`), ' ',
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
