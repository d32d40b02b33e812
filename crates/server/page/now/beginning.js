// What stands on the first page before the first event: the line that sends one.

import { key } from '/api.js';
import { command, el } from '/ui.js';

const EVENT = '{"event_type":"tool.error","severity":"error","agent_id":"billing","data":{"error_rate":0.2}}';

const line = () => [
  `curl ${location.origin}/v1/events`,
  "-H 'Content-Type: application/json'",
  key() && '-H "Authorization: Bearer $TIDINGS_KEY"',
  `-d '${EVENT}'`,
].filter(Boolean).join(' \\\n  ');

export function beginning() {
  const node = el('section', {class: 'card beginning', hidden: true, test: 'now-empty', 'aria-label': 'The first event'},
    el('h2', {}, 'No event in the last hour'),
    el('p', {class: 'muted'}, 'Send one from a terminal. It appears here at once, and its message in the ', el('a', {href: '#/inbox'}, 'inbox'), '.'),
    command(line()));
  return {node};
}
