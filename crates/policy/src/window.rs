//! The windows of digests: which one a moment belongs to, so that what is said in it is told together at its end. Collecting and sending
//! are done elsewhere.

use jiff::{Span, Zoned, tz::TimeZone};
use tidings_core::Timestamp;

use crate::{
    quiet::{instant, local},
    schedule::TimeOfDay,
    settings::{Digest, DigestPeriod},
};

/// When a daily digest is sent whose user has said no time: 09:00.
pub const DIGEST_AT: TimeOfDay = TimeOfDay::of(9, 0);

/// The window of a digest: from one sending to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigestWindow {
    /// The last sending before.
    pub from: Timestamp,
    /// The sending: what is said at this very moment belongs to the next one.
    pub until: Timestamp,
}

/// The window that this moment belongs to, by the zone's clock; `None` beyond the years that a calendar has.
///
/// A time that the day does not have is as much later as the clock was put forward; one that it has twice is the first of the two
/// (RFC 5545, 3.3.5). An hour that the clock shows twice has two windows.
#[must_use]
pub fn digest_window(digest: &Digest, zone: &TimeZone, now: Timestamp) -> Option<DigestWindow> {
    match digest.every {
        DigestPeriod::Hourly => hour(zone, now),
        DigestPeriod::Daily => day(digest.at.unwrap_or(DIGEST_AT), zone, now),
    }
}

/// From one moment at which the clock shows a full hour to the next: where it is put by half an hour, that is half an hour or more than one.
fn hour(zone: &TimeZone, now: Timestamp) -> Option<DigestWindow> {
    let shown = local(now, zone)?;
    let within = Span::new().seconds(shown.second()).nanoseconds(shown.subsec_nanosecond());
    let minute = shown.checked_sub(within).ok()?;
    let next = minute.checked_add(Span::new().minutes(1)).ok()?;
    let past = i64::from(minute.minute());
    let from = full_hour(minute, -1, past)?;
    let until = full_hour(next, 1, 59 - past)?;
    Some(DigestWindow { from, until })
}

/// The nearest moment, this way, at which the clock shows a full hour: so many minutes away, unless the clock is put in between. Then it is
/// looked for minute by minute; it is at most an hour and a half away.
fn full_hour(from: Zoned, way: i64, minutes: i64) -> Option<Timestamp> {
    let expected = from.checked_add(Span::new().minutes(way * minutes)).ok()?;
    if expected.offset() == from.offset() {
        return moment(&expected);
    }
    let mut at = from;
    for _ in 0..=90 {
        if at.minute() == 0 {
            return moment(&at);
        }
        at = at.checked_add(Span::new().minutes(way)).ok()?;
    }
    None
}

fn moment(shown: &Zoned) -> Option<Timestamp> {
    i64::try_from(shown.timestamp().as_nanosecond()).ok().map(Timestamp::from_nanos)
}

fn day(time: TimeOfDay, zone: &TimeZone, now: Timestamp) -> Option<DigestWindow> {
    let today = local(now, zone)?.date();
    let days = [today.yesterday().ok()?, today, today.tomorrow().ok()?, today.checked_add(Span::new().days(2)).ok()?];
    let sendings: Vec<Timestamp> = days.into_iter().filter_map(|day| instant(day, time, zone)).collect();
    let windows = sendings.iter().zip(sendings.iter().skip(1));
    let mut windows = windows.map(|(from, until)| DigestWindow { from: *from, until: *until });
    windows.find(|window| window.from <= now && now < window.until)
}

#[cfg(test)]
mod tests;
