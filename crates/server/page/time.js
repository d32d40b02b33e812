// Times in the zone of whoever looks. The API's times are seconds of Unix.

import { el } from './ui.js';

const format = (options) => new Intl.DateTimeFormat(undefined, options);
const exact = format({dateStyle: 'medium', timeStyle: 'long', hourCycle: 'h23'});
const clockFormat = format({hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23'});
const dayFormat = format({weekday: 'long', day: 'numeric', month: 'long', year: 'numeric'});
const minuteFormat = format({day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23'});
const shortFormat = format({day: 'numeric', month: 'short', year: 'numeric'});

const date = (seconds) => {
  const own = new Date(seconds * 1000);
  return typeof seconds !== 'number' || Number.isNaN(own.getTime()) ? null : own;
};
const midnight = (own) => new Date(own.getFullYear(), own.getMonth(), own.getDate()).getTime();

/** Days between two dates as calendars count them; an hour more or less in spring changes nothing. */
const daysBetween = (from, to) => Math.round((midnight(to) - midnight(from)) / 86_400_000);

export const stamp = (seconds) => { const own = date(seconds); return own ? exact.format(own) : 'unknown'; };
export const clock = (seconds) => { const own = date(seconds); return own ? clockFormat.format(own) : '–'; };

/** A day and a time in little room. */
const short = (seconds) => { const own = date(seconds); return own ? minuteFormat.format(own) : '–'; };

/** Whether that is of the day that it is. */
export const isToday = (seconds) => { const own = date(seconds); return own !== null && daysBetween(own, new Date()) === 0; };

/** A heading for a day: Today, Yesterday, or its date. */
export function day(seconds, now = Date.now() / 1000) {
  const own = date(seconds);
  if (!own) return 'Unknown day';
  const past = daysBetween(own, new Date(now * 1000));
  return past === 0 ? 'Today' : past === 1 ? 'Yesterday' : dayFormat.format(own);
}

/** A length in its largest unit. */
export function span(seconds) {
  const length = Math.abs(seconds);
  if (length < 1) return `${Math.round(length * 1000)} ms`;
  const [size, unit] = length < 60 ? [1, 's'] : length < 3600 ? [60, 'min'] : length < 172_800 ? [3600, 'h'] : [86_400, 'days'];
  return `${Math.floor(length / size)} ${unit}`;
}

/** How long ago, or in how long; beyond a week its date. */
export function ago(seconds, now = Date.now() / 1000) {
  const own = date(seconds);
  if (!own) return '–';
  const past = now - seconds;
  if (Math.abs(past) < 5) return 'just now';
  if (Math.abs(past) > 604_800) return shortFormat.format(own);
  return past > 0 ? `${span(past)} ago` : `in ${span(past)}`;
}

/** An element for a time, with the whole of it in its title: how long ago, kept true; or its `clock`, its `stamp`, or both `short`. */
export function when(seconds, {as = 'ago'} = {}) {
  const own = date(seconds);
  const words = {clock, stamp, short}[as] ?? ago;
  return el('time', {datetime: own?.toISOString(), title: stamp(seconds), 'data-ago': as === 'ago' && own ? seconds : null}, words(seconds));
}

// One clock for all of them.
setInterval(() => {
  if (document.hidden) return;
  for (const node of document.querySelectorAll('time[data-ago]')) {
    const words = ago(Number(node.dataset.ago));
    if (node.textContent !== words) node.textContent = words;
  }
}, 5000);
