// What the log is asked for: from the page's address, to the API, and whether a live entry belongs to it.

/** Names of the API's filters that are texts. */
export const TEXTS = ['rule', 'agent', 'user', 'endpoint'];
/** Ids, which come with links from elsewhere. */
export const IDS = ['event', 'notification', 'delivery'];

/** Spans to choose from, in seconds. */
export const SPANS = {'1h': 3600, '24h': 86_400, '7d': 604_800};

/** {step: [], rule, agent, user, endpoint, event, notification, delivery, time, from, to}: empty ones are ''. */
export function readQuery(query) {
  const asked = {step: query.getAll('step'), time: query.get('time') ?? '', from: query.get('from') ?? '', to: query.get('to') ?? ''};
  for (const name of [...TEXTS, ...IDS]) asked[name] = query.get(name) ?? '';
  return asked;
}

/** The same for the page's address, without what is empty. */
export function toQuery(asked) {
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== '' && value.length > 0));
}

/** A date and a time of a form's field, in the zone of whoever looks, as seconds; undefined for none. */
const seconds = (local) => {
  const time = new Date(local).getTime() / 1000;
  return local && Number.isFinite(time) ? time : undefined;
};

/** From when to when. */
export function bounds({time, from, to}, now = Date.now() / 1000) {
  if (Object.hasOwn(SPANS, time)) return {since: now - SPANS[time], until: undefined};
  return time === 'own' ? {since: seconds(from), until: seconds(to)} : {since: undefined, until: undefined};
}

/** The API's parameters. */
export function question(asked) {
  const named = Object.fromEntries([...TEXTS, ...IDS].map((name) => [name, asked[name].trim()]));
  return {step: asked.step, ...named, ...bounds(asked)};
}

/** Whether an entry that has just come is one of those. */
export function matches(asked, entry) {
  const named = [...TEXTS, ...IDS].every((name) => asked[name].trim() === '' || entry[name] === asked[name].trim());
  const {since, until} = bounds(asked);
  return named && (asked.step.length === 0 || asked.step.includes(entry.step)) && !(entry.at < since) && !(entry.at >= until);
}
