// What needs a person, each with what to do about it; and how every channel is.

import { at, post } from '/api.js';
import { keyed, say } from '/keyed.js';
import { href } from '/router.js';
import { action, badge, el, number, plain, said, toast, when } from '/ui.js';

const KINDS = {
  dead: ['given up', 'bad'], incomplete: ['incomplete', 'warn'], breaker: ['channel down', 'bad'],
  disabled: ['disabled', 'bad'], damaged: ['damaged', 'bad'], backlog: ['backlog', 'warn'],
};
/** The daemon tells of no more. */
const MOST = 50;
const HEALTH = {good: 'well', failing: 'failing', open: 'down', disabled: 'disabled', idle: 'not used yet'};

const link = (label, ...where) => el('a', {class: 'button little', href: href(...where)}, label);

/** What a person can do about it. */
function means({kind, id, endpoint}) {
  const all = [];
  if (kind === 'dead' && id) {
    all.push(action('Retry', async () => {
      await post(at(['deliveries', id, 'retry']));
      toast('It is sent again.');
    }, {class: 'little', test: 'retry'}));
  }
  if (id) all.push(link('Explain', 'explain', id));
  if (['breaker', 'disabled', 'backlog'].includes(kind)) all.push(link('Channel', 'channels', endpoint));
  if (kind === 'damaged') all.push(link('Log', 'deliveries', '', {step: 'damaged'}));
  if (kind === 'backlog' && !id) all.push(link('Log', 'deliveries', '', {endpoint}));
  return all;
}

function need(item) {
  const [word, tone] = KINDS[item.kind] ?? [item.kind, 'warn'];
  const node = el('li', {class: 'need', test: 'needs-item', 'data-item': true, tabindex: '-1', 'data-kind': item.kind},
    el('div', {class: 'need-what'}, badge(word, tone), ' ', said(item.text, 240), ' ', el('span', {class: 'muted small'}, when(item.at))),
    el('div', {class: 'row'}, means(item)));
  return {node};
}

export function needsCard() {
  const list = el('ul', {class: 'needs'});
  const calm = el('p', {class: 'calm', test: 'needs-none'}, 'Nothing. What goes wrong for good is listed here.');
  const count = el('span', {class: 'muted'});
  const node = el('section', {class: 'card', 'aria-labelledby': 'needs-title', test: 'needs'},
    el('header', {}, el('h2', {id: 'needs-title'}, 'Needs a person'), count), calm, list);
  const update = (needs) => {
    keyed(list, needs, (item) => `${item.kind} ${item.id ?? ''} ${item.endpoint ?? ''} ${item.text}`, need);
    calm.hidden = needs.length > 0;
    say(count, needs.length >= MOST ? `the newest ${MOST}` : needs.length > 0 ? number(needs.length) : '');
  };
  return {node, update};
}

function channel(first) {
  const health = el('span', {class: 'health-word'});
  const about = el('span', {class: 'muted small'});
  const link = el('a', {class: 'channel', href: href('channels', first.name), test: 'channel-health', 'data-channel': first.name},
    el('span', {class: 'channel-name'}, el('span', {class: 'health-dot', 'aria-hidden': 'true'}), said(first.name, 40)), health, about);
  const update = (one) => {
    link.dataset.health = one.health;
    say(health, HEALTH[one.health] ?? one.health);
    say(about, one.waiting > 0 ? `${number(one.waiting)} waiting` : `${number(one.delivered)} sent`);
    const error = one.last_error ? `Last error: ${plain(String(one.last_error).slice(0, 300))}` : '';
    link.title = [one.type, error].filter(Boolean).join('. ');
  };
  return {node: el('li', {}, link), update};
}

export function channelStrip() {
  const list = el('ul', {class: 'channels'});
  const node = el('section', {class: 'card', 'aria-labelledby': 'channels-title', test: 'channels'},
    el('header', {}, el('h2', {id: 'channels-title'}, 'Channels')), list);
  return {node, update: (channels) => keyed(list, channels, (one) => one.name, channel)};
}
