// Thresholds by channel and topics by rule: what is too unimportant, or of no interest. What is saved is the draft's business.

import { el, fill, said } from '../ui.js';
import { at } from './draft.js';
import { field, oneOf, threeStates } from './choice.js';
import { LAYERS, PRIORITIES, channelsOf, settingPath, thresholds, writtenThresholds } from './wishes.js';

/** From which priority up each channel is told. */
export function thresholdCard(state, changed) {
  const wishes = state.draft.result();
  const path = settingPath(wishes, state.scope, 'min_priority');
  const map = thresholds(at(wishes, path));
  const set = (name, value) => {
    const next = {...thresholds(state.draft.at(path)), [name]: value};
    state.draft.set(path, writtenThresholds(next));
    changed();
  };
  const one = (name, label, hint) => field(label, oneOf(PRIORITIES, map[name], (value) => set(name, value),
    {test: `preferences-threshold-${name}`}), hint);
  const channels = channelsOf(state.answer, wishes);
  return el('section', {class: 'card', 'aria-label': 'Thresholds'},
    el('header', {}, el('h2', {}, 'Thresholds'), el('span', {class: 'muted'}, 'what is lower is not told')),
    el('div', {class: 'body fields'}, one('default', 'Every other channel'),
      channels.map((channel) => one(channel, said(channel, 40), inherited(state, channel, map[channel])))));
}

function inherited(state, channel, own) {
  const view = state.answer.channels?.find((one) => one.channel === channel);
  if (own || !view?.min_priority || ['user', 'user_agent'].includes(view.min_priority_by)) return null;
  return `${view.min_priority} · ${LAYERS[view.min_priority_by] ?? view.min_priority_by}`;
}

/** What a rule tells of, on or off. */
export function topicCard(state, changed) {
  const wishes = state.draft.result();
  const base = settingPath(wishes, state.scope, 'topics');
  const wished = Object.keys(at(wishes, base) ?? {});
  const topics = [...new Set([...wished, ...state.topics, ...state.addedTopics])].sort((a, b) => a.localeCompare(b));
  const rows = topics.map((topic) => {
    const path = [...base, topic];
    const states = threeStates({label: `topic ${topic}`, value: onOrOff(at(wishes, path)), test: 'preferences-topic', changed: (value) => {
      state.draft.set(path, value);
      changed();
    }});
    return el('li', {}, said(topic, 80), states.node);
  });
  const name = el('input', {placeholder: 'another topic', 'aria-label': 'Another topic', autocomplete: 'off', maxlength: 256,
    test: 'preferences-topic-name'});
  const list = el('ul', {class: 'topics'});
  fill(list, rows.length > 0 ? rows : el('li', {class: 'muted'}, 'No rule names a topic yet.'));
  return el('section', {class: 'card', 'aria-label': 'Topics'},
    el('header', {}, el('h2', {}, 'Topics'), el('span', {class: 'muted'}, 'a rule’s topic, else its name')),
    el('div', {class: 'body stack'}, list, el('form', {class: 'row add-agent', onsubmit: (event) => {
      event.preventDefault();
      if (name.value.trim() === '') return;
      state.addedTopics.add(name.value.trim());
      state.redraw();
    }}, name, el('button', {type: 'submit'}, 'Add topic'))));
}

const onOrOff = (value) => (typeof value === 'boolean' ? value : undefined);
