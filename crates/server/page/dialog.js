// Questions in front of the page. They hold the focus, close by Escape, and give it back.

import { el } from './ui.js';

/** Shows a dialog until it is closed; gives what it was closed with, '' for nothing. */
export function ask(title, content, {test, buttons = [], onclose} = {}) {
  const before = document.activeElement;
  return new Promise((resolve) => {
    const actions = buttons.map(({label, value, tone, submit}) => el('button', {
      type: submit ? 'submit' : 'button', class: tone, test: value && `dialog-${value}`,
      onclick: submit ? undefined : () => dialog.close(value ?? ''),
    }, label));
    const form = el('form', {onsubmit: (event) => { event.preventDefault(); dialog.close('submit'); }},
      el('h2', {id: 'dialog-title'}, title), content, actions.length > 0 && el('div', {class: 'actions'}, actions));
    const dialog = el('dialog', {'aria-labelledby': 'dialog-title', test, onclick: (event) => {
      if (event.target === dialog) dialog.close('');
    }}, form);
    dialog.addEventListener('close', () => {
      onclose?.(dialog.returnValue);
      dialog.remove();
      before?.focus?.();
      resolve(dialog.returnValue);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Whether it is really meant. */
export async function confirmed({title, text, label = 'Go on', danger = false}) {
  const answer = await ask(title, el('p', {}, text), {test: 'confirm', buttons: [
    {label: 'Cancel', value: 'no'}, {label, submit: true, tone: danger ? 'danger' : 'primary'},
  ]});
  return answer === 'submit';
}
