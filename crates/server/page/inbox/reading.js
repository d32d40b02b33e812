// Reading on in an inbox, and marking what was read: the daemon's word on how many are left counts. How messages look is list.js's.

import { at, get, post } from '/api.js';
import { toast } from '/ui.js';

const PAGE = 50;
/** To mark all as read: how many are asked for at once, and how often. No inbox keeps more. */
const LARGE = 500;
const PAGES = 40;

/** {older(), afresh(), read(seqs), readAll()} for the messages of a user; `draw` after every change. */
export function reading({user, messages, draw, signal}) {
  const page = (query) => get(at(['users', user, 'inbox'], query), signal);
  const older = async () => {
    const found = await page({limit: PAGE, before: messages.next});
    messages.add(found.messages);
    messages.next = found.next;
    messages.unread = found.unread;
    draw();
  };
  const mark = async (seqs) => {
    messages.markRead(seqs);
    draw();
    // Not ended with the view: who follows a message has read it.
    const left = await post(at(['users', user, 'inbox', 'read']), {seqs});
    messages.unread = left.unread;
    draw();
  };
  const read = (seqs) => {
    const fresh = seqs.filter((seq) => messages.isUnread(seq)).slice(0, LARGE);
    return fresh.length === 0 ? undefined : mark(fresh).catch((error) => toast(error.message, 'bad'));
  };
  // What is further back is marked without being shown.
  const readAll = async () => {
    let before;
    for (let count = 0; count < PAGES && messages.unread > 0; count += 1) {
      const found = await page({limit: LARGE, before});
      const seqs = found.messages.filter((message) => message.read === false).map((message) => message.seq);
      if (seqs.length > 0) await mark(seqs);
      if (!found.next) return;
      before = found.next;
    }
  };
  const afresh = () => { messages.clear(); return older(); };
  return {older, afresh, read, readAll};
}
