//! Digest windows at time's edges, with the moments written out.

use proptest::prelude::*;
use tidings_core::Priority;

use super::*;
use crate::schedule::time_zone;

fn at(text: &str) -> Timestamp {
    let moment: jiff::Timestamp = text.parse().unwrap();
    Timestamp::from_nanos(i64::try_from(moment.as_nanosecond()).unwrap())
}

fn digest(time: Option<&str>) -> Digest {
    Digest {
        every: if time.is_some() { DigestPeriod::Daily } else { DigestPeriod::Hourly },
        at: time.map(|time| time.parse().unwrap()),
        max_priority: Priority::Low,
        channel: "email".to_owned(),
        first_now: false,
    }
}

fn check(time: Option<&str>, zone: &str, now: &str, (from, until): (&str, &str)) {
    let found = digest_window(&digest(time), &time_zone(zone).unwrap(), at(now));
    assert_eq!(found, Some(DigestWindow { from: at(from), until: at(until) }), "{time:?} in {zone} at {now}");
}

#[test]
fn a_day_from_sending_to_sending() {
    let window = ("2026-03-10T08:00:00Z", "2026-03-11T08:00:00Z");
    check(Some("09:00"), "Europe/Zurich", "2026-03-10T08:00:00Z", window);
    check(Some("09:00"), "Europe/Zurich", "2026-03-11T07:59:59Z", window);
    check(Some("00:00"), "UTC", "2028-02-29T12:00:00Z", ("2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"));
}

#[test]
fn days_on_which_the_time_is_not_there_or_comes_twice() {
    // 29 March 2026 has no 02:30 in Zurich: it is 03:30, an hour after 01:30 UTC's clock.
    check(Some("02:30"), "Europe/Zurich", "2026-03-28T12:00:00Z", ("2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z"));
    check(Some("02:30"), "Europe/Zurich", "2026-03-29T01:30:00Z", ("2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"));
    // 25 October 2026 has it twice: the first counts.
    check(Some("02:30"), "Europe/Zurich", "2026-10-24T12:00:00Z", ("2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z"));
    check(Some("02:30"), "Europe/Zurich", "2026-10-25T01:00:00Z", ("2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"));
    check(Some("02:30"), "America/New_York", "2026-03-08T06:00:00Z", ("2026-03-07T07:30:00Z", "2026-03-08T07:30:00Z"));
    check(Some("00:30"), "Asia/Beirut", "2026-03-28T21:00:00Z", ("2026-03-27T22:30:00Z", "2026-03-28T22:30:00Z"));
    check(
        Some("02:15"),
        "Australia/Lord_Howe",
        "2026-10-03T12:00:00Z",
        ("2026-10-02T15:45:00Z", "2026-10-03T15:45:00Z"),
    );
    check(Some("00:30"), "America/Santiago", "2026-09-06T03:00:00Z", ("2026-09-05T04:30:00Z", "2026-09-06T04:30:00Z"));
    check(Some("01:30"), "America/New_York", "2026-10-31T12:00:00Z", ("2026-10-31T05:30:00Z", "2026-11-01T05:30:00Z"));
    check(Some("01:30"), "America/New_York", "2026-11-01T06:15:00Z", ("2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"));
    check(Some("02:30"), "Africa/Casablanca", "2026-02-14T12:00:00Z", ("2026-02-14T01:30:00Z", "2026-02-15T01:30:00Z"));
    check(Some("02:30"), "Africa/Casablanca", "2026-02-15T02:15:00Z", ("2026-02-15T01:30:00Z", "2026-02-16T02:30:00Z"));
    check(Some("02:30"), "Africa/Casablanca", "2026-03-22T02:10:00Z", ("2026-03-21T02:30:00Z", "2026-03-22T02:30:00Z"));
    check(Some("02:30"), "Africa/Casablanca", "2026-03-22T02:30:00Z", ("2026-03-22T02:30:00Z", "2026-03-23T01:30:00Z"));
    check(Some("03:15"), "Pacific/Chatham", "2026-04-04T12:00:00Z", ("2026-04-03T13:30:00Z", "2026-04-04T13:30:00Z"));
    check(Some("03:15"), "Pacific/Chatham", "2026-09-26T12:00:00Z", ("2026-09-25T14:30:00Z", "2026-09-26T14:30:00Z"));
    // Samoa left 30 December 2011 out: its digest came with the next day's.
    check(Some("09:00"), "Pacific/Apia", "2011-12-30T02:00:00Z", ("2011-12-29T19:00:00Z", "2011-12-30T19:00:00Z"));
}

#[test]
fn a_gap_may_take_a_sending_over_midnight() {
    // 23:00 becomes 00:00 in Nuuk: 23:45 of the 28th is 00:45 of the 29th.
    let of_gap = ("2026-03-28T01:45:00Z", "2026-03-29T01:45:00Z");
    check(Some("23:45"), "America/Nuuk", "2026-03-28T20:00:00Z", of_gap);
    check(Some("23:45"), "America/Nuuk", "2026-03-29T01:10:00Z", of_gap);
    check(Some("23:45"), "America/Nuuk", "2026-03-29T01:45:00Z", ("2026-03-29T01:45:00Z", "2026-03-30T00:45:00Z"));
    // In the morning after the day that Samoa left out.
    check(Some("09:00"), "Pacific/Apia", "2011-12-30T15:00:00Z", ("2011-12-29T19:00:00Z", "2011-12-30T19:00:00Z"));
}

#[test]
fn hours_where_the_clock_is_put_by_less_than_one() {
    // In Pyongyang 23:30 became 00:00: the hour was half a one.
    let half = ("2018-05-04T14:30:00Z", "2018-05-04T15:00:00Z");
    for now in [half.0, "2018-05-04T14:59:30Z"] {
        check(None, "Asia/Pyongyang", now, half);
    }
    check(None, "Asia/Pyongyang", half.1, ("2018-05-04T15:00:00Z", "2018-05-04T16:00:00Z"));
    // In Kathmandu 00:00 became 00:15, and no clock showed a full hour until 01:00.
    for now in ["1985-12-31T17:30:00Z", "1985-12-31T18:30:00Z", "1985-12-31T19:14:59Z"] {
        check(None, "Asia/Kathmandu", now, ("1985-12-31T17:30:00Z", "1985-12-31T19:15:00Z"));
    }
    // Monrovia's clock was off by 44 minutes and a half until 1972.
    for now in ["1972-01-06T23:44:30Z", "1972-01-07T00:59:59Z"] {
        check(None, "Africa/Monrovia", now, ("1972-01-06T23:44:30Z", "1972-01-07T01:00:00Z"));
    }
}

#[test]
fn hours_by_the_clock_of_the_zone() {
    check(None, "UTC", "2026-03-10T08:00:00Z", ("2026-03-10T08:00:00Z", "2026-03-10T09:00:00Z"));
    check(None, "UTC", "2026-03-10T08:59:59.999Z", ("2026-03-10T08:00:00Z", "2026-03-10T09:00:00Z"));
    check(None, "Asia/Kolkata", "2026-03-10T08:31:00Z", ("2026-03-10T08:30:00Z", "2026-03-10T09:30:00Z"));
    check(None, "Asia/Kathmandu", "2026-03-10T08:31:00Z", ("2026-03-10T08:15:00Z", "2026-03-10T09:15:00Z"));
    // Put by half an hour, the clock shows a full hour half an hour earlier or later.
    for now in ["2026-04-04T14:50:00Z", "2026-04-04T15:15:00Z"] {
        check(None, "Australia/Lord_Howe", now, ("2026-04-04T14:00:00Z", "2026-04-04T15:30:00Z"));
    }
    for now in ["2026-10-03T15:10:00Z", "2026-10-03T15:40:00Z"] {
        check(None, "Australia/Lord_Howe", now, ("2026-10-03T14:30:00Z", "2026-10-03T16:00:00Z"));
    }
    check(None, "Europe/Zurich", "2026-10-25T00:10:00Z", ("2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"));
    check(None, "Europe/Zurich", "2026-10-25T01:10:00Z", ("2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"));
}

proptest! {
    /// Windows follow each other without a gap and without an overlap, wherever and whenever.
    #[test]
    fn windows_lie_end_to_end(
        zone in prop::sample::select(vec![
            "UTC", "Europe/Zurich", "America/New_York", "Asia/Kolkata", "America/Santiago", "Asia/Beirut", "America/Nuuk",
        ]),
        hour in 0..24_u8, minute in 0..60_u8,
        seconds in 1_500_000_000_i64..2_200_000_000,
    ) {
        let (zone, now) = (time_zone(zone).unwrap(), Timestamp::from_secs(seconds));
        let digest = digest(Some(&format!("{hour:02}:{minute:02}")));
        let window = digest_window(&digest, &zone, now).unwrap();
        prop_assert!(window.from <= now && now < window.until);
        prop_assert_eq!(digest_window(&digest, &zone, window.from), Some(window));
        prop_assert_eq!(digest_window(&digest, &zone, window.until).unwrap().from, window.until);
        let hours = window.until.since(window.from).as_secs() / 3600;
        prop_assert!((22..=26).contains(&hours), "{} h", hours);
    }

    /// So do hours, where the clock is put by half an hour too; each begins when the clock shows a full hour.
    #[test]
    fn hours_lie_end_to_end(
        zone in prop::sample::select(vec![
            "UTC", "Europe/Zurich", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Chatham", "Africa/Casablanca",
        ]),
        // About the days on which clocks are put, and any other.
        seconds in prop_oneof![
            1_500_000_000_i64..2_200_000_000, 1_775_300_000_i64..1_775_330_000, 1_791_030_000_i64..1_791_050_000,
        ],
    ) {
        let (zone, now) = (time_zone(zone).unwrap(), Timestamp::from_secs(seconds));
        let window = digest_window(&digest(None), &zone, now).unwrap();
        prop_assert!(window.from <= now && now < window.until);
        prop_assert_eq!(local(window.from, &zone).unwrap().minute(), 0);
        prop_assert_eq!(digest_window(&digest(None), &zone, window.from), Some(window));
        prop_assert_eq!(digest_window(&digest(None), &zone, window.until).unwrap().from, window.until);
    }
}
