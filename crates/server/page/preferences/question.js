// 'Test as user': what would become of a message, channel by channel, in plain words. Who decides is the daemon's knowledge.

import { action, badge, ago, el, failure, fill, said } from '../ui.js';
import { at, post } from '../api.js';
import { field, input, oneOf } from './choice.js';
import { localInput } from './hours.js';
import { LAYERS, PRIORITIES, REASONS, channelsOf } from './wishes.js';

/** The form and its answer; `state.rules` are the rules that one may ask about. */
export function questionCard(state, signal) {
  const about = {};
  const set = (key) => (value) => { about[key] = value; };
  const place = el('div', {'aria-live': 'polite', class: 'told', test: 'preferences-told'});
  const chosen = new Set();
  const boxes = channelsOf(state.answer, state.draft.result()).map((channel) => {
    const box = el('input', {type: 'checkbox', class: 'unseen',
      onchange: () => { if (box.checked) chosen.add(channel); else chosen.delete(channel); }});
    return el('label', {}, box, el('span', {}, said(channel, 40)));
  });
  const now = Math.floor(Date.now() / 60_000) * 60;

  async function ask() {
    const {rule, agent, priority, topic, moment} = about;
    const question = {rule, agent, priority, topic, channels: chosen.size > 0 ? [...chosen] : undefined, at: moment};
    try {
      fill(place, told(await post(at(['users', state.user, 'test']), question, signal), state.draft.isChanged));
    } catch (error) {
      if (error.name !== 'AbortError') fill(place, failure(error));
    }
  }

  const button = action('Ask', ask, {class: 'primary', test: 'preferences-ask'});
  return el('section', {class: 'card', 'aria-label': 'Test as user'},
    el('header', {}, el('h2', {}, 'Test as ', said(state.user, 60)), el('span', {class: 'muted'}, 'nothing is sent')),
    el('form', {class: 'body stack', onsubmit: (event) => { event.preventDefault(); button.click(); }}, el('div', {class: 'fields'},
      field('Rule', oneOf(state.rules.map((rule) => rule.name), undefined, set('rule'), {none: 'no rule', test: 'preferences-ask-rule'})),
      field('Priority', oneOf(PRIORITIES, undefined, set('priority'), {none: 'the rule’s, else medium', test: 'preferences-ask-priority'})),
      field('Agent', input('text', '', set('agent'), {placeholder: 'any', spellcheck: 'false', autocomplete: 'off',
        test: 'preferences-ask-agent'})),
      field('Topic', input('text', '', set('topic'), {placeholder: 'the rule’s', autocomplete: 'off', test: 'preferences-ask-topic'})),
      field('At', input('datetime-local', '', (text) => { about.moment = text && new Date(text).getTime() / 1000; },
        {test: 'preferences-ask-at', min: localInput(now - 31_536_000)}), 'empty: now, by your clock')),
    el('div', {class: 'field'}, 'Channels', el('div', {class: 'days', role: 'group', 'aria-label': 'Channels asked about'}, boxes),
      el('span', {class: 'hint'}, 'none chosen: the rule’s, else all')),
    el('div', {}, button), place));
}

function told(answer, isChanged) {
  const rows = Array.isArray(answer.channels) ? answer.channels : [];
  return el('div', {class: 'stack'},
    el('p', {class: 'small muted'}, `A message of priority ${answer.priority}, at ${answer.at_local ?? ''} by their clock`,
      answer.timezone && ` (${answer.timezone})`, '. ', isChanged && el('strong', {class: 'warn'},
      'By what is saved: your changes are not counted.')),
    el('ul', {class: 'answers'}, rows.map(row), rows.length === 0 && el('li', {class: 'muted'}, 'No channel is asked about.')));
}

const TONES = {allow: 'good', hold: 'info', digest: 'info', deny: 'warn'};

function row(one) {
  return el('li', {test: 'preferences-answer', 'data-channel': one.channel, 'data-decision': one.decision},
    said(one.channel, 40, {class: 'strong'}), badge(word(one), TONES[one.decision]),
    el('span', {}, sentence(one), el('span', {class: 'muted'}, ` · ${LAYERS[one.layer] ?? one.layer}`)));
}

const word = ({decision}) => ({allow: 'told at once', hold: 'held', digest: 'digest', deny: 'not told'})[decision] ?? decision;

function sentence(one) {
  const why = one.why ? REASONS[one.why] ?? one.why : 'nothing is against it';
  const until = [one.until_local ?? '', typeof one.until === 'number' && ` (${ago(one.until)})`];
  const when = one.decision === 'hold' ? ['until ', until, ', '] : one.decision === 'digest' ? [one.digest ? `by ${one.digest} ` : 'in a summary ',
    'at ', until, ', '] : '';
  return [when, why, one.no_address && el('strong', {class: 'warn'}, ', but there is no address')];
}
