// The same wishes as JSON, to be read, copied and changed there. What may stand in them is the daemon's knowledge.

import { debounce, el } from '../ui.js';
import { markedEditor } from '../lab/editor.js';
import { problemOf } from '../lab/json.js';
import { same } from './draft.js';

/** `{node, refresh()}`; `changed()` hears that the draft follows what was written. */
export function sourceCard(state, changed, signal) {
  const editor = markedEditor({value: '', label: 'Wishes as JSON', hidden: true, test: 'preferences-json', oninput: debounce(read, 150, signal)});

  function read() {
    const problem = problemOf(editor.text);
    editor.mark(problem ? [{...problem, message: problem.message.replace('an event is', 'wishes are')}] : []);
    if (problem) return;
    state.draft.replaceWith(JSON.parse(editor.text));
    changed();
  }

  /** What is being written is not rewritten under somebody's hands, unless all is drawn anew. */
  function refresh(anew = false) {
    if (!anew && document.activeElement === editor.area) return;
    const value = state.draft.result() ?? {};
    const isSame = !problemOf(editor.text) && same(JSON.parse(editor.text), value);
    if (!isSame) editor.put(JSON.stringify(value, null, 2));
  }

  refresh();
  const node = el('details', {class: 'card source'}, el('summary', {test: 'preferences-source'}, el('h2', {}, 'The same as JSON')),
    el('div', {class: 'body'}, el('p', {class: 'small muted'}, 'What ', el('code', {}, 'tidings prefs get'),
      ' shows. Keys that this page does not know are kept.'), editor.node));
  return {node, refresh};
}
