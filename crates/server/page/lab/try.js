// Tries a condition on an event while somebody types: the last question is the only one that counts.

import { debounce, el, fill } from '../ui.js';
import { at, post } from '../api.js';
import { marksOf } from './bytes.js';
import { line, partsTree, verdictLine } from './verdict.js';

/** `{node, parts, ask()}`: the verdict, its parts, and the question, asked once typing rests. */
export function verdictLive({editor, event, signal}) {
  let running = null;
  const node = el('div', {class: 'verdict-place', role: 'status'}, line('…', 'none', 'The verdict appears here.'));
  const parts = el('div', {class: 'parts-place'});

  async function now() {
    running?.abort();
    const own = running = new AbortController();
    const condition = editor.text;
    if (condition.trim() === '') {
      editor.mark([]);
      return show({}, line('empty', 'none', 'Write a condition, such as error_rate > 0.05.', 'empty'));
    }
    try {
      // The event goes as it is written: reading it here would lose digits of long numbers.
      const body = `{"condition":${JSON.stringify(condition)},"event":${event.good}}`;
      const answer = await post(at(['rules', 'try']), body, AbortSignal.any([own.signal, signal]));
      if (running !== own || editor.text !== condition) return undefined;
      editor.mark(marksOf(condition, answer.diagnostics));
      return show(answer, verdictLine(answer));
    } catch (error) {
      return error.name === 'AbortError' ? undefined : show({}, line('not tried', 'bad', error.message, 'refused'));
    }
  }

  function show(answer, verdict) {
    fill(node, verdict, !event.isGood && el('p', {class: 'small warn'}, 'The event cannot be read just now: this is of the last one that could.'));
    fill(parts, partsTree(answer));
  }

  const later = debounce(now, 220, signal);
  return {node, parts, ask() { running?.abort(); later(); }};
}
