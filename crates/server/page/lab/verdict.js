// A verdict in plain words, and the value of each part of a condition as a tree. What they come to is the daemon's knowledge.

import { badge, el, said } from '../ui.js';

const VERDICTS = {
  fire: ['fires', 'good', 'The rule would fire on this event.'],
  no: ['does not fire', 'none', 'The condition does not hold on this event.'],
  missing: ['missing', 'warn', 'Something that it reads is not there, so it cannot fire.'],
  error: ['error', 'bad', 'Something that it reads cannot be used.'],
  pending: ['pending', 'info', 'It holds, and would fire once it has held for long enough.'],
  firing: ['firing', 'info', 'It has fired and is not yet resolved.'],
  cooldown: ['cooldown', 'info', 'It holds, but it fired a short while ago.'],
  resolve: ['resolves', 'good', 'It would tell of the end.'],
};

/** The answer of a try, in one line. */
export function verdictLine(answer) {
  if (answer.reject !== undefined || answer.verdict?.reject !== undefined) {
    return line('cannot be read', 'bad', 'The condition has to be mended first.', 'reject');
  }
  const [word, tone, text] = VERDICTS[answer.verdict] ?? [answer.verdict ?? 'a value', 'none', 'It is a value, not a condition.'];
  return line(word, tone, answer.reason ? [`${text} `, said(answer.reason, 400)] : text, answer.verdict);
}

/** A line in the place of a verdict. */
export function line(word, tone, text, kind) {
  return el('p', {class: 'verdict', test: 'lab-verdict', 'data-verdict': kind}, badge(word, tone), el('span', {}, text));
}

/** Each part with its value; what stands deeper is a part of what stands above. */
export function partsTree(answer) {
  const steps = Array.isArray(answer.steps) ? answer.steps : [];
  const resolve = Array.isArray(answer.resolve) ? answer.resolve : [];
  if (steps.length === 0) return el('p', {class: 'muted small'}, 'Each part of the condition appears here with its value.');
  return [list(steps, 'Each part'), resolve.length > 0 && [el('h3', {}, 'Resolve when'), list(resolve, 'Each part of resolve when')]];
}

const MOST = 200;

function list(steps, label) {
  return el('ol', {class: 'parts', 'aria-label': label, test: 'lab-parts'}, steps.slice(0, MOST).map((step) => {
    const [text, kind] = valueOf(step.value);
    return el('li', {vars: {'--depth': Math.min(Number(step.depth) || 0, 12)}},
      said(step.text, 200, {class: 'part'}), said(text, 200, {class: 'value', 'data-kind': kind}));
  }), steps.length > MOST && el('li', {class: 'muted'}, `${steps.length - MOST} more parts`));
}

function valueOf(value) {
  if (value === true || value === false) return [String(value), String(value)];
  if (value && typeof value === 'object' && !Array.isArray(value)) {
    const keys = Object.keys(value);
    if (keys.length === 1 && keys[0] === 'missing') return [`missing: ${value.missing}`, 'missing'];
    if (keys.length === 1 && keys[0] === 'error') return [`error: ${value.error}`, 'error'];
  }
  return [value === undefined ? 'not looked at' : JSON.stringify(value), 'plain'];
}
