//! Times of day, days of the week and time zone names as people write them. When a window is open is decided elsewhere.

use std::{fmt, str::FromStr};

use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

/// A time, day or zone that cannot be read: what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadSchedule(&'static str);

/// A wall-clock time, `00:00` to `23:59`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay {
    hour: u8,
    minute: u8,
}

impl TimeOfDay {
    /// A time that is known to be one.
    pub(crate) const fn of(hour: u8, minute: u8) -> Self {
        Self { hour, minute }
    }

    /// The hour, 0 to 23.
    #[must_use]
    pub const fn hour(self) -> u8 {
        self.hour
    }

    /// The minute, 0 to 59.
    #[must_use]
    pub const fn minute(self) -> u8 {
        self.minute
    }
}

impl FromStr for TimeOfDay {
    type Err = BadSchedule;

    fn from_str(text: &str) -> Result<Self, BadSchedule> {
        const EXPECTED: BadSchedule = BadSchedule("expected a time of day from \"00:00\" to \"23:59\"");
        let (hour, minute) = text.split_once(':').ok_or(EXPECTED)?;
        let time = Self { hour: two_digits(hour).ok_or(EXPECTED)?, minute: two_digits(minute).ok_or(EXPECTED)? };
        if time.hour < 24 && time.minute < 60 { Ok(time) } else { Err(EXPECTED) }
    }
}

fn two_digits(text: &str) -> Option<u8> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A day of the week, written `mon` to `sun` or in full, in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    const NAMES: [(&'static str, Self); 7] = [
        ("monday", Self::Mon),
        ("tuesday", Self::Tue),
        ("wednesday", Self::Wed),
        ("thursday", Self::Thu),
        ("friday", Self::Fri),
        ("saturday", Self::Sat),
        ("sunday", Self::Sun),
    ];
}

impl FromStr for Day {
    type Err = BadSchedule;

    fn from_str(text: &str) -> Result<Self, BadSchedule> {
        let text = text.to_ascii_lowercase();
        Self::NAMES
            .into_iter()
            .find(|(name, _)| *name == text || name[..3] == text)
            .map(|(_, day)| day)
            .ok_or(BadSchedule("expected a day: mon, tue, wed, thu, fri, sat or sun"))
    }
}

/// The time zone of an IANA name, as `Europe/Zurich`.
///
/// # Errors
/// The time zone database has no such name.
pub fn time_zone(name: &str) -> Result<TimeZone, BadSchedule> {
    // A blank name would be read as the machine's own zone on some systems.
    if name.trim().is_empty() || name.trim() != name {
        return Err(UNKNOWN_ZONE);
    }
    TimeZone::get(name).map_err(|_| UNKNOWN_ZONE)
}

const UNKNOWN_ZONE: BadSchedule =
    BadSchedule("unknown time zone: expected an IANA name such as \"Europe/Zurich\" or \"UTC\"");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day() {
        for good in ["00:00", "07:30", "23:59"] {
            assert_eq!(good.parse::<TimeOfDay>().map(|time| time.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "7:30", "24:00", "12:60", "12", "12:00:00", "+1:00", "１２:00", "12:0 "] {
            assert!(bad.parse::<TimeOfDay>().is_err(), "{bad}");
        }
    }

    #[test]
    fn days_and_zones() {
        assert_eq!("Mon".parse(), Ok(Day::Mon));
        assert_eq!("sunday".parse(), Ok(Day::Sun));
        assert!("m".parse::<Day>().is_err());
        assert!(time_zone("Europe/Zurich").is_ok());
        for bad in ["", " ", "Mars/Base", "Europe/Zurich "] {
            assert!(time_zone(bad).is_err(), "{bad}");
        }
    }
}
