// Asks the daemon. Answers are JSON, errors are problem documents; who has no key is asked for one. What comes by itself is live.js's.

import { askForKey } from './key.js';

const KEY = 'tidings.key';
let asking = null;
/** Who has closed the question is not asked by what runs by itself, but by the next thing that he does. */
let isDeclined = false;
export const mayAsk = () => { isDeclined = false; };

export const key = () => { try { return sessionStorage.getItem(KEY) ?? ''; } catch { return ''; } };
export const putKey = (value) => { try { sessionStorage.setItem(KEY, value); } catch { /* it is asked for again */ } };
export const headers = () => (key() ? {Authorization: `Bearer ${key()}`} : {});

/** What the daemon refused: its words, its status, and the problem as it was sent. */
export class Refusal extends Error {
  constructor(status, problem, fallback) {
    super(problem?.detail || problem?.title || fallback);
    this.name = 'Refusal';
    this.status = status;
    this.problem = problem;
    /** Where several things are wrong: [{path, message}]. */
    this.problems = Array.isArray(problem?.problems) ? problem.problems : [];
  }
}

/** One at a time: whoever else is refused waits for the same answer. */
export async function newKey(wrong) {
  if (isDeclined) return false;
  asking ??= askForKey(wrong).then((value) => {
    if (value) putKey(value);
    isDeclined = !value;
    return Boolean(value);
  }).finally(() => { asking = null; });
  return asking;
}

/** The answer as it came. A 401 asks for a key and tries again. */
export async function fetched(path, {method = 'GET', body, head = {}, signal} = {}) {
  for (;;) {
    const used = key();
    const type = body === undefined ? {} : {'Content-Type': 'application/json'};
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    let answer;
    try {
      answer = await fetch(path, {method, body: text, headers: {...headers(), ...type, ...head}, signal, cache: 'no-store', redirect: 'error'});
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      throw new Refusal(0, null, 'The daemon does not answer. Does `tidings up` still run?');
    }
    if (answer.status !== 401) return answer;
    // Somebody else's question may have been answered meanwhile.
    if (used === key() && !(await newKey(used !== ''))) throw await refusal(answer);
    signal?.throwIfAborted();
  }
}

async function refusal(answer) {
  const problem = await answer.json().catch(() => null);
  return new Refusal(answer.status, problem, `The daemon answered ${answer.status} ${answer.statusText}`.trim());
}

/** The JSON of an answer, with its ETag; throws a Refusal. */
export async function withTag(path, options) {
  const answer = await fetched(path, options);
  if (!answer.ok) throw await refusal(answer);
  const text = await answer.text();
  try {
    return {value: text === '' ? null : JSON.parse(text), tag: answer.headers.get('ETag')};
  } catch {
    throw new Refusal(answer.status, null, 'The daemon answered something that is not JSON');
  }
}

const value = async (path, options) => (await withTag(path, options)).value;
export const get = (path, signal) => value(path, {signal});
export const post = (path, body = {}, signal) => value(path, {method: 'POST', body, signal});
export const patch = (path, body, signal) => value(path, {method: 'PATCH', body, signal});
export const remove = (path, signal) => value(path, {method: 'DELETE', signal});
/** Changes what still has this tag; gives {value, tag}. A Refusal of status 412 says that it has not. */
export const put = (path, body, tag, signal) => withTag(path, {method: 'PUT', body, head: tag ? {'If-Match': tag} : {}, signal});

/** The text of an answer. */
export async function text(path, signal) {
  const answer = await fetched(path, {signal});
  if (!answer.ok) throw await refusal(answer);
  return answer.text();
}

/** A path of pieces that others named, with a query whose empty values are left out. */
export function at(pieces, query = {}) {
  const path = pieces.map((piece) => encodeURIComponent(piece)).join('/');
  const search = new URLSearchParams();
  for (const [name, given] of Object.entries(query)) {
    for (const one of [given].flat()) if (one !== undefined && one !== null && one !== '') search.append(name, one);
  }
  const tail = search.toString();
  return `/v1/${path}${tail && `?${tail}`}`;
}

/** Brings an answer to the user's disk; the key goes in the header, so a link would not do. */
export async function download(path, name) {
  const answer = await fetched(path);
  if (!answer.ok) throw await refusal(answer);
  const address = URL.createObjectURL(await answer.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
