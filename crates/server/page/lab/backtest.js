// Asks what the rule would have told over the hours behind. How the numbers are shown is numbers.js's.

import { action, el, fill } from '../ui.js';
import { at, post } from '../api.js';
import { results } from './numbers.js';
import { asked } from './rule.js';

const HOURS = [[1, '1 hour'], [6, '6 hours'], [24, '24 hours'], [72, '3 days'], [168, '7 days'], [720, '30 days']];

/** `{node, run()}`; `subject()` gives the rule and the name of the one that it replaces. */
export function backtest({subject, signal}) {
  let hours = 24;
  let running = null;
  const place = el('div', {class: 'body', 'aria-live': 'polite'},
    el('p', {class: 'muted'}, 'What this rule would have told whom over the hours behind, beside what was told. Nothing is sent.'));
  const choice = el('select', {'aria-label': 'Hours to look back', test: 'lab-hours-choice', onchange: () => { hours = Number(choice.value); }},
    HOURS.map(([value, label]) => el('option', {value, selected: value === hours}, label)));
  const button = action('Run backtest', ask, {class: 'primary', test: 'lab-backtest', 'aria-keyshortcuts': 'Control+Enter'});
  const node = el('section', {class: 'card', 'aria-label': 'Backtest'},
    el('header', {}, el('h2', {}, 'Backtest'), el('div', {class: 'row backtest-run'}, choice, button,
      el('span', {class: 'keys-hint'}, el('kbd', {}, 'Ctrl'), ' ', el('kbd', {}, 'Enter')))), place);

  async function ask() {
    running?.abort();
    const own = running = new AbortController();
    const {rule, replaces} = subject();
    place.setAttribute('aria-busy', 'true');
    try {
      const answer = await post(at(['rules', 'backtest']), {rule: asked(rule), ...(replaces && {replaces}), hours},
        AbortSignal.any([own.signal, signal]));
      fill(place, results(answer, {name: rule.name, replaces}));
    } catch (error) {
      if (error.name !== 'AbortError') fill(place, refused(error));
    } finally {
      if (running === own) place.removeAttribute('aria-busy');
    }
  }

  return {node, run: () => button.click()};
}

function refused(error) {
  const problems = error.problems ?? [];
  return el('div', {class: 'notice', 'data-tone': 'bad', role: 'alert', test: 'lab-refused'},
    problems.length === 0 ? el('span', {}, error.message) : el('ul', {},
      problems.slice(0, 20).map((one) => el('li', {}, one.path && el('code', {}, one.path), one.path && ' ', one.message))));
}
