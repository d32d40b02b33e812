//! Documents of wishes as nobody should write them: each is read or refused, and nothing that came from outside harms who reads why.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tidings_core::{Priority, Timestamp};
use tidings_policy::{Preferences, PreferencesError, Recent, Resumed, resume, route};

use crate::Scene;

/// The one problem of these wishes.
fn check(wishes: &Value, expected: &str) {
    let problems = Preferences::read(wishes).unwrap_err();
    assert_eq!(problems.to_string(), expected, "{wishes}");
}

#[test]
fn what_is_wrong_is_told_at_its_place() {
    let hours = |more: Value| {
        let mut hours = json!({"from": "22:00", "to": "07:00"});
        hours.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"quiet_hours": hours})
    };
    for time in ["24:00", "7:00", "22:60", "22:00:00", "", "-1:00"] {
        let expected = "quiet_hours.to: expected a time of day from \"00:00\" to \"23:59\"";
        check(&hours(json!({"to": time})), expected);
    }
    check(&hours(json!({"days": "mon"})), "quiet_hours.days: expected a list of days");
    let day = "quiet_hours.days.1: expected a day: mon, tue, wed, thu, fri, sat or sun";
    check(&hours(json!({"days": ["mon", "someday"]})), day);
    check(&hours(json!({"days": ["mon", null]})), day);
    check(&hours(json!({"except": "\u{1b}[31m"})), "quiet_hours.except: expected low, medium, high or critical");
    check(&hours(json!({"policy": "keep"})), "quiet_hours.policy: expected hold, digest or drop");
    let priority = "expected low, medium, high or critical";
    check(&json!({"min_priority": 3}), &format!("min_priority: {priority}"));
    check(&json!({"min_priority": {"sms": "urgent"}}), &format!("min_priority.sms: {priority}"));
    check(&json!({"digest": {"max_priority": ["low"]}}), &format!("digest.max_priority: {priority}"));
    check(&json!({"topics": ["slow"]}), "topics: expected keys and values");
    for moment in [json!("tomorrow"), json!("2026-02-30T00:00:00Z"), json!("inf"), json!(true), json!([])] {
        let expected = "snooze_until: expected a time such as \"2026-05-01T08:00:00Z\", or Unix seconds";
        check(&json!({"snooze_until": moment}), expected);
    }
}

#[test]
fn what_came_from_outside_is_shown_without_harm_and_without_end() {
    check(&json!({"default": {"\u{1b}[31m\n": 1}}), "default.\\u{1b}[31m\\n: expected true or false");
    let long = json!({"default": {"x".repeat(100_000): 1}});
    check(&long, &format!("default.{}…: expected true or false", "x".repeat(60)));
    let many: Map<String, Value> = (0..10_000).map(|number| (format!("{number:05}"), json!(1))).collect();
    let PreferencesError(problems) = Preferences::read(&json!({"default": many})).unwrap_err();
    assert_eq!(problems.len(), 10_000);
    let told = PreferencesError(problems).to_string();
    assert!(told.len() < 2_000 && told.ends_with("; and 9980 more"), "{told}");
}

#[test]
fn a_day_that_is_named_often_is_one() {
    let hours = json!({"from": "22:00", "to": "07:00", "days": ["sun", "Monday", "mon", "MON"]});
    let read = crate::read(&json!({"quiet_hours": hours})).default.settings.quiet_hours.unwrap();
    assert_eq!(serde_json::to_value(read.days).unwrap(), json!(["mon", "sun"]));
}

/// Anything that JSON can say, with our keys and near ones to meet.
fn anything() -> impl Strategy<Value = Value> {
    let texts = prop::sample::select(vec![
        "22:00",
        "07:00",
        "24:00",
        "mon",
        "Europe/Zurich",
        "Nowhere",
        "hold",
        "drop",
        "digest",
        "hourly",
        "daily",
        "low",
        "critical",
        "email",
        "now",
        "2026-05-01T08:00:00Z",
        "",
        "1e300",
        "NaN",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        texts.prop_map(Value::from),
    ];
    let keys = prop::sample::select(vec![
        "default",
        "agents",
        "batch",
        "push",
        "email",
        "topics",
        "min_priority",
        "quiet_hours",
        "digest",
        "snooze_until",
        "from",
        "to",
        "days",
        "timezone",
        "policy",
        "except",
        "every",
        "at",
        "max_priority",
        "channel",
        "first",
        "slow",
    ]);
    leaf.prop_recursive(5, 60, 6, move |inner| {
        let pairs = prop::collection::vec((keys.clone().prop_map(str::to_owned), inner.clone()), 0..6);
        prop_oneof![
            3 => pairs.prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            1 => prop::collection::vec(inner, 0..4).prop_map(Value::from),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn anything_is_read_or_refused(wishes in anything()) {
        match Preferences::read(&wishes) {
            Ok(read) => prop_assert_eq!(crate::read(&serde_json::to_value(&read).unwrap()), read),
            Err(problems) => prop_assert!(!problems.0.is_empty() && !problems.to_string().is_empty()),
        }
    }

    /// At the ends of time too.
    #[test]
    fn any_moment_is_judged(
        now in prop_oneof![any::<i64>(), i64::MAX - 1_000_000_000..=i64::MAX, i64::MIN..i64::MIN + 1_000_000_000],
        zone in prop::sample::select(vec!["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Africa/Monrovia"]),
        policy in prop::sample::select(vec!["hold", "drop", "digest"]),
        every in prop::sample::select(vec!["hourly", "daily"]),
        (from, to) in prop::sample::select(vec![("22:00", "07:00"), ("00:00", "23:59"), ("02:30", "02:29")]),
    ) {
        let now = Timestamp::from_nanos(now);
        let wishes = json!({
            "quiet_hours": {"from": from, "to": to, "policy": policy}, "digest": {"every": every, "max_priority": "low"},
        });
        for priority in [Priority::Low, Priority::High] {
            let mut scene = Scene::of_zone(zone, &wishes);
            scene.told.priority = priority;
            scene.recent = Recent { last: Some(now), storm: None };
            let route = route(&scene.about(), now);
            if let Some(wait) = route.wait {
                prop_assert!(wait.until > now);
                let resumed = resume(&scene.about(), &wait, now, wait.until);
                prop_assert!(!matches!(resumed, Resumed::Wait(next) if next.until <= wait.until));
            }
        }
    }
}
