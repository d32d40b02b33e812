// What the daemon tells by itself: one stream for the whole page, resumed where it broke. The inbox has a socket of its own.

import { headers, newKey } from './api.js';
import { parser } from './stream.js';

const listeners = new Map();
const watchers = new Set();
/** A hidden page lets its connection go after so long: browsers have few for each host. */
const PATIENCE = 20_000;
let last = '';
let current = 'off';
let running = null;
let failures = 0;

/** `off`, `again` (trying), `live`, `refused`. */
export const state = () => current;

/** Calls back with each message of a kind (`entry`, `event`, `now`; `reset` where too much was missed to be told) until the signal ends it. */
export function listen(kind, handler, signal) {
  keep(listeners.get(kind) ?? listeners.set(kind, new Set()).get(kind), handler, signal);
}

/** Calls back with the state now, and whenever it changes. */
export function watch(handler, signal) {
  keep(watchers, handler, signal);
  handler(current);
}

function keep(set, handler, signal) {
  if (signal?.aborted) return;
  set.add(handler);
  signal?.addEventListener('abort', () => set.delete(handler));
}

function turn(state) {
  if (state === current) return;
  current = state;
  for (const handler of [...watchers]) handler(state);
}

/** A stream that begins before the place that was asked for is another daemon's, or of a store that was begun anew. */
function isAnew(id) {
  const [before, now] = [last, id].map((place) => place.split('.').map(Number));
  return last !== '' && now.some((number, which) => number < before[which]);
}

function tell({kind, data, id}) {
  if (kind === 'hello' && isAnew(id)) tell({kind: 'reset', data: '{}', id});
  if (id) last = id;
  let value;
  try { value = JSON.parse(data); } catch { return; }
  for (const handler of [...(listeners.get(kind) ?? [])]) handler(value);
}

/** Begins, and goes on until the page is left. */
export function begin() {
  if (running) return;
  running = new AbortController();
  run(running.signal);
}

/** Tries at once. */
export function retry() {
  failures = 0;
  running?.abort();
  running = null;
  begin();
}

async function run(signal) {
  while (!signal.aborted) {
    if (current !== 'refused') turn('again');
    try {
      await read(signal);
    } catch {
      // The next turn tries again, whatever it was.
    }
    if (signal.aborted) return;
    if (current === 'refused') return;
    turn('again');
    failures += 1;
    const wait = Math.min(15_000, 500 * 2 ** Math.min(failures, 5)) * (0.6 + Math.random() * 0.8);
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, {once: true});
    });
  }
}

async function read(signal) {
  // Not EventSource: this way the key and the place to resume from go in headers, and never in an address.
  const resume = last ? {'Last-Event-ID': last} : {};
  const answer = await fetch('/v1/live', {headers: {...headers(), ...resume, Accept: 'text/event-stream'}, signal, cache: 'no-store'});
  if (answer.status === 401 && (await newKey(Boolean(headers().Authorization)))) return;
  if (answer.status === 401 || answer.status === 403) { turn('refused'); return; }
  // A place of another daemon, or of a store that was begun anew.
  if (answer.status === 400) last = '';
  if (!answer.ok || !answer.body) throw new Error(`${answer.status}`);
  failures = 0;
  turn('live');
  const take = parser(tell);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const {value, done} = await reader.read();
    if (done) return;
    take(value);
  }
}

function letGo() {
  running?.abort();
  running = null;
  turn('off');
}

// A page that is kept for the way back would keep its connection, too, and a few of those are all that a browser has.
window.addEventListener('pagehide', letGo);
window.addEventListener('pageshow', (event) => { if (event.persisted) retry(); });

let pause;
document.addEventListener('visibilitychange', () => {
  clearTimeout(pause);
  if (document.hidden) {
    pause = setTimeout(letGo, PATIENCE);
  } else if (!running || current === 'again') {
    retry();
  }
});
window.addEventListener('online', () => { if (current !== 'live') retry(); });
