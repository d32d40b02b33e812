//! Points in time of the years 1 to 9999: reading, writing, and their parts in a time zone.

use std::{
    fmt::{self, Display, Formatter},
    sync::LazyLock,
};

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime, Time, date},
    tz::{Offset, TimeZone, TimeZoneDatabase},
};

use crate::functions::Part;

const EPOCH: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);
/// The first and the last second of the calendar.
const RANGE: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// The seconds of 400 years, after which the calendar repeats with its weekdays.
const CYCLE: i64 = 146_097 * 86_400;

/// The zones that ship with the program: the same condition gives the same answer on every machine.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A point in time, to the nanosecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    seconds: i64,
    nanoseconds: u32,
}

impl Moment {
    /// From Unix seconds and a part of a second; `None` outside of the calendar.
    pub(crate) fn new(seconds: i64, nanoseconds: u32) -> Option<Self> {
        RANGE.contains(&seconds).then_some(Self { seconds, nanoseconds })
    }

    /// From nanoseconds since the epoch.
    pub(crate) fn from_nanoseconds(total: i128) -> Option<Self> {
        let seconds = i64::try_from(total.div_euclid(1_000_000_000)).ok()?;
        Self::new(seconds, u32::try_from(total.rem_euclid(1_000_000_000)).ok()?)
    }

    pub(crate) fn from_core(timestamp: tidings_core::Timestamp) -> Self {
        let nanoseconds = timestamp.as_nanos().rem_euclid(1_000_000_000);
        Self { seconds: timestamp.as_secs(), nanoseconds: u32::try_from(nanoseconds).unwrap_or_default() }
    }

    /// The nearest time of an event.
    pub(crate) const fn to_core(self) -> tidings_core::Timestamp {
        let whole = self.seconds.saturating_mul(1_000_000_000);
        tidings_core::Timestamp::from_nanos(whole.saturating_add(self.nanoseconds as i64))
    }

    /// Reads an RFC 3339 timestamp.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (date_text, rest) = (text.get(..10)?, text.get(10..)?);
        let rest = rest.strip_prefix(['T', 't'])?;
        let (time_text, rest) = (rest.get(..8)?, rest.get(8..)?);
        let (nanoseconds, zone) = fraction(rest)?;
        let seconds = match zone {
            "Z" | "z" => 0,
            _ => offset(zone).filter(|_| zone.starts_with(['+', '-']))?.seconds(),
        };
        let local = civil_date(date_text)?.to_datetime(civil_time(time_text)?);
        Self::new(local.duration_since(EPOCH).as_secs() - i64::from(seconds), nanoseconds)
    }

    /// Whole seconds since the epoch, rounded down.
    pub(crate) const fn seconds(self) -> i64 {
        self.seconds
    }

    pub(crate) const fn nanoseconds(self) -> i128 {
        self.seconds as i128 * 1_000_000_000 + self.nanoseconds as i128
    }

    /// A part of it as CEL counts it: months, and days but for `getDate`, from 0.
    pub(crate) fn part(self, part: Part, zone: Option<&TimeZone>) -> i64 {
        let offset = zone.map_or(0, |zone| zone.to_offset(self.clamped()).seconds());
        // East of Greenwich the last hours lie in the year 10,000, which the library does not have: a cycle earlier all but the
        // year is the same.
        let cycles = i64::from(self.seconds + i64::from(offset) > *RANGE.end());
        let local = Self { seconds: self.seconds - cycles * CYCLE, ..self }.local(offset);
        match part {
            Part::Year => i64::from(local.year()) + cycles * 400,
            Part::Month => i64::from(local.month()) - 1,
            Part::Date => i64::from(local.day()),
            Part::DayOfMonth => i64::from(local.day()) - 1,
            Part::DayOfWeek => i64::from(local.weekday().to_sunday_zero_offset()),
            Part::DayOfYear => i64::from(local.day_of_year()) - 1,
            Part::Hours => i64::from(local.hour()),
            Part::Minutes => i64::from(local.minute()),
            Part::Seconds => i64::from(local.second()),
            Part::Milliseconds => i64::from(local.millisecond()),
        }
    }

    /// The date and time at an offset in seconds.
    fn local(self, offset: i32) -> DateTime {
        let nanoseconds = i32::try_from(self.nanoseconds).unwrap_or_default();
        EPOCH.saturating_add(SignedDuration::new(self.seconds + i64::from(offset), nanoseconds))
    }

    /// The nearest time of the library's own range, which ends a day before the calendar does.
    fn clamped(self) -> Timestamp {
        let end = if self.seconds > 0 { Timestamp::MAX } else { Timestamp::MIN };
        Timestamp::from_second(self.seconds).unwrap_or(end)
    }
}

impl Display for Moment {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}Z", self.local(0))
    }
}

/// The digits of a text of this length and nothing else.
fn digits<T: std::str::FromStr>(text: Option<&str>, length: usize) -> Option<T> {
    let text = text.filter(|text| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit()))?;
    text.parse().ok()
}

fn civil_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    Date::new(digits(parts.next(), 4)?, digits(parts.next(), 2)?, digits(parts.next(), 2)?).ok()
}

fn civil_time(text: &str) -> Option<Time> {
    let mut parts = text.split(':');
    Time::new(digits(parts.next(), 2)?, digits(parts.next(), 2)?, digits(parts.next(), 2)?, 0).ok()
}

/// The nanoseconds of `.5Z` and the zone behind them; digits beyond the ninth are cut.
fn fraction(text: &str) -> Option<(u32, &str)> {
    let Some(rest) = text.strip_prefix('.') else { return Some((0, text)) };
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    if length == 0 {
        return None;
    }
    let padded: String = rest[..length].chars().chain("000000000".chars()).take(9).collect();
    Some((padded.parse().ok()?, &rest[length..]))
}

/// A zone by its IANA name or its offset: `Europe/Zurich`, `UTC`, `+02:00`, `-02:30`, `02:00`.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    offset(name).map(TimeZone::fixed).or_else(|| ZONES.get(name).ok())
}

fn offset(text: &str) -> Option<Offset> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text.strip_prefix(['+', '-']).unwrap_or(text).split_once(':')?;
    let (hours, minutes): (i32, i32) = (digits(Some(hours), 2)?, digits(Some(minutes), 2)?);
    // As in RFC 3339, section 5.6.
    if hours > 23 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_names_or_offsets() {
        let hour = |name: &str| {
            let moment = Moment::parse("2009-02-13T23:31:30Z").unwrap();
            zone(name).map(|zone| moment.part(Part::Hours, Some(&zone)))
        };
        assert_eq!(hour("Australia/Sydney"), Some(10));
        assert_eq!(hour("+11:00"), Some(10));
        assert_eq!(hour("02:00"), Some(1));
        assert_eq!(hour("-02:30"), Some(21));
        assert_eq!(hour("UTC"), Some(23));
        assert_eq!(hour("Mars/Olympus"), None);
        assert_eq!(hour("+2:00"), None);
        assert_eq!(hour("+24:00"), None);
        assert_eq!(hour("é"), None);
    }

    #[test]
    fn timestamps_are_read_and_written() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(Moment::parse(text).map(|moment| moment.to_string()).as_deref(), expected, "{text}");
        };
        check("2009-02-13T23:31:30Z", Some("2009-02-13T23:31:30Z"));
        check("2009-02-13t23:31:30.250+01:00", Some("2009-02-13T22:31:30.25Z"));
        check("9999-12-31T23:59:59.999999999Z", Some("9999-12-31T23:59:59.999999999Z"));
        check("0001-01-01T00:00:00Z", Some("0001-01-01T00:00:00Z"));
        check("1969-12-31T23:59:59.5Z", Some("1969-12-31T23:59:59.5Z"));
        let bad = [
            "10000-01-01T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+01:00",
            "2009-02-13",
            "2009-02-30T00:00:00Z",
            "2009-02-13 23:31:30Z",
            "2009-02-13T23:31:30",
            "2009-02-13T23:31:30.Z",
            "2009-02-13T23:31:30 01:00",
            "2009-02-13T23:31:30+24:00",
            "2009-02-13T23:31:60Z",
            "+009-02-13T23:31:30Z",
            "",
            "now",
            "ééééééééééTé",
        ];
        for text in bad {
            check(text, None);
        }
    }

    #[test]
    fn zones_reach_beyond_the_ends_of_the_calendar() {
        let check = |text: &str, zone_name: &str, expected: [i64; 4]| {
            let (moment, zone) = (Moment::parse(text).unwrap(), zone(zone_name));
            let parts = [Part::Year, Part::Month, Part::Date, Part::DayOfWeek];
            assert_eq!(parts.map(|part| moment.part(part, zone.as_ref())), expected);
        };
        check("9999-12-31T23:59:59Z", "UTC", [9999, 11, 31, 5]);
        check("9999-12-31T23:59:59Z", "+14:00", [10_000, 0, 1, 6]);
        check("0001-01-01T00:00:00Z", "-01:00", [0, 11, 31, 0]);
    }
}
