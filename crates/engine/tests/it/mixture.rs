//! Rules of every kind over whatever comes, to people who wish differently: accounts close, and each end is told once, after its
//! beginning, to those who were told of that.

use std::{collections::HashMap, sync::Arc, time::Duration};

use proptest::prelude::*;
use serde_json::json;
use tidings_core::{Event, Notification, NotificationKind, Priority, Timestamp};
use tidings_engine::{Account, Builder, Notifier, RetryPolicy, Rule, User};
use tidings_testkit::FakeClock;

use crate::{letters::Letters, start, stop};

const START: i64 = 1_000_000;
/// Each with its cooldown in seconds, and a dedup key where it shares one.
const RULES: [(&str, u64, Option<&str>); 9] = [
    ("load > 5", 30, None),
    ("load > 5 for 1m", 0, None),
    ("load > 5 resolve when load < 2", 0, Some("load")),
    ("load > 6 for 20s resolve when load < 4 for 20s", 60, Some("load")),
    ("silent(1m)", 0, None),
    ("silent(1m) && load > 3 for 10s resolve when load < 2", 30, None),
    ("absent(load, 2m) || load > 8", 0, None),
    ("unfollowed(load > 7, load < 3, 1m)", 45, None),
    ("count(load > 4, 2m) >= 2 resolve when count(load > 4, 2m) == 0 for 5s", 0, Some("count")),
];

/// What happens: after so many seconds, an event of this agent and load, or nothing but time.
type Step = (i64, Option<(&'static str, u32)>);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let event = (prop::sample::select(vec!["a", "b", "c"]), 0u32..10);
    prop::collection::vec((-20i64..120, prop::option::weighted(0.9, event)), 1..50)
}

fn rule(number: usize, agent: &str) -> Rule {
    let (condition, cooldown, key) = RULES[number];
    let rule = Rule::new(&format!("{number}"), condition).unwrap().agent(agent).unwrap();
    let rule = rule.channels(["letters", "other"]).cooldown(Duration::from_secs(cooldown)).mandatory(number % 4 == 3);
    let rule = rule.priority(Priority::ALL[number % 4]);
    key.map_or(rule.clone(), |key| rule.dedup_key(key).unwrap())
}

fn builder(letters: &Letters, other: &Letters, agent: &str) -> Builder {
    let wishes = |wishes| User { preferences: Some(serde_json::from_value(wishes).unwrap()), ..User::default() };
    let once = || RetryPolicy { delays: vec![], jitter: 0.0 };
    let builder = Notifier::builder()
        .channel("letters", Arc::new(letters.clone()), once())
        .channel("other", Arc::new(other.clone()), once())
        .user("ann", User::default())
        .user("bob", wishes(json!({"default": {"other": false}, "agents": {"a": {"letters": false}}})))
        .user("cid", wishes(json!({"default": {"min_priority": "high"}})));
    (0..RULES.len()).fold(builder, |builder, number| builder.rule(rule(number, agent)))
}

fn event(step: usize, second: i64, agent: &str, load: u32) -> Event {
    let event = Event::new("sample").agent(agent).at(Timestamp::from_secs(START + second));
    // Every third says nothing of the load.
    if step % 3 == 2 { event.data(json!({"step": step})) } else { event.data(json!({"load": load, "step": step})) }
}

/// Each incident of each user: a beginning, then at most one end.
fn assert_told_in_turn(told: &[Notification]) {
    let mut told_of = HashMap::new();
    for letter in told {
        let of = (letter.user_id.clone(), letter.incident.expect("rules tell of incidents"));
        match letter.kind {
            NotificationKind::Firing => assert_eq!(told_of.insert(of, false), None, "{told:#?}"),
            NotificationKind::Resolved => assert_eq!(told_of.insert(of, true), Some(false), "{told:#?}"),
        }
    }
}

fn assert_adds_up(account: &Account, letters: &Letters, other: &Letters) {
    let said: u64 = account.rules.values().map(|rule| rule.fired + rule.resolved).sum();
    assert_eq!(account.notifications.made, said * 3, "one for each of three people");
    assert_eq!(account.deliveries.delivered, (letters.all().len() + other.all().len()) as u64);
    assert_told_in_turn(&letters.all());
    assert_told_in_turn(&other.all());
    assert!(other.all().iter().all(|told| told.user_id != "bob"
        || told.metadata["rule"] == json!("3")
        || told.metadata["rule"] == json!("7")));
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn in_a_file(steps in steps(), agent in prop::sample::select(vec!["*", "a", "[ab]"])) {
        let (letters, other) = (Letters::default(), Letters::default());
        let mut second = 0;
        let events = steps.into_iter().enumerate().filter_map(|(step, (pause, said))| {
            second += pause;
            said.map(|(agent, load)| event(step, second, agent, load))
        });
        let events: Vec<_> = events.collect();
        let account = runtime().block_on(async {
            let notifier = start(builder(&letters, &other, agent).event_time()).await;
            notifier.accept(events).await.unwrap();
            stop(&notifier).await
        });
        assert_adds_up(&account, &letters, &other);
    }

    #[test]
    fn beside_a_clock_that_jumps(steps in steps()) {
        let (letters, other) = (Letters::default(), Letters::default());
        let clock = FakeClock::at(Timestamp::from_secs(START));
        let account = runtime().block_on(async {
            let notifier = start(builder(&letters, &other, "*").clock(Arc::new(clock.clone()))).await;
            let mut second = 0;
            for (step, (pause, said)) in steps.into_iter().enumerate() {
                second += pause;
                clock.set(Timestamp::from_secs(START + second));
                match said {
                    Some((agent, load)) => drop(notifier.accept(vec![event(step, second, agent, load)]).await.unwrap()),
                    None => drop(notifier.drain(Duration::from_secs(20)).await),
                }
            }
            stop(&notifier).await
        });
        assert_adds_up(&account, &letters, &other);
    }
}
