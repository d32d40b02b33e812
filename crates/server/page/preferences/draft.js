// What somebody changed on the page but has not saved: single changes over what stands, so that nothing else is touched and nothing is lost
// when what stands has changed meanwhile. What the keys mean is the wishes' business.

/** Whether two JSON values are the same, whatever the order of their keys. */
export function same(a, b) {
  if (a === b) return true;
  if (!isObject(a) || !isObject(b)) return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, place) => same(one,
    b[place]));
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at a path; `undefined` where nothing does. Names come from outside: only own keys count. */
export function at(value, path) {
  return path.reduce((within, key) => (isObject(within) && Object.hasOwn(within, key) ? within[key] : undefined), value);
}

/** A copy with the value put there, or taken away where it is `undefined`; what that leaves empty goes too. */
function put(within, [key, ...rest], value) {
  const copy = isObject(within) ? {...within} : {};
  const next = rest.length > 0 ? put(own(copy, key), rest, value) : value;
  if (next === undefined || (rest.length > 0 && value === undefined && Object.keys(next).length === 0)) delete copy[key];
  else Object.defineProperty(copy, key, {value: next, enumerable: true, writable: true, configurable: true});
  return copy;
}

function own(map, key) {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

export class Draft {
  #edits = new Map();

  constructor(standing) {
    this.standing = standing;
  }

  get isChanged() {
    return this.#edits.size > 0;
  }

  /** The changes: `[{path, value}]`. */
  get edits() {
    return [...this.#edits.values()];
  }

  /** The value at a path, with the changes. */
  at(path) {
    return at(this.result(), path);
  }

  isEdited(path) {
    return this.edits.some((edit) => begins(edit.path, path) || begins(path, edit.path));
  }

  /** Puts a value there, or takes the key away with `undefined`. What comes back to what stands is no change. */
  set(path, value) {
    for (const [key, edit] of this.#edits) if (begins(edit.path, path)) this.#edits.delete(key);
    if (!same(at(this.standing, path), value)) this.#edits.set(JSON.stringify(path), {path, value});
  }

  /** Goes back to what stands, at a path or everywhere. */
  undo(path = []) {
    for (const [key, edit] of this.#edits) if (begins(edit.path, path)) this.#edits.delete(key);
  }

  /** All of it, as it would be saved. Where nothing is changed that is what stands, be it nothing. */
  result() {
    return this.edits.reduce((value, edit) => put(value, edit.path, edit.value), this.standing);
  }

  /** Makes the changes that lead to this value, each as small as it can be. */
  replaceWith(value) {
    this.#edits.clear();
    for (const edit of differences(this.standing ?? {}, value ?? {})) this.#edits.set(JSON.stringify(edit.path), edit);
  }

  /** Takes what stands after these changes were saved, however it is written there. What was changed since stays a change. */
  saved(standing, sent) {
    for (const [key, edit] of this.#edits) if (sent.includes(edit)) this.#edits.delete(key);
    this.rebase(standing);
  }

  /** Takes what stands now; answers with the changes at which both sides changed the same thing. */
  rebase(standing) {
    const before = this.standing;
    this.standing = standing;
    const conflicts = [];
    for (const [key, {path, value}] of this.#edits) {
      const theirs = at(standing, path);
      if (same(theirs, value)) this.#edits.delete(key);
      else if (!same(theirs, at(before, path))) conflicts.push({path, before: at(before, path), theirs, mine: value});
    }
    return conflicts;
  }
}

function begins(path, prefix) {
  return prefix.every((key, place) => path[place] === key);
}

function differences(from, to, path = []) {
  if (!isObject(from) || !isObject(to)) return same(from, to) ? [] : [{path, value: to}];
  const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
  return [...keys].flatMap((key) => differences(own(from, key), own(to, key), [...path, key]));
}
