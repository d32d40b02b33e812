// Puts the page together: navigation, the view that the address names, the state of the connection. What a view shows is its own.

import { mayAsk } from './api.js';
import { icon } from './icons.js';
import { bindKeys, showKeys } from './keyboard.js';
import * as live from './live.js';
import { VIEWS, start } from './router.js';
import { chosen, setTheme, themeButton } from './themes.js';
import { ask, el, fill, plain } from './ui.js';

const WORDS = {live: 'live', again: 'reconnecting…', off: 'paused', refused: 'no key for live'};
/** What has no place at the bottom of a phone. */
const LESS = ['rules', 'preferences', 'channels'];

const link = (name) => el('a', {href: `#/${name}`, 'data-view': name, test: `nav-${name}`, class: LESS.includes(name) && 'less'},
  icon(name), el('span', {}, VIEWS[name].word));

function showMore() {
  const close = () => document.querySelector('dialog[open]')?.close('');
  const links = LESS.map((name) => el('a', {href: `#/${name}`, class: 'button', onclick: close, test: `more-${name}`}, icon(name), VIEWS[name].word));
  const themes = ['system', 'light', 'dark'].map((name) =>
    el('button', {type: 'button', 'aria-pressed': String(name === chosen()), onclick: () => { setTheme(name); close(); }}, icon(name), `Colours: ${name}`));
  ask('More', el('div', {class: 'menu'}, links, themes), {test: 'more-dialog', buttons: [{label: 'Close', value: 'close'}]});
}

function marked(name) {
  for (const node of document.querySelectorAll('#nav [data-view]')) {
    if (node.dataset.view === name) node.setAttribute('aria-current', 'page');
    else node.removeAttribute('aria-current');
  }
  document.title = plain(`${VIEWS[name]?.word ?? 'Not found'} · Tidings`);
}

function watchConnection() {
  const button = document.getElementById('live');
  const word = document.getElementById('live-word');
  button.addEventListener('click', () => { mayAsk(); live.retry(); });
  live.watch((state) => {
    button.dataset.state = state;
    fill(word, WORDS[state]);
    button.title = state === 'live' ? 'What happens is shown at once' : 'Click to try at once';
  });
}

fill(document.getElementById('nav'), Object.keys(VIEWS).map(link),
  el('button', {type: 'button', class: 'more', onclick: showMore, test: 'nav-more', 'aria-haspopup': 'dialog'}, icon('more'), el('span', {}, 'More')));
document.getElementById('skip').addEventListener('click', (event) => {
  event.preventDefault();
  document.getElementById('main').focus();
});
document.getElementById('help').addEventListener('click', showKeys);
themeButton(document.getElementById('theme'));
bindKeys();
watchConnection();
live.begin();
start(document.getElementById('main'), marked);
