// What the log's and the explanation's words mean, in plain ones; the same as those of `tidings explain`.

import { clock, stamp } from './time.js';
import { number } from './ui.js';

/** Each step of the log: its word, and its tone. */
export const STEPS = {
  resent: ['sent again', 'none'], fired: ['fired', 'accent'], resolved: ['resolved', 'good'], cooldown: ['in cooldown', 'warn'],
  duplicate: ['duplicate', 'warn'], untold: ['not told', 'warn'], muted: ['muted', 'warn'], denied: ['not wanted', 'warn'],
  planned: ['planned', 'info'], retry: ['retry', 'warn'], delivered: ['delivered', 'good'], dead: ['given up', 'bad'],
  expired: ['expired', 'bad'], fallback: ['fallback', 'warn'], complete: ['complete', 'good'], incomplete: ['incomplete', 'bad'],
  failed: ['failed', 'bad'], late: ['late answer', 'warn'], disabled: ['disabled', 'bad'], enabled: ['enabled', 'good'],
  shed: ['shed', 'bad'], damaged: ['damaged', 'bad'], silenced: ['silenced', 'warn'], held: ['held', 'warn'],
  digested: ['kept for digest', 'warn'], resumed: ['resumed', 'info'], gathered: ['in a digest', 'good'], dropped: ['left out', 'warn'],
};

/** Sets of steps that are asked for together, by what they have in common. */
export const SETS = {
  'What failed': ['dead', 'expired', 'failed', 'incomplete', 'shed', 'disabled', 'damaged'],
  'What arrived': ['delivered', 'complete', 'gathered'],
  'What was suppressed': ['denied', 'duplicate', 'cooldown', 'silenced', 'held', 'digested', 'muted', 'untold', 'dropped'],
  'What rules did': ['fired', 'resolved', 'cooldown'],
  'What is tried again': ['retry', 'fallback', 'late'],
};

const REASONS = {
  channel_off: 'the channel is off', below_min_priority: 'its priority is too low', topic_off: 'its topic is off',
  quiet_hours: 'quiet hours', snooze: 'snoozed', silenced: 'a silence covers it', storm: 'too many at once',
};

const LAYERS = {
  mandatory: 'a rule that is mandatory', user_agent: 'the user’s preferences for this agent', user: 'the user’s preferences',
  operator_agent: 'the operator’s preferences for this agent', operator: 'the operator’s preferences', built_in: 'the default of this channel',
};

const known = (words, word) => (Object.hasOwn(words, word) ? words[word] : word);

export const stepWord = (step) => (Object.hasOwn(STEPS, step) ? STEPS[step][0] : String(step));
export const stepTone = (step) => (Object.hasOwn(STEPS, step) ? STEPS[step][1] : 'none');
export const reason = (word) => known(REASONS, word);
export const layer = (word) => known(LAYERS, word);

/** A time beside another one: the clock alone where both are of one day. */
export function beside(seconds, day = Date.now() / 1000) {
  const same = new Date(seconds * 1000).toDateString() === new Date(day * 1000).toDateString();
  return same ? clock(seconds) : stamp(seconds);
}

/** Why one channel is not used. A silence is nobody's preference. */
export function muted({channel, reason: why, layer: by}) {
  const whose = why === 'silenced' || !by ? '' : `, by ${layer(by)}`;
  return `not on ${channel}: ${reason(why)}${whose}`;
}

export function silence(told, day) {
  if (!told) return 'silenced';
  const by = told.author ? ` by ${told.author}` : '';
  const until = told.until ? ` until ${beside(told.until, day)}` : '';
  return `silenced${by}${until}${told.reason ? `: “${told.reason}”` : ''}`;
}

/** What a notification waits for. */
export function wait(told, day) {
  const until = told.until ? beside(told.until, day) : '';
  if (told.why === 'storm') {
    const much = told.storm ? `more than ${told.storm.messages} messages of its rule to this user within ${told.storm.seconds} s` : 'too many messages of its rule at once';
    return `${much}: told in a summary${until && ` at ${until}`}`;
  }
  const by = told.layer ? `, by ${layer(told.layer)}` : '';
  if (!told.together) return `held${until && ` until ${until}`}${told.why ? `: ${reason(told.why)}` : ''}${by}`;
  const why = told.why && told.why !== 'digest' ? `: ${reason(told.why)}` : '';
  return `kept for the digest${told.channel ? ` on ${told.channel}` : ''}${until && ` at ${until}`}${why}${by}`;
}

/** What a log entry's values say, in one line; '' where the step says it all. */
export function detail(entry) {
  const own = entry.detail ?? {};
  const list = Array.isArray(own.muted) ? own.muted.map(muted).join('; ') : '';
  switch (entry.step) {
    case 'fired': case 'resolved': return own.condition ?? '';
    case 'cooldown': return own.since ? `since ${beside(own.since, entry.at)}` : '';
    case 'held': return wait(own, entry.at).replace(/^held ?/, '');
    case 'digested': return wait({...own, together: true}, entry.at).replace(/^kept for the digest ?/, '');
    case 'silenced': return silence({...own, until: own.until ?? own.due}, entry.at).replace(/^silenced ?/, '');
    case 'denied': return own.silence ? silence(own, entry.at) : list;
    case 'muted': case 'resumed': return list || own.title || '';
    case 'fallback': return own.after ? `in place of ${[own.after].flat().join(', ')}` : '';
    case 'incomplete': return own.needed ? `${number(own.reached ?? 0)} of ${number(own.needed)} channels have taken it` : '';
    case 'duplicate': return own.title ?? 'of what was told before';
    case 'gathered': return own.title ?? '';
    case 'damaged': return [own.table, own.number].filter((value) => value !== undefined).join(' ');
    default: return failure(own, entry) || own.title || '';
  }
}

function failure(own, entry) {
  const what = own.code ?? (['retry', 'dead', 'expired', 'disabled', 'shed'].includes(entry.step) ? own.kind : undefined);
  const again = own.due && entry.step === 'retry' ? `again at ${beside(own.due, entry.at)}` : '';
  return [[what, own.text].filter((part) => part !== undefined && part !== null && part !== '').join(': '), again].filter(Boolean).join('; ');
}

/** The id that leads to the whole story: the most special one. */
export const storyOf = (entry) => entry.delivery ?? entry.notification ?? entry.event ?? '';
