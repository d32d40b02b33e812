// From the address behind the # to a view. A view is a module with `title`, perhaps `styles` (paths of its style sheets), and
//   show(root, {name, arg, query}, {signal})
// which fills `root`, which is its own and empty, and ends all that it began when the signal does. `arg` is what follows the name
// (`#/inbox/ann`), `query` is URLSearchParams (`#/deliveries?step=dead`).

import { mayAsk } from './api.js';
import { el, failure, fill } from './ui.js';

export const VIEWS = {
  now: {word: 'Now', letter: 'n'},
  inbox: {word: 'Inbox', letter: 'i'},
  explain: {word: 'Explain', letter: 'e'},
  deliveries: {word: 'Deliveries', letter: 'd'},
  rules: {word: 'Rules lab', letter: 'r'},
  preferences: {word: 'Preferences', letter: 'p'},
  channels: {word: 'Channels', letter: 'c'},
};

let shown = null;
let place;
let marked;

/** The address of a view, for links. */
export function href(name, arg, query) {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    for (const one of [value].flat()) if (one !== undefined && one !== null && one !== '') search.append(key, one);
  }
  const tail = search.toString();
  return `#/${name}${arg ? `/${encodeURIComponent(arg)}` : ''}${tail && `?${tail}`}`;
}

export const go = (...where) => { location.hash = href(...where); };

/** Changes the address without leaving the view, for filters that are to survive a reload. */
export const keep = (...where) => history.replaceState(null, '', href(...where));

function parse(hash) {
  const [path, search = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const [name = '', ...rest] = path.split('/');
  let arg = rest.join('/');
  try { arg = decodeURIComponent(arg); } catch { /* taken as it stands */ }
  return {name: name || 'now', arg, query: new URLSearchParams(search)};
}

export function start(main, whenShown) {
  place = main;
  marked = whenShown;
  addEventListener('hashchange', () => turn(true));
  turn(false).finally(() => requestIdleCallback(fetchAhead, {timeout: 3000}));
}

/** Shows the view of the address anew. */
export const again = () => turn(false);

class Missing extends Error {}

const module = (name) => import(`/views/${name}.js`).catch(() => {
  throw new Missing('This part of the page cannot be had. Does `tidings up` still run?');
});

/** What is fetched ahead is there when the daemon is not. */
function fetchAhead() {
  for (const name of Object.keys(VIEWS)) module(name).then((view) => (view.styles ?? []).forEach(styled)).catch(() => {});
}

async function turn(moved) {
  shown?.abort();
  mayAsk();
  const own = shown = new AbortController();
  const params = parse(location.hash);
  marked(params.name);
  const root = el('div', {class: 'view', 'data-view': params.name, test: `view-${params.name}`});
  try {
    if (!Object.hasOwn(VIEWS, params.name)) throw new Error(`There is no view "${params.name}".`);
    const view = await module(params.name);
    await Promise.all((view.styles ?? []).map(styled));
    if (own.signal.aborted) return;
    wear(view.styles ?? []);
    place.replaceChildren(root);
    if (moved) { scrollTo(0, 0); place.focus({preventScroll: true}); }
    await view.show(root, params, {signal: own.signal});
  } catch (error) {
    if (own.signal.aborted || error?.name === 'AbortError') return;
    if (!root.isConnected) place.replaceChildren(root);
    // A module that was not there once is looked for by a new page only.
    const head = el('header', {class: 'head'}, el('h1', {}, VIEWS[params.name]?.word ?? 'Not found'));
    fill(root, head, failure(error, error instanceof Missing ? () => location.reload() : again));
  }
}

const sheets = new Map();

/** Once a style sheet is there, or cannot be had. It does nothing yet. */
function styled(path) {
  if (!sheets.has(path)) {
    const sheet = el('link', {rel: 'stylesheet', href: path, media: 'not all'});
    sheets.set(path, {sheet, loaded: new Promise((resolve) => {
      sheet.addEventListener('load', resolve);
      sheet.addEventListener('error', resolve);
    })});
    document.head.append(sheet);
  }
  return sheets.get(path).loaded;
}

/** These style sheets and no others: one view's words for its parts are another's, too. */
function wear(paths) {
  for (const [path, {sheet}] of sheets) sheet.media = paths.includes(path) ? 'all' : 'not all';
}
