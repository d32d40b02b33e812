// Places in a text: the API counts bytes of UTF-8, a page counts UTF-16 units. This module translates; what is drawn there is others' business.

/** The UTF-16 place of a byte of the text's UTF-8; a byte within a character counts as its beginning. */
export function placeOfByte(text, byte) {
  let bytes = 0;
  let place = 0;
  for (const character of text) {
    const next = bytes + widthOf(character.codePointAt(0));
    if (next > byte) break;
    bytes = next;
    place += character.length;
  }
  return place;
}

/** How many bytes UTF-8 needs; a lone surrogate is sent as U+FFFD, which needs three. */
function widthOf(codePoint) {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}

/** Where the API says something of a condition, as spans of the text. Both forms are read: `from`, `to` and `span`. */
export function marksOf(text, diagnostics) {
  const list = Array.isArray(diagnostics) ? diagnostics : [];
  return list.map((one) => markOf(text, one ?? {})).sort((a, b) => a.from - b.from);
}

function markOf(text, {from, to, span, message, label, help, level, severity}) {
  const start = placeOfByte(text, Number(from ?? span?.[0] ?? 0));
  const end = placeOfByte(text, Number(to ?? span?.[1] ?? from ?? 0));
  return {
    from: start,
    to: end > start ? end : afterCharacter(text, start),
    message: String(message ?? label ?? 'this cannot be read'),
    help: help ? String(help) : '',
    level: (level ?? severity) === 'warning' ? 'warning' : 'error',
  };
}

/** What points between two characters is shown on the second. */
const afterCharacter = (text, place) => Math.min(place + String.fromCodePoint(text.codePointAt(place) ?? 0).length, text.length);

/** The line and column of a place, both from 1, for people. */
export function lineAndColumn(text, place) {
  const before = text.slice(0, place);
  const lineStart = before.lastIndexOf('\n') + 1;
  return {line: before.split('\n').length, column: [...before.slice(lineStart)].length + 1};
}

/** The text cut at the marks: `[{text, mark}]`, without overlaps, so that it can be drawn from left to right. */
export function pieces(text, marks) {
  const cut = [];
  let at = 0;
  for (const mark of marks) {
    const from = Math.max(mark.from, at);
    const to = Math.max(mark.to, from);
    if (mark.from < at && to <= at) continue;
    if (from > at) cut.push({text: text.slice(at, from)});
    cut.push({text: text.slice(from, to), mark});
    at = to;
  }
  if (at < text.length) cut.push({text: text.slice(at)});
  return cut;
}
