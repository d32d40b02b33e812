// A delivery in the story: where to, every attempt, and where it is now.

import { at, post } from '/api.js';
import { action, badge, clock, el, said, stamp, toast } from '/ui.js';
import { beside, layer, reason } from '/words.js';

const STATES = {
  waiting: ['waiting', 'warn'], leased: ['under way', 'info'], delivered: ['delivered', 'good'], dead: ['given up', 'bad'],
  expired: ['expired', 'bad'], shed: ['shed: no room', 'bad'], withdrawn: ['not wanted any more', 'warn'], gone: ['settled', 'none'],
};
/** So many attempts are shown at once; those between the first and the last are folded away. */
const SHOWN = 6;

export const isRetried = (state) => ['dead', 'expired', 'waiting'].includes(state);

/** Sends it again, or hastens it. */
export const retryButton = (id, label = 'Retry') => action(label, async () => {
  await post(at(['deliveries', id, 'retry']));
  toast('It is sent again.');
}, {class: 'little', test: 'retry'});

export function deliveryOf(told) {
  const [word, tone] = STATES[told.state] ?? [told.state, 'none'];
  const attempts = told.attempts;
  const first = attempts.length > SHOWN ? attempts.slice(0, 1) : attempts;
  const between = attempts.length > SHOWN ? attempts.slice(1, -3) : [];
  const last = attempts.length > SHOWN ? attempts.slice(-3) : [];
  const due = told.state === 'waiting' && told.due ? `due at ${beside(told.due)}` : '';
  return el('div', {class: 'delivery', test: 'explain-delivery', 'data-state': told.state},
    el('div', {class: 'row'}, el('span', {class: 'strong'}, said(told.endpoint, 80)), badge(word, tone), el('span', {class: 'muted small'}, due),
      told.after?.length > 0 && el('span', {class: 'muted small'}, `in place of ${told.after.join(', ')}`),
      isRetried(told.state) && retryButton(told.id, told.state === 'waiting' ? 'Send now' : 'Retry')),
    el('ol', {class: 'attempts'}, first.map(attempt), between.length > 0 && el('li', {}, el('details', {}, el('summary', {class: 'muted'}, `${between.length} more attempts`), el('ol', {class: 'attempts'}, between.map(attempt)))), last.map(attempt)),
    el('p', {class: 'small muted'}, 'delivery ', el('code', {}, told.id)));
}

const attempt = (one) => el('li', {test: 'explain-attempt', 'data-outcome': one.outcome}, el('time', {class: 'muted', title: stamp(one.at)}, clock(one.at)), ' ', said(sentence(one), 600));

function sentence(one) {
  switch (one.outcome) {
    case 'late': return 'a late answer was refused: another attempt had begun';
    case 'shed': return 'shed: there was no room';
    case 'held': return `held${one.again ? ` until ${beside(one.again, one.at)}` : ''}${putOff(one)}`;
    case 'denied': return `not sent${putOff(one)}`;
    case 'disabled': return 'the address is gone for good, and disabled';
    case 'delivered': return `${ordinal(one)}delivered${one.code ? ` (${one.code})` : ''}${took(one)}`;
    case 'retry': return `${ordinal(one)}${failed(one)}${one.again ? `; again at ${beside(one.again, one.at)}` : ''}${one.attempt > 0 && one.kind === 'rate_limited' ? '; it used up no attempt' : ''}`;
    default: return `${ordinal(one)}${failed(one)}; ${one.outcome === 'expired' ? 'expired' : 'given up'}`;
  }
}

const took = (one) => (one.took_ms > 0 ? ` after ${one.took_ms} ms` : '');
const failed = (one) => `${one.code ?? one.kind ?? 'failed'}${took(one)}${one.text ? `: ${one.text}` : ''}`;

function ordinal({attempt: which, attempts}) {
  if (!which) return '';
  return which <= attempts ? `attempt ${which} of ${attempts}: ` : `attempt ${which}: `;
}

function putOff({kind, layer: by}) {
  const whose = by && kind !== 'silenced' ? `, by ${layer(by)}` : '';
  return kind ? `: ${reason(kind)}${whose}` : whose;
}
