// Whom the page is about: a field with everybody's name, and who was chosen last.

import { at, get } from './api.js';
import { el, plain } from './ui.js';

const CHOSEN = 'tidings.user';
/** A list of more names than this helps nobody; what is typed is taken all the same. */
const MOST = 500;

export const lastUser = () => { try { return localStorage.getItem(CHOSEN) ?? ''; } catch { return ''; } };
const noteUser = (user) => { try { localStorage.setItem(CHOSEN, user); } catch { /* chosen anew next time */ } };

/** Everybody's names; `null` where this key may not know them: then it is one person's own. */
export async function names(signal) {
  try {
    const {users} = await get(at(['users']), signal);
    return users.map((one) => one.user);
  } catch (error) {
    if (error.status === 403) return null;
    throw error;
  }
}

/** Who is meant: who was asked for, else who was chosen last, else the first. */
export function whom(asked, all) {
  if (asked) { noteUser(asked); return asked; }
  const last = lastUser();
  return all === null || all.includes(last) ? last : all[0] ?? '';
}

/** A field to choose a user; `chosen(user)` when one is. */
export function userField(user, all, chosen) {
  const input = el('input', {type: 'search', list: 'user-names', value: user, test: 'user', autocomplete: 'off', spellcheck: 'false', placeholder: 'name of a user', 'aria-label': 'User'});
  const take = () => {
    const name = input.value.trim();
    if (name && name !== user) { noteUser(name); chosen(name); }
  };
  // A list shows what begins like the text: so the text makes room while one looks.
  input.addEventListener('focus', () => input.select());
  input.addEventListener('change', take);
  const options = (all ?? []).slice(0, MOST).map((name) => el('option', {value: plain(name)}));
  return el('form', {class: 'user-field', onsubmit: (event) => { event.preventDefault(); take(); }}, input, el('datalist', {id: 'user-names'}, options));
}
