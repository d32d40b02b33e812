// Deliveries: the log of all that was decided and done, filtered, paged, exported, and what died sent again.

import { at, download } from '/api.js';
import { filters } from '/deliveries/filters.js';
import { Log } from '/deliveries/log.js';
import { question, readQuery, toQuery } from '/deliveries/question.js';
import { entryTable } from '/deliveries/rows.js';
import { listen } from '/live.js';
import { again, keep } from '/router.js';
import { action, el, empty, failure, fill, plural } from '/ui.js';

export const title = 'Deliveries';
export const styles = ['/deliveries.css'];

export async function show(root, {query}, {signal}) {
  let asked = readQuery(query);
  const log = new Log(signal);
  const parts = partsOf(() => load(true), () => load(false));
  const load = async (isMore) => {
    parts.place.setAttribute('aria-busy', 'true');
    try {
      await log.load(asked, isMore);
      draw(parts, log, asked);
    } catch (error) {
      if (error.name === 'AbortError') return;
      fill(parts.place, failure(error, () => load(isMore)));
    }
    parts.place.removeAttribute('aria-busy');
  };
  const form = filters(asked, (changed) => { asked = changed; keep('deliveries', '', toQuery(asked)); load(false); }, signal);
  const exported = (format) => action(format.toUpperCase(), () => download(at(['deliveries'], {...question(asked), format}), `tidings-log.${format}`), {class: 'little', test: `export-${format}`});
  fill(root, el('header', {class: 'head'}, el('h1', {}, 'Deliveries'), el('div', {class: 'end'}, el('span', {class: 'muted small'}, 'All that matches as'), exported('csv'), exported('ndjson'))),
    el('div', {class: 'stack'}, form, el('div', {class: 'row log-note'}, parts.note, parts.clear, parts.fresh), parts.place, el('div', {class: 'row log-older'}, parts.older)));
  listen('entry', (entry) => { if (log.note(asked, entry)) sayFresh(parts, log); }, signal);
  listen('reset', () => load(false), signal);
  await load(false);
}

const everything = () => { keep('deliveries'); again(); };

const partsOf = (more, anew) => ({
  note: el('p', {class: 'muted small', role: 'status', test: 'deliveries-note'}),
  clear: el('button', {type: 'button', class: 'plain little', test: 'filters-clear', hidden: true, onclick: everything}, 'Clear the filters'),
  fresh: el('button', {type: 'button', class: 'little primary', hidden: true, test: 'deliveries-new', onclick: anew}),
  place: el('div', {class: 'card scroll', test: 'deliveries'}),
  older: action('Older entries', more, {test: 'deliveries-more', hidden: true}),
});

function sayFresh(parts, log) {
  parts.fresh.hidden = log.fresh === '';
  fill(parts.fresh, log.fresh);
}

function draw(parts, log, asked) {
  const isAsked = Object.keys(toQuery(asked)).length > 0;
  sayFresh(parts, log);
  parts.clear.hidden = !isAsked;
  parts.older.hidden = log.next === null;
  fill(parts.note, log.entries.length > 0 && [plural(log.entries.length, 'entry', 'entries'), log.next !== null && ', and older ones']);
  fill(parts.place, log.entries.length > 0 ? entryTable(log.entries) : nothing(isAsked));
}

function nothing(isAsked) {
  if (!isAsked) return empty('The log is empty', 'Every decision and every attempt stands here once there is an event.', el('a', {class: 'button', href: '#/now'}, 'Send the first event'));
  return empty('Nothing matches', 'No entry has all that was asked for.', el('button', {type: 'button', onclick: everything, test: 'filters-clear-empty'}, 'Show everything'));
}
