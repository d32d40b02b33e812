// The log as a table: what happened, to what, and where its story is told.

import { href } from '/router.js';
import { badge, el, isToday, said, table, when } from '/ui.js';
import { detail, stepTone, stepWord, storyOf } from '/words.js';
import { retryButton } from '/explain/delivery.js';

/** What a person may send again. */
const DEAD = ['dead', 'expired'];

const name = (text) => (text ? said(text, 80) : '');

const COLUMNS = [
  {name: 'Time', cell: ({at}) => when(at, {as: isToday(at) ? 'clock' : 'short'})},
  {name: 'What', cell: (entry) => el('span', {class: 'log-what'}, badge(stepWord(entry.step), stepTone(entry.step), {test: 'deliveries-step'}), entry.attempt > 1 && el('span', {class: 'muted small'}, `attempt ${entry.attempt}`))},
  {name: 'Rule', cell: ({rule, agent}) => [name(rule), agent && el('span', {class: 'muted small log-second'}, name(agent))]},
  {name: 'To', cell: ({user, endpoint}) => [name(user), endpoint && el('span', {class: 'muted small log-second'}, 'on ', name(endpoint))]},
  {name: 'Details', cell: (entry) => el('span', {class: 'small'}, said(detail(entry), 220))},
  {name: 'Actions', cell: (entry) => actions(entry)},
];

function actions(entry) {
  const id = storyOf(entry);
  return el('span', {class: 'row log-actions'}, DEAD.includes(entry.step) && entry.delivery && retryButton(entry.delivery),
    id && el('a', {class: 'log-explain', href: href('explain', id), test: 'deliveries-explain'}, 'Explain'));
}

/** The table of these entries. */
export const entryTable = (entries) => table(COLUMNS, entries, {test: 'deliveries-row', caption: 'The log, newest first', row: (entry) => ({
  'data-item': true, tabindex: '-1', 'data-step': entry.step, 'data-number': entry.number,
  onkeydown: (event) => {
    const id = storyOf(entry);
    if (event.key === 'Enter' && event.target === event.currentTarget && id) location.hash = href('explain', id);
  },
})});
