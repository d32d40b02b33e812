// The rules lab: a condition is written, tried on an event while one types, held against the hours behind, and copied into the configuration.

import { copyButton, el, failure, fill } from '../ui.js';
import { at, get } from '../api.js';
import { keep } from '../router.js';
import { backtest } from '../lab/backtest.js';
import { markedEditor } from '../lab/editor.js';
import { ruleList } from '../lab/list.js';
import { copied, fieldsOf, fresh } from '../lab/rule.js';
import { sampleEvent } from '../lab/sample.js';
import { verdictLive } from '../lab/try.js';
import { isExpanded, ruleAsYaml } from '../lab/yaml.js';

export const title = 'Rules lab';
export const styles = ['/editor.css', '/lab.css'];

const EVENT = {event_type: 'tool.error', severity: 'error', agent_id: 'agent-1', data: {error_rate: 0.12, tool_calls: 40}};

// What was written stays while one looks at other views.
const desk = {rule: null, replaces: null, event: JSON.stringify(EVENT, null, 2), isOwn: false};

export async function show(root, {arg}, {signal}) {
  const bench = el('div', {class: 'stack bench'});
  // Who may not see the rules may still try a condition.
  const {rules, refusal} = await get(at(['rules']), signal).then((answer) => ({rules: answer.rules ?? []}), (error) => {
    if (error.name === 'AbortError') throw error;
    return {rules: [], refusal: failure(error)};
  });
  const list = ruleList(rules, (rule) => {
    choose(rule);
    if (bench.offsetTop > list.node.offsetTop) bench.scrollIntoView({block: 'start'});
  });

  function choose(rule) {
    Object.assign(desk, rule ? {rule: copied(rule), replaces: rule.name} : {rule: fresh(), replaces: null});
    keep('rules', desk.replaces ?? '');
    list.choose(desk.replaces);
    work(bench, signal);
  }

  const another = el('button', {type: 'button', test: 'lab-new', onclick: () => choose(null)}, 'New rule');
  root.append(el('header', {class: 'head'}, el('h1', {}, title), el('div', {class: 'end'}, another),
    el('p', {class: 'lead'}, 'Write a condition, see its verdict on an event, then what it would have told over the last hours. '
      + 'Nothing here is sent, and no rule is changed.')),
  el('div', {class: 'lab'}, refusal ?? list.node, bench));
  const named = arg && rules.find((rule) => rule.name === arg);
  if (named && desk.replaces !== named.name) choose(named);
  else if (desk.rule) { list.choose(desk.replaces); work(bench, signal); }
  else choose(rules[0] ?? null);
}

/** The bench for the rule on the desk; it ends with the view, or when another rule comes onto the desk. */
let bench = new AbortController();

function work(place, viewSignal) {
  bench.abort();
  bench = new AbortController();
  const signal = AbortSignal.any([bench.signal, viewSignal]);
  const {rule} = desk;
  const condition = markedEditor({value: rule.condition ?? '', label: 'Condition', test: 'lab-condition', oninput: (text) => {
    rule.condition = text;
    verdict.ask();
    snippet.draw();
  }});
  const event = sampleEvent({text: desk.event, signal, agentOf: () => rule.agent, conditionOf: () => rule.condition ?? '',
    changed: () => { desk.event = event.text; desk.isOwn = true; verdict.ask(); }});
  const verdict = verdictLive({editor: condition, event, signal});
  const snippet = yamlCard(rule);
  const test = backtest({subject: () => ({rule, replaces: desk.replaces}), signal});

  fill(place,
    el('section', {class: 'card', 'aria-label': 'Rule'}, el('header', {}, el('h2', {}, 'Rule'), standing()),
      el('div', {class: 'body stack'}, condition.node, verdict.node,
        el('div', {class: 'trial'}, el('section', {class: 'part-card', 'aria-label': 'Parts'}, el('h3', {}, 'Each part on this event'),
          verdict.parts), event.node),
        el('details', {class: 'more-fields', open: !desk.replaces}, el('summary', {test: 'lab-fields'}, 'Who is told, how, how often'),
          fieldsOf(rule, snippet.draw)))),
    test.node, snippet.node);
  place.addEventListener('keydown', (pressed) => {
    if (pressed.key !== 'Enter' || !(pressed.ctrlKey || pressed.metaKey)) return;
    pressed.preventDefault();
    test.run();
  }, {signal});
  begin(event, verdict).catch(() => verdict.ask());
}

/** What the rule is held against, so that nobody takes the numbers for another's. */
function standing() {
  return el('span', {class: 'muted'}, desk.replaces ? ['in place of ', el('strong', {}, desk.replaces)] : 'a new one beside the others');
}

/** The first look shows an event that fits, unless somebody has written one. */
async function begin(event, verdict) {
  verdict.ask();
  const wasOwn = desk.isOwn;
  await event.offer();
  if (!wasOwn) {
    await event.load();
    desk.isOwn = false;
  }
}

function yamlCard(rule) {
  const code = el('code', {});
  const place = el('div', {class: 'row'});
  const note = el('p', {class: 'small muted'});
  const draw = () => {
    const text = ruleAsYaml(rule);
    code.textContent = text;
    fill(place, copyButton(text, 'Copy YAML'));
    fill(note, isExpanded(rule) ? 'The configuration puts variables in place of ${NAME}.'
      : 'Put it into the configuration, then reload: tidings reload.');
  };
  draw();
  return {draw, node: el('section', {class: 'card', 'aria-label': 'YAML'}, el('header', {}, el('h2', {}, 'For the configuration'), place),
    el('div', {class: 'body stack'}, el('pre', {class: 'json', tabindex: '0', test: 'lab-yaml'}, code), note))};
}
