// The busiest agents, each with its last hour as a line.

import { keyed, say } from '/keyed.js';
import { href } from '/router.js';
import { badge, el, fill, number, said, svg, when } from '/ui.js';

const HEIGHT = 22;
/** Few events are to look like few. */
const LEAST = 4;

/** The line and the area under it, of counts of which the last is this minute's. */
function line(counts) {
  const most = Math.max(LEAST, ...counts);
  const step = 120 / Math.max(1, counts.length - 1);
  const points = counts.map((count, index) => `${(index * step).toFixed(1)},${(HEIGHT - 1 - (count / most) * (HEIGHT - 3)).toFixed(1)}`);
  return {line: `M${points.join('L')}`, area: `M0,${HEIGHT}L${points.join('L')}L120,${HEIGHT}Z`, most};
}

function agent(first) {
  const area = svg('path', {class: 'spark-area'});
  const stroke = svg('path', {class: 'spark-line'});
  const spark = svg('svg', {viewBox: `0 0 120 ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', class: 'spark'}, area, stroke);
  const count = el('span', {class: 'agent-count'});
  const worst = el('span', {class: 'agent-worst'});
  const last = el('span', {class: 'agent-last muted small'});
  const node = el('li', {}, el('a', {class: 'agent', test: 'agent', 'data-agent': first.agent, href: href('deliveries', '', {agent: first.agent})},
    el('span', {class: 'agent-name'}, said(first.agent || 'no agent', 80)), spark, count, worst, last));
  const update = (one) => {
    const drawn = line(Array.isArray(one.per_minute) && one.per_minute.length > 1 ? one.per_minute : [0, 0]);
    area.setAttribute('d', drawn.area);
    stroke.setAttribute('d', drawn.line);
    spark.setAttribute('aria-label', `events a minute over the last hour; at most ${Math.max(0, ...one.per_minute)}`);
    node.firstChild.dataset.worst = one.worst;
    say(count, number(one.events));
    if (worst.textContent !== one.worst) fill(worst, badge(one.worst));
    if (last.dataset.at !== String(one.last)) { last.dataset.at = one.last; fill(last, when(one.last)); }
  };
  return {node, update};
}

export function agentCard() {
  const list = el('ul', {class: 'agents'});
  const node = el('section', {class: 'card', 'aria-labelledby': 'agents-title', test: 'agents'},
    el('header', {}, el('h2', {id: 'agents-title'}, 'Agents'), el('span', {class: 'muted'}, 'events in the last hour')), list);
  return {node, update: (agents) => keyed(list, agents, (one) => one.agent, agent)};
}
