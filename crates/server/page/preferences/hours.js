// When somebody is told: quiet hours, digests, a snooze. What is saved is the draft's business.

import { el, stamp } from '../ui.js';
import { field, input, oneOf, ownOrInherited } from './choice.js';
import { DAYS, PRIORITIES, channelsOf, settingPath } from './wishes.js';

const QUIET = {from: '22:00', to: '07:00', policy: 'hold', except: 'critical'};
const DIGEST = {every: 'daily', at: '09:00', max_priority: 'low', channel: 'email'};

/** One setting of the draft: what stands, and how a part of it is changed. Keys that this page does not know stay. */
function setting(state, changed, key, usual) {
  const path = settingPath(state.draft.result(), state.scope, key);
  const value = state.draft.at(path) ?? undefined;
  return {
    value,
    part(name) {
      return (next) => {
        const before = state.draft.at(path) ?? {};
        const {[name]: dropped, ...rest} = before;
        state.draft.set(path, next === undefined ? rest : {...before, [name]: next});
        changed();
      };
    },
    own(isOwn) {
      state.draft.set(path, isOwn ? usual : undefined);
      state.redraw();
    },
  };
}

const card = (name, hint, ...content) => el('section', {class: 'card', 'aria-label': name},
  el('header', {}, el('h2', {}, name), hint && el('span', {class: 'muted'}, hint)), el('div', {class: 'body stack'}, content));

/** The hours in which one is not to be disturbed. */
export function quietCard(state, changed) {
  const {value, part, own} = setting(state, changed, 'quiet_hours', QUIET);
  const check = ownOrInherited({label: 'Quiet hours of one’s own', isOwn: value !== undefined, test: 'preferences-quiet', changed: own,
    hint: 'None of their own: the operator’s hold, if there are any.'});
  if (value === undefined) return card('Quiet hours', null, check);
  const zone = state.answer.timezone ?? 'UTC';
  return card('Quiet hours', 'nothing wakes anybody in between', check, el('div', {class: 'fields'},
    field('From', input('time', value.from, part('from'), {test: 'preferences-quiet-from'})),
    field('To', input('time', value.to, part('to'), {test: 'preferences-quiet-to'}), value.from > value.to ? 'on the next day' : null),
    field('What happens meanwhile', oneOf(['hold', 'digest', 'drop'], value.policy, part('policy'),
      {none: null, test: 'preferences-quiet-policy'})),
    field('Passes all the same', oneOf(PRIORITIES, value.except, part('except'), {none: null, test: 'preferences-quiet-except'}),
      'from this priority up'),
    field('Time zone', input('text', value.timezone, part('timezone'),
      {list: 'time-zones', placeholder: zone, spellcheck: 'false', test: 'preferences-quiet-zone'}))),
  days(value.days ?? [], part('days')));
}

function days(wished, changed) {
  const chosen = new Set(wished);
  const boxes = DAYS.map((name) => {
    const box = el('input', {type: 'checkbox', class: 'unseen', checked: chosen.has(name), test: `preferences-day-${name}`, onchange: () => {
      if (box.checked) chosen.add(name); else chosen.delete(name);
      changed(chosen.size > 0 ? DAYS.filter((day) => chosen.has(day)) : undefined);
    }});
    return el('label', {}, box, el('span', {}, name));
  });
  return el('div', {class: 'field'}, 'On the evenings of', el('div',
    {class: 'days', role: 'group', 'aria-label': 'Days on which quiet hours begin'}, boxes),
    el('span', {class: 'hint'}, 'no day chosen: every day'));
}

/** What is told together, and when. */
export function digestCard(state, changed) {
  const {value, part, own} = setting(state, changed, 'digest', DIGEST);
  const check = ownOrInherited({label: 'A digest of one’s own', isOwn: value !== undefined, test: 'preferences-digest', changed: own,
    hint: 'None of their own: messages come one by one, unless the operator gathers them.'});
  if (value === undefined) return card('Digest', null, check);
  const channels = channelsOf(state.answer, state.draft.result());
  const isDaily = (value.every ?? 'daily') === 'daily';
  const every = (next) => { part('every')(next); state.redraw(); };
  return card('Digest', 'what is not urgent comes together', check, el('div', {class: 'fields'},
    field('Every', oneOf(['hourly', 'daily'], value.every ?? 'daily', every, {none: null, test: 'preferences-digest-every'})),
    isDaily && field('At', input('time', value.at, part('at'), {test: 'preferences-digest-at'})),
    field('Up to priority', oneOf(PRIORITIES, value.max_priority ?? 'low', part('max_priority'),
      {none: null, test: 'preferences-digest-priority'})),
    field('Sent by', oneOf(channels, value.channel ?? 'email', part('channel'), {none: null, test: 'preferences-digest-channel'})),
    field('The first of a rule', oneOf(['together', 'now'], value.first ?? 'together', part('first'),
      {none: null, test: 'preferences-digest-first'}), 'now: at once, the rest together')));
}

/** Nothing but critical until then. */
export function snoozeCard(state, changed) {
  const path = settingPath(state.draft.result(), state.scope, 'snooze_until');
  const until = seconds(state.draft.at(path));
  const set = (next) => { state.draft.set(path, next); state.redraw(); };
  const now = Date.now() / 1000;
  const when = input('datetime-local', until === undefined ? '' : localInput(until), (text) => {
    state.draft.set(path, text === undefined ? undefined : new Date(text).getTime() / 1000);
    changed();
  }, {'aria-label': 'Snoozed until', test: 'preferences-snooze'});
  const quick = [['1 hour', now + 3600], ['4 hours', now + 14_400], ['tomorrow, 8:00', tomorrow()]]
    .map(([label, at]) => el('button', {type: 'button', class: 'little', onclick: () => set(Math.round(at))}, label));
  const over = until !== undefined && until < now;
  return card('Snooze', 'nothing but critical until then', el('div', {class: 'row'}, el('div', {class: 'snooze'}, when), quick,
    until !== undefined && el('button', {type: 'button', class: 'little', onclick: () => set(undefined), test: 'preferences-unsnooze'}, 'End it')),
  until !== undefined && el('p', {class: 'small muted'}, over ? `Was over at ${stamp(until)}.` : `Until ${stamp(until)}.`));
}

function tomorrow() {
  const day = new Date();
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1, 8).getTime() / 1000;
}

/** A moment is written in seconds of Unix or as a date. */
function seconds(value) {
  if (value === undefined || value === null || value === '') return undefined;
  const number = Number(value);
  const read = Number.isFinite(number) ? number : Date.parse(value) / 1000;
  return Number.isFinite(read) ? read : undefined;
}

/** As the browser's field writes it, in the zone of whoever looks. */
export function localInput(at) {
  const moment = new Date(at * 1000);
  const two = (number) => String(number).padStart(2, '0');
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}
