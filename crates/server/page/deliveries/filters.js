// The filters of the log: by what happened, by whom and what it is about, by when.

import { debounce, el } from '/ui.js';
import { SETS, STEPS, stepWord } from '/words.js';
import { IDS, TEXTS } from './question.js';

const NAMES = {rule: 'Rule', agent: 'Agent', user: 'User', endpoint: 'Channel', event: 'Event', notification: 'Notification', delivery: 'Delivery'};

const same = (a, b) => a.length === b.length && a.every((one) => b.includes(one));

function stepField(asked, changed) {
  const known = Object.values(SETS).find((set) => same(set, asked.step)) ?? (asked.step.length < 2 ? asked.step : null);
  const option = (label, steps) => el('option', {value: steps.join(' '), selected: known !== null && same(steps, asked.step)}, label);
  const field = el('select', {test: 'filter-step', onchange: () => changed({step: field.value.split(' ').filter(Boolean)})},
    option('Everything', []), known === null && el('option', {value: asked.step.join(' '), selected: true}, asked.step.map(stepWord).join(', ')),
    el('optgroup', {label: 'Together'}, Object.entries(SETS).map(([label, steps]) => option(label, steps))),
    el('optgroup', {label: 'One step'}, Object.keys(STEPS).map((step) => option(stepWord(step), [step]))));
  return el('label', {class: 'field'}, 'What happened', field);
}

function timeFields(asked, changed) {
  const times = [['', 'Any time'], ['1h', 'The last hour'], ['24h', 'The last 24 hours'], ['7d', 'The last 7 days'], ['own', 'From … to …']];
  const own = ['from', 'to'].map((name) => el('label', {class: 'field', hidden: asked.time !== 'own'}, name === 'from' ? 'From' : 'To',
    el('input', {type: 'datetime-local', value: asked[name], test: `filter-${name}`, onchange: (event) => changed({[name]: event.target.value})})));
  const field = el('select', {test: 'filter-time', onchange: () => {
    own.forEach((one) => { one.hidden = field.value !== 'own'; });
    changed({time: field.value});
  }}, times.map(([value, label]) => el('option', {value, selected: value === asked.time}, label)));
  return [el('label', {class: 'field'}, 'When', field), ...own];
}

/** The form; `changed(asked)` for every change. */
export function filters(first, changed, signal) {
  let asked = first;
  const change = (some) => { asked = {...asked, ...some}; changed(asked); };
  const later = debounce(change, 350, signal);
  const text = (name) => el('label', {class: 'field'}, NAMES[name],
    el('input', {type: name === 'rule' ? 'search' : 'text', value: asked[name], test: `filter-${name}`, autocomplete: 'off', spellcheck: 'false', placeholder: 'any', oninput: (event) => later({[name]: event.target.value})}));
  const more = el('div', {class: 'filters-more', 'data-open': 'false'}, TEXTS.map(text), IDS.filter((name) => asked[name]).map(text));
  const open = el('button', {type: 'button', class: 'filters-open', 'aria-expanded': 'false', test: 'filters-open', onclick: () => {
    more.dataset.open = String(more.dataset.open !== 'true');
    open.setAttribute('aria-expanded', more.dataset.open);
  }}, 'More filters');
  return el('form', {class: 'filters', role: 'search', 'aria-label': 'Filters', onsubmit: (event) => event.preventDefault()},
    stepField(asked, change), timeFields(asked, change), open, more);
}
