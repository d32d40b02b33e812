// The last hour in numbers: what came in, what rules made of it, who was told.

import { say } from '/keyed.js';
import { href } from '/router.js';
import { el, number } from '/ui.js';
import { SETS } from '/words.js';

const COUNTERS = [
  {name: 'events', word: 'Events', hint: 'accepted', of: (now) => now.last_hour.events, query: null},
  {name: 'rules', word: 'Rules', hint: 'in force', of: (now) => rules(now), query: {step: 'fired'}},
  {name: 'told', word: 'Told', hint: 'notifications made', of: (now) => now.last_hour.notifications, query: {step: 'planned'}},
  {name: 'delivered', word: 'Delivered', hint: 'taken by a channel', of: (now) => now.last_hour.delivered, query: {step: 'delivered'}, tone: 'good'},
  {name: 'suppressed', word: 'Suppressed', hint: 'nobody was told', of: (now) => now.last_hour.suppressed, query: {step: SETS['What was suppressed']}},
  {name: 'failed', word: 'Failed', hint: 'reached nobody', of: (now) => now.last_hour.failed, query: {step: SETS['What failed']}, tone: 'bad'},
];

function rules({account, last_hour: hour}) {
  if (typeof hour.fired === 'number') return hour.fired;
  const own = account?.rules;
  return own && typeof own === 'object' ? Object.keys(own).length : 0;
}

export function counterRow() {
  const cells = COUNTERS.map((counter) => {
    const value = el('span', {class: 'counter-value', test: `now-${counter.name}`}, '–');
    const hint = el('span', {class: 'counter-hint'}, counter.hint);
    const node = el(counter.query ? 'a' : 'div', {class: 'counter', 'data-name': counter.name, href: counter.query && href('deliveries', '', counter.query)},
      el('span', {class: 'counter-word'}, counter.word), value, hint);
    const update = (now) => {
      const count = counter.of(now) ?? 0;
      say(value, number(count));
      value.title = String(count);
      node.dataset.tone = counter.tone && count > 0 ? counter.tone : '';
      if (counter.name === 'rules' && typeof now.last_hour.fired === 'number') { say(hint, 'fired'); }
    };
    return {node, update};
  });
  return {
    node: el('section', {class: 'counters card', 'aria-label': 'The last hour', test: 'now-counters'}, cells.map((cell) => cell.node)),
    update: (now) => cells.forEach((cell) => cell.update(now)),
  };
}
