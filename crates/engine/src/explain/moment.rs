//! Points in time for people: in UTC, as short as the day around allows.

use tidings_core::Timestamp;

/// A point in time in UTC: `2023-11-14 22:13:20`, with milliseconds where it has some.
#[must_use]
pub fn utc(time: Timestamp) -> String {
    let (day, clock) = parts(time);
    format!("{day} {clock}")
}

/// A point in time beside another one: of the same day only the time of day.
pub(super) fn beside(time: Timestamp, other: Timestamp) -> String {
    let ((day, clock), (same, _)) = (parts(time), parts(other));
    if day == same { clock } else { format!("{day} {clock}") }
}

/// A point in time as a zone's clock shows it, where that differs from UTC: `08:00 in Europe/Berlin`, with the day where it is another one.
/// `None` for a zone that nobody knows.
pub(super) fn local(time: Timestamp, zone: &str) -> Option<String> {
    let known = tidings_policy::time_zone(zone).ok()?;
    let told = jiff::Timestamp::from_nanosecond(i128::from(time.as_nanos())).ok()?;
    let local = told.to_zoned(known);
    if local.offset().is_zero() {
        return None;
    }
    let is_same_day = local.date() == told.to_zoned(jiff::tz::TimeZone::UTC).date();
    let day = if is_same_day { String::new() } else { local.strftime("%Y-%m-%d ").to_string() };
    let clock = if local.second() == 0 { local.strftime("%H:%M") } else { local.strftime("%H:%M:%S") };
    Some(format!("{day}{clock} in {zone}"))
}

fn parts(time: Timestamp) -> (String, String) {
    // Every time of ours is within the range of the calendar.
    let told = jiff::Timestamp::from_nanosecond(i128::from(time.as_nanos())).unwrap_or_default();
    let milliseconds = time.as_nanos().rem_euclid(1_000_000_000) / 1_000_000;
    let clock = if milliseconds > 0 { told.strftime("%H:%M:%S%.3f") } else { told.strftime("%H:%M:%S") };
    (told.strftime("%Y-%m-%d").to_string(), clock.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_told_in_utc() {
        let check = |time, expected: &str| assert_eq!(utc(time), expected);
        check(Timestamp::EPOCH, "1970-01-01 00:00:00");
        check(Timestamp::from_secs(1_700_000_000), "2023-11-14 22:13:20");
        check(Timestamp::from_nanos(-1), "1969-12-31 23:59:59.999");
        check(Timestamp::MAX, "2262-04-11 23:47:16.854");
        check(Timestamp::from_nanos(i64::MIN), "1677-09-21 00:12:43.145");
    }

    #[test]
    fn a_zone_that_shows_another_time_is_told_with_it() {
        let check = |seconds, zone, expected: Option<&str>| {
            assert_eq!(local(Timestamp::from_secs(seconds), zone).as_deref(), expected, "{zone}");
        };
        check(1_773_212_400, "Europe/Berlin", Some("08:00 in Europe/Berlin"));
        check(1_773_212_401, "America/New_York", Some("03:00:01 in America/New_York"));
        check(1_773_187_200, "America/New_York", Some("2026-03-10 20:00 in America/New_York"));
        check(1_773_212_400, "Asia/Kathmandu", Some("12:45 in Asia/Kathmandu"));
        check(1_773_212_400, "UTC", None);
        check(1_773_212_400, "Europe/London", None);
        check(1_773_212_400, "Europe/Bern", None);
        check(1_773_212_400, " \n", None);
    }

    #[test]
    fn of_the_same_day_only_the_time_is_told() {
        let noon = Timestamp::from_secs(1_700_000_000);
        assert_eq!(beside(noon + Duration::from_millis(1_250), noon), "22:13:21.250");
        assert_eq!(beside(noon + Duration::from_secs(86_400), noon), "2023-11-15 22:13:20");
    }
}
