// What a person wishes: channels by agent, thresholds, hours, digests, topics; changed here, saved with care, and tried.

import { ago, el, empty, failure, fill, said } from '../ui.js';
import { at, get, withTag } from '../api.js';
import { go } from '../router.js';
import { Draft } from '../preferences/draft.js';
import { digestCard, quietCard, snoozeCard } from '../preferences/hours.js';
import { thresholdCard, topicCard } from '../preferences/limits.js';
import { matrix } from '../preferences/matrix.js';
import { questionCard } from '../preferences/question.js';
import { etagOf, path, saveBar } from '../preferences/save.js';
import { sourceCard } from '../preferences/source.js';
import { agentsOf } from '../preferences/wishes.js';
import { oneOf } from '../preferences/choice.js';

export const title = 'Preferences';
export const styles = ['/editor.css', '/preferences.css'];

const LAST = 'tidings.preferences.user';
/** What was changed and not saved stays while one looks at other views. */
const desks = new Map();

export async function show(root, {arg}, {signal}) {
  const users = await get(at(['users']), signal).then((answer) => answer.users ?? [], (error) => {
    // Who may read only one's own wishes names oneself in the address.
    if (error.name === 'AbortError' || !arg) throw error;
    return [{user: arg}];
  });
  const user = arg || remembered(users) || users[0]?.user;
  const place = el('div', {class: 'stack'});
  root.append(head(users, user), place);
  if (!user) return void place.append(empty('Nobody yet', 'Name people under users: in the configuration, or add one: tidings prefs set ann --new.'));
  try {
    await person(place, user, signal);
    sessionStorage.setItem(LAST, user);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    fill(place, failure(error));
  }
}

function remembered(users) {
  const last = sessionStorage.getItem(LAST);
  return users.some((one) => one.user === last) ? last : null;
}

function head(users, user) {
  const names = [...new Set([...users.map((one) => one.user), ...(user ? [user] : [])])];
  const select = el('select', {'aria-label': 'Whose preferences', test: 'preferences-user', onchange: () => go('preferences', select.value)},
    names.map((name) => el('option', {value: name, selected: name === user}, name)));
  return el('header', {class: 'head'}, el('h1', {}, title), el('div', {class: 'end user-choice'}, names.length > 0 && select));
}

/** What is known of the person, under the changes that were left here; what others saved meanwhile is found when they are saved. */
async function desk(user, signal) {
  const left = desks.get(user);
  if (left?.draft.isChanged) return left;
  const [{value: answer, tag}, rules] = await Promise.all([
    withTag(path(user), {signal}),
    get(at(['rules']), signal).then((known) => known.rules ?? [], () => []),
  ]);
  const topics = [...new Set(rules.map((rule) => rule.topic ?? rule.name).filter(Boolean))];
  const state = {user, answer, tag: tag ?? etagOf(answer), draft: new Draft(answer.preferences ?? null), scope: null, rules, topics,
    addedAgents: new Set(), addedTopics: new Set()};
  desks.set(user, state);
  return state;
}

async function person(place, user, signal) {
  const state = await desk(user, signal);
  const parts = {about: el('div', {}), channels: el('div', {}), settings: el('div', {class: 'stack'}), question: el('div', {})};
  const changed = () => { parts.matrix?.refresh(); source.refresh(); bar.refresh(); };
  const source = sourceCard(state, () => { drawParts(state, parts, changed); bar.refresh(); }, signal);
  const bar = saveBar(state, {signal, taken: () => state.redraw()});
  state.redraw = () => {
    const focus = focusOf(parts);
    drawParts(state, parts, changed);
    source.refresh(true);
    bar.refresh();
    focus();
  };
  drawParts(state, parts, changed);
  fill(parts.question, questionCard(state, signal));
  fill(place, timeZones(), parts.about, parts.channels, parts.settings, source.node, parts.question, bar.node);
  guard(state, bar, signal);
}

/** Puts the focus back to where it was, once the parts are drawn anew. */
function focusOf(parts) {
  const {test} = document.activeElement?.dataset ?? {};
  const all = () => Object.values(parts).filter((part) => part instanceof Element).flatMap((part) => [...part.querySelectorAll('[data-test]')])
    .filter((node) => node.dataset.test === test);
  const place = test ? all().indexOf(document.activeElement) : -1;
  return () => { if (place >= 0) all()[place]?.focus(); };
}

function drawParts(state, parts, changed) {
  fill(parts.about, about(state.answer));
  parts.matrix = matrix(state, changed);
  fill(parts.channels, parts.matrix.node);
  fill(parts.settings, scopeChoice(state), el('div', {class: 'pairs'},
    el('div', {class: 'stack'}, quietCard(state, changed), thresholdCard(state, changed)),
    el('div', {class: 'stack'}, digestCard(state, changed), snoozeCard(state, changed), topicCard(state, changed))));
}

/** Settings may be wished for one agent as well. */
function scopeChoice(state) {
  const agents = [...new Set([...agentsOf(state.draft.result(), state.answer.agents), ...state.addedAgents])];
  if (agents.length === 0) return null;
  const select = oneOf(agents, state.scope, (agent) => { state.scope = agent ?? null; state.redraw(); },
    {none: 'every agent', test: 'preferences-scope', label: 'For which agent'});
  return el('div', {class: 'row scope'}, el('h2', {}, 'When and how much, for'), select);
}

function about({timezone, contacts, version, source, author, at: moment}) {
  const parts = [
    ['Time zone', timezone ?? 'UTC, none is set'],
    ...Object.entries(contacts ?? {}).map(([channel, address]) => [channel, address]),
    ['Kept in', [source ?? 'unknown', version !== null && version !== undefined && `, version ${version}`]],
    ...(author ? [['Changed by', [said(author, 60), moment && `, ${ago(moment)}`]]] : []),
  ];
  return el('dl', {class: 'facts', test: 'preferences-about'},
    parts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, typeof value === 'string' ? said(value, 80) : value))));
}

/** The names that a time zone's field offers. */
const timeZones = () => el('datalist', {id: 'time-zones'}, (Intl.supportedValuesOf?.('timeZone') ?? []).map((value) => el('option', {value})));

/** What is not saved is not lost by a slip; Ctrl+S saves it. */
function guard(state, bar, signal) {
  addEventListener('beforeunload', (event) => { if (state.draft.isChanged) event.preventDefault(); }, {signal});
  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 's' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (state.draft.isChanged) bar.save();
  }, {signal});
}
