// Asks for a key. It stays in this tab alone, until that is closed.

import { ask, el } from './ui.js';

/** The key that was typed; '' where none was. */
export async function askForKey(wrong) {
  const input = el('input', {type: 'password', name: 'key', autocomplete: 'off', required: true, test: 'key', spellcheck: 'false', 'aria-invalid': wrong ? 'true' : null});
  const content = [
    el('p', {class: 'muted'}, 'This daemon asks for a key: one of those under ', el('code', {}, 'server.keys'), ' of its configuration. ',
      el('code', {}, 'tidings key new'), ' makes one. It is kept in this tab alone.'),
    el('label', {class: 'field'}, 'Key', input, wrong && el('span', {class: 'problem', role: 'alert'}, 'The daemon does not know the last one.')),
  ];
  const answer = ask('Who are you?', el('div', {class: 'stack'}, content), {test: 'key-dialog', buttons: [
    {label: 'Not now', value: 'later'}, {label: 'Go on', submit: true, tone: 'primary'},
  ]});
  input.focus();
  return (await answer) === 'submit' ? input.value.trim() : '';
}
