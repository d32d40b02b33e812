// The bar that saves: what was changed, and what to do where somebody else changed it meanwhile. Nothing that was put in is lost.

import { action, ago, el, fill, plural, said, toast } from '../ui.js';
import { at, put, withTag } from '../api.js';
import { apart, pathInWords, valueInWords } from './wishes.js';

/** `{node, refresh(), save()}` for the draft of `state`; `taken()` hears of a new answer. */
export function saveBar(state, {taken, signal}) {
  const summary = el('div', {class: 'summary'});
  const trouble = el('div', {class: 'trouble', role: 'alert'});
  const saving = action('Save', save, {class: 'primary', test: 'preferences-save', 'aria-keyshortcuts': 'Control+S'});
  const node = el('div', {class: 'save-bar', role: 'region', 'aria-label': 'Changes', test: 'preferences-bar', hidden: true},
    trouble, el('div', {class: 'row spread'}, summary, el('div', {class: 'row'},
      el('button', {type: 'button', test: 'preferences-discard', onclick: () => { state.draft.undo(); fill(trouble); state.redraw(); }},
        'Discard'), saving)));

  function refresh() {
    const {edits} = state.draft;
    node.hidden = edits.length === 0 && trouble.childElementCount === 0;
    const named = edits.slice(0, 3).map(({path}) => pathInWords(path)).join(', ');
    fill(summary, el('strong', {}, edits.length === 0 ? 'Nothing to save' : `${plural(edits.length, 'change')} not saved`),
      edits.length > 0 && el('span', {class: 'muted small'}, said(` ${named}${edits.length > 3 ? ' …' : ''}`, 160)));
    saving.disabled = edits.length === 0;
  }

  async function save() {
    fill(trouble);
    const sent = state.draft.edits;
    try {
      const {value, tag} = await put(path(state.user), state.draft.result(), state.tag, signal);
      const answer = value ?? (await withTag(path(state.user), {signal})).value;
      Object.assign(state, {answer, tag: tag ?? etagOf(answer)});
      state.draft.saved(answer.preferences ?? null, sent);
      toast('Saved: the next message goes by it.');
      for (const warning of answer.warnings ?? []) toast(warning, 'warn');
      taken();
    } catch (error) {
      if (error.status === 412) return meanwhile();
      if (error.name === 'AbortError') return undefined;
      fill(trouble, refused(error));
    }
    return refresh();
  }

  /** Somebody else saved: their answer is taken, the changes stay over it, and where both changed the same one chooses. */
  async function meanwhile() {
    const {value, tag} = await withTag(path(state.user), {signal});
    Object.assign(state, {answer: value, tag: tag ?? etagOf(value)});
    const conflicts = state.draft.rebase(value.preferences ?? null);
    taken();
    const draw = () => { fill(trouble, conflictNotice(value, conflicts, choose)); refresh(); };
    const choose = (conflict, isMine) => {
      if (!isMine) { state.draft.undo(conflict.path); taken(); }
      conflicts.splice(conflicts.indexOf(conflict), 1);
      draw();
    };
    draw();
  }

  refresh();
  return {node, refresh, save: () => saving.click()};
}

export const path = (user) => at(['users', user, 'preferences']);

/** Where a proxy takes the header away, the version says the same. */
export const etagOf = (answer) => (answer?.version === null || answer?.version === undefined ? null : `"${answer.version}"`);

function refused(error) {
  const list = error.problems ?? [];
  return el('div', {class: 'notice', 'data-tone': 'bad', test: 'preferences-refused'}, el('div', {},
    el('strong', {}, 'Not saved. '), list.length === 0 && said(error.message, 300),
    list.length > 0 && el('ul', {}, list.slice(0, 20).map((one) => el('li', {}, el('code', {}, String(one.path ?? '')), ' ',
      said(one.message, 300))))));
}

function conflictNotice(answer, conflicts, choose) {
  const who = [answer.author && [' by ', said(answer.author, 60)], answer.at && ` ${ago(answer.at)}`];
  const rows = conflicts.map((conflict) => el('li', {test: 'preferences-conflict'},
    el('strong', {}, said(pathInWords(conflict.path), 100)),
    el('div', {class: 'sides'},
      side('Yours', apart(conflict.mine, conflict.theirs), 'Keep yours', () => choose(conflict, true)),
      side('Saved meanwhile', apart(conflict.theirs, conflict.mine), 'Take this', () => choose(conflict, false)))));
  return el('div', {class: 'notice', 'data-tone': 'warn', test: 'preferences-meanwhile'}, el('div', {class: 'conflicts'},
    el('p', {}, el('strong', {}, 'These wishes were changed meanwhile'), who, '. ', conflicts.length > 0
      ? 'Both of you changed what stands below; all else fits together.'
      : 'Your changes are kept and fit with theirs: save them now.'),
    rows.length > 0 && el('ul', {}, rows)));
}

function side(title, value, label, act) {
  return el('div', {}, el('span', {class: 'muted small'}, title), said(valueInWords(value), 200, {class: 'mono small'}),
    el('button', {type: 'button', class: 'little', onclick: act}, label));
}
