// What a backtest found, to be seen: numbers now against then, bars by person and by hour, examples. What is counted is the daemon's knowledge.

import { clock, day, el, empty, number, plural, said, stamp, when } from '../ui.js';
import { href } from '../router.js';
import { moment, readBacktest } from './tally.js';

/** The answer of a backtest of a rule, as a whole. */
export function results(answer, rule) {
  const read = readBacktest(answer, rule);
  if (read.events === 0) {
    return empty('No events in these hours', 'Take more hours, or let agents send something first.');
  }
  return el('div', {class: 'stack', test: 'lab-results'},
    el('p', {class: 'muted small'}, `${plural(read.events, 'event')}, ${stamp(read.from)} to ${stamp(read.until)}. Nothing was sent.`),
    read.cut && el('p', {class: 'notice', 'data-tone': 'warn', test: 'lab-cut'},
      typeof read.cut === 'string' ? said(read.cut) : 'Not all of it was counted: the hours hold more than a backtest may read.'),
    comparison([...read.totals, read.everybody]),
    el('div', {class: 'charts'}, byHour(read.hours, read.step), byUser(read.users)),
    onlyOne('No longer told', 'lab-only-now', read.onlyNow), onlyOne('Newly told', 'lab-only-then', read.onlyThen),
    examples(read.examples));
}

function comparison(rows) {
  const line = (row) => el('tr', {test: `lab-total-${row.key ?? 'all'}`},
    el('th', {scope: 'row', title: row.help}, row.label),
    el('td', {class: 'number'}, number(row.now)), el('td', {class: 'number strong'}, number(row.then)), change(row));
  return el('table', {class: 'comparison'}, el('caption', {class: 'unseen'}, 'What was told, and what this rule would have told'),
    el('thead', {}, el('tr', {}, el('th', {}, el('span', {class: 'unseen'}, 'What')),
      ['now', 'then', 'difference'].map((word) => el('th', {class: 'number', scope: 'col'}, word)))),
    el('tbody', {}, rows.map(line)));
}

function change({now, then}) {
  const difference = then - now;
  const text = difference === 0 ? 'same' : `${difference > 0 ? '+' : '−'}${number(Math.abs(difference))}`;
  return el('td', {class: `number ${difference === 0 ? 'muted' : 'strong'}`}, text);
}

function byUser(users) {
  if (users.length === 0) return null;
  const most = Math.max(...users.flatMap((one) => [one.now, one.then]), 1);
  const bar = (kind, count) => el('span', {class: `bar-line ${kind}`, vars: {'--share': count / most}}, el('i', {}), el('span', {}, number(count)));
  return el('figure', {class: 'chart', test: 'lab-users'}, el('figcaption', {}, 'Told by person, all rules'),
    el('ul', {class: 'people'}, users.slice(0, 20).map((one) => el('li', {}, said(one.name, 60), bar('now', one.now), bar('then', one.then)))),
    users.length > 20 && el('p', {class: 'muted small'}, `and ${number(users.length - 20)} more`), legend());
}

function byHour(hours, step) {
  if (hours.length === 0) return null;
  const most = Math.max(...hours.flatMap((one) => [one.now, one.then]), 1);
  const [now, then] = ['now', 'then'].map((kind) => hours.reduce((sum, one) => sum + one[kind], 0));
  const bars = hours.map((one) => el('span', {class: 'hour', title: `${hourOf(one)}: now ${one.now}, then ${one.then}`},
    el('i', {class: 'now', vars: {'--share': one.now / most}}), el('i', {class: 'then', vars: {'--share': one.then / most}})));
  const picture = el('div', {class: 'hours', role: 'img', 'aria-label': `Messages by hour: ${now} now, ${then} then, at most ${most} in one bar`},
    bars);
  const last = hours.at(-1);
  return el('figure', {class: 'chart', test: 'lab-hours'}, el('figcaption', {},
    `Told by ${STEPS[step] ?? `${step} hours`}, all rules`, el('span', {class: 'muted'}, `at most ${number(most)}`)), picture,
    el('p', {class: 'axis'}, el('span', {}, hourOf(hours[0])), hours.length > 1 && el('span', {}, hourOf(last))), legend());
}

const STEPS = {1: 'hour', 24: 'day'};

function hourOf(one) {
  const at = moment(one.name);
  return `${day(at).replace(/ \d{4}$/, '')}, ${clock(at).slice(0, 5)}`;
}

const legend = () => el('p', {class: 'legend'}, el('span', {class: 'now'}, 'now'), el('span', {class: 'then'}, 'then'));

/** What only one side tells, with whom. */
function onlyOne(heading, test, {count, first}) {
  if (count === 0) return null;
  return el('section', {test}, el('h3', {}, `${heading}: ${number(count)}`),
    el('ul', {class: 'examples'}, first.map((one) => el('li', {},
      when(typeof one.at === 'number' ? one.at : Date.parse(one.at) / 1000, {as: 'stamp'}),
      el('span', {class: 'muted'}, said(one.user, 60)), said(one.title, 160, {class: 'grow'}), said(one.rule, 60, {class: 'muted'})))),
    count > first.length && el('p', {class: 'muted small'}, `and ${number(count - first.length)} more`));
}

function examples(list) {
  if (list.length === 0) return el('p', {class: 'muted'}, 'This rule would have told nobody anything.');
  return el('section', {}, el('h3', {}, 'What this rule would have told'),
    el('ul', {class: 'examples', test: 'lab-examples'}, list.slice(0, 50).map((one) => el('li', {},
    when(one.at, {as: 'stamp'}), el('span', {class: 'muted'}, said(one.user, 60)), said(one.title, 160, {class: 'grow'}),
    one.event && el('a', {href: href('explain', String(one.event)), test: 'lab-explain'}, 'explain')))));
}
