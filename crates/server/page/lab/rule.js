// The rule that is tried: its fields, which rule it would replace, and the form for them. What it comes to is asked elsewhere.

import { el } from '../ui.js';
import { PRIORITIES } from '../preferences/wishes.js';

/** A rule to begin with. */
export const fresh = () => ({name: 'new rule', agent: '*', condition: 'severity >= "warning"', channels: ['inbox'], priority: 'medium',
  cooldown: 300, users: 'all'});

/** A copy of a rule that runs, to be changed. */
export const copied = (rule) => ({
  ...rule, agent: rule.agent ?? '*', channels: [...(rule.channels ?? [])], users: Array.isArray(rule.users) ? [...rule.users] : 'all',
});

/** The rule as a backtest asks for it: as it is listed, without its account. */
export function asked({account, ...rule}) {
  return rule;
}

/** The names of a list that people write with commas or blanks. */
const names = (text) => text.split(',').map((name) => name.trim()).filter((name) => name !== '');

/** Seconds, or a span such as 10m; nothing is what rules have by default. */
function span(text) {
  const written = text.trim();
  return /^\d+(\.\d+)?$/.test(written) ? Number(written) : written || 300;
}

/** The fields beside the condition; `changed` hears of each change, which is made in `rule` itself. */
export function fieldsOf(rule, changed) {
  const field = (label, key, shown, read, more = {}) => {
    const input = el('input', {value: shown, test: `lab-${key}`, spellcheck: 'false', autocomplete: 'off', oninput: () => {
      rule[key] = read(input.value);
      changed();
    }, ...more});
    return el('label', {class: 'field'}, label, input);
  };
  const priority = el('select', {test: 'lab-priority', onchange: () => { rule.priority = priority.value; changed(); }},
    PRIORITIES.map((name) => el('option', {value: name, selected: name === rule.priority}, name)));
  return el('div', {class: 'rule-fields'},
    field('Name', 'name', rule.name, (text) => text.trim()),
    field('Agent', 'agent', rule.agent, (text) => text.trim() || '*', {placeholder: '* for every agent'}),
    el('label', {class: 'field'}, 'Priority', priority),
    field('Rests after firing', 'cooldown', String(rule.cooldown ?? 300), span, {placeholder: '300, or 10m'}),
    field('Channels', 'channels', rule.channels.join(', '), names, {placeholder: 'push, email'}),
    field('People', 'users', Array.isArray(rule.users) ? rule.users.join(', ') : '', (text) => (names(text).length > 0 ? names(text) : 'all'),
      {placeholder: 'everybody'}));
}
