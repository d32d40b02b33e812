// One user's part of the story: what was decided and by whose word, what came later, how it stands.

import { href } from '/router.js';
import { badge, el, plural, said } from '/ui.js';
import { beside, muted, silence, wait } from '/words.js';
import { deliveryOf } from './delivery.js';
import { outcome } from './short.js';

const ITEMS = 20;

const link = (id, word) => el('a', {href: href('explain', id)}, word);

export function notificationOf(told, step) {
  const [word, tone] = outcome(told);
  const head = [el('h3', {}, 'For ', said(told.user ?? 'nobody known', 80)), badge(word, tone),
    el('span', {class: 'muted small'}, origin(told), ', ', beside(told.at))];
  const firstLater = ['held', 'digested'].includes(told.decision) ? [] : decision(told);
  return step(tone, head, 'explain-notification',
    told.title && el('p', {class: 'quote'}, said(told.title, 500), ' ', told.priority && badge(told.priority)),
    told.digest && digest(told.digest),
    el('ul', {class: 'facts', test: 'explain-reasons'},
      firstLater.length > 0 && el('li', {test: 'explain-decision'}, firstLater),
      told.muted.map((one) => el('li', {test: 'explain-muted'}, said(muted(one), 300))),
      told.later.map((one) => later(one, told)),
      told.waits?.until && el('li', {}, `Waiting, due at ${beside(told.waits.until, told.at)}`)),
    told.deliveries.map(deliveryOf),
    told.standing && el('p', {class: 'standing small', test: 'explain-standing'}, standing(told.standing)),
    el('p', {class: 'small muted'}, 'notification ', link(told.id, el('code', {}, told.id)), told.incident && [' · incident ', el('code', {}, told.incident)]));
}

function origin({rule, digest: holds, kind}) {
  const end = kind === 'resolved' ? ', the end of an incident' : '';
  if (rule) return [holds ? 'the summary of a storm of rule ' : 'by rule ', said(rule, 120), end];
  return holds ? 'a digest' : `a direct message${end}`;
}

/** What was decided first. */
function decision(told) {
  const on = told.legs.filter((leg) => !leg.after?.length).map((leg) => leg.channel).join(', ');
  switch (told.decision) {
    case 'planned': return [`Planned on ${on}`, told.needed > 1 && `; ${told.needed} must take it`];
    case 'silenced': return ['Not sent: ', said(silence(told.silence, told.at), 500)];
    case 'duplicate': return ['Not sent: a duplicate', told.repeats && [' of ', link(told.repeats.of, 'another one'), told.repeats.later && ', which was put off', told.repeats.told && `, told at ${beside(told.repeats.told, told.at)}`]];
    case 'untold': return ['Not sent: this user was not told of what it ends'];
    case 'denied': return ['Not sent: it is wanted on no channel'];
    default: return ['What was decided is not kept'];
  }
}

function later(one, told) {
  const time = el('span', {class: 'muted'}, beside(one.at, told.at), ' ');
  const more = (one.muted ?? []).map((channel) => el('li', {}, said(muted(channel), 300)));
  const text = {
    held: () => wait(one, told.at), digested: () => wait(one, told.at),
    resumed: () => `its time had come: ${told.legs.length > 0 ? `planned on ${told.legs.filter((leg) => !leg.after?.length).map((leg) => leg.channel).join(', ')}` : 'sent'}`,
    gathered: () => ['put into ', one.into ? link(one.into, 'a digest') : 'a digest', one.state && `, which is ${one.state}`],
    dropped: () => 'left out: what it told of was over before the digest went out',
    denied: () => `not sent after all: ${one.silence ? silence(one.silence, told.at) : 'it is wanted on no channel any more'}`,
  }[one.step]?.() ?? one.step;
  return el('li', {test: 'explain-later'}, time, typeof text === 'string' ? said(text, 500) : text, more.length > 0 && el('ul', {class: 'facts'}, more));
}

function digest({count, from, until, items}) {
  const all = Math.max(count ?? 0, items.length);
  const span = from && until ? `, gathered from ${beside(from, until)} to ${beside(until, from)}` : '';
  return el('details', {class: 'others', open: all <= ITEMS}, el('summary', {}, `Holds ${plural(all, 'notification')}${span}`), el('ol', {class: 'facts'},
    items.slice(0, ITEMS * 5).map((item) => el('li', {}, link(item.event ?? item.id, said(item.title ?? item.id, 200)), item.rule && [' by rule ', said(item.rule, 80)])),
    all > ITEMS * 5 && el('li', {class: 'muted'}, `and ${all - Math.min(items.length, ITEMS * 5)} more`)));
}

function standing({status, reached, needed, at}) {
  const have = (count) => (count === 1 ? 'channel has' : 'channels have');
  const taken = reached > needed ? `${reached} ${have(reached)} taken it, ${needed} had to` : `${reached} of ${needed} ${have(needed)} taken it`;
  return `${status}: ${taken}${at ? `, at ${beside(at)}` : ''}`;
}
