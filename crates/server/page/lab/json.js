// Finds where a JSON text goes wrong, since browsers tell it each in their own way. What the text means is asked of JSON.parse.

/** `null` where the text is JSON of one object, else `{from, to, message, help, level}`. */
export function problemOf(text) {
  const reader = new Reader(text);
  try {
    reader.document();
    return null;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    const from = Math.min(problem.at, text.length);
    return {from, to: Math.min(from + problem.length, text.length), message: problem.message, help: problem.help, level: 'error'};
  }
}

class Problem extends Error {
  constructor(at, message, help = '', length = 1) {
    super(message);
    Object.assign(this, {at, help, length});
  }
}

// As deep as the API reads; deeper would be refused there.
const DEEPEST = 128;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const BLANK = /[ \t\r\n]*/y;
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  document() {
    this.blank();
    if (this.at === this.text.length) throw new Problem(0, 'nothing stands here', 'write an event: { … }');
    if (this.peek() !== '{') throw new Problem(this.at, 'an event is an object', 'begin with {');
    this.value(0);
    this.blank();
    if (this.at < this.text.length) throw new Problem(this.at, 'one event only', 'remove what stands behind it', this.text.length);
  }

  value(depth) {
    if (depth > DEEPEST) throw new Problem(this.at, `nested deeper than ${DEEPEST}`);
    const next = this.peek();
    if (next === '{') return this.list('}', depth, () => this.entry(depth));
    if (next === '[') return this.list(']', depth, () => this.value(depth + 1));
    if (next === '"') return this.string();
    if (this.match(NUMBER)) return undefined;
    return this.word();
  }

  list(end, depth, item) {
    const opened = this.at;
    this.at += 1;
    this.blank();
    if (this.take(end)) return;
    for (;;) {
      item();
      this.blank();
      if (this.take(end)) return;
      if (this.at >= this.text.length) throw new Problem(opened, 'this is never closed', `write ${end} at its end`);
      if (!this.take(',')) throw new Problem(this.at, `a comma or ${end} belongs here`);
      this.blank();
      if (this.peek() === end) throw new Problem(this.at - 1, 'nothing follows this comma', 'remove it');
    }
  }

  entry(depth) {
    if (this.peek() === "'") throw new Problem(this.at, 'JSON has double quotes', 'write "');
    if (this.peek() !== '"') throw new Problem(this.at, 'a name in double quotes belongs here');
    this.string();
    this.blank();
    if (!this.take(':')) throw new Problem(this.at, 'a colon belongs here');
    this.blank();
    this.value(depth + 1);
  }

  string() {
    const begin = this.at;
    if (this.match(TEXT)) return;
    const end = this.text.slice(begin).search(/\n|$/);
    throw new Problem(begin, 'this text is not closed, or holds a character that must be escaped', 'close it with ", write \\n for a new line',
      Math.max(end, 1));
  }

  word() {
    const begin = this.at;
    const word = this.match(WORD);
    if (['true', 'false', 'null'].includes(word)) return;
    if (word) throw new Problem(begin, `${word} is no JSON`, hintFor(word), word.length);
    const next = this.peek();
    if (next === "'") throw new Problem(begin, 'JSON has double quotes', 'write "');
    throw new Problem(begin, next === undefined ? 'the text ends too early' : 'a value belongs here');
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found) this.at += found.length;
    return found;
  }

  blank() {
    this.match(BLANK);
  }

  peek() {
    return this.text[this.at];
  }

  take(character) {
    if (this.peek() !== character) return false;
    this.at += 1;
    return true;
  }
}

function hintFor(word) {
  const known = {True: 'true', False: 'false', None: 'null', undefined: 'null', NaN: 'null', nil: 'null'};
  return known[word] ? `write ${known[word]}` : 'put text in double quotes';
}
