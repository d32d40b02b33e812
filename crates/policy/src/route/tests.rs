use proptest::prelude::*;
use serde_json::{Value, json};
use tidings_core::{NotificationId, NotificationKind};

use super::*;

fn preferences(value: Value) -> Preferences {
    serde_json::from_value(value).unwrap()
}

fn notification(priority: Priority, channels: &[&str]) -> Notification {
    Notification {
        notification_id: NotificationId::from_bytes([0; 16]),
        agent_id: Some("batch-agent".into()),
        title: String::new(),
        body: String::new(),
        priority,
        channels: channels.iter().map(ToString::to_string).collect(),
        user_id: "u".into(),
        metadata: serde_json::Map::new(),
        created_at: Timestamp::EPOCH,
        dedup_key: String::new(),
        rule: None,
        event: None,
        kind: NotificationKind::Firing,
        incident: None,
    }
}

fn check(operator: Value, user: Value, priority: Priority, expected: &Value) {
    let (operator, user) = (preferences(operator), preferences(user));
    let notification = notification(priority, &["push", "email", "sms", "push"]);
    let about = Circumstances { user: Some(&user), ..Circumstances::of(&notification, &operator) };
    let route = route(&about, Timestamp::EPOCH);
    assert_eq!(serde_json::to_value(route).unwrap(), *expected, "{operator:?} {user:?}");
}

fn muted(channel: &str, reason: &str, layer: &str) -> Value {
    json!({"channel": channel, "reason": reason, "layer": layer})
}

#[test]
fn the_most_special_layer_wins_and_is_named() {
    use Priority::{Critical, High, Low};
    let article =
        json!({"default": {"push": true, "email": true, "sms": false}, "agents": {"batch-agent": {"push": false}}});
    let off = |layer| muted("push", "channel_off", layer);
    check(
        json!({}),
        article,
        High,
        &json!({"now": ["email"], "held": [], "digested": [],
        "muted": [off("user_agent"), muted("sms", "channel_off", "user")]}),
    );
    check(
        json!({"default": {"push": false}}),
        json!({}),
        High,
        &json!({"now": ["email", "sms"], "held": [], "digested": [], "muted": [off("operator")]}),
    );
    check(
        json!({"agents": {"batch-agent": {"push": false}}}),
        json!({"default": {"push": null}}),
        Critical,
        &json!({"now": ["email", "sms"], "held": [], "digested": [], "muted": [off("operator_agent")]}),
    );
    check(
        json!({}),
        json!({}),
        Low,
        &json!({"now": ["push", "email"], "held": [], "digested": [],
        "muted": [muted("sms", "below_min_priority", "built_in")]}),
    );
    check(
        json!({}),
        json!({"min_priority": {"sms": "low", "default": "high"}}),
        Low,
        &json!({"now": ["sms"], "held": [], "digested": [],
        "muted": [muted("push", "below_min_priority", "user"), muted("email", "below_min_priority", "user")]}),
    );
}

#[test]
fn one_value_for_all_never_lowers_the_floor_of_sms() {
    let user = preferences(json!({"min_priority": "low"}));
    let built_in = Some((Priority::High, PreferenceLayer::BuiltIn));
    assert_eq!(minimum(&Preferences::default(), Some(&user), None, "sms"), built_in);
    let user = preferences(json!({"min_priority": "critical"}));
    let own = Some((Priority::Critical, PreferenceLayer::User));
    assert_eq!(minimum(&Preferences::default(), Some(&user), None, "sms"), own);
}

#[test]
fn mandatory_passes_everything() {
    let user = preferences(json!({"default": {"push": false, "sms": false}, "min_priority": "critical"}));
    let notification = notification(Priority::Low, &["push", "sms"]);
    let operator = Preferences::default();
    let about = Circumstances { user: Some(&user), mandatory: true, ..Circumstances::of(&notification, &operator) };
    assert_eq!(route(&about, Timestamp::EPOCH).now, ["push", "sms"]);
    assert_eq!(judge("push", &about, Timestamp::EPOCH).layer, PreferenceLayer::Mandatory);
}

#[test]
fn all_problems_come_at_once_and_no_value_is_told() {
    let error = Preferences::read(&json!({
        "default": {"push": "hunter2", "quiet_hours": {"from": "22:00", "till": 1}, "digest": {"every": "yearly"}},
        "agents": {"a": []}, "snooze_until": "soon", "other": 1, "min_priority": {"sms": "huge"},
    }))
    .unwrap_err();
    let paths: Vec<_> = error.0.iter().map(|problem| problem.path.join(".")).collect();
    for expected in [
        "default.push",
        "default.quiet_hours",
        "default.quiet_hours.till",
        "default.digest.every",
        "agents.a",
        "snooze_until",
        "other",
        "min_priority.sms",
    ] {
        assert_eq!(paths.iter().filter(|path| *path == expected).count(), 1, "{expected} in {paths:?}");
    }
    assert!(!error.to_string().contains("hunter2"));
}

#[test]
fn a_misspelt_key_is_told_with_those_that_are_known() {
    let error = Preferences::read(&json!({"default": {"quiet_hour": {"from": "22:00"}}, "agents": {"a": {"day": []}}}));
    let problems = error.unwrap_err().0;
    assert!(problems.iter().all(|problem| problem.known.contains(&"quiet_hours")), "{problems:?}");
    assert_eq!(problems.len(), 2);
}

#[test]
fn optional_keys_are_kept_and_written_back() {
    let written = json!({
        "default": {"push": true, "quiet_hours": {"from": "22:00", "to": "07:00", "days": ["fri"], "policy": "digest",
            "except": "high", "timezone": "Europe/Zurich"}, "topics": {"costs": false}},
        "agents": {"a": {"min_priority": "high", "digest": {"every": "hourly", "max_priority": "medium", "channel": "email"}}},
    });
    let read = preferences(written.clone());
    assert_eq!(serde_json::to_value(&read).unwrap(), written);
    let beside = preferences(json!({"snooze_until": "2026-05-01T08:00:00Z"}));
    assert_eq!(beside.default.settings.snooze_until, Some(Timestamp::from_secs(1_777_622_400)));
    let number = preferences(json!({"snooze_until": "1777622400"}));
    assert_eq!(number.default.settings.snooze_until, beside.default.settings.snooze_until);
}

/// The article's own merge: the agent's block over the default, what neither names is on. What is null is not named.
fn article_says(preferences: &Value, agent: &str, channel: &str) -> bool {
    let mut merged = preferences["default"].as_object().cloned().unwrap_or_default();
    let own = preferences["agents"][agent].as_object().cloned().unwrap_or_default();
    merged.extend(own.into_iter().filter(|(_, on)| !on.is_null()));
    merged.get(channel).and_then(Value::as_bool).unwrap_or(true)
}

fn block() -> impl Strategy<Value = Value> {
    prop::collection::btree_map("push|email|sms|slack|default|agents|[a-z]{1,8}", any::<Option<bool>>(), 0..5)
        .prop_map(|map| json!(map))
}

proptest! {
    #[test]
    fn the_merge_is_the_articles(
        default in prop::option::of(block()),
        agents in prop::option::of(prop::collection::btree_map("batch-agent|[a-c]|default|", prop::option::of(block()), 0..4)),
        agent in "batch-agent|[a-d]|default|",
        channel in "push|email|sms|slack|default|agents|[a-z]{1,8}",
    ) {
        let mut value = json!({});
        if let Some(default) = default { value["default"] = default; }
        if let Some(agents) = agents { value["agents"] = json!(agents); }
        let user = preferences(value.clone());
        let (on, _) = switch(&Preferences::default(), Some(&user), Some(&agent), &channel);
        prop_assert_eq!(on, article_says(&value, &agent, &channel));
    }
}
