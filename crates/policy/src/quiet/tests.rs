//! Quiet hours at time's edges, with the moments written out.

use super::*;
use crate::settings::QuietPolicy;

/// The moment of an RFC 3339 time.
fn at(text: &str) -> Timestamp {
    let moment: jiff::Timestamp = text.parse().unwrap();
    Timestamp::from_nanos(i64::try_from(moment.as_nanosecond()).unwrap())
}

fn hours(from: &str, to: &str, days: &[Day]) -> QuietHours {
    QuietHours {
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        timezone: None,
        days: days.to_vec(),
        policy: QuietPolicy::Hold,
        except: tidings_core::Priority::Critical,
    }
}

/// Whether it is quiet at this moment in this zone, and until when.
fn check(hours: &QuietHours, zone: &str, now: &str, expected: Option<&str>) {
    let zone = time_zone(zone).unwrap();
    let found = quiet_until(hours, &zone, at(now));
    assert_eq!(found, expected.map(at), "{} to {} in {zone:?} at {now}", hours.from, hours.to);
}

#[test]
fn over_midnight_and_within_a_day() {
    let night = hours("22:00", "07:00", &[]);
    check(&night, "UTC", "2026-03-10T21:59:59Z", None);
    check(&night, "UTC", "2026-03-10T22:00:00Z", Some("2026-03-11T07:00:00Z"));
    check(&night, "UTC", "2026-03-11T06:59:59Z", Some("2026-03-11T07:00:00Z"));
    check(&night, "UTC", "2026-03-11T07:00:00Z", None);
    let noon = hours("12:00", "13:30", &[]);
    check(&noon, "Asia/Kolkata", "2026-03-10T06:30:00Z", Some("2026-03-10T08:00:00Z"));
    check(&noon, "Asia/Kolkata", "2026-03-10T08:00:00Z", None);
}

#[test]
fn days_name_the_day_on_which_the_window_begins() {
    let weekend = hours("22:00", "08:00", &[Day::Fri, Day::Sat]);
    // 13 March 2026 is a Friday.
    check(&weekend, "UTC", "2026-03-12T23:00:00Z", None);
    check(&weekend, "UTC", "2026-03-13T23:00:00Z", Some("2026-03-14T08:00:00Z"));
    check(&weekend, "UTC", "2026-03-15T07:00:00Z", Some("2026-03-15T08:00:00Z"));
    check(&weekend, "UTC", "2026-03-15T23:00:00Z", None);
}

#[test]
fn days_over_midnight_where_the_clock_is_put() {
    // 28 March 2026 is a Saturday; the night that begins on it is an hour short.
    let saturday = hours("22:00", "07:00", &[Day::Sat]);
    check(&saturday, "Europe/Zurich", "2026-03-28T20:59:59Z", None);
    check(&saturday, "Europe/Zurich", "2026-03-29T04:59:59Z", Some("2026-03-29T05:00:00Z"));
    check(&saturday, "Europe/Zurich", "2026-03-29T20:30:00Z", None);
    // 30 December 2011 would have been a Friday in Samoa; the night of the 31st is a Saturday's.
    let friday = hours("22:00", "07:00", &[Day::Fri]);
    check(&friday, "Pacific/Apia", "2011-12-30T09:00:00Z", None);
    check(&friday, "Pacific/Apia", "2011-12-31T09:00:00Z", None);
}

#[test]
fn a_day_that_was_left_out_begins_nothing() {
    // Samoa's 30 December 2011 would have been a Friday, and noon of it is noon of the Saturday that came instead.
    let friday = hours("12:00", "13:00", &[Day::Fri]);
    check(&friday, "Pacific/Apia", "2011-12-30T22:30:00Z", None);
    let saturday = hours("12:00", "13:00", &[Day::Sat]);
    check(&saturday, "Pacific/Apia", "2011-12-30T22:30:00Z", Some("2011-12-30T23:00:00Z"));
    // A time that a Saturday of Nuuk does not have, an hour before midnight, is still that Saturday's.
    let late = hours("23:30", "07:00", &[Day::Sat]);
    check(&late, "America/Nuuk", "2026-03-29T01:29:59Z", None);
    check(&late, "America/Nuuk", "2026-03-29T01:30:00Z", Some("2026-03-29T08:00:00Z"));
}

#[test]
fn what_began_tomorrow_goes_on_where_the_clock_is_put_back_over_midnight() {
    // 00:01 became 23:01 of the day before.
    let early = hours("00:00", "07:00", &[]);
    check(&early, "America/St_Johns", "2010-11-07T02:29:59Z", None);
    check(&early, "America/St_Johns", "2010-11-07T02:30:00Z", Some("2010-11-07T10:30:00Z"));
    check(&early, "America/St_Johns", "2010-11-07T03:00:00Z", Some("2010-11-07T10:30:00Z"));
}

#[test]
fn where_the_quiet_began() {
    let night = hours("22:00", "07:00", &[]);
    let span = |hours: &QuietHours, now: &str| quiet_span(hours, &TimeZone::UTC, at(now));
    let expected = Some((at("2026-03-10T22:00:00Z"), at("2026-03-11T07:00:00Z")));
    assert_eq!(span(&night, "2026-03-11T01:00:00Z"), expected);
    assert_eq!(span(&night, "2026-03-11T07:00:00Z"), None);
    let weekend = hours("00:00", "00:00", &[Day::Sat, Day::Sun]);
    let expected = Some((at("2026-03-14T00:00:00Z"), at("2026-03-16T00:00:00Z")));
    assert_eq!(span(&weekend, "2026-03-15T12:00:00Z"), expected);
}

#[test]
fn a_leap_day_and_the_turn_of_the_year() {
    let night = hours("22:00", "07:00", &[]);
    check(&night, "UTC", "2028-02-28T23:00:00Z", Some("2028-02-29T07:00:00Z"));
    check(&night, "UTC", "2028-02-29T23:00:00Z", Some("2028-03-01T07:00:00Z"));
    check(&night, "UTC", "2026-12-31T23:00:00Z", Some("2027-01-01T07:00:00Z"));
}

#[test]
fn nights_in_which_the_clock_is_put_forward() {
    for (zone, from, to, now, expected) in [
        // 02:00 becomes 03:00; 02:30 does not exist and is 03:30.
        ("Europe/Zurich", "22:00", "07:00", "2026-03-28T22:00:00Z", Some("2026-03-29T05:00:00Z")),
        ("Europe/Zurich", "22:00", "02:30", "2026-03-29T00:59:00Z", Some("2026-03-29T01:30:00Z")),
        ("Europe/Zurich", "02:30", "04:00", "2026-03-29T01:15:00Z", None),
        ("Europe/Zurich", "02:30", "04:00", "2026-03-29T01:30:00Z", Some("2026-03-29T02:00:00Z")),
        ("America/New_York", "22:00", "07:00", "2026-03-08T03:00:00Z", Some("2026-03-08T11:00:00Z")),
        // At midnight: 00:00 becomes 01:00.
        ("Asia/Beirut", "22:00", "07:00", "2026-03-28T21:30:00Z", Some("2026-03-29T04:00:00Z")),
        // By half an hour: 02:00 becomes 02:30.
        ("Australia/Lord_Howe", "22:00", "02:15", "2026-10-03T15:00:00Z", Some("2026-10-03T15:45:00Z")),
        ("America/Santiago", "23:30", "07:00", "2026-09-06T04:00:00Z", Some("2026-09-06T10:00:00Z")),
        // 00:00 becomes 01:00: what begins at a midnight that is not there begins at 01:00.
        ("America/Santiago", "00:00", "07:00", "2026-09-06T03:59:59Z", None),
        ("America/Santiago", "00:00", "07:00", "2026-09-06T04:00:00Z", Some("2026-09-06T10:00:00Z")),
        ("America/Santiago", "22:00", "00:00", "2026-09-06T03:30:00Z", Some("2026-09-06T04:00:00Z")),
        // Off UTC by three quarters of an hour: 02:45 becomes 03:45.
        ("Pacific/Chatham", "22:00", "07:00", "2026-09-26T12:00:00Z", Some("2026-09-26T17:15:00Z")),
        ("Pacific/Chatham", "22:00", "03:00", "2026-09-26T13:59:00Z", Some("2026-09-26T14:15:00Z")),
        // When Ramadan is over.
        ("Africa/Casablanca", "22:00", "07:00", "2026-03-21T23:00:00Z", Some("2026-03-22T06:00:00Z")),
        ("Africa/Casablanca", "22:00", "02:30", "2026-03-22T01:59:00Z", Some("2026-03-22T02:30:00Z")),
        // A whole day is left out: the night lasts from the 29th to the 31st, which is nine hours all the same.
        ("Pacific/Apia", "22:00", "07:00", "2011-12-30T08:30:00Z", Some("2011-12-30T17:00:00Z")),
        // No clock is ever put here.
        ("Asia/Kolkata", "22:00", "07:00", "2026-03-28T20:00:00Z", Some("2026-03-29T01:30:00Z")),
    ] {
        check(&hours(from, to, &[]), zone, now, expected);
    }
}

#[test]
fn nights_in_which_the_clock_is_put_back() {
    for (zone, from, to, now, expected) in [
        // 03:00 becomes 02:00; 02:30 comes twice and is the first.
        ("Europe/Zurich", "22:00", "07:00", "2026-10-24T21:00:00Z", Some("2026-10-25T06:00:00Z")),
        ("Europe/Zurich", "22:00", "02:30", "2026-10-25T00:29:59Z", Some("2026-10-25T00:30:00Z")),
        ("Europe/Zurich", "22:00", "02:30", "2026-10-25T01:15:00Z", None),
        ("Europe/Zurich", "02:30", "02:45", "2026-10-25T01:35:00Z", None),
        ("America/New_York", "22:00", "07:00", "2026-11-01T04:00:00Z", Some("2026-11-01T12:00:00Z")),
        ("Asia/Beirut", "23:30", "07:00", "2026-10-24T21:10:00Z", Some("2026-10-25T05:00:00Z")),
        ("Australia/Lord_Howe", "22:00", "01:45", "2026-04-04T14:40:00Z", Some("2026-04-04T14:45:00Z")),
        ("America/Santiago", "23:30", "07:00", "2026-04-05T03:10:00Z", Some("2026-04-05T11:00:00Z")),
        ("Pacific/Chatham", "22:00", "07:00", "2026-04-04T12:00:00Z", Some("2026-04-04T18:15:00Z")),
        ("Pacific/Chatham", "22:00", "03:00", "2026-04-04T12:00:00Z", Some("2026-04-04T13:15:00Z")),
        ("Africa/Casablanca", "22:00", "07:00", "2026-02-14T22:00:00Z", Some("2026-02-15T07:00:00Z")),
        ("Africa/Casablanca", "22:00", "02:30", "2026-02-15T02:15:00Z", None),
    ] {
        check(&hours(from, to, &[]), zone, now, expected);
    }
}

#[test]
fn its_own_zone_wins() {
    let mut tokyo = hours("22:00", "07:00", &[]);
    tokyo.timezone = Some("Asia/Tokyo".to_owned());
    check(&tokyo, "America/New_York", "2026-03-10T13:00:00Z", Some("2026-03-10T22:00:00Z"));
    check(&tokyo, "Asia/Tokyo", "2026-03-10T23:00:00Z", None);
}

#[test]
fn windows_without_a_gap_are_one_and_end_all_the_same() {
    let weekend = hours("00:00", "00:00", &[Day::Sat, Day::Sun]);
    check(&weekend, "UTC", "2026-03-14T12:00:00Z", Some("2026-03-16T00:00:00Z"));
    let always = hours("08:00", "08:00", &[]);
    check(&always, "UTC", "2026-03-10T12:00:00Z", Some("2026-03-17T08:00:00Z"));
    // A day of all hours has 23 of them where the clock is put forward, and 25 where it is put back.
    let sunday = hours("00:00", "00:00", &[Day::Sun]);
    check(&sunday, "Europe/Zurich", "2026-03-28T23:00:00Z", Some("2026-03-29T22:00:00Z"));
    check(&sunday, "Europe/Zurich", "2026-10-24T22:00:00Z", Some("2026-10-25T23:00:00Z"));
}

#[test]
fn the_ends_of_time_are_no_harm() {
    let night = hours("22:00", "07:00", &[]);
    for nanos in [i64::MIN, i64::MIN + 1, 0, i64::MAX] {
        let zone = time_zone("Europe/Zurich").unwrap();
        if let Some(end) = quiet_until(&night, &zone, Timestamp::from_nanos(nanos)) {
            assert!(end > Timestamp::from_nanos(nanos));
        }
    }
}
