// From the address behind the # to a view. A view is a module with `title`, perhaps `styles` (paths of its style sheets), and
//   show(root, {name, arg, query}, {signal})
// which fills `root`, which is its own and empty, and ends all that it began when the signal does. `arg` is what follows the name
// (`#/inbox/ann`), `query` is URLSearchParams (`#/deliveries?step=dead`).

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
  turn(false);
}

/** Shows the view of the address anew. */
export const again = () => turn(false);

async function turn(moved) {
  shown?.abort();
  const own = shown = new AbortController();
  const params = parse(location.hash);
  marked(params.name);
  // A module that was not there at the first try is asked for by the reload of the page only.
  const root = el('div', {class: 'view', 'data-view': params.name, test: `view-${params.name}`});
  try {
    if (!Object.hasOwn(VIEWS, params.name)) throw new Error(`There is no view "${params.name}".`);
    const view = await import(`/views/${params.name}.js`);
    await Promise.all((view.styles ?? []).map(styled));
    if (own.signal.aborted) return;
    place.replaceChildren(root);
    if (moved) { scrollTo(0, 0); place.focus({preventScroll: true}); }
    await view.show(root, params, {signal: own.signal});
  } catch (error) {
    if (own.signal.aborted || error?.name === 'AbortError') return;
    if (!root.isConnected) place.replaceChildren(root);
    fill(root, failure(error, again));
  }
}

const sheets = new Map();

/** Once a style sheet is there, or cannot be had. */
function styled(path) {
  if (!sheets.has(path)) {
    sheets.set(path, new Promise((resolve) => {
      document.head.append(el('link', {rel: 'stylesheet', href: path, onload: resolve, onerror: resolve}));
    }));
  }
  return sheets.get(path);
}
