//! A point in time as people write it: a time, a span back from now, or Unix seconds.

use std::{str::FromStr, time::Duration};

use jiff::{Span, SpanRelativeTo, civil, tz::TimeZone};
use tidings::Timestamp;

/// A point in time, or one before now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    At(Timestamp),
    Ago(Duration),
}

impl When {
    /// The point in time.
    pub(crate) fn from(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(time) => time,
            Self::Ago(span) => now - span,
        }
    }
}

/// A point in time, or the moment at which it is asked for. A span back is none: nobody is told of what was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    At(Timestamp),
    Now,
}

impl Moment {
    /// The point in time.
    pub(crate) fn from(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(time) => time,
            Self::Now => now,
        }
    }
}

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text.trim() {
            "now" => Ok(Self::Now),
            text => match seconds(text).or_else(|| time(text)) {
                Some(When::At(time)) => Ok(Self::At(time)),
                _ => Err("expected a time such as 2026-01-31T12:00:00Z, Unix seconds, or `now`"),
            },
        }
    }
}

/// A span of time as people write it.
pub(crate) fn span(text: &str) -> Result<Duration, &'static str> {
    duration(text).ok_or("expected a span such as 90s, 1h30m or 7d")
}

impl FromStr for When {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        seconds(text)
            .or_else(|| time(text))
            .or_else(|| ago(text))
            .ok_or("expected a time such as 2026-01-31T12:00:00Z, a span back such as 1h30m, or Unix seconds")
    }
}

fn seconds(text: &str) -> Option<When> {
    // Words such as `inf` are numbers as well, and no times.
    let numeric = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+'));
    Timestamp::from_secs_f64(text.parse().ok().filter(|_| numeric)?).map(When::At)
}

/// A time with its zone; one without is in UTC, as we tell times.
fn time(text: &str) -> Option<When> {
    let zoned = text.parse::<jiff::Timestamp>().ok();
    let civil = || text.parse::<civil::DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    let nanoseconds = zoned.or_else(civil)?.as_nanosecond();
    let nearest = if nanoseconds < 0 { i64::MIN } else { i64::MAX };
    Some(When::At(Timestamp::from_nanos(i64::try_from(nanoseconds).unwrap_or(nearest))))
}

fn ago(text: &str) -> Option<When> {
    duration(text).map(When::Ago)
}

/// A span of time; a day has 24 hours.
fn duration(text: &str) -> Option<Duration> {
    let span: Span = text.trim().parse().ok()?;
    let span = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(span).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let check = |text: &str, expected| assert_eq!(text.parse::<When>(), Ok(expected), "{text}");
        let at = |seconds| When::At(Timestamp::from_secs(seconds));
        check("1700000000", at(1_700_000_000));
        check("-1.5", When::At(Timestamp::from_nanos(-1_500_000_000)));
        check("2023-11-14T22:13:20Z", at(1_700_000_000));
        check("2023-11-14T23:13:20+01:00", at(1_700_000_000));
        check("2023-11-14 22:13:20", at(1_700_000_000));
        check("2023-11-14", at(1_699_920_000));
        check("9999-12-30T00:00:00Z", When::At(Timestamp::MAX));
        check("90s", When::Ago(Duration::from_secs(90)));
        check(" 1h30m ", When::Ago(Duration::from_secs(5_400)));
        check("30d", When::Ago(Duration::from_secs(30 * 86_400)));
        check("2w", When::Ago(Duration::from_secs(14 * 86_400)));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "soon", "inf", "nan", "1h ago ago", "-1h", "2023-13-01", "1e999", "--", "1 month"] {
            assert!(text.parse::<When>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_moment_is_a_time_or_now() {
        let check = |text: &str, expected| assert_eq!(text.parse::<Moment>().ok(), expected, "{text}");
        check("now", Some(Moment::Now));
        check("2023-11-14T22:13:20Z", Some(Moment::At(Timestamp::from_secs(1_700_000_000))));
        check("1700000000", Some(Moment::At(Timestamp::from_secs(1_700_000_000))));
        check("2h", None);
        check("later", None);
        assert_eq!(span("1h30m"), Ok(Duration::from_secs(5_400)));
        for text in ["", "-2h", "2", "2026-01-31"] {
            assert!(span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_span_counts_back_from_now() {
        let now = Timestamp::from_secs(10_000);
        assert_eq!(When::Ago(Duration::from_secs(1)).from(now), Timestamp::from_secs(9_999));
        assert_eq!(When::At(Timestamp::EPOCH).from(now), Timestamp::EPOCH);
    }
}
