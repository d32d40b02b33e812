// What happens this moment: events and decisions, newest first. It waits while somebody reads in it.

import { at, get } from '/api.js';
import { listen } from '/live.js';
import { href } from '/router.js';
import { badge, el, failure, fill, number, said, when } from '/ui.js';
import { detail, stepTone, stepWord, storyOf } from '/words.js';

/** How many rows are kept, and how often they are drawn at most, in milliseconds. */
const ROWS = 80;
const PACE = 200;
const FILTERS = [['all', 'All'], ['event', 'Events'], ['entry', 'Decisions']];

const about = (entry) => [
  entry.rule && ['rule ', said(entry.rule, 60)], entry.user && ['to ', said(entry.user, 60)],
  entry.endpoint && ['on ', said(entry.endpoint, 40)], !entry.rule && entry.agent && ['of ', said(entry.agent, 60)],
].filter(Boolean).flatMap((part) => [' ', part]);

function ofEntry(entry) {
  const id = storyOf(entry);
  const more = detail(entry);
  const inner = [when(entry.at, {as: 'clock'}), el('span', {class: 'feed-what'}, badge(stepWord(entry.step), stepTone(entry.step)), about(entry),
    more && el('span', {class: 'feed-more muted'}, said(more, 160)))];
  return row('entry', entry, id, inner);
}

function ofEvent(event) {
  const inner = [when(event.at, {as: 'clock'}), el('span', {class: 'feed-what'}, badge(event.severity), ' ', el('span', {class: 'strong'}, said(event.event_type, 80)),
    event.agent && [' of ', said(event.agent, 60)], event.user && [' for ', said(event.user, 60)])];
  return row('event', event, event.id, inner);
}

function row(kind, value, id, inner) {
  const props = {class: 'feed-row', 'data-kind': kind, test: `feed-${kind}`};
  const node = id ? el('a', {...props, href: href('explain', id), 'data-item': true}, inner) : el('div', props, inner);
  return {kind, key: `${kind} ${value.number} ${value.at}`, at: value.at, number: value.number, node};
}

const newer = (a, b) => b.at - a.at || (a.kind === b.kind ? b.number - a.number : a.kind === 'entry' ? -1 : 1);

export function feedCard(signal) {
  const list = el('div', {class: 'feed', role: 'log', 'aria-live': 'off', 'aria-labelledby': 'feed-title', tabindex: '0', 'data-show': 'all', test: 'feed'});
  const held = el('button', {type: 'button', class: 'little primary feed-held', hidden: true, test: 'feed-held'});
  const none = el('p', {class: 'calm'}, 'What happens from now on is shown here.');
  const choose = FILTERS.map(([name, word]) => el('button', {type: 'button', class: 'little', 'aria-pressed': String(name === 'all'), test: `feed-show-${name}`, onclick: (event) => {
    list.dataset.show = name;
    for (const one of event.target.parentNode.children) one.setAttribute('aria-pressed', String(one === event.target));
  }}, word));
  const node = el('section', {class: 'card feed-card', 'aria-labelledby': 'feed-title'},
    el('header', {}, el('h2', {id: 'feed-title'}, 'Latest'), el('div', {class: 'switch', role: 'group', 'aria-label': 'Show'}, choose)), held, none, list);
  const {take, draw, clear} = rows(list, held, none);
  let timer;
  const add = (one) => { take(one); timer ??= setTimeout(() => { timer = undefined; draw(); }, PACE); };
  held.addEventListener('click', () => { list.scrollTop = 0; list.blur(); draw(true); });
  list.addEventListener('scroll', () => { if (list.scrollTop < 4) draw(); }, {passive: true});
  listen('event', (event) => add(ofEvent(event)), signal);
  listen('entry', (entry) => add(ofEntry(entry)), signal);
  signal.addEventListener('abort', () => clearTimeout(timer));
  const anew = () => { clear(); return begin(list, none, take, draw, signal); };
  return {node, begin: anew};
}

async function begin(list, none, take, draw, signal) {
  try {
    const [events, log] = await Promise.all([get(at(['events'], {limit: 40}), signal), get(at(['deliveries'], {limit: 40}), signal)]);
    events.events.forEach((event) => take(ofEvent(event)));
    log.entries.forEach((entry) => take(ofEntry(entry)));
    draw(true);
  } catch (error) {
    if (!signal.aborted) fill(none, failure(error, () => begin(list, none, take, draw, signal)));
  }
}

/** The rows that are shown and those that wait to be. */
function rows(list, held, none) {
  const known = new Map();
  let waiting = [];
  const take = (one) => {
    if (known.has(one.key)) return;
    known.set(one.key, one);
    waiting.push(one);
    // In a flood, only what will be shown is kept.
    if (waiting.length > 4 * ROWS) for (const old of waiting.splice(0, waiting.length - ROWS)) known.delete(old.key);
  };
  const draw = (now = false) => {
    const isRead = list.scrollTop > 4 || list.contains(document.activeElement) && document.activeElement !== list;
    if (isRead && !now) {
      held.hidden = waiting.length === 0;
      fill(held, `${number(waiting.length)} new`);
      return;
    }
    waiting = [];
    held.hidden = true;
    const shown = [...known.values()].sort(newer);
    for (const old of shown.splice(ROWS)) { known.delete(old.key); old.node.remove(); }
    none.hidden = shown.length > 0;
    let place = list.firstChild;
    for (const one of shown) {
      if (one.node === place) place = place.nextSibling;
      else list.insertBefore(one.node, place);
    }
  };
  const clear = () => {
    known.clear();
    waiting = [];
    list.replaceChildren();
  };
  return {take, draw, clear};
}
