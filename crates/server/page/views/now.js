// Now: what the last hour came to, what needs a person, how channels and agents are, and what happens this moment.

import { get, mayAsk } from '/api.js';
import { listen, watch } from '/live.js';
import { el, empty, failure, fill, plural, when } from '/ui.js';
import { agentCard } from '/now/agents.js';
import { counterRow } from '/now/counters.js';
import { feedCard } from '/now/feed.js';
import { beginning } from '/now/beginning.js';
import { channelStrip, needsCard } from '/now/health.js';

export const title = 'Now';
export const styles = ['/now.css'];

/** Between two looks at the figures, in milliseconds. */
const REST = 1500;
/** The figures of the last hour change by time alone, too. */
const IDLE = 20_000;

export async function show(root, _params, {signal}) {
  const parts = {counters: counterRow(), needs: needsCard(), channels: channelStrip(), agents: agentCard(), feed: feedCard(signal), begin: beginning()};
  const about = el('p', {test: 'now-about'});
  const trouble = el('div');
  const view = el('div', {class: 'now', 'data-ready': 'false'}, trouble, parts.counters.node, parts.begin.node,
    el('div', {class: 'now-columns'}, el('div', {class: 'stack'}, parts.needs.node, parts.channels.node, parts.agents.node), parts.feed.node));
  fill(root, el('header', {class: 'head'}, el('h1', {}, 'Now'), about), view);
  const refresh = async () => {
    if (view.dataset.closed) return;
    try {
      draw(parts, about, await get('/v1/now', signal));
      view.dataset.ready = 'true';
      fill(trouble);
    } catch (error) {
      if (signal.aborted) return;
      // What this key may not see is not shown as if there were none of it, and not asked for again.
      if (error.status === 403) Object.assign(view.dataset, {closed: 'true', ready: 'true'});
      fill(trouble, error.status === 403 ? closed(error) : failure(error, () => { mayAsk(); refresh(); }));
    }
  };
  const soon = paced(refresh, signal);
  listen('now', soon, signal);
  listen('event', soon, signal);
  listen('reset', () => { soon(); parts.feed.begin(); }, signal);
  await refresh();
  if (signal.aborted) return;
  // What was missed while the connection was gone is looked up.
  watch((state) => { if (state === 'live') soon(); }, signal);
  await parts.feed.begin();
}

/** For a person's key, or an agent's. */
const closed = (error) => el('div', {class: 'card'}, empty('This key does not open the overview', error.message,
  el('a', {class: 'button', href: '#/inbox'}, 'Inbox'), el('a', {class: 'button', href: '#/explain'}, 'Explain')));

function draw(parts, about, now) {
  const isNew = now.last_hour.events === 0 && now.agents.length === 0;
  fill(about, `Tidings ${now.version}, started `, when(now.started), now.stopping && ' · stopping: nothing more is let in',
    now.durable === false && ' · kept in memory alone: a restart forgets it');
  parts.counters.update(now);
  parts.needs.update(now.needs);
  parts.channels.update(now.channels);
  parts.agents.update(now.agents);
  parts.begin.node.hidden = !isNew;
  parts.agents.node.hidden = isNew;
  document.title = now.needs.length > 0 ? `(${now.needs.length}) Now · Tidings` : 'Now · Tidings';
  about.title = plural(now.needs.length, 'thing needs a person', 'things need a person');
}

/** Calls at once, then at most every so often, and by itself when nothing calls. */
function paced(act, signal) {
  let last = 0;
  let timer;
  const run = async () => {
    clearTimeout(timer);
    timer = undefined;
    last = Date.now();
    if (!document.hidden) await act();
    if (!signal.aborted && timer === undefined) timer = setTimeout(run, IDLE);
  };
  let soon;
  signal.addEventListener('abort', () => { clearTimeout(timer); clearTimeout(soon); });
  timer = setTimeout(run, IDLE);
  return () => {
    if (soon !== undefined || signal.aborted) return;
    soon = setTimeout(() => { soon = undefined; run(); }, Math.max(0, last + REST - Date.now()));
  };
}
