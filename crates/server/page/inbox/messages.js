// The messages of one inbox: each once, newest first, those of one incident together. How they look is list.js's.

import { day } from '/ui.js';

/** So many that came by themselves are kept beside what was asked for. */
const KEPT = 300;

export class Messages {
  #all = new Map();
  #most = KEPT;
  /** What to ask for next, further back; `undefined` for the newest, `null` at the end. */
  next;
  /** How many are unread, those further back included. */
  unread = 0;

  add(messages) {
    this.#put(messages);
    this.#most = this.#all.size + KEPT;
  }

  #put(messages) {
    for (const message of messages) this.#all.set(message.seq, {...this.#all.get(message.seq), ...message});
  }

  /** Forgets all: the numbers may begin anew. */
  clear() {
    this.#all.clear();
    this.#most = KEPT;
    this.next = undefined;
    this.unread = 0;
  }

  /** One that has just come, or comes again. */
  arrived(message) {
    if (!this.#all.has(message.seq) && message.read === false) this.unread += 1;
    this.#put([message]);
    if (this.#all.size > this.#most) this.#forget();
  }

  /** The oldest go; they can be asked for again. */
  #forget() {
    const kept = this.sorted().slice(0, KEPT);
    this.#all = new Map(kept.map((message) => [message.seq, message]));
    this.#most = KEPT;
    this.next = kept.at(-1).seq;
  }

  sorted() {
    return [...this.#all.values()].sort((a, b) => b.seq - a.seq);
  }

  /** Where to resume from. */
  position() {
    return this.sorted().find((message) => message.position !== undefined)?.position;
  }

  isUnread(seq) {
    return this.#all.get(seq)?.read === false;
  }

  unreadSeqs() {
    return this.sorted().filter((message) => message.read === false).map((message) => message.seq);
  }

  markRead(seqs) {
    for (const seq of seqs) {
      if (!this.isUnread(seq)) continue;
      this.#all.get(seq).read = true;
      this.unread = Math.max(0, this.unread - 1);
    }
  }

  /** Days with their threads: [{day, threads: [[newest, …, oldest]]}]. A thread stands where its newest message does. */
  days() {
    const threads = new Map();
    for (const message of this.sorted()) {
      const key = message.incident ? `incident ${message.incident}` : `message ${message.seq}`;
      if (!threads.has(key)) threads.set(key, []);
      threads.get(key).push(message);
    }
    const days = new Map();
    for (const thread of threads.values()) {
      const name = day(thread[0].created_at);
      if (!days.has(name)) days.set(name, []);
      days.get(name).push(thread);
    }
    return [...days].map(([name, own]) => ({day: name, threads: own}));
  }
}
