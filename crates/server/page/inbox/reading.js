// Reading on in an inbox, and marking what was read: the daemon's word on how many are left counts. How messages look is list.js's.

import { at, get, post } from '/api.js';
import { toast } from '/ui.js';

const PAGE = 50;
/** To mark all as read: how many are asked for at once, at most marked at once, and how often. */
const LARGE = 500;
const MARKED = 1000;
const PAGES = 40;

/** {older(), afresh(), read(seqs), readAll()} for the messages of a user; `draw` after every change. */
export function reading({user, messages, draw, signal}) {
  const older = async (limit = PAGE) => {
    const page = await get(at(['users', user, 'inbox'], {limit, before: messages.next}), signal);
    messages.add(page.messages);
    messages.next = page.next;
    messages.unread = page.unread;
    draw();
  };
  const read = async (seqs) => {
    const fresh = seqs.filter((seq) => messages.isUnread(seq)).slice(0, MARKED);
    if (fresh.length === 0) return;
    messages.markRead(fresh);
    draw();
    const left = await post(at(['users', user, 'inbox', 'read']), {seqs: fresh}).catch((error) => toast(error.message, 'bad'));
    if (typeof left?.unread === 'number') { messages.unread = left.unread; draw(); }
  };
  const readAll = async () => {
    for (let page = 0; page < PAGES && messages.unread > 0; page += 1) {
      const seqs = messages.unreadSeqs();
      if (seqs.length > 0) await read(seqs);
      else if (messages.next) await older(LARGE);
      else return;
    }
  };
  const afresh = () => { messages.clear(); return older(); };
  return {older: () => older(), afresh, read, readAll};
}
