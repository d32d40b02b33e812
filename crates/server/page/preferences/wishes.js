// What the keys of preferences mean: where each stands, who decides where it does not, and the plain words for it. How it is drawn and saved
// is others' business.

import { at, same } from './draft.js';

export const PRIORITIES = ['low', 'medium', 'high', 'critical'];
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const SETTINGS = ['topics', 'min_priority', 'quiet_hours', 'digest', 'snooze_until'];

/** The path of a setting: for one agent, or for all. The one for all may stand beside `default`; a change goes where the key stands. */
export function settingPath(preferences, agent, key) {
  if (agent !== null) return ['agents', agent, key];
  const beside = at(preferences, [key]) !== undefined && at(preferences, ['default', key]) === undefined;
  return beside ? [key] : ['default', key];
}

/** The path of a channel's switch: for one agent, or for all. */
export function switchPath(agent, channel) {
  return agent === null ? ['default', channel] : ['agents', agent, channel];
}

/** The agents with wishes of their own, in order. */
export function agentsOf(preferences, shown = {}) {
  const wished = Object.keys(at(preferences, ['agents']) ?? {});
  return [...new Set([...wished, ...Object.keys(shown ?? {})])].sort((a, b) => a.localeCompare(b));
}

/** Every channel that can be switched: those there are, and those that wishes name. */
export function channelsOf(answer, preferences) {
  const blocks = [at(preferences, ['default']), ...Object.values(at(preferences, ['agents']) ?? {})];
  const wished = blocks.flatMap((block) => Object.entries(block ?? {}).filter(([, value]) => typeof value === 'boolean').map(([key]) => key));
  return [...new Set([...(answer.channels ?? []).map((view) => view.channel), ...wished.filter((key) => !SETTINGS.includes(key))])];
}

/** Who decides on a channel and how: the first of agent, default, operator, built in that says something. */
export function decision(answer, preferences, agent, channel) {
  const own = at(preferences, switchPath(agent, channel));
  if (typeof own === 'boolean') return {own, on: own, by: agent === null ? 'user' : 'user_agent'};
  const standing = agent === null ? answer.channels : answer.agents?.[agent];
  const view = (standing ?? []).find((one) => one.channel === channel);
  if (agent === null) return {own: undefined, ...above(view)};
  const byDefault = at(preferences, switchPath(null, channel));
  if (typeof byDefault === 'boolean') return {own: undefined, on: byDefault, by: 'user'};
  return {own: undefined, ...above(view ?? (answer.channels ?? []).find((one) => one.channel === channel))};
}

/** What stands above a person's own wishes, as far as the answer tells it: where their own wish was taken away, it does not. */
function above(view) {
  const known = view && !['user', 'user_agent'].includes(view.by);
  return known ? {on: view.on, by: view.by} : {on: undefined, by: 'operator'};
}

/** A threshold as it is written: one for all or by channel, as an object. */
export function thresholds(written) {
  if (typeof written === 'string') return {default: written};
  return typeof written === 'object' && written !== null ? {...written} : {};
}

/** The same, written as shortly as it can be; `undefined` where nothing is set. */
export function writtenThresholds(map) {
  const kept = Object.fromEntries(Object.entries(map).filter(([, priority]) => priority));
  const keys = Object.keys(kept);
  if (keys.length === 0) return undefined;
  return keys.length === 1 && keys[0] === 'default' ? kept.default : kept;
}

export const LAYERS = {
  mandatory: 'the rule is mandatory',
  user_agent: 'own wish for this agent',
  user: 'own default',
  operator_agent: 'the operator, for this agent',
  operator: 'the operator',
  built_in: 'built in',
};

export const REASONS = {
  channel_off: 'the channel is off',
  below_min_priority: 'the priority is too low',
  topic_off: 'the topic is off',
  silenced: 'a silence covers it',
  quiet_hours: 'quiet hours',
  snooze: 'snoozed',
  digest: 'wished in a digest',
  storm: 'too much of one rule at once',
};

/** A path as people read it. */
export function pathInWords(path) {
  const [first, ...rest] = path;
  const words = {quiet_hours: 'quiet hours', min_priority: 'thresholds', snooze_until: 'snooze'};
  const tail = (keys) => keys.map((key) => words[key] ?? key).join(' › ');
  if (first === 'default') return tail(rest) || 'everything';
  if (first === 'agents') return rest.length > 1 ? `${tail(rest.slice(1))} for ${rest[0]}` : `agent ${rest[0] ?? ''}`;
  return tail(path);
}

/** A value as people read it. */
export function valueInWords(value) {
  if (value === undefined || value === null) return 'inherit';
  if (value === true) return 'on';
  if (value === false) return 'off';
  if (typeof value !== 'object') return String(value);
  const parts = Array.isArray(value) ? value.map(valueInWords) : Object.entries(value).map(([key, one]) => `${key} ${valueInWords(one)}`);
  return parts.join(', ') || 'nothing';
}

/** Of two values the part of the first in which they differ. */
export function apart(value, other) {
  const isMap = (one) => typeof one === 'object' && one !== null && !Array.isArray(one);
  if (!isMap(value) || !isMap(other)) return value;
  const keys = [...new Set([...Object.keys(value), ...Object.keys(other)])].filter((key) => !same(value[key], other[key]));
  return Object.fromEntries(keys.map((key) => [key, value[key]]));
}
