//! The merge of preferences is the article's for everything that its JSON can express.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tidings_core::Timestamp;
use tidings_policy::{Circumstances, PreferenceLayer, Preferences, Reason, Verdict, judge, switch};

use crate::{read, told};

/// The article's own merge: the agent's block over the default, what neither names is on. What is null is not named.
fn article_says(preferences: &Value, agent: &str, channel: &str) -> (bool, PreferenceLayer) {
    let of = |block: Option<&Value>| block.and_then(|block| block.get(channel)).and_then(Value::as_bool);
    let own = of(preferences.get("agents").and_then(|agents| agents.get(agent)));
    let own = own.map(|on| (on, PreferenceLayer::UserAgent));
    let default = || of(preferences.get("default")).map(|on| (on, PreferenceLayer::User));
    own.or_else(default).unwrap_or((true, PreferenceLayer::BuiltIn))
}

/// Names as nobody expects them: empty, with dots, blanks, quotes and other scripts, like the keys around them, like ours.
fn name() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        "",
        " ",
        "default",
        "agents",
        "users",
        "push",
        "email",
        "sms",
        "Push",
        "*",
        "a.b",
        "a\"b",
        "$ref",
        "null",
        "первый",
        "quiet-hours",
        "digests",
        "\u{0}",
        "__proto__",
    ]);
    prop_oneof![odd.prop_map(str::to_owned), "[a-c]{1,2}", "\\PC{0,12}"]
}

fn is_ours(name: &str) -> bool {
    ["topics", "min_priority", "quiet_hours", "digest", "snooze_until"].contains(&name)
}

/// Channels on, off or null; an agent's name may be one of our keys, a channel's may not.
fn block() -> impl Strategy<Value = Value> {
    prop::collection::vec((name().prop_filter("our key", |name| !is_ours(name)), any::<Option<bool>>()), 0..6)
        .prop_map(|pairs| Value::Object(pairs.into_iter().map(|(name, on)| (name, json!(on))).collect::<Map<_, _>>()))
}

fn agent() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => name(),
        1 => prop::sample::select(vec!["topics", "min_priority", "quiet_hours", "digest", "snooze_until"]).prop_map(str::to_owned),
    ]
}

fn document() -> impl Strategy<Value = Value> {
    let agents = prop::collection::vec((agent(), prop::option::of(block())), 0..5).prop_map(|pairs| {
        Value::Object(pairs.into_iter().map(|(name, block)| (name, json!(block))).collect::<Map<_, _>>())
    });
    // Left out, null, or there.
    let default = prop::option::of(prop::option::of(block()));
    (default, prop::option::of(prop::option::of(agents))).prop_map(|(default, agents)| {
        let given = [("default", default.map(|block| json!(block))), ("agents", agents.map(|agents| json!(agents)))];
        let given = given.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        Value::Object(given.collect())
    })
}

proptest! {
    #[test]
    fn the_merge_is_the_articles(document in document(), agent in agent(), channel in name()) {
        prop_assume!(!is_ours(&channel));
        let user = read(&document);
        let agents = document["agents"].as_object().into_iter().flat_map(Map::keys).cloned();
        for agent in agents.chain([agent]) {
            let said = article_says(&document, &agent, &channel);
            prop_assert_eq!(switch(&Preferences::default(), Some(&user), Some(&agent), &channel), said);
            if channel != "sms" {
                let mut told = told(tidings_core::Priority::Low, &[&channel]);
                told.agent_id = Some(agent);
                let operator = Preferences::default();
                let about = Circumstances { user: Some(&user), ..Circumstances::of(&told, &operator) };
                let judged = judge(&channel, &about, Timestamp::EPOCH);
                let expected = if said.0 { Verdict::Send } else { Verdict::Deny(Reason::ChannelOff) };
                prop_assert_eq!((judged.verdict, judged.layer), (expected, said.1));
            }
        }
    }

    /// What is read is written back as the same wishes.
    #[test]
    fn what_is_written_back_is_the_same(document in document()) {
        let user = read(&document);
        prop_assert_eq!(read(&serde_json::to_value(&user).unwrap()), user);
    }
}

#[test]
fn our_own_keys_are_no_channels_and_that_is_told() {
    for key in ["topics", "quiet_hours", "digest", "snooze_until", "min_priority"] {
        let problems = Preferences::read(&json!({"default": {key: true}})).unwrap_err().0;
        assert_eq!(problems.len(), 1, "{key}: {problems:?}");
        assert_eq!(problems[0].path, ["default", key]);
    }
}

#[test]
fn what_is_null_is_unset_wherever_it_stands() {
    let wished = read(&json!({"min_priority": "high"}));
    for same in [
        json!({"default": null, "min_priority": "high"}),
        json!({"default": {}, "min_priority": "high", "agents": null}),
        json!({"default": {"min_priority": "high"}, "min_priority": null}),
        json!({"default": {"min_priority": null}, "min_priority": "high", "snooze_until": null}),
    ] {
        assert_eq!(read(&same), wished, "{same}");
    }
    assert_eq!(read(&Value::Null), Preferences::default());
    let both = json!({"default": {"min_priority": "low"}, "min_priority": "high"});
    assert!(Preferences::read(&both).is_err());
}

#[test]
fn quiet_hours_of_no_length_are_refused() {
    for (from, to) in [("22:00", "22:00"), ("00:00", "00:00")] {
        let problems = Preferences::read(&json!({"default": {"quiet_hours": {"from": from, "to": to}}})).unwrap_err().0;
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].path, ["default", "quiet_hours"]);
        assert!(problems[0].message.contains("the same"), "{problems:?}");
    }
}
