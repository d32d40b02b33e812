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

/// From one full hour to the next. Zones are off UTC by whole minutes: what the clock shows says how far the hour has gone.
fn hour(zone: &TimeZone, now: Timestamp) -> Option<DigestWindow> {
    let shown = local(now, zone)?;
    let gone = i64::from(shown.minute()) * 60_000_000_000
        + i64::from(shown.second()) * 1_000_000_000
        + i64::from(shown.subsec_nanosecond());
    let from = now.as_nanos().checked_sub(gone)?;
    let next = next_full_hour(&shown)?;
    Some(DigestWindow { from: Timestamp::from_nanos(from), until: next })
}

/// The next moment at which the clock shows a full hour, by steps of a minute of real time at most an hour and a half away: a clock that
/// is put by half an hour shows it earlier or later.
fn next_full_hour(shown: &Zoned) -> Option<Timestamp> {
    let minute = shown.round(jiff::Unit::Minute).ok()?;
    let start = if minute <= *shown { minute.checked_add(Span::new().minutes(1)).ok()? } else { minute };
    let mut at = start;
    for _ in 0..=90 {
        if at.minute() == 0 {
            return i64::try_from(at.timestamp().as_nanosecond()).ok().map(Timestamp::from_nanos);
        }
        at = at.checked_add(Span::new().minutes(1)).ok()?;
    }
    None
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
