// The rules that run, with what became of them so far. Which of them is tried is the lab's choice.

import { badge, el, empty, fill, number, plural, said } from '../ui.js';

const COUNTS = [['fired', 'fired', 'good'], ['cooldown', 'in cooldown', 'none'], ['missing', 'missing', 'warn'], ['error', 'error', 'bad']];

/** `{node, choose(name)}`; `chosen(rule)` hears which one is wanted. */
export function ruleList(rules, chosen) {
  const items = el('ul', {class: 'rule-items', test: 'lab-rules'});
  const search = el('input', {type: 'search', placeholder: 'Find a rule', 'aria-label': 'Find a rule', test: 'lab-find', oninput: () => draw()});
  let current = null;

  function draw() {
    const wanted = search.value.trim().toLowerCase();
    const found = rules.filter((rule) => `${rule.name} ${rule.agent} ${rule.condition}`.toLowerCase().includes(wanted));
    if (rules.length === 0) return fill(items, el('li', {}, empty('No rules yet',
      'Write a condition beside, see what it would have told, and copy it into the configuration.')));
    if (found.length === 0) return fill(items, el('li', {class: 'muted pad'}, 'No rule has this in it.'));
    return fill(items, found.map(item));
  }

  function item(rule) {
    return el('li', {}, el('button', {
      type: 'button', class: 'rule-item', test: 'lab-rule', 'data-item': true, 'aria-current': rule.name === current ? 'true' : null,
      onclick: () => chosen(rule),
    }, el('span', {class: 'rule-name'}, said(rule.name, 80), badge(rule.priority), rule.mandatory && badge('mandatory', 'accent')),
    said(rule.condition, 120, {class: 'rule-condition mono'}), counts(rule.account ?? {})));
  }

  draw();
  const node = el('section', {class: 'card rule-list', 'aria-label': 'Rules'},
    el('header', {}, el('h2', {}, 'Rules that run'), el('span', {class: 'muted'}, number(rules.length))),
    rules.length > 5 && el('div', {class: 'pad'}, search), items);
  return {node, choose(name) { current = name; draw(); }};
}

function counts(account) {
  const known = COUNTS.filter(([key]) => Number(account[key]) > 0);
  const looked = el('span', {}, `${plural(Number(account.evaluated ?? 0), 'look', 'looks')}`);
  return el('span', {class: 'rule-counts', test: 'lab-account'},
    known.map(([key, word, tone]) => el('span', {class: tone === 'none' ? null : tone},
      `${number(account[key])} ${key === 'error' ? (account.error === 1 ? 'error' : 'errors') : word}`)),
    looked);
}
