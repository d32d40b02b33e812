// What the page's modules that only think must come to, checked in a real browser. The YAML they write is read by the test that serves this.

import { marksOf, pieces, placeOfByte } from '/lab/bytes.js';
import { problemOf } from '/lab/json.js';
import { readBacktest } from '/lab/tally.js';
import { ruleAsYaml } from '/lab/yaml.js';
import { Draft } from '/preferences/draft.js';
import { apart, decision, settingPath, writtenThresholds } from '/preferences/wishes.js';

const failures = [];
const check = (what, found, expected) => {
  const [one, other] = [found, expected].map((value) => JSON.stringify(value));
  if (one !== other) failures.push(`${what}: ${one} instead of ${other}`);
};

// Bytes of UTF-8 are places of UTF-16.
[[0, 0], [1, 0], [2, 1], [4, 1], [6, 3], [7, 4], [99, 4]].forEach(([byte, place]) => check(`byte ${byte}`, placeOfByte('é😀x', byte), place));
const condition = 'é == "😀" && rate = 1';
const marked = pieces(condition, marksOf(condition, [{from: 21, to: 22, message: 'no'}])).find((piece) => piece.mark);
check('a mark', [marked.text, marked.mark.from], ['=', condition.lastIndexOf('=')]);
check('a mark of nothing', marksOf('ab', [{from: 1, to: 1}])[0].to, 2);
check('a mark at the end', marksOf('ab', [{from: 2, to: 2}])[0].to, 2);

// A text is JSON of an object, or one is told where it is not: as the browser's own reader says, at every cut and change.
const json = '{"a": [1, -2.5e3, true, null], "b": {"c": "x\\u00e9\\n😀"}, "": ""}';
const isObject = (text) => {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch { return false; }
};
for (let place = 0; place <= json.length; place += 1) {
  for (const put of ['', ',', '"', "'", '}', '0', '\n', 'True']) {
    const text = json.slice(0, place) + put + json.slice(place + (put === '' ? 1 : 0));
    check(`JSON ${text}`, problemOf(text) === null, isObject(text));
  }
}
check('JSON too deep', problemOf(`{"a":${'['.repeat(100_000)}`)?.message, 'nested deeper than 128');

// Changes touch nothing else, and meet what others changed.
const standing = {default: {sms: true, odd: {kept: 1}, digest: {every: 'daily'}}, agents: {a: {email: false}}, unknown: [1]};
const draft = new Draft(standing);
draft.set(['agents', 'a', 'email'], undefined);
check('what is emptied goes', draft.result(), {default: standing.default, unknown: [1]});
draft.set(['agents', 'a', 'email'], false);
check('back is no change', draft.isChanged, false);
draft.set(['agents', '__proto__', 'email'], true);
check('nothing is polluted', [{}.email, draft.edits.length], [undefined, 1]);
draft.undo();
draft.set(['default', 'sms'], false);
draft.set(['default', 'digest'], {every: 'hourly'});
const theirs = {default: {sms: true, odd: {kept: 2}, digest: {every: 'daily', at: '08:00'}}};
check('both changed', draft.rebase(theirs).map((conflict) => conflict.path), [['default', 'digest']]);
check('both are kept', draft.result(), {default: {sms: false, odd: {kept: 2}, digest: {every: 'hourly'}}});
draft.saved({default: {sms: false, digest: {every: 'hourly', channel: 'email'}}}, draft.edits);
check('saved in other words', draft.isChanged, false);
check('nothing stays nothing', new Draft(null).result(), null);
check('apart', apart({a: 1, b: [2]}, {a: 2, b: [2]}), {a: 1});
check('thresholds', [writtenThresholds({default: 'low'}), writtenThresholds({sms: undefined})], ['low', undefined]);
check('beside', settingPath({digest: {}}, null, 'digest'), ['digest']);
const answer = {channels: [{channel: 'sms', on: false, by: 'operator'}], agents: {}};
check('who decides', decision(answer, {default: {}}, 'a', 'sms'), {on: false, by: 'operator'});
check('one decides', decision(answer, {agents: {a: {sms: true}}}, 'a', 'sms'), {own: true, on: true, by: 'user_agent'});

// Hours without a message are part of the picture; many of them share a bar.
const hour = (hours) => new Date(hours * 3_600_000).toISOString();
const read = readBacktest({then: {hours: {[hour(0)]: {messages: 1}, [hour(99)]: {messages: 2}}, rules: {r: {fired: 3}}}}, {name: 'r'});
check('hours', [read.hours.length, read.step, read.hours.reduce((sum, one) => sum + one.then, 0)], [34, 3, 3]);
check('the rule alone', read.totals.find((row) => row.key === 'fired').then, 3);

const TEXTS = ['x', 'true', 'it\'s "both" \\', 'a: b # c', '- x', '*y', '&z', '{{ a }}', '💥', '\u202egnp.exe', '\u0085\u2028\ufeff', 'a\tb', ' ', '%', '@', '`', '|', '>'];
const snippets = TEXTS.map((text) => {
  const written = `note == ${JSON.stringify(text)} || note != '${text.replace(/['\\]/g, '')}'`;
  return {condition: written, yaml: ruleAsYaml({name: 'a rule', agent: '*', condition: written, channels: ['inbox'], priority: 'high', cooldown: 60, users: 'all'})};
});
await fetch('/seen', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({number: 1, what: {failures, snippets}})});
