//! Moments as somebody's clock on the wall shows them. Which zone that is, the person's profile says.

use jiff::tz::TimeZone;
use tidings::Timestamp;

/// A moment by a zone's clock, with how far that is from UTC: `2026-03-29 09:00:00 +02:00`.
#[must_use]
pub fn local(at: Timestamp, zone: &TimeZone) -> String {
    let moment = jiff::Timestamp::from_nanosecond(i128::from(at.as_nanos())).unwrap_or_default();
    moment.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
}

#[cfg(test)]
mod tests {
    use tidings::policy::time_zone;

    use super::*;

    #[test]
    fn a_moment_is_told_as_the_clock_on_the_wall_shows_it() {
        let check = |zone: &str, seconds: i64, expected: &str| {
            assert_eq!(local(Timestamp::from_secs(seconds), &time_zone(zone).unwrap()), expected);
        };
        // The clock is put forward in Zurich on 29 March 2026, at 01:00 UTC.
        check("Europe/Zurich", 1_774_745_999, "2026-03-29 01:59:59 +01:00");
        check("Europe/Zurich", 1_774_746_000, "2026-03-29 03:00:00 +02:00");
        check("Asia/Kolkata", 0, "1970-01-01 05:30:00 +05:30");
        check("UTC", 0, "1970-01-01 00:00:00 +00:00");
        assert!(!local(Timestamp::MAX, &TimeZone::UTC).is_empty());
    }
}
