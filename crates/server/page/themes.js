// The switch between the system's colours, light and dark. theme.js sets what was chosen before anything is drawn.

import { icon } from './icons.js';
import { fill } from './ui.js';

const ORDER = ['system', 'light', 'dark'];
let redraw = () => {};

/** `system`, `light` or `dark`. */
export const chosen = () => document.documentElement.dataset.theme ?? 'system';

export function setTheme(name) {
  if (name === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  try {
    if (name === 'system') localStorage.removeItem('tidings.theme');
    else localStorage.setItem('tidings.theme', name);
  } catch { /* it lasts as long as the page then */ }
  redraw();
}

export function themeButton(button) {
  redraw = () => {
    fill(button, icon(chosen()));
    button.title = `Colours: ${chosen()}`;
    button.setAttribute('aria-label', `Colours: ${chosen()}. Change`);
  };
  button.addEventListener('click', () => setTheme(ORDER[(ORDER.indexOf(chosen()) + 1) % ORDER.length]));
  redraw();
}
