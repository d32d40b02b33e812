// The entries that are shown: asked for a page at a time, and how many have come since. What is asked for is question.js's.

import { at, get } from '/api.js';
import { matches, question } from './question.js';

const PAGE = 100;
/** Beyond so many new ones their number says nothing any more. */
const MANY = 999;

export class Log {
  entries = [];
  next = null;
  #asking = null;
  #fresh = new Set();

  constructor(signal) {
    this.signal = signal;
  }

  /** The newest that match, or those behind what is shown. A newer question ends an older one, which then throws an AbortError. */
  async load(asked, isMore) {
    this.#asking?.abort();
    const own = this.#asking = new AbortController();
    const page = await get(at(['deliveries'], {...question(asked), limit: PAGE, before: isMore ? this.next : undefined}), AbortSignal.any([this.signal, own.signal]));
    this.entries = isMore ? [...this.entries, ...page.entries] : page.entries;
    this.next = page.next ?? null;
    if (!isMore) this.#fresh.clear();
  }

  /** Takes note of an entry that has just come; whether it belongs to what is asked for. */
  note(asked, entry) {
    const isNew = matches(asked, entry) && entry.number > (this.entries[0]?.number ?? 0);
    if (isNew && this.#fresh.size <= MANY) this.#fresh.add(entry.number);
    return isNew;
  }

  /** How many have come since, in words; '' for none. */
  get fresh() {
    const {size} = this.#fresh;
    return size === 0 ? '' : size > MANY ? `more than ${MANY} new` : `${size} new`;
  }
}
