//! What is read, what is refused and where, and that nothing is lost on the way to JSON and back.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn check(value: &Value, expected: &[&str]) {
    let problems = match Profile::from_json(value) {
        Ok(_) => Vec::new(),
        Err(error) => error.0.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(problems.len(), expected.len(), "{value}: {problems:?}");
    for (problem, expected) in problems.iter().zip(expected) {
        assert!(problem.starts_with(expected), "{value}: {problem}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_path() {
    check(&json!({}), &[]);
    check(&json!({"timezone": null, "contacts": null, "preferences": null}), &[]);
    check(&json!({"timezone": "Europe/Zurich", "contacts": {"email": "a@example.com", "sms": null}}), &[]);
    check(&json!([]), &["expected keys and values"]);
    check(&json!(null), &["expected keys and values"]);
    check(&json!({"zone": "UTC"}), &["zone: unknown key; known are timezone, contacts, preferences"]);
    check(&json!({"zone": null}), &["zone: unknown key"]);
    check(&json!({"timezone": "Mars/Base"}), &["timezone: unknown time zone"]);
    check(&json!({"timezone": 3}), &["timezone: expected the name of a time zone"]);
    check(&json!({"contacts": ["a@example.com"]}), &["contacts: expected keys and values"]);
    for bad in [json!(""), json!(" "), json!(7), json!("a@example.com\r\nBcc: all"), json!("x".repeat(4_097))] {
        check(&json!({"contacts": {"email": bad}}), &["contacts.email: expected an address"]);
    }
    check(&json!({"contacts": {"": "a@example.com"}}), &["contacts.: expected an address"]);
    check(&json!({"preferences": {"defualt": {}}}), &["preferences.defualt: unknown key"]);
    let wrong = json!({"default": {"quiet_hours": {"from": "25:00", "to": "07:00", "timezone": "Mars/Base"}}});
    let within = "preferences.default.quiet_hours";
    check(&json!({"preferences": wrong}), &[&format!("{within}.from"), &format!("{within}.timezone")]);
}

#[test]
fn an_address_is_shown_to_nobody() {
    let profile = Profile::from_json(&json!({"contacts": {"email": "secret@example.com"}})).unwrap();
    assert!(!format!("{profile:?}").contains("secret"), "{profile:?}");
    let wrong = Profile::from_json(&json!({"contacts": {"email": "secret\n"}})).unwrap_err();
    assert!(!format!("{wrong:?}").contains("secret"), "{wrong:?}");
}

#[test]
fn what_is_too_long_is_not_kept() {
    let contacts = (0..100).map(|n| (n.to_string(), Address::new("x".repeat(1_000))));
    let long = Profile { contacts: contacts.collect(), ..Profile::default() };
    assert!(long.kept().unwrap_err().to_string().starts_with("too long"));
    let text = "not JSON";
    assert_eq!(Profile::from_content(text).unwrap_err().to_string(), "expected JSON");
    let deep = "[".repeat(100_000);
    assert!(Profile::from_content(&deep).is_err());
}

#[test]
fn a_person_goes_there_and_back() {
    let user = User { zone: Some(time_zone("Asia/Kathmandu").unwrap()), ..User::default() };
    let back = User::from(&Profile::from(&user));
    assert_eq!(back.zone, user.zone);
    assert_eq!(Profile::from(&User { zone: Some(jiff::tz::TimeZone::UTC), ..user }).timezone.as_deref(), Some("UTC"));
}

fn block() -> impl Strategy<Value = Value> {
    let channels = proptest::collection::btree_map("[a-z]{3}-[a-z]{1,4}", any::<bool>(), 0..4);
    let priority = prop_oneof![Just("low"), Just("medium"), Just("high"), Just("critical")];
    let quiet = (0..12u8, 12..24u8, prop_oneof![Just("hold"), Just("digest"), Just("drop")], priority.clone())
        .prop_map(|(to, from, policy, except)| {
            json!({"from": format!("{from:02}:30"), "to": format!("{to:02}:00"), "policy": policy, "except": except,
                "days": ["mon", "sun"], "timezone": "Europe/Zurich"})
        });
    let digest =
        (prop_oneof![Just("hourly"), Just("daily")], priority.clone(), any::<bool>()).prop_map(|(every, most, now)| {
            json!({"every": every, "max_priority": most, "channel": "email", "at": "09:05",
                "first": if now { "now" } else { "together" }})
        });
    let least = prop_oneof![
        priority.clone().prop_map(|least| json!(least)),
        proptest::collection::btree_map("default|[a-z]{3}", priority, 0..3).prop_map(|least| json!(least)),
    ];
    let topics = proptest::collection::btree_map(".{0,6}", any::<bool>(), 0..3).prop_map(|topics| json!(topics));
    let snooze =
        (0i64..4_000_000_000, 0u32..1_000).prop_map(|(seconds, parts)| json!(seconds as f64 + f64::from(parts) / 1e3));
    let some = |key: &'static str, value: BoxedStrategy<Value>| {
        proptest::option::of(value).prop_map(move |value| value.map(|value| (key.to_owned(), value)))
    };
    let settings = (
        some("quiet_hours", quiet.boxed()),
        some("digest", digest.boxed()),
        some("min_priority", least.boxed()),
        some("topics", topics.boxed()),
        some("snooze_until", snooze.boxed()),
    );
    (channels, settings).prop_map(|(channels, (a, b, c, d, e))| {
        let mut map: Map<String, Value> = channels.into_iter().map(|(name, on)| (name, on.into())).collect();
        map.extend([a, b, c, d, e].into_iter().flatten());
        Value::Object(map)
    })
}

fn any_preferences() -> impl Strategy<Value = Preferences> {
    let agents = proptest::collection::btree_map(".{0,8}", block(), 0..3);
    (block(), agents).prop_map(|(default, agents)| {
        Preferences::read(&json!({"default": default, "agents": agents})).unwrap_or_else(|error| panic!("{error}"))
    })
}

fn profile() -> impl Strategy<Value = Profile> {
    let zone = prop_oneof![Just("UTC"), Just("Europe/Zurich"), Just("America/St_Johns")];
    let address = "[^\\p{Cc}]{0,20}[^\\p{Cc}\\s]".prop_map(Address::new);
    let contacts = proptest::collection::btree_map(".{1,8}", address, 0..4);
    (proptest::option::of(zone), contacts, proptest::option::of(any_preferences()))
        .prop_map(|(zone, contacts, preferences)| Profile { timezone: zone.map(str::to_owned), contacts, preferences })
}

proptest! {
    #[test]
    fn a_profile_comes_back_as_it_was_kept(profile in profile()) {
        let (kept, content) = profile.kept().unwrap();
        prop_assert_eq!(&kept, &profile);
        prop_assert_eq!(Profile::from_content(&content).unwrap(), profile);
    }

    #[test]
    fn whatever_is_kept_is_read_or_refused(text in ".{0,200}") {
        drop(Profile::from_content(&text));
    }
}
