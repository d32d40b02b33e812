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
    fn of_the_same_day_only_the_time_is_told() {
        let noon = Timestamp::from_secs(1_700_000_000);
        assert_eq!(beside(noon + Duration::from_millis(1_250), noon), "22:13:21.250");
        assert_eq!(beside(noon + Duration::from_secs(86_400), noon), "2023-11-15 22:13:20");
    }
}
