use tidings_core::Timestamp;

use super::*;
use crate::explain::told::StormTold;

/// A Wednesday, seven o'clock in UTC.
const SEVEN: Timestamp = Timestamp::from_secs(1_773_212_400);

fn waits(why: &str, together: bool) -> WaitTold {
    WaitTold {
        until: Some(SEVEN),
        zone: None,
        why: Some(why.to_owned()),
        layer: Some("user".to_owned()),
        together,
        channel: together.then(|| "email".to_owned()),
        storm: None,
    }
}

#[test]
fn a_wait_says_until_when_and_whose_word_it_was() {
    let check = |told: WaitTold, expected: &str| assert_eq!(told.to_string(), expected);
    let at = "2026-03-11 07:00:00 UTC";
    let berlin = Some("Europe/Berlin".to_owned());
    check(waits("quiet_hours", false), &format!("held until {at}: quiet hours, by the user's preferences"));
    check(
        WaitTold { zone: berlin, layer: Some("user_agent".to_owned()), ..waits("snooze", false) },
        &format!("held until {at} (08:00 in Europe/Berlin): snoozed, by the user's preferences for this agent"),
    );
    check(waits("digest", true), &format!("kept for the digest on email at {at}, by the user's preferences"));
    check(
        WaitTold { layer: Some("operator".to_owned()), ..waits("quiet_hours", true) },
        &format!("kept for the digest on email at {at}: quiet hours, by the operator's preferences"),
    );
    check(
        WaitTold { channel: None, ..waits("storm", true) },
        &format!("too many messages of its rule to this user at once: told in a summary at {at}"),
    );
    // What a later version writes, or damage left, is told as far as it can be.
    check(waits("full\u{1b}[31m moon", false), &format!("held until {at}: full [31m moon, by the user's preferences"));
    let nothing = WaitTold { until: None, why: None, layer: None, ..waits("", false) };
    check(nothing.clone(), "held");
    check(WaitTold { together: true, ..nothing }, "kept for the digest");
    check(
        WaitTold { zone: Some("Moon/Crater".to_owned()), ..waits("snooze", false) },
        &format!("held until {at}: snoozed, by the user's preferences"),
    );
}

#[test]
fn a_storm_says_what_was_too_much() {
    let check = |messages, seconds, expected: &str| {
        let storm = Some(StormTold { messages, seconds });
        let told = WaitTold { channel: None, storm, ..waits("storm", true) };
        assert_eq!(wait(&told, None, Some(SEVEN)), format!("more than {expected}: told in a summary at 07:00:00"),);
    };
    check(20, 600, "20 messages of its rule to this user within 10 min");
    check(1, 90, "1 messages of its rule to this user within 90 s");
    check(5, 7_200, "5 messages of its rule to this user within 2 h");
    check(5, 0, "5 messages of its rule to this user within 0 s");
    check(u64::MAX, u64::MAX, "18446744073709551615 messages of its rule to this user within 18446744073709551615 s");
}

#[test]
fn a_silence_says_who_why_and_until_when() {
    let check = |told: SilenceTold, expected: &str| assert_eq!(told.to_string(), expected);
    let whole = SilenceTold {
        id: Some("s1".to_owned()),
        author: Some("bob".to_owned()),
        reason: Some("deploy".to_owned()),
        until: Some(SEVEN),
    };
    check(whole.clone(), "silenced by bob until 2026-03-11 07:00:00 UTC: \"deploy\" (silence s1)");
    check(SilenceTold { id: None, until: None, ..whole.clone() }, "silenced by bob: \"deploy\"");
    check(SilenceTold { author: Some("b\nob".to_owned()), ..SilenceTold::default() }, "silenced by b ob");
    check(SilenceTold::default(), "silenced");
}

#[test]
fn how_a_digest_stands_is_told_of_what_went_into_it() {
    for (state, expected) in [
        (Some("complete"), "told in"),
        (Some("incomplete"), "too few"),
        (Some("failed"), "no channel"),
        (Some("planned"), "on its way"),
        (Some("held"), "waits itself"),
        (Some("digested"), "waits itself"),
        (Some("denied"), "nobody wanted"),
        (None, "put into"),
    ] {
        let (word, how) = gathered(state);
        assert!(format!("{word} it{how}").contains(expected), "{state:?}");
    }
}
