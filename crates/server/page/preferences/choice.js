// The controls that wishes are made with: on, off or inherit; one of a few; a labelled field. What they change is the caller's.

import { el } from '../ui.js';

const STATES = [['on', true], ['off', false], ['inherit', undefined]];
let made = 0;

/** `{node, put(value)}`: on, off, or left to whoever decides above. Real radio buttons, so arrow keys and screen readers know them. */
export function threeStates({label, value, test, changed}) {
  const group = `state-${++made}`;
  const inputs = STATES.map(([word, own]) => el('input', {
    type: 'radio', name: group, class: 'unseen', value: word, checked: own === value, test: test && `${test}-${word}`, onchange: () => changed(own),
  }));
  const parts = STATES.map(([word], place) => el('label', {'data-state': word}, inputs[place], el('span', {}, word)));
  return {
    node: el('div', {class: 'three', role: 'radiogroup', 'aria-label': label, test}, parts),
    put(own) { inputs.forEach((input, place) => { input.checked = STATES[place][1] === own; }); },
  };
}

/** One of a few names; the first stands for none of its own. */
export function oneOf(names, value, changed, {none = 'inherit', test, label} = {}) {
  const options = [none === null ? null : el('option', {value: ''}, none), ...names.map((name) => el('option', {value: name}, name))];
  // What stands must be seen, even where it is none of the usual ones.
  if (value && !names.includes(value)) options.push(el('option', {value}, value));
  const select = el('select', {test, 'aria-label': label, onchange: () => changed(select.value || undefined)}, options);
  select.value = value ?? '';
  return select;
}

/** A field with its label above and perhaps a word below. */
export const field = (label, input, hint) => el('label', {class: 'field'}, label, input, hint && el('span', {class: 'hint'}, hint));

/** A text, a time of day, a date: whatever the browser's input of this type gives; `undefined` where it is empty. */
export function input(type, value, changed, props = {}) {
  const node = el('input', {type, value: value ?? '', oninput: () => changed(node.value.trim() || undefined), ...props});
  return node;
}

/** A wish that is one's own or is left to the operator: a switch, and the fields below it while it is on. */
export function ownOrInherited({label, isOwn, test, changed, hint}) {
  const check = el('input', {type: 'checkbox', checked: isOwn, test, onchange: () => changed(check.checked)});
  return el('div', {}, el('label', {class: 'check'}, check, label), !isOwn && hint && el('p', {class: 'small muted'}, hint));
}
