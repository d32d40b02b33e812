// The answer before the story: who was told, who was not, and why, one line each. Not being told counts for as much as being told.

import { badge, el, plural, said, when } from '/ui.js';
import { beside, muted, silence, wait } from '/words.js';

const VERDICTS = {
  pending: 'held, but not for long enough yet', firing: 'was firing already', cooldown: 'was in cooldown', missing: 'missed a value',
  error: 'could not be judged', waiting: 'has not judged it yet', resolved: 'ended its firing',
};

/** What became of one notification: [word, tone, reason]. */
export function outcome(told) {
  const {standing, decision} = told;
  const settled = told.later.at(-1)?.step;
  const on = told.deliveries.filter((one) => one.state === 'delivered').map((one) => one.endpoint);
  if (settled === 'dropped') return ['not told', 'warn', 'what it told of was over before the digest went out'];
  if (settled === 'denied') return ['not told', 'warn', whyDenied(told.later.at(-1), told.at)];
  if (settled === 'gathered') return ['told', 'good', 'in a digest'];
  if (told.waits) return ['waits', 'warn', wait(told.waits, told.at)];
  if (decision === 'planned' || standing) return sent(standing, on, told);
  const why = {
    silenced: silence(told.silence, told.at), untold: 'was not told of what it ends', denied: whyDenied(told, told.at),
    duplicate: `a duplicate${told.repeats?.told ? ` of what was told at ${beside(told.repeats.told, told.at)}` : ' of another one'}`,
    held: 'told later', digested: 'told later, together with others', unknown: 'what was decided is not kept',
  }[decision] ?? decision;
  return [decision === 'unknown' ? 'unknown' : 'not told', decision === 'unknown' ? 'none' : 'warn', why];
}

function sent(standing, on, told) {
  const where = on.length > 0 ? `on ${on.join(', ')}` : '';
  switch (standing?.status) {
    case 'complete': return ['told', 'good', where];
    case 'incomplete': return ['told in part', 'bad', `${where}: ${standing.reached} of ${standing.needed} channels have taken it`];
    case 'failed': return ['not reached', 'bad', 'no channel has taken it'];
    default: return ['on its way', 'info', where || `on ${told.legs.filter((leg) => !leg.after?.length).map((leg) => leg.channel).join(', ')}`];
  }
}

const whyDenied = (step, day) => (step.silence ? silence(step.silence, day) : step.muted?.map(muted).join('; ') || 'it is wanted on no channel');

/** Why nothing came of it: what each rule said that came near. */
function nobody({rules, sinks, event}) {
  if (rules.length === 0 && sinks.length === 0) return event ? 'There was no rule and no sink.' : 'Nothing came of it.';
  if (event?.waiting) return 'It waits for the rules to judge it.';
  const near = rules.filter((rule) => Object.hasOwn(VERDICTS, rule.verdict)).map((rule) => `rule ${rule.rule} ${VERDICTS[rule.verdict]}`);
  if (near.length > 0) return `Nobody was told: ${near.slice(0, 4).join('; ')}.`;
  const own = rules.filter((rule) => rule.verdict !== 'other_agent').length;
  if (rules.length === 0) return 'Nobody was told: there was no rule.';
  return own === 0 ? 'Nobody was told: every rule is about other agents.' : `Nobody was told: ${plural(own, 'rule')} looked at it, and none held.`;
}

function line(told) {
  const [word, tone, why] = outcome(told);
  return el('li', {class: 'short-line', 'data-tone': tone, test: 'explain-outcome', 'data-outcome': word},
    badge(word, tone), el('span', {}, el('span', {class: 'strong'}, said(told.user ?? 'nobody known', 80)), why && [' ', said(`– ${why}`, 400)]));
}

export function inShort(told) {
  const head = told.event
    ? [badge(told.event.severity), el('h2', {}, said(told.event.event_type, 200)), told.event.agent && el('span', {class: 'muted'}, 'of ', said(told.event.agent, 100)), el('span', {class: 'muted'}, when(told.event.accepted))]
    : [badge(told.subject), el('h2', {class: 'mono'}, said(told.id, 80))];
  const lines = told.notifications.length > 0 ? el('ul', {class: 'short-lines'}, told.notifications.map(line))
    : el('p', {class: 'short-none', test: 'explain-outcome', 'data-outcome': 'nobody'}, said(nobody(told), 600));
  return el('section', {class: 'card short', 'aria-label': 'In short', test: 'explain-short'}, el('div', {class: 'short-head'}, head), lines);
}
