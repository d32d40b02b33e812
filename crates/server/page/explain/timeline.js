// The story in its order: accepted, what sinks and rules made of it, what was decided for each user, what was sent.

import { href } from '/router.js';
import { badge, copyButton, el, number, plural, said, stamp } from '/ui.js';
import { beside } from '/words.js';
import { deliveryOf } from './delivery.js';
import { notificationOf } from './notification.js';

const VERDICTS = {
  fired: ['fired', 'accent'], resolved: ['resolved', 'good'], no: ['did not hold', 'none'], missing: ['something is missing', 'warn'],
  error: ['cannot be judged', 'bad'], pending: ['holds, not for long enough', 'warn'], firing: ['firing already', 'warn'],
  cooldown: ['in cooldown', 'warn'], other_agent: ['about other agents', 'none'], waiting: ['not judged yet', 'info'], unknown: ['not known', 'none'],
};

/** A step of the story: its mark, its heading, what belongs to it. */
const step = (tone, heading, test, ...content) => el('li', {class: 'step', 'data-tone': tone, test},
  el('div', {class: 'step-head'}, heading), content);

export function timeline(told) {
  const steps = [
    told.event && accepted(told.event),
    told.sinks.length > 0 && step('none', el('h3', {}, plural(told.sinks.length, 'sink')), 'explain-sinks', el('ul', {class: 'facts'}, told.sinks.map((one) => sink(one, told.event)))),
    told.rules.length > 0 && rules(told),
    ...told.notifications.map((one) => notificationOf(one, step)),
    told.unknown.length > 0 && step('warn', el('h3', {}, 'What cannot be told'), 'explain-unknown', el('ul', {class: 'facts'}, told.unknown.map((text) => el('li', {}, said(text, 500))))),
  ];
  return el('ol', {class: 'card timeline', 'aria-label': 'Timeline', test: 'explain-timeline'}, steps);
}

function accepted(event) {
  const own = Math.abs(event.happened - event.accepted) > 0.001 && ['it happened at ', beside(event.happened, event.accepted)];
  const resent = event.resent && ['sent again ', event.resent.more && 'at least ', event.resent.times === 1 ? 'once' : `${number(event.resent.times)} times`, `, last at ${beside(event.resent.last, event.accepted)}; nothing new came of that`];
  return step('info', [el('h3', {}, 'Accepted'), el('span', {class: 'muted small'}, stamp(event.accepted))], 'explain-accepted', el('ul', {class: 'facts'},
    el('li', {class: 'row'}, el('span', {}, 'event ', el('code', {test: 'explain-event-id'}, said(event.id, 80))), copyButton(event.id)),
    el('li', {class: 'muted'}, `number ${event.number}`, own && ['; ', own], event.waiting && '; it waits for its plan'),
    resent && el('li', {}, resent)));
}

function sink(one, event) {
  const called = one.called === true ? ', and called' : one.called === false ? ', and not called yet' : '';
  const said_ = {
    wanted: ['wanted', 'good', called], type: ['not wanted', 'none', `: ${event?.event_type ?? 'its type'} is none of ${(one.events ?? []).join(', ')}`],
    severity: ['not wanted', 'none', `: ${event?.severity ?? 'it'} is below ${one.least}`],
  }[one.wish] ?? ['not known', 'none', ': its filter cannot be read'];
  return el('li', {}, badge(said_[0], said_[1]), ' ', el('span', {class: 'strong'}, said(one.sink, 80)), said(said_[2], 400), one.delivery && deliveryOf(one.delivery));
}

function rules({rules: all, event}) {
  const own = all.filter((rule) => rule.verdict !== 'other_agent');
  const others = all.filter((rule) => rule.verdict === 'other_agent');
  const fired = own.some((rule) => rule.verdict === 'fired');
  const about = others.length > 0 && el('details', {class: 'others'}, el('summary', {class: 'muted small'}, `${plural(others.length, 'rule')} about other agents`),
    el('p', {class: 'small muted'}, said(others.map((rule) => `${rule.rule} (${rule.agent ?? '*'})`).join(', '), 3000)));
  return step(fired ? 'accent' : 'none', el('h3', {}, own.length > 0 ? `${plural(own.length, 'rule')} judged it` : 'No rule judged it'), 'explain-rules',
    el('ul', {class: 'rules'}, own.map((one) => rule(one, event?.accepted))), about);
}

function rule(one, day) {
  const [word, tone] = VERDICTS[one.verdict] ?? [one.verdict, 'none'];
  return el('li', {class: 'rule', test: 'explain-rule', 'data-verdict': one.verdict},
    el('div', {class: 'row'}, badge(word, tone), el('span', {class: 'strong'}, said(one.rule, 120)), el('span', {class: 'muted small'}, timesOf(one, day))),
    one.reason && el('p', {class: 'small'}, said(one.reason, 500)),
    one.condition && el('code', {class: 'condition'}, said(one.condition, 2000)),
    one.counterpart && el('p', {class: 'small muted'}, one.verdict === 'fired' ? 'It was resolved at ' : 'What it ends fired at ', stamp(one.counterpart.at),
      one.counterpart.event && [', by ', el('a', {href: href('explain', one.counterpart.event)}, 'this event')]));
}

function timesOf({verdict, at, since, until, by_time: byTime}, accepted) {
  // A second time of one day needs no date beside the first.
  const day = at ?? since ?? accepted;
  return [
    at && `at ${beside(at, accepted)}`, byTime && 'by time alone', since && `since ${beside(since, at ?? accepted)}`,
    until && (verdict === 'fired' ? `in cooldown until ${beside(until, day)}` : `until ${beside(until, day)}`),
  ].filter(Boolean).join(', ');
}
