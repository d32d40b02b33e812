// A rule as a piece of YAML to be copied into the configuration. Every text is quoted so that it means there what it means here.

/** The rule as one entry of `triggers:`. */
export function ruleAsYaml(rule) {
  const keys = [
    ['name', quoted(rule.name ?? '')],
    ['agent_id', given(rule.agent, '*') && quoted(rule.agent)],
    ['condition', quoted(rule.condition ?? '')],
    ['channels', list(rule.channels ?? [])],
    ['priority', given(rule.priority, 'medium') && quoted(rule.priority)],
    ['cooldown_seconds', cooldown(rule.cooldown)],
    ['user_ids', Array.isArray(rule.users) && rule.users.length > 0 && list(rule.users)],
    ['title', given(rule.title, rule.name) && quoted(rule.title)],
    ['body', given(rule.body) && quoted(rule.body)],
    ['dedup_key', given(rule.dedup_key) && quoted(rule.dedup_key)],
    ['topic', given(rule.topic, rule.name) && quoted(rule.topic)],
    ['mandatory', rule.mandatory === true && 'true'],
  ];
  const lines = keys.filter(([, value]) => value !== false && value !== undefined && value !== '').map(([key, value]) => `${key}: ${value}`);
  return `triggers:\n  - ${lines.join("\n    ")}\n`;
}

function given(value, usual) {
  return typeof value === 'string' && value !== '' && value !== usual;
}

function cooldown(value) {
  if (typeof value === 'number' && Number.isFinite(value)) return value === 300 ? undefined : String(value);
  return typeof value === 'string' && value !== '' ? quoted(value) : undefined;
}

function list(texts) {
  return `[${texts.map((text) => quoted(String(text))).join(", ")}]`;
}

// What YAML, in any of its versions, would read as something other than text.
const RESERVED = /^(?:true|false|yes|no|on|off|null|y|n)$/i;
const PLAIN = /^[A-Za-z][A-Za-z0-9_.-]*$/;
// Control characters, and what turns or hides text.
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\uffff]/u;

/** A text as YAML: plain where nothing can be misread, in single quotes where that is readable, else in double quotes. */
export function quoted(text) {
  if (PLAIN.test(text) && !RESERVED.test(text)) return text;
  if (UNSEEN.test(text)) return `"${[...text].map(escaped).join("")}"`;
  return text.includes("'") && !/["\\]/.test(text) ? `"${text}"` : `'${text.replaceAll("'", "''")}'`;
}

function escaped(character) {
  const short = {'"': '\\"', '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r'}[character];
  if (short) return short;
  if (!UNSEEN.test(character)) return character;
  const code = character.codePointAt(0);
  // Half a character has no place in a file.
  return code >= 0xd800 && code <= 0xdfff ? '\ufffd' : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Whether the configuration would put something else in place of a part of the text. */
export function isExpanded(rule) {
  return [rule.name, rule.condition, rule.title, rule.body].some((text) => typeof text === 'string' && text.includes('${'));
}
