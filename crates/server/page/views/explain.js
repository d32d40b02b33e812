// Explain: the whole way of an event, a notification or a delivery, and why somebody was told or was not.

import { at, get, text } from '/api.js';
import { listen } from '/live.js';
import { again, go, href } from '/router.js';
import { action, badge, debounce, el, empty, failure, fill, said, when } from '/ui.js';
import { inShort } from '/explain/short.js';
import { timeline } from '/explain/timeline.js';

export const title = 'Explain';
export const styles = ['/explain.css'];

export async function show(root, {arg}, {signal}) {
  const body = el('div', {class: 'stack', test: 'explain-body'});
  fill(root, el('header', {class: 'head'}, el('h1', {}, 'Explain'),
    el('p', {}, 'Why somebody was told, and why not. An event, a notification or a delivery, by its id.')), searchBox(arg), body);
  if (!arg) return recent(body, signal);
  let shown = null;
  const load = async () => {
    try {
      const told = await get(at(['explain', arg]), signal);
      const now = JSON.stringify(told);
      if (now !== shown) { shown = now; fill(body, explanation(told, arg, signal)); }
      return told;
    } catch (error) {
      if (signal.aborted) return null;
      if (error.status === 404) fill(body, unknown(arg));
      else fill(body, failure(error, again));
      return null;
    }
  };
  const told = await load();
  if (told) follow(told, arg, debounce(load, 400, signal), signal);
}

function searchBox(id) {
  const input = el('input', {type: 'search', value: id, test: 'explain-search', class: 'mono', placeholder: 'id of an event, a notification or a delivery', 'aria-label': 'Id', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none'});
  return el('form', {class: 'explain-search', role: 'search', onsubmit: (event) => {
    event.preventDefault();
    const wanted = input.value.trim();
    if (wanted === id) again();
    else if (wanted) go('explain', wanted);
  }}, input, el('button', {type: 'submit', class: 'primary', test: 'explain-go'}, 'Explain'));
}

/** What is under way is told anew when something happens to it. */
function follow(told, id, load, signal) {
  const ids = new Set([id, told.event?.id, ...told.notifications.map((one) => one.id)].filter(Boolean));
  listen('entry', (entry) => {
    if ([entry.event, entry.notification, entry.delivery].some((one) => ids.has(one))) load();
  }, signal);
}

const unknown = (id) => el('div', {class: 'card'}, empty('Nothing is known of this id',
  'The store knows no event, notification or delivery of it. It may be older than what is kept, or belong to another daemon.',
  el('a', {class: 'button', href: href('deliveries')}, 'Look into the log')), el('p', {class: 'empty-id mono'}, said(id, 200)));

function explanation(told, id, signal) {
  const raw = el('div', {class: 'body', hidden: true});
  const shows = (label, test, load) => action(label, async () => {
    const content = await load();
    raw.hidden = false;
    fill(raw, el('pre', {class: 'json', tabindex: '0', test: 'explain-raw'}, content));
    raw.scrollIntoView({block: 'nearest'});
  }, {class: 'little', test});
  return [
    inShort(told),
    timeline(told),
    el('section', {class: 'card', 'aria-label': 'The same for machines and terminals'},
      el('header', {}, el('span', {class: 'muted'}, 'The same as text and as JSON'), el('div', {class: 'row'},
        shows('Text', 'explain-text', () => text(at(['explain', id], {format: 'text'}), signal)),
        shows('JSON', 'explain-json', () => JSON.stringify(told, null, 2)))), raw),
  ];
}

/** Without an id: what came last, to choose from. */
async function recent(body, signal) {
  const {events} = await get(at(['events'], {limit: 30}), signal);
  if (events.length === 0) {
    fill(body, el('div', {class: 'card'}, empty('No event is kept', 'Once there is one, its whole way is told here.', el('a', {class: 'button', href: href('now')}, 'Send the first'))));
    return;
  }
  const row = (event) => el('li', {}, el('a', {class: 'pick', href: href('explain', event.id), 'data-item': true, test: 'explain-pick'},
    badge(event.severity), el('span', {class: 'pick-what'}, el('span', {class: 'strong'}, said(event.event_type, 100)), event.agent && [' of ', said(event.agent, 80)]),
    el('span', {class: 'muted small'}, when(event.at))));
  fill(body, el('section', {class: 'card', 'aria-labelledby': 'recent-title'}, el('header', {}, el('h2', {id: 'recent-title'}, 'The latest events')), el('ul', {class: 'picks'}, events.map(row))));
}
