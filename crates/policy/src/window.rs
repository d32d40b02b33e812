//! The windows of digests: which one a moment belongs to, so that what is said in it is told together at its end. Collecting and sending
//! are done elsewhere.

use std::time::Duration;

use jiff::{Span, tz::TimeZone};
use tidings_core::Timestamp;

use crate::{
    quiet::{calendar, instant, local, moment},
    schedule::TimeOfDay,
    settings::{Digest, DigestPeriod},
};

/// When a daily digest is sent whose user has said no time: 09:00.
pub const DIGEST_AT: TimeOfDay = TimeOfDay::of(9, 0);

/// The shortest time that there is.
const TICK: Duration = Duration::from_nanos(1);
const SECOND: i64 = 1_000_000_000;
const HOUR: i64 = 3600 * SECOND;
/// No clock is put so often within an hour.
const MOST_PUT: usize = 4;

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

/// From one moment at which the clock shows a full hour to the next: where it is put by less than an hour, that is up to two hours.
fn hour(zone: &TimeZone, now: Timestamp) -> Option<DigestWindow> {
    Some(DigestWindow { from: full_hour_before(zone, now)?, until: full_hour_after(zone, now + TICK)? })
}

/// The last moment up to this one at which the clock shows a full hour. Where the clock was put since, the clock of before counts.
fn full_hour_before(zone: &TimeZone, mut at: Timestamp) -> Option<Timestamp> {
    for _ in 0..MOST_PUT {
        let offset = offset(zone, at)?;
        let full = Timestamp::from_nanos(at.as_nanos().checked_sub(past_hour(at, offset))?);
        if self::offset(zone, full)? == offset {
            return Some(full);
        }
        let put = zone.preceding(calendar(at + TICK)?).next()?;
        at = moment(put.timestamp())? - TICK;
    }
    None
}

/// The first moment from this one on at which the clock shows a full hour. Where the clock is put until then, the clock of after counts.
fn full_hour_after(zone: &TimeZone, mut at: Timestamp) -> Option<Timestamp> {
    for _ in 0..MOST_PUT {
        let offset = offset(zone, at)?;
        let missing = (HOUR - past_hour(at, offset)) % HOUR;
        let full = Timestamp::from_nanos(at.as_nanos().checked_add(missing)?);
        if self::offset(zone, full)? == offset {
            return Some(full);
        }
        at = moment(zone.following(calendar(at)?).next()?.timestamp())?;
    }
    None
}

/// How many nanoseconds ago a clock that is so many seconds ahead of UTC showed a full hour.
fn past_hour(at: Timestamp, offset: i32) -> i64 {
    (at.as_nanos().rem_euclid(HOUR) + i64::from(offset) * SECOND).rem_euclid(HOUR)
}

fn offset(zone: &TimeZone, at: Timestamp) -> Option<i32> {
    Some(zone.to_offset(calendar(at)?).seconds())
}

fn day(time: TimeOfDay, zone: &TimeZone, now: Timestamp) -> Option<DigestWindow> {
    let today = local(now, zone)?.date();
    // Yesterday's may still be to come: where a gap of the clock takes it over midnight, or the calendar leaves yesterday out.
    let days = (-2..=2).filter_map(|days| today.checked_add(Span::new().days(days)).ok());
    let sendings: Vec<Timestamp> = days.filter_map(|day| instant(day, time, zone)).collect();
    let windows = sendings.iter().zip(sendings.iter().skip(1));
    let mut windows = windows.map(|(from, until)| DigestWindow { from: *from, until: *until });
    windows.find(|window| window.from <= now && now < window.until)
}

#[cfg(test)]
mod tests;
