//! Spans of time as people write them: `30s`, `1h30m`, or a number of seconds. Which span a key allows is its builder's decision.

use std::time::Duration;

/// The longest span that a config can name: ten years.
pub(crate) const LONGEST: Duration = Duration::from_secs(3653 * 24 * 3600);

/// What is told where a span cannot be read.
pub(crate) const EXPECTED: &str = "a duration such as 30s, 10m, 1h30m, 500ms or 1d, or a number of seconds";

/// A span of so many seconds.
pub(crate) fn from_seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok().filter(|span| *span <= LONGEST)
}

/// Numbers with units, one behind the other, without blanks. A fraction is fine: `1.5h`.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (digits, behind) = rest.split_at(number);
        let unit = behind.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(unit);
        if !digits.starts_with(|c: char| c.is_ascii_digit()) || digits.ends_with('.') {
            return None;
        }
        total = total.checked_add(from_seconds(digits.parse::<f64>().ok()? * seconds_of(unit)?)?)?;
        rest = behind;
    }
    (!text.is_empty() && total <= LONGEST).then_some(total)
}

fn seconds_of(unit: &str) -> Option<f64> {
    match unit {
        "ms" => Some(0.001),
        "s" => Some(1.0),
        "m" => Some(60.0),
        "h" => Some(3600.0),
        "d" => Some(86400.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spans() {
        for (text, millis) in [
            ("30s", 30_000),
            ("10m", 600_000),
            ("1h30m", 5_400_000),
            ("500ms", 500),
            ("1d", 86_400_000),
            ("1.5h", 5_400_000),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for bad in [
            "",
            "s",
            "10",
            "10 m",
            "10M",
            "-1s",
            "1h 30m",
            ".5s",
            "5.s",
            "1..5s",
            "1e3s",
            "99999999d",
            "1w",
            "١s",
            "1s!",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        assert_eq!(from_seconds(-1.0), None);
        assert_eq!(from_seconds(f64::NAN), None);
        assert_eq!(from_seconds(f64::INFINITY), None);
    }

    proptest! {
        #[test]
        fn parts_add_up(hours in 0u64..1000, minutes in 0u64..1000, millis in 0u64..100_000) {
            let text = format!("{hours}h{minutes}m{millis}ms");
            let expected = Duration::from_secs(hours * 3600 + minutes * 60) + Duration::from_millis(millis);
            prop_assert_eq!(parse(&text), Some(expected));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[0-9.smhdé ]{0,12}") {
            prop_assert!(parse(&text).is_none_or(|span| span <= LONGEST));
        }
    }
}
