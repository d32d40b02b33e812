// The channels: how each is set up and how it is, a test of it, and a way back for what was disabled.

import { badge, el, empty, fill, said, toast } from '../ui.js';
import { at, get } from '../api.js';
import { listen } from '../live.js';
import { facts, healthBadge, summary } from '../channels/card.js';
import { disabledList, trial } from '../channels/trial.js';

export const title = 'Channels';
export const styles = ['/channels.css'];

/** Once in so long the figures are asked for again, while something happens. */
const PAUSE = 2000;

export async function show(root, {arg}, {signal}) {
  const [{channels = []}, users] = await Promise.all([
    get(at(['channels']), signal),
    get(at(['users']), signal).then((answer) => (answer.users ?? []).map((one) => one.user), () => []),
  ]);
  const state = el('span', {class: 'muted', test: 'channels-summary'});
  const grid = el('div', {class: 'channels'});
  root.append(el('header', {class: 'head'}, el('h1', {}, title), state), grid);
  const cards = new Map();

  function draw(list) {
    fill(state, summary(list));
    if (list.length === 0) {
      cards.clear();
      return void fill(grid, empty('No channels yet',
        'Name one under channels: in the configuration, such as inbox, email or a webhook, then reload: tidings reload.'));
    }
    const isSame = list.length === cards.size && list.every((one) => cards.has(keyOf(one)));
    if (isSame) return void list.forEach((one) => cards.get(keyOf(one)).refresh(one));
    cards.clear();
    for (const one of list) cards.set(keyOf(one), card(one, users, reload, signal));
    fill(grid, [...cards.values()].map((one) => one.node));
  }

  async function reload() {
    draw((await get(at(['channels']), signal)).channels ?? []);
  }

  draw(channels);
  const named = [...cards.values()].find(({node}) => arg && node.dataset.channel === arg)?.node;
  named?.scrollIntoView({block: 'center'});
  named?.focus({preventScroll: true});
  follow(reload, signal);
}

/** One name may be a sink's and a channel's. */
const keyOf = ({kind, name}) => `${kind} ${name}`;

/** Asks again when something happened, but not more often than people can read. */
function follow(reload, signal) {
  let timer = null;
  signal.addEventListener('abort', () => clearTimeout(timer));
  listen('now', () => {
    timer ??= setTimeout(() => {
      timer = null;
      reload().catch((error) => { if (error.name !== 'AbortError' && error.status !== 0) toast(error.message, 'bad'); });
    }, PAUSE);
  }, signal);
}

/** A card; what is known of it is renewed in place, so that a test's outcome and the focus stay. */
function card(channel, users, reload, signal) {
  const health = el('span', {});
  const known = el('div', {class: 'known'});
  const cut = el('div', {});
  let shown = '';
  const node = el('article', {class: 'card channel', test: 'channel', 'data-channel': channel.name, 'data-item': true, tabindex: '-1',
    'aria-label': channel.name},
    el('header', {}, el('h2', {}, said(channel.name, 80)), el('span', {class: 'row'},
      badge(channel.kind === 'sink' ? `${channel.type} sink` : channel.type, 'none'), health)),
    el('div', {class: 'body'}, known, cut), trial(channel, users, signal));

  function refresh(now) {
    const text = JSON.stringify(now);
    if (text === shown) return;
    shown = text;
    node.dataset.health = now.health ?? '';
    fill(health, healthBadge(now));
    fill(known, facts(now));
    fill(cut, disabledList(now, reload, signal));
  }

  refresh(channel);
  return {node, refresh};
}
