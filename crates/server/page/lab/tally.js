// What a backtest counts, brought into one form: numbers now against then, in all, by user and by hour. How it is drawn is others' business.

/** The API's answer about the rule `name`, which stands in place of `replaces` if that is given, in the form that is drawn. */
export function readBacktest(answer, {name, replaces} = {}) {
  const now = answer?.now ?? {};
  const then = answer?.then ?? {};
  return {
    events: Number(answer?.events ?? 0),
    from: answer?.from,
    until: answer?.until,
    cut: answer?.cut ?? null,
    totals: totals(now?.rules?.[replaces ?? name], then?.rules?.[name]),
    everybody: {label: 'messages of all rules', now: count(now?.total, 'messages'), then: count(then?.total, 'messages')},
    users: paired(now, then, 'users', false),
    ...byTime(paired(now, then, 'hours', true)),
    onlyNow: only(answer?.only_now),
    onlyThen: only(answer?.only_then),
    examples: Array.isArray(answer?.examples) ? answer.examples : [],
  };
}

const ROWS = [
  ['fired', 'fired', 'the rule held and was off cooldown'],
  ['made', 'notifications', 'one for each person'],
  ['messages', 'messages told', 'what people would have received'],
  ['cooldown', 'kept back by cooldown', 'fired again too soon'],
  ['duplicate', 'repeats', 'the same within the window'],
  ['denied', 'denied by wishes', 'a channel, a topic or a threshold'],
  ['later', 'told later', 'held, or in a digest'],
];

/** What only one side tells: how many, and the first of them. */
function only(side) {
  return {count: Number(side?.count ?? 0), first: Array.isArray(side?.first) ? side.first : []};
}

function totals(now, then) {
  const rows = ROWS.map(([key, label, help]) => ({key, label, help, now: count(now, key), then: count(then, key)}));
  return rows.filter((row) => row.key === 'fired' || row.key === 'messages' || row.now > 0 || row.then > 0);
}

/** One number of a tally; what was kept back may stand within `suppressed`, there by reason. */
export function count(tally, key) {
  if (key === 'later') return Number(tally?.held ?? 0) + Number(tally?.digested ?? 0);
  const value = tally?.[key] ?? tally?.suppressed?.[key] ?? 0;
  return typeof value === 'object' && value ? Object.values(value).reduce((sum, one) => sum + Number(one), 0) : Number(value);
}

/** Both sides of one kind of part, by name: `[{name, now, then}]` of told messages; hours in order, users by weight. */
function paired(now, then, kind, isTime) {
  const parts = [now, then].map((tally) => new Map(Object.entries(tally?.[kind] ?? {})));
  const names = [...new Set(parts.flatMap((part) => [...part.keys()]))];
  const rows = names.map((name) => ({name, now: count(parts[0].get(name), 'messages'), then: count(parts[1].get(name), 'messages')}));
  if (isTime) return filled(rows.sort((a, b) => moment(a.name) - moment(b.name)));
  return rows.sort((a, b) => Math.max(b.now, b.then) - Math.max(a.now, a.then) || a.name.localeCompare(b.name));
}

/** Unix seconds of an hour, written as a number or as a date. */
export function moment(name) {
  const number = Number(name);
  return Number.isFinite(number) ? number : Date.parse(name) / 1000;
}

const MOST_BARS = 72;

/** As many bars as fit side by side: `{hours, step}`, a step of so many hours for each. */
function byTime(rows) {
  const step = [1, 3, 6, 12].find((hours) => rows.length / hours <= MOST_BARS) ?? 24;
  const bars = Array.from({length: Math.ceil(rows.length / step)}, (_, place) => {
    const part = rows.slice(place * step, (place + 1) * step);
    const sum = (side) => part.reduce((total, row) => total + row[side], 0);
    return {name: part[0].name, now: sum('now'), then: sum('then')};
  });
  return {hours: bars.slice(-MOST_BARS), step};
}

const MOST_HOURS = 24 * 31;

/** Hours in which nothing was told are part of the picture. */
function filled(rows) {
  if (rows.length < 2) return rows;
  const [first, last] = [moment(rows[0].name), moment(rows.at(-1).name)];
  const hours = (last - first) / 3600;
  if (!Number.isFinite(hours) || hours > MOST_HOURS) return rows;
  const known = new Map(rows.map((row) => [moment(row.name), row]));
  return Array.from({length: Math.round(hours) + 1}, (_, hour) => {
    const at = first + hour * 3600;
    return known.get(at) ?? {name: String(at), now: 0, then: 0};
  });
}
