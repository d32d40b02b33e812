//! What time does by itself: holds, silences, resolves. In a file it goes by the events, else by the clock.

use std::{sync::Arc, time::Duration};

use proptest::prelude::*;
use serde_json::{Value, json};
use tidings_core::{Event, NotificationKind, Priority, Timestamp};
use tidings_engine::{Builder, Notifier, RetryPolicy, Rule, User};
use tidings_testkit::FakeClock;

use crate::{letters::Letters, start, stop};

const MINUTE: Duration = Duration::from_secs(60);

fn builder(letters: &Letters) -> Builder {
    let once = RetryPolicy { delays: vec![], jitter: 0.0 };
    Notifier::builder().channel("letters", Arc::new(letters.clone()), once).user("ann", User::default())
}

fn rule(name: &str, condition: &str) -> Rule {
    Rule::new(name, condition).unwrap().channels(["letters"]).cooldown(Duration::ZERO)
}

fn event(agent: &str, second: i64, data: Value) -> Event {
    Event::new("sample").agent(agent).at(Timestamp::from_secs(1_000_000 + second)).data(data)
}

fn load(second: i64, load: u32) -> Event {
    event("a", second, json!({"load": load}))
}

/// Runs events by their own times.
async fn run(builder: Builder, events: impl IntoIterator<Item = Event>) -> tidings_engine::Account {
    let notifier = start(builder.event_time()).await;
    notifier.accept(events.into_iter().collect()).await.unwrap();
    stop(&notifier).await
}

#[tokio::test]
async fn in_a_file_a_hold_fires_before_the_next_event_of_anybody() {
    let letters = Letters::default();
    let events = [load(0, 9), load(60, 9), event("b", 200, json!({})), load(210, 9)];
    run(builder(&letters).rule(rule("busy", "load > 5 for 2m")), events).await;
    let told = letters.all();
    assert_eq!(letters.titles().first().map(String::as_str), Some("busy to ann"));
    assert_eq!((told[0].agent_id.as_deref(), told[0].metadata["event_type"].as_str()), (Some("a"), Some("sample")));
    assert!(told[0].created_at <= Timestamp::from_secs(1_000_200), "{:?}", told[0].created_at);
}

#[tokio::test]
async fn a_hold_that_is_broken_says_nothing() {
    let letters = Letters::default();
    let events = [load(0, 9), load(60, 1), load(90, 9), event("b", 200, json!({}))];
    run(builder(&letters).rule(rule("busy", "load > 5 for 2m")), events).await;
    assert_eq!(letters.titles(), Vec::<String>::new());
}

/// A notifier beside a clock that stands.
async fn beside(clock: &FakeClock, builder: Builder) -> Notifier {
    start(builder.clock(Arc::new(clock.clone()))).await
}

fn clock() -> FakeClock {
    FakeClock::at(Timestamp::from_secs(1_000_000))
}

async fn accept(notifier: &Notifier, event: Event) {
    notifier.accept(vec![event]).await.unwrap();
    assert!(notifier.drain(Duration::from_secs(20)).await, "nothing that is pending keeps a drain waiting");
}

#[tokio::test]
async fn beside_a_clock_a_hold_fires_without_any_event() {
    let (letters, clock) = (Letters::default(), clock());
    let notifier = beside(&clock, builder(&letters).rule(rule("busy", "load > 5 for 2m"))).await;
    accept(&notifier, load(0, 9)).await;
    assert!(letters.all().is_empty());
    clock.advance(2 * MINUTE);
    let told = letters.wait_for(1).await;
    assert_eq!(told[0].title, "busy");
    assert!(told[0].body.contains("load"), "{}", told[0].body);
    let account = stop(&notifier).await;
    assert_eq!((account.notifications.made, account.deliveries.delivered, account.events.planned), (1, 1, 1));
}

#[tokio::test]
async fn a_silence_is_told_once_though_nobody_ever_spoke() {
    let (letters, clock) = (Letters::default(), clock());
    let quiet = rule("quiet", "silent(5m)").agent("a").unwrap();
    let notifier = beside(&clock, builder(&letters).rule(quiet)).await;
    // An event of somebody else: from here on the rules are loaded.
    accept(&notifier, event("b", 0, json!({}))).await;
    clock.advance(5 * MINUTE);
    let told = letters.wait_for(1).await;
    assert_eq!((told[0].title.as_str(), told[0].agent_id.as_deref()), ("quiet", Some("a")));
    clock.advance(20 * MINUTE);
    accept(&notifier, event("b", 1_500, json!({}))).await;
    assert_eq!(letters.all().len(), 1, "once for each silence");
    accept(&notifier, load(1_500, 1)).await;
    clock.advance(5 * MINUTE);
    letters.wait_for(2).await;
    stop(&notifier).await;
}

#[tokio::test]
async fn a_pending_hold_keeps_no_stop_waiting() {
    let (letters, clock) = (Letters::default(), clock());
    let notifier = beside(&clock, builder(&letters).rule(rule("busy", "load > 5 for 24h"))).await;
    accept(&notifier, load(0, 9)).await;
    let account = stop(&notifier).await;
    assert!(account.is_clean() && letters.all().is_empty(), "{account:?}");
}

#[tokio::test]
async fn a_clock_that_jumps_neither_hangs_nor_repeats() {
    let (letters, clock) = (Letters::default(), clock());
    let notifier = beside(&clock, builder(&letters).rule(rule("busy", "load > 5 for 2m"))).await;
    accept(&notifier, load(0, 9)).await;
    clock.set(Timestamp::from_secs(900_000));
    accept(&notifier, event("b", -100_000, json!({}))).await;
    assert!(letters.all().is_empty());
    clock.set(Timestamp::from_secs(2_000_000));
    letters.wait_for(1).await;
    accept(&notifier, event("b", 1_000_000, json!({}))).await;
    assert_eq!(stop(&notifier).await.deliveries.delivered, 1);
}

const HOT: &str = "load > 5 resolve when load < 2";

#[tokio::test]
async fn a_resolve_ends_its_incident_and_the_next_one_is_told_at_once() {
    let letters = Letters::default();
    let hot = rule("hot", HOT).title("{{ agent_id }} at {{ data.load }}").unwrap().body("look at it").unwrap();
    let events = [load(0, 9), load(10, 8), load(20, 1), load(30, 7), load(40, 0)];
    let account = run(builder(&letters).rule(hot), events).await;
    let told = letters.all();
    let titles: Vec<_> = told.iter().map(|told| told.title.as_str()).collect();
    assert_eq!(titles, ["a at 9", "Resolved: a at 9", "a at 7", "Resolved: a at 7"], "in spite of the dedup window");
    let kinds: Vec<_> = told.iter().map(|told| told.kind).collect();
    let (firing, resolved) = (NotificationKind::Firing, NotificationKind::Resolved);
    assert_eq!(kinds, [firing, resolved, firing, resolved]);
    assert!(told.iter().all(|other| other.dedup_key == told[0].dedup_key));
    assert!(told[0].incident == told[1].incident && told[2].incident == told[3].incident);
    assert_ne!(told[0].incident, told[2].incident);
    assert_eq!(told[0].body, "look at it");
    assert!(told[1].body.contains("load") && told[1].body.ends_with("Over 20s after it was told."), "{}", told[1].body);
    let on_the_wire = serde_json::to_value(&told[1]).unwrap();
    assert_eq!(on_the_wire["metadata"]["kind"], "resolved");
    assert_eq!(on_the_wire["metadata"]["incident"], json!(told[1].incident));
    assert_eq!(on_the_wire.as_object().unwrap().len(), 10, "the names of an ordinary notification, and no more");
    assert_eq!((account.rules["hot"].fired, account.rules["hot"].resolved, account.rules["hot"].firing), (2, 2, 1));
    assert_eq!((account.notifications.made, account.notifications.planned), (4, 4));
}

#[tokio::test]
async fn incidents_of_one_moment_are_apart() {
    let letters = Letters::default();
    let events = [9, 1, 8, 0].map(|height| load(0, height));
    run(builder(&letters).rule(rule("hot", HOT)), events).await;
    let told = letters.all();
    let incidents: Vec<_> = told.iter().map(|told| told.incident.unwrap()).collect();
    assert_eq!(incidents.len(), 4);
    assert_eq!((incidents[0], incidents[2]), (incidents[1], incidents[3]));
    assert_ne!(incidents[0], incidents[2]);
}

#[tokio::test]
async fn a_resolve_by_time_alone_is_told() {
    let (letters, clock) = (Letters::default(), clock());
    let hot = rule("hot", "load > 5 resolve when load < 2 for 1m");
    let notifier = beside(&clock, builder(&letters).rule(hot)).await;
    accept(&notifier, load(0, 9)).await;
    accept(&notifier, load(0, 1)).await;
    assert_eq!(letters.all().len(), 1);
    clock.advance(MINUTE);
    let told = letters.wait_for(2).await;
    assert_eq!((told[1].title.as_str(), told[1].incident), ("Resolved: hot", told[0].incident));
    assert!(told[1].body.ends_with("Over 1m after it was told."), "{}", told[1].body);
    stop(&notifier).await;
}

#[tokio::test]
async fn the_end_of_what_was_not_told_is_not_told() {
    let letters = Letters::default();
    let same = |name: &str| rule(name, HOT).dedup_key("same").unwrap();
    let account = run(builder(&letters).rule(same("one")).rule(same("two")), [load(0, 9), load(10, 1)]).await;
    assert_eq!(letters.titles(), ["one to ann", "Resolved: one to ann"]);
    assert_eq!((account.notifications.made, account.notifications.duplicate), (4, 2));
}

#[tokio::test]
async fn nobody_who_is_not_told_of_a_firing_hears_of_its_end() {
    let letters = Letters::default();
    let off = serde_json::from_value(json!({"default": {"letters": false}})).unwrap();
    let builder = builder(&letters).user("bob", User { preferences: Some(off), ..User::default() });
    let account = run(builder.rule(rule("hot", HOT)), [load(0, 9), load(10, 1)]).await;
    assert_eq!(letters.titles(), ["hot to ann", "Resolved: hot to ann"]);
    assert_eq!((account.notifications.denied, account.notifications.planned), (2, 2));
}

#[tokio::test]
async fn who_was_told_by_the_event_is_told_of_the_end() {
    let letters = Letters::default();
    let own = rule("hot", HOT).priority(Priority::Critical);
    let own = own.recipients(tidings_engine::Recipients::Only(vec![tidings_engine::Recipient::OfEvent]));
    run(builder(&letters).rule(own), [load(0, 9).user("dora"), load(10, 1).user("carl")]).await;
    assert_eq!(letters.titles(), ["hot to dora", "Resolved: hot to dora"]);
}

#[tokio::test]
async fn a_window_is_in_the_default_body() {
    let letters = Letters::default();
    let failures = rule("failures", "count(load > 5, 5m) >= 3").cooldown(10 * MINUTE);
    run(builder(&letters).rule(failures), (0..4).map(|second| load(second, 9))).await;
    let told = letters.all();
    assert_eq!(told.len(), 1);
    assert!(told[0].body.contains("count") && told[0].body.contains('3'), "{}", told[0].body);
}

/// Ann's letters of one agent: each end follows its own beginning, and nothing else stands between them.
fn assert_in_turn(told: &[tidings_core::Notification], agent: &str) {
    let of_agent = told.iter().filter(|told| told.agent_id.as_deref() == Some(agent));
    let mut open = None;
    for letter in of_agent {
        match letter.kind {
            NotificationKind::Firing => assert!(open.replace(letter.incident).is_none(), "{told:#?}"),
            NotificationKind::Resolved => assert_eq!(open.take(), Some(letter.incident), "{told:#?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_happens_an_end_follows_its_beginning_and_every_account_closes(
        steps in prop::collection::vec((prop::sample::select(vec!["a", "b"]), 0i64..90, 0u32..10), 1..60),
        hold in prop::sample::select(vec!["", " for 30s"]),
    ) {
        let letters = Letters::default();
        let condition = format!("load > 5{hold} resolve when load < 2{hold}");
        let mut second = 0;
        let events: Vec<_> = steps.into_iter().map(|(agent, pause, load)| {
            second += pause;
            event(agent, second, json!({"load": load, "number": second}))
        }).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let account = runtime.block_on(run(builder(&letters).rule(rule("hot", &condition)), events));
        let told = letters.all();
        assert_in_turn(&told, "a");
        assert_in_turn(&told, "b");
        let rule = account.rules["hot"];
        prop_assert_eq!(account.notifications.made, rule.fired + rule.resolved);
        prop_assert_eq!(account.notifications.planned, told.len() as u64);
        prop_assert_eq!(account.notifications.duplicate, 0, "no end and no beginning after an end is a repeat");
    }
}
