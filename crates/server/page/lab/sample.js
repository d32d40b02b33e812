// The event on which a condition is tried: a stored one, a made-up one of the taxonomy, or one of one's own. Whether the condition holds is
// asked elsewhere.

import { action, debounce, el, fill, said } from '../ui.js';
import { at, get } from '../api.js';
import { markedEditor } from './editor.js';
import { problemOf } from './json.js';

const TYPES = [
  'invocation.start', 'invocation.complete', 'invocation.error', 'invocation.timeout', 'tool.error', 'tool.slow', 'guardrail.blocked',
  'guardrail.redacted', 'budget.exceeded', 'approval.requested', 'approval.granted', 'approval.denied', 'mission.progress', 'mission.complete',
  'mission.failed', 'health.anomaly', 'process.started', 'process.stopped', 'process.failed', 'cache.purged',
];

/** `{node, text, isGood, load()}`; `changed()` hears when another event can be tried. */
export function sampleEvent({text, agentOf, conditionOf, changed, signal}) {
  let stored = [];
  let good = problemOf(text) ? '{}' : text;
  const editor = markedEditor({value: text, label: 'The event, as JSON', hidden: true, test: 'lab-event', oninput: debounce(read, 120, signal)});
  const choice = el('select', {'aria-label': 'Which event', test: 'lab-sample', onchange: () => load().catch(refused)});
  const refused = (error) => { if (error.name !== 'AbortError') editor.mark([{from: 0, to: 0, message: error.message, help: '',
    level: 'warning'}]); };

  function read() {
    const problem = problemOf(editor.text);
    editor.mark(problem ? [problem] : []);
    if (!problem) good = editor.text;
    changed();
  }

  function put(event) {
    editor.put(JSON.stringify(event, null, 2));
    read();
  }

  async function load() {
    const [kind, value] = split(choice.value);
    const known = kind === 'stored' && stored.find((one) => String(one.id) === value);
    if (known) return put(asEvent(known));
    const answer = await get(at(['rules', 'sample'], {agent: exact(agentOf()), type: kind === 'type' ? value : typeIn(conditionOf())}), signal);
    const event = answer?.event ?? answer ?? {};
    return put('number' in event || 'agent' in event ? asEvent(event) : event);
  }

  async function offer() {
    // Who may not read stored events still has the made-up ones.
    const answer = await get(at(['events'], {limit: 30}), signal).catch(() => ({events: []}));
    stored = Array.isArray(answer?.events) ? answer.events : [];
    fill(choice, options(stored));
  }

  fill(choice, options([]));
  const another = action('Load', load, {class: 'little', test: 'lab-sample-load', title: 'Put the chosen event in place of this one'});
  const node = el('section', {class: 'sample', 'aria-label': 'Event'},
    el('div', {class: 'row sample-choice'}, el('h3', {}, 'Event'), choice, another), editor.node);
  return {node, load, offer, put, get text() { return editor.text; }, get good() { return good; }, get isGood() { return good === editor.text; }};
}

function options(stored) {
  const recent = stored.map((one) => el('option', {value: `stored ${one.id}`},
    said(`${one.event_type} · ${one.severity} · ${one.agent ?? 'no agent'}`, 80)));
  return [
    el('option', {value: 'latest '}, 'A fitting sample'),
    recent.length > 0 && el('optgroup', {label: 'Stored, newest first'}, recent),
    el('optgroup', {label: 'Of a type'}, TYPES.map((type) => el('option', {value: `type ${type}`}, type))),
  ];
}

function split(value) {
  const place = value.indexOf(' ');
  return [value.slice(0, place), value.slice(place + 1)];
}

/** The type that a condition asks for, where it says so plainly. */
const typeIn = (condition) => /\bevent_type\s*==\s*(["'])([\w.-]+)\1/.exec(condition)?.[2] ?? '';

/** The agent's id, unless it is a pattern. */
const exact = (agent) => (agent && !/[*?[]/.test(agent) ? agent : '');

/** A stored event under the names that conditions read. */
function asEvent({event_type, severity, agent, user, session, at: moment, data}) {
  return {event_type, severity, agent_id: agent, user_id: user, session_id: session, timestamp: moment, data: data ?? {}};
}
