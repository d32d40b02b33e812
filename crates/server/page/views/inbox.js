// Inbox: what one person was told, as it comes, with what belongs to one incident together.

import { at, get, key, post } from '/api.js';
import { follow } from '/push.js';
import { names, userField, whom } from '/people.js';
import { again, go } from '/router.js';
import { action, el, empty, failure, fill, number, toast } from '/ui.js';
import { Messages } from '/inbox/messages.js';
import { messageList } from '/inbox/list.js';

export const title = 'Inbox';
export const styles = ['/inbox.css'];

const PAGE = 50;
const WORDS = {live: 'live', again: 'reconnecting…', refused: 'not allowed'};

export async function show(root, {arg}, {signal}) {
  const all = await names(signal);
  const user = whom(arg, all);
  const state = el('span', {class: 'inbox-state small muted', role: 'status', test: 'inbox-state', 'data-state': 'again'}, el('span', {class: 'dot', 'aria-hidden': 'true'}), el('span', {}, WORDS.again));
  const unread = el('span', {class: 'badge', 'data-tone': 'accent', test: 'inbox-unread', hidden: true});
  const readAll = action('Mark all as read', () => markAll(), {class: 'little', test: 'inbox-read-all', disabled: true});
  const head = el('header', {class: 'head'}, el('h1', {}, 'Inbox'), unread, user && state,
    el('div', {class: 'end'}, readAll, userField(user, all, (name) => go('inbox', name))));
  const body = el('div', {class: 'stack'});
  fill(root, head, body);
  if (!user) {
    fill(body, el('div', {class: 'card'}, empty('Whose inbox?', all === null ? 'Type your name above.' : 'There is no user yet. Put one under `users:` in tidings.yaml, or type a name above.')));
    return;
  }
  const messages = new Messages();
  const list = messageList({messages, read: (seqs) => read(seqs), more: () => older()});
  fill(body, list.node);

  const draw = () => {
    list.draw();
    const count = messages.unread();
    unread.hidden = count === 0;
    fill(unread, `${number(count)} unread`);
    readAll.disabled = count === 0;
    document.title = `${count > 0 ? `(${count}) ` : ''}Inbox · Tidings`;
  };
  const read = async (seqs) => {
    const fresh = seqs.filter((seq) => messages.isUnread(seq));
    if (fresh.length === 0) return;
    messages.markRead(fresh);
    draw();
    await post(at(['users', user, 'inbox', 'read']), {seqs: fresh}).catch((error) => toast(error.message, 'bad'));
  };
  const markAll = () => read(messages.unreadSeqs());
  const older = async () => {
    const page = await get(at(['users', user, 'inbox'], {limit: PAGE, before: messages.next}), signal);
    messages.add(page.messages);
    messages.next = page.next;
    draw();
  };
  await begin({user, messages, older, body, draw, state, signal, acks: !key() || all === null});
}

/** First what is kept, then what comes: nothing falls between, since the socket resumes behind the newest that is kept. */
async function begin(view) {
  const {user, messages, older, body, draw, state, signal, acks} = view;
  try {
    await older();
  } catch (error) {
    if (!signal.aborted) fill(body, failure(error, again));
    return;
  }
  follow(user, {
    since: messages.position() ?? '0',
    acks,
    signal,
    kept: (position) => remember(user, position),
    lost: () => toast('Some messages are not kept any more, and are missing here.', 'bad'),
    told: (message) => { messages.add([message]); draw(); },
    turned: (to, error) => {
      state.dataset.state = to;
      fill(state.lastChild, WORDS[to]);
      if (error) state.title = error.message;
    },
  });
}

/** Where this browser was, for whoever looks into it. */
function remember(user, position) {
  try { localStorage.setItem(`tidings.inbox.${user}`, position); } catch { /* the list itself is kept by the daemon */ }
}
