// Inbox: what one person was told, as it comes, with what belongs to one incident together.

import { key } from '/api.js';
import { messageList } from '/inbox/list.js';
import { Messages } from '/inbox/messages.js';
import { reading } from '/inbox/reading.js';
import { names, userField, whom } from '/people.js';
import { follow } from '/push.js';
import { again, go } from '/router.js';
import { action, el, empty, failure, fill, number, toast } from '/ui.js';

export const title = 'Inbox';
export const styles = ['/inbox.css'];

/** How often messages that come are drawn at most, in milliseconds. */
const PACE = 100;
const WORDS = {live: 'live', again: 'reconnecting…', refused: 'not allowed'};

export async function show(root, {arg}, {signal}) {
  const all = await names(signal);
  const user = whom(arg, all);
  const body = el('div', {class: 'stack'});
  const parts = {
    state: el('span', {class: 'inbox-state small muted', role: 'status', test: 'inbox-state', 'data-state': 'again'}, el('span', {class: 'dot', 'aria-hidden': 'true'}), el('span', {}, WORDS.again)),
    unread: el('span', {class: 'badge', 'data-tone': 'accent', test: 'inbox-unread', hidden: true}),
    readAll: action('Mark all as read', () => inbox?.readAll(), {class: 'little', test: 'inbox-read-all', disabled: true}),
  };
  fill(root, el('header', {class: 'head'}, el('h1', {}, 'Inbox'), parts.unread, user && parts.state,
    el('div', {class: 'end'}, parts.readAll, userField(user, all, (name) => go('inbox', name)))), body);
  const inbox = user ? open(user, parts, body, signal) : null;
  if (inbox) await begin(user, inbox, {body, state: parts.state, signal, acks: isOwn(user, all)});
  else fill(body, nobody(all === null));
}

/** Whether who looks is who was told: a person's key knows of that person alone. What an operator sees, nobody was told by it. */
const isOwn = (user, all) => !key() || all === null || (all.length === 1 && all[0] === user);

const nobody = (isUnknown) => el('div', {class: 'card'}, empty('Whose inbox?', isUnknown ? 'Type your name above.'
  : `There is no user${key() ? ' that this key may know of' : ' yet'}. Put one under \`users:\` in tidings.yaml, or type a name above.`));

/** One user's messages, in their list. */
function open(user, parts, body, signal) {
  const messages = new Messages();
  const draw = () => {
    if (signal.aborted) return;
    list.draw();
    parts.unread.hidden = messages.unread === 0;
    fill(parts.unread, `${number(messages.unread)} unread`);
    parts.readAll.disabled = messages.unread === 0;
    document.title = `${messages.unread > 0 ? `(${messages.unread}) ` : ''}Inbox · Tidings`;
  };
  const own = reading({user, messages, draw, signal});
  const list = messageList({messages, read: own.read, more: own.older});
  let timer;
  signal.addEventListener('abort', () => clearTimeout(timer));
  // Many may come at once: they are drawn together.
  const drawSoon = () => { timer ??= setTimeout(() => { timer = undefined; draw(); }, PACE); };
  fill(body, list.node);
  return {...own, messages, drawSoon};
}

/** First what is kept, then what comes: nothing falls between, since the socket resumes behind the newest that is kept. */
async function begin(user, inbox, {body, state, signal, acks}) {
  const turned = (to, error) => {
    state.dataset.state = to;
    fill(state.lastChild, WORDS[to]);
    if (error) state.title = error.message;
  };
  try {
    await inbox.older();
  } catch (error) {
    if (signal.aborted) return;
    if (error.status === 403) turned('refused', error);
    fill(body, failure(error, again));
    return;
  }
  follow(user, {
    since: inbox.messages.position() ?? '0',
    acks,
    signal,
    told: (message) => { inbox.messages.arrived(message); inbox.drawSoon(); },
    lost: () => {
      toast('Some messages are not kept any more, and are missing here.', 'bad');
      inbox.afresh().catch((error) => { if (!signal.aborted) toast(error.message, 'bad'); });
    },
    turned,
  });
}
