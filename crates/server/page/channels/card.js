// One channel: how it is set up, how it is, and what went wrong last. What can be done with it is trial.js's.

import { ago, badge, el, number, plural, said, when } from '../ui.js';
import { href } from '../router.js';

const HEALTH = {
  good: ['works', 'good', 'The last ones arrived.'],
  failing: ['failing', 'warn', 'The last ones failed; they are tried again.'],
  open: ['open', 'bad', 'It failed several times in a row: until it answers again it is only looked at from time to time.'],
  disabled: ['disabled', 'bad', 'Its receiver said that it is gone: nothing is sent until it is enabled.'],
  idle: ['idle', 'none', 'Nothing was sent by it yet.'],
};
/** Where it goes, when it has no address of its own. */
const WAYS = {sink: 'takes events as they come', inbox: 'kept for each person, to be read here', push: 'to whoever of them is connected',
  log: 'into the daemon’s own log'};
const BREAKER = {closed: 'closed', open: 'open: looked at from time to time', half_open: 'half open: the next one shows whether it is back'};

export const healthBadge = ({health}) => {
  const [word, tone, help] = HEALTH[health] ?? [health ?? 'unknown', 'none', ''];
  return badge(word, tone, {title: help, test: 'channel-health', 'data-health': health});
};

/** What is known of it, without what can be done. */
export function facts(channel) {
  return [
    el('p', {class: 'channel-address'}, channel.address ? said(addressOf(channel.address), 160, {class: 'mono'}) : el('span', {class: 'muted'},
      WAYS[channel.kind === 'sink' ? 'sink' : channel.type] ?? 'goes to each person’s own address')),
    el('dl', {class: 'figures'}, figure('waiting', channel.waiting, channel), figure('delivered', channel.delivered, channel),
      figure('dead', channel.dead, channel, 'dead')),
    el('dl', {class: 'lines'}, line('Breaker', [BREAKER[channel.breaker] ?? String(channel.breaker ?? 'unknown'), since(channel)]),
      line('If it fails', fallbacks(channel))),
    channel.last_error && el('div', {class: 'last-error', test: 'channel-error'},
      el('span', {class: 'muted small'}, 'Last error', errorAt(channel)), said(messageOf(channel.last_error), 240)),
  ];
}

const addressOf = (address) => (Array.isArray(address) ? address.join(', ') : String(address));
const messageOf = (error) => (typeof error === 'object' ? error.text ?? error.message ?? JSON.stringify(error) : error);

function errorAt({last_error: error, last_error_at: at}) {
  const moment = at ?? error?.at;
  return typeof moment === 'number' ? [', ', when(moment)] : null;
}

function since({breaker, since: own, breaker_since: other}) {
  const moment = other ?? own;
  return breaker !== 'closed' && typeof moment === 'number' ? [', since ', when(moment)] : null;
}

function fallbacks({fallbacks: names}) {
  if (!names?.length) return el('span', {class: 'muted'}, 'nothing takes over');
  return names.map((name, place) => [place > 0 && ', then ', said(name, 40, {class: 'strong'})]);
}

const line = (name, value) => el('div', {}, el('dt', {}, name), el('dd', {}, value));

function figure(name, count, channel, tone) {
  const isBad = tone && Number(count) > 0;
  const shown = isBad ? el('a', {href: href('deliveries', '', {endpoint: channel.name, step: name}), class: 'bad'}, number(count)) : number(count);
  return el('div', {test: `channel-${name}`}, el('dd', {}, shown), el('dt', {}, name));
}

/** Who is cut off, in words. */
export function disabledWords(one) {
  return [one.user ? said(one.user, 60, {class: 'strong'}) : el('strong', {}, one.whole ? 'All of it' : 'Somebody’s address'),
    typeof one.since === 'number' && el('span', {class: 'muted'}, ` ${ago(one.since)}`)];
}

/** How many need somebody, for the head of the page. */
export function summary(channels) {
  const troubled = channels.filter((one) => ['failing', 'open', 'disabled'].includes(one.health)).length;
  if (channels.length === 0) return '';
  const all = plural(channels.length, 'channel');
  return troubled === 0 ? `${all}, all well` : `${troubled} of ${all} ${troubled === 1 ? 'has' : 'have'} trouble`;
}
