// How messages look: a heading for each day, a card for each thread, unread ones marked, long ones cut until they are opened.

import { keyed } from '/keyed.js';
import { href } from '/router.js';
import { action, badge, clock, el, empty, fill, said, span, when } from '/ui.js';

/** How much of a body is shown at first, in characters, and how many earlier messages of a thread. */
const SHORT = 280;
const LONG_TITLE = 140;
const EARLIER = 5;

/** The list of `messages`; `read(seqs)` when some are looked at, `more()` for older ones. */
export function messageList({messages, read, more}) {
  const list = el('div', {class: 'inbox-list', test: 'inbox-list'});
  const none = el('div', {class: 'card', hidden: true}, empty('Nothing here', 'What this person is told over the channels inbox and push appears here at once.',
    el('a', {class: 'button', href: '#/explain'}, 'Why was nobody told?'), el('a', {class: 'button', href: '#/now'}, 'Send an event')));
  const older = action('Older messages', more, {test: 'inbox-more'});
  const node = el('div', {class: 'stack'}, none, list, el('div', {class: 'row inbox-older'}, older));
  const draw = () => {
    const days = messages.days();
    none.hidden = days.length > 0;
    older.hidden = messages.next === null || messages.next === undefined;
    const flat = days.flatMap(({day, threads}) => [{day}, ...threads.map((thread) => ({thread}))]);
    keyed(list, flat, keyOf, (item) => (item.day ? heading(item) : card(item, read)));
  };
  return {node, draw};
}

const keyOf = ({day, thread}) => (day ? `day ${day}` : thread[0].incident ? `incident ${thread[0].incident}` : `message ${thread[0].seq}`);

const heading = ({day}) => ({node: el('h2', {class: 'inbox-day'}, day)});

function card(first, read) {
  let shown = '';
  let open = false;
  const node = el('article', {class: 'card message', test: 'inbox-message', 'data-item': true, tabindex: '0'});
  let thread = first.thread;
  const seqs = () => thread.map((message) => message.seq);
  const draw = () => {
    node.dataset.open = String(open);
    fill(node, inside(thread, open, toggle, () => read(seqs())));
  };
  const toggle = () => {
    open = !open;
    draw();
    // What was pressed is made anew, and keeps the focus.
    node.querySelector('[aria-expanded]')?.focus();
    read(seqs());
  };
  node.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && event.target === node) { read(seqs()); location.hash = href('explain', thread[0].id); }
  });
  node.addEventListener('click', (event) => { if (!event.target.closest('a, button') && !String(getSelection())) read(seqs()); });
  const update = (item) => {
    thread = item.thread;
    const state = thread.map((message) => `${message.seq}${message.read}`).join();
    node.dataset.unread = thread.some((message) => message.read === false);
    node.dataset.priority = thread[0].priority ?? '';
    if (state !== shown) { shown = state; draw(); }
  };
  return {node, update};
}

function inside(thread, open, toggle, read) {
  const [newest] = thread;
  const firing = thread.findLast((message) => message.kind === 'firing');
  const isOver = newest.kind === 'resolved';
  const tags = [isOver ? badge('resolved', 'good') : badge(newest.priority ?? newest.kind),
    isOver && firing && el('span', {class: 'muted small'}, `after ${span(newest.created_at - firing.created_at)}`)];
  return [
    el('div', {class: 'message-head'},
      newest.read === false && el('span', {class: 'unread-dot', role: 'img', 'aria-label': 'unread'}),
      tags, newest.agent_id && el('span', {class: 'muted small'}, said(newest.agent_id, 60)),
      el('span', {class: 'message-time muted small'}, when(newest.created_at, {as: 'clock'}))),
    el('h3', {}, el('a', {href: href('explain', newest.id), onclick: read, 'aria-description': 'Why was I told?'}, said(newest.title, 500))),
    bodyOf(newest, open, toggle),
    thread.length > 1 && el('ol', {class: 'earlier'}, thread.slice(1, 1 + EARLIER).map(earlier),
      thread.length > 1 + EARLIER && el('li', {class: 'muted small'}, `and ${thread.length - 1 - EARLIER} before`)),
  ];
}

/** The body, and what opens it where that or the title is cut. */
function bodyOf({title, body}, open, toggle) {
  const isLong = isCut(title, body);
  if (!body && !isLong) return null;
  return el('div', {class: 'message-body', 'data-open': String(open || !isLong)},
    body && el('p', {}, said(body, open || !isLong ? 16_000 : SHORT)),
    isLong && el('button', {type: 'button', class: 'plain little', 'aria-expanded': String(open), onclick: toggle, test: 'inbox-open'}, open ? 'Show less' : 'Show all'));
}

const isCut = (title, body) => (title ?? '').length > LONG_TITLE || (body ?? '').length > SHORT || (body ?? '').split('\n').length > 6;

const earlier = (message) => el('li', {class: 'small'}, el('span', {class: 'muted'}, clock(message.created_at)), ' ',
  badge(message.kind === 'resolved' ? 'resolved' : message.priority ?? 'firing', message.kind === 'resolved' ? 'good' : undefined), ' ',
  el('a', {href: href('explain', message.id)}, said(message.title, 160)));
