// Deliveries: the log of all that was decided and done, filtered, paged, exported, and what died sent again.

import { at, download, get } from '/api.js';
import { listen } from '/live.js';
import { again as reload, keep } from '/router.js';
import { action, el, empty, failure, fill, plural } from '/ui.js';
import { filters } from '/deliveries/filters.js';
import { matches, question, readQuery, toQuery } from '/deliveries/question.js';
import { rows } from '/deliveries/rows.js';

export const title = 'Deliveries';
export const styles = ['/deliveries.css'];

const PAGE = 100;

export async function show(root, {query}, {signal}) {
  let asked = readQuery(query);
  const log = rows();
  const state = {next: null, entries: [], asking: null};
  const note = el('p', {class: 'muted small', role: 'status', test: 'deliveries-note'});
  const older = action('Older entries', () => load(true), {test: 'deliveries-more', hidden: true});
  const fresh = el('button', {type: 'button', class: 'little primary', hidden: true, test: 'deliveries-new', onclick: () => load(false)});
  const clear = el('button', {type: 'button', class: 'plain little', test: 'filters-clear', onclick: () => { keep('deliveries'); reload(); }}, 'Clear the filters');
  const place = el('div', {class: 'card scroll', test: 'deliveries'});
  const form = filters(asked, (changed) => { asked = changed; keep('deliveries', '', toQuery(asked)); load(false); }, signal);
  const exported = (format) => action(format.toUpperCase(), () => download(at(['deliveries'], {...question(asked), format}), `tidings-log.${format}`), {class: 'little', test: `export-${format}`});
  fill(root, el('header', {class: 'head'}, el('h1', {}, 'Deliveries'), el('div', {class: 'end'}, el('span', {class: 'muted small'}, 'All that matches as'), exported('csv'), exported('ndjson'))),
    el('div', {class: 'stack'}, form, el('div', {class: 'row log-note'}, note, clear, fresh), place, el('div', {class: 'row log-older'}, older)));

  const load = async (isMore) => {
    state.asking?.abort();
    const own = state.asking = new AbortController();
    place.setAttribute('aria-busy', 'true');
    try {
      const page = await get(at(['deliveries'], {...question(asked), limit: PAGE, before: isMore ? state.next : undefined}), AbortSignal.any([signal, own.signal]));
      state.entries = isMore ? [...state.entries, ...page.entries] : page.entries;
      state.next = page.next;
      draw();
    } catch (error) {
      if (error.name === 'AbortError') return;
      fill(place, failure(error, () => load(isMore)));
    } finally {
      if (state.asking === own) place.removeAttribute('aria-busy');
    }
  };
  const draw = () => {
    const {entries, next} = state;
    waiting.clear();
    fresh.hidden = true;
    clear.hidden = Object.keys(toQuery(asked)).length === 0;
    older.hidden = next === null || next === undefined;
    fill(note, entries.length === 0 ? '' : `${plural(entries.length, 'entry', 'entries')}${older.hidden ? '' : ', and older ones'}`);
    if (entries.length === 0) fill(place, nothing(asked, () => { keep('deliveries'); reload(); }));
    else fill(place, log(entries));
  };
  const waiting = new Set();
  listen('entry', (entry) => {
    if (!matches(asked, entry) || entry.number <= (state.entries[0]?.number ?? 0)) return;
    waiting.add(entry.number);
    fresh.hidden = false;
    fill(fresh, waiting.size > 999 ? 'more than 999 new' : `${waiting.size} new`);
  }, signal);
  await load(false);
}

function nothing(asked, clear) {
  if (Object.keys(toQuery(asked)).length === 0) {
    return empty('The log is empty', 'Every decision and every attempt stands here once there is an event.', el('a', {class: 'button', href: '#/now'}, 'Send the first event'));
  }
  return empty('Nothing matches', 'No entry has all that was asked for.', el('button', {type: 'button', onclick: clear, test: 'filters-clear-empty'}, 'Show everything'));
}
