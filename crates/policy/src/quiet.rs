//! When quiet hours are open, and when they end: a window by the wall clock of a zone, which may have a day of 23 or 25 hours. What happens
//! to a message within it is decided by `judge`.

use std::time::Duration;

use jiff::{
    Span, Zoned,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use tidings_core::Timestamp;

use crate::{
    schedule::{Day, TimeOfDay, time_zone},
    settings::QuietHours,
};

/// So many windows that follow each other without a gap are one; a window of all hours of all days ends then all the same, so that nothing
/// is held for ever.
const CHAIN: usize = 7;

/// When the quiet hours that are open at `now` end; `None` where none are. They begin at `from` and end before `to`.
///
/// A time that the day does not have is as much later as the clock was put forward; one that it has twice is the first of the two
/// (RFC 5545, 3.3.5). The zone is that of the quiet hours, else `zone`.
#[must_use]
pub fn quiet_until(hours: &QuietHours, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let own = hours.timezone.as_deref().and_then(|name| time_zone(name).ok());
    let zone = own.as_ref().unwrap_or(zone);
    let (_, mut end) = open_at(hours, zone, now)?;
    for _ in 1..CHAIN {
        match open_at(hours, zone, end) {
            Some((_, later)) if later > end => end = later,
            _ => break,
        }
    }
    Some(end)
}

/// When the quiet hours that are open at `now` began and when they end; as for [`quiet_until`], windows without a gap are one.
pub(crate) fn quiet_span(hours: &QuietHours, zone: &TimeZone, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let own = hours.timezone.as_deref().and_then(|name| time_zone(name).ok());
    let zone = own.as_ref().unwrap_or(zone);
    let end = quiet_until(hours, zone, now)?;
    let (mut start, _) = open_at(hours, zone, now)?;
    for _ in 1..CHAIN {
        match open_at(hours, zone, start - Duration::from_nanos(1)) {
            Some((earlier, _)) if earlier < start => start = earlier,
            _ => break,
        }
    }
    Some((start, end))
}

/// The window that is open at this moment: of two, the earlier beginning and the later end.
fn open_at(hours: &QuietHours, zone: &TimeZone, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let today = local(now, zone)?.date();
    // A window that began yesterday may last until today; by a clock that is put one of the day before, or what began tomorrow already.
    let days = (-2..=1).filter_map(|days| today.checked_add(Span::new().days(days)).ok());
    let windows = days.filter(|day| begins_on(hours, *day, zone));
    let open = windows.filter_map(|day| window(hours, day, zone)).filter(|(from, to)| *from <= now && now < *to);
    open.reduce(|(from, to), (other_from, other_to)| (from.min(other_from), to.max(other_to)))
}

fn begins_on(hours: &QuietHours, day: Date, zone: &TimeZone) -> bool {
    hours.days.is_empty() || hours.days.contains(&day_of(day.weekday())) && is_there(day, zone)
}

/// Whether the zone has this day: whoever moves over the date line leaves one out, and nothing begins on it.
fn is_there(day: Date, zone: &TimeZone) -> bool {
    const NOON: TimeOfDay = TimeOfDay::of(12, 0);
    instant(day, NOON, zone).and_then(|noon| local(noon, zone)).is_some_and(|shown| shown.date() == day)
}

/// The window that begins on this day. One that ends at the time at which it begins lasts a day.
fn window(hours: &QuietHours, day: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let last = if hours.to <= hours.from { day.tomorrow().ok()? } else { day };
    Some((instant(day, hours.from, zone)?, instant(last, hours.to, zone)?))
}

/// The moment at which the zone's clock shows this time of this day.
pub(crate) fn instant(day: Date, time: TimeOfDay, zone: &TimeZone) -> Option<Timestamp> {
    let clock = day.at(i8::try_from(time.hour()).ok()?, i8::try_from(time.minute()).ok()?, 0, 0);
    moment(clock.to_zoned(zone.clone()).ok()?.timestamp())
}

/// What the zone's clock shows at this moment.
pub(crate) fn local(at: Timestamp, zone: &TimeZone) -> Option<Zoned> {
    Some(calendar(at)?.to_zoned(zone.clone()))
}

/// A moment as the calendar's crate has it.
pub(crate) fn calendar(at: Timestamp) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_nanosecond(i128::from(at.as_nanos())).ok()
}

/// A moment of the calendar's crate as ours.
pub(crate) fn moment(at: jiff::Timestamp) -> Option<Timestamp> {
    i64::try_from(at.as_nanosecond()).ok().map(Timestamp::from_nanos)
}

const fn day_of(weekday: Weekday) -> Day {
    match weekday {
        Weekday::Monday => Day::Mon,
        Weekday::Tuesday => Day::Tue,
        Weekday::Wednesday => Day::Wed,
        Weekday::Thursday => Day::Thu,
        Weekday::Friday => Day::Fri,
        Weekday::Saturday => Day::Sat,
        Weekday::Sunday => Day::Sun,
    }
}

#[cfg(test)]
mod tests;
