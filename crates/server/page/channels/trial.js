// What can be done with a channel: a test message over it alone, with its outcome in place, and a disabled address taken up again.

import { action, badge, el, fill, said, span } from '../ui.js';
import { at, post } from '../api.js';
import { oneOf } from '../preferences/choice.js';
import { disabledWords } from './card.js';

const OF_PEOPLE = ['push', 'inbox', 'email', 'sms'];

/** The button that sends a test, and the place of its outcome. Whose address it takes is chosen beside it. */
export function trial(channel, users, signal) {
  // What has no address of its own takes somebody's; a sink has nobody's.
  const isSomebodys = OF_PEOPLE.includes(channel.type) && !channel.address;
  const choices = channel.kind === 'sink' ? [] : users;
  let user = isSomebodys ? users[0] : undefined;
  const outcome = el('div', {class: 'outcome', role: 'status', test: 'channel-outcome'});
  const whom = choices.length > 0 && oneOf(choices, user, (name) => { user = name; },
    {none: isSomebodys ? null : 'to its own address', test: 'channel-test-user', label: `To whom a test of ${channel.name} goes`});
  const button = action('Send a test', async () => {
    fill(outcome, el('span', {class: 'muted'}, 'on its way …'));
    try {
      fill(outcome, result(await post(at(['channels', channel.name, 'test']), user ? {user} : {}, signal)));
    } catch (error) {
      if (error.name !== 'AbortError') fill(outcome, badge('refused', 'bad'), said(error.message, 300));
    }
  }, {test: 'channel-test'});
  return el('div', {class: 'trial-row'}, el('div', {class: 'row'}, whom, button), outcome);
}

function result({outcome, took_ms: took, text, code}) {
  const isGood = outcome === 'delivered';
  const time = typeof took === 'number' ? `in ${span(took / 1000)}` : '';
  return [badge(isGood ? 'delivered' : 'failed', isGood ? 'good' : 'bad'), el('span', {class: 'muted'}, time),
    code && el('code', {}, String(code)), text && said(text, 300)];
}

/** Those that are cut off, each with a button; `changed()` hears that one is taken up again. */
export function disabledList(channel, changed, signal) {
  const list = Array.isArray(channel.disabled) ? channel.disabled : [];
  if (list.length === 0) return null;
  // Whose an address is may be known no more: then all that is disabled is enabled.
  const enable = (one) => action(one?.user || one?.whole ? 'Enable' : 'Enable all', async () => {
    await post(at(['channels', channel.name, 'enable']), one?.user ? {user: one.user} : {}, signal);
    await changed();
  }, {class: 'little', test: 'channel-enable'});
  return el('div', {class: 'disabled'}, el('p', {class: 'muted small'}, 'Disabled: the receiver said that these are gone'),
    el('ul', {}, list.slice(0, 20).map((one) => el('li', {}, el('span', {}, disabledWords(one)), enable(one))),
      list.length > 20 && el('li', {}, el('span', {}, `and ${list.length - 20} more`), enable(null))));
}
