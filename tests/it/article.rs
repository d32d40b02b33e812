//! Bugs of the code that this project grew from: one row for each, shown right. They are listed with their source in
//! `docs/decisions/0001-what-we-keep-and-what-we-mend.md`.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use tidings::{
    Channel, Clock, Envelope, ErrorKind, Event, Message, Notifier, Payload, Priority, Receipt, Rule, SendError,
    Timestamp, User, trigger::Condition,
};
use tidings_testkit::FakeClock;

/// Keeps what it is sent, as `user: title`.
#[derive(Clone, Default)]
struct Letters(Arc<Mutex<Vec<String>>>);

impl Channel for Letters {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        if let Payload::Notification(told) = &envelope.payload {
            self.0.lock().unwrap().push(format!("{}: {}", told.user_id, told.title));
        }
        Ok(Receipt::default())
    }
}

impl Letters {
    fn all(&self) -> Vec<String> {
        let mut letters = self.0.lock().unwrap().clone();
        letters.sort();
        letters
    }
}

fn builder(letters: &Letters) -> tidings::Builder {
    Notifier::builder().channel("letters", letters.clone()).user("ann", User::default()).user("bob", User::default())
}

fn rule(name: &str, condition: &str) -> Rule {
    Rule::new(name, condition).unwrap().channels(["letters"])
}

fn event(agent: &str, data: Value) -> Event {
    Event::new("x").agent(agent).data(data)
}

async fn run(builder: tidings::Builder, events: Vec<Event>) -> tidings::Account {
    let notifier = builder.build().unwrap().start().await.unwrap();
    notifier.accept(events).await.unwrap();
    let account = notifier.stop().await;
    account.closes().unwrap();
    account
}

/// Conditions: what the article's code got wrong, and what is right.
#[test]
fn conditions() {
    for (bug, condition, data, expected) in [
        ("a bool threshold was inverted", "ok == False", json!({"ok": false}), "fire"),
        ("a bool threshold was inverted", "ok == false", json!({"ok": false}), "fire"),
        ("a bool threshold was inverted", "ok == false", json!({"ok": true}), "no"),
        ("a bool threshold was inverted", "ok != true", json!({"ok": true}), "no"),
        ("an int metric against 2.5 raised", "latency > 2.5", json!({"latency": 3}), "fire"),
        ("an int metric against 2.5 raised", "latency > 2.5", json!({"latency": 2}), "no"),
        ("numbers were compared as text", "count > 9", json!({"count": 10}), "fire"),
        ("numbers were compared as text", "count > 9", json!({"count": "10"}), "error"),
        ("rules without blanks were ignored", "error_rate>0.05", json!({"error_rate": 0.06}), "fire"),
        ("rules without blanks were ignored", "error_rate<=0.05", json!({"error_rate": 0.06}), "no"),
    ] {
        let compiled = Condition::compile(condition).unwrap_or_else(|problems| panic!("{condition}: {problems:?}"));
        let found = compiled.verdict(&event("a", data.clone())).as_str();
        assert_eq!(found, expected, "{bug}: {condition} on {data}");
    }
}

#[tokio::test]
async fn one_bad_rule_does_not_abort_the_rest() {
    let letters = Letters::default();
    let bad = rule("bad", "text > 5");
    let good = rule("good", "text == \"ten\"");
    let account = run(builder(&letters).rule(bad).rule(good), vec![event("a", json!({"text": "ten"}))]).await;
    assert_eq!(letters.all(), ["ann: good", "bob: good"]);
    assert_eq!((account.rules["bad"].error, account.rules["bad"].fired), (1, 0), "and it used up no cooldown");
    assert!(Rule::new("worse", "text >").is_err(), "one that is wrong in itself is refused at load");
}

#[tokio::test]
async fn a_wildcard_rule_that_fires_for_one_agent_does_not_silence_the_others() {
    let letters = Letters::default();
    let wild = rule("wild", "errors > 0").agent("*").unwrap().title("{{ agent_id }}").unwrap();
    let errors = json!({"errors": 1});
    let events = ["a", "b", "a", "c"].map(|agent| event(agent, errors.clone())).to_vec();
    let account = run(builder(&letters).rule(wild), events).await;
    assert_eq!(letters.all(), ["ann: a", "ann: b", "ann: c", "bob: a", "bob: b", "bob: c"]);
    assert_eq!(account.rules["wild"].cooldown, 1);
}

#[tokio::test]
async fn the_same_explicit_key_of_two_users_does_not_collide() {
    let letters = Letters::default();
    let keyed = rule("keyed", "true").dedup_key("outage").unwrap();
    run(builder(&letters).rule(keyed), vec![event("a", json!({}))]).await;
    assert_eq!(letters.all(), ["ann: keyed", "bob: keyed"]);
}

#[tokio::test]
async fn slow_push_does_not_delay_mail() {
    struct Slow;
    impl Channel for Slow {
        async fn send(&self, _: &Envelope) -> Result<Receipt, SendError> {
            std::future::pending().await
        }
    }
    let letters = Letters::default();
    let both = Rule::new("both", "true").unwrap().channels(["slow", "letters"]);
    let notifier = builder(&letters).channel("slow", Slow).rule(both).build().unwrap().start().await.unwrap();
    notifier.accept(vec![event("a", json!({}))]).await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), async {
        while letters.all().len() < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await
    .expect("the letters arrive while the slow channel still hangs");
    let account = notifier.stop_within(Duration::from_millis(1)).await;
    account.closes().unwrap();
    assert_eq!((account.deliveries.delivered, account.deliveries.dead), (2, 2));
}

#[tokio::test]
async fn a_clock_set_back_an_hour_does_not_block_for_an_hour() {
    let letters = Letters::default();
    let start = Timestamp::from_secs(1_000_000);
    let clock = Arc::new(FakeClock::at(start));
    let notifier = builder(&letters).clock(clock.clone()).rule(rule("r", "true").cooldown(Duration::from_secs(300)));
    // Dedup would hold the same title back for its own window.
    let notifier = notifier.dedup_window(Duration::ZERO).build().unwrap().start().await.unwrap();
    let mut fired = Vec::new();
    for (number, seconds) in [0i64, 299, -3_600, -3_300, -3_299].into_iter().enumerate() {
        clock.set(Timestamp::from_secs(start.as_secs() + seconds));
        notifier.accept(vec![event("a", json!({"number": number}))]).await.unwrap();
        assert!(notifier.drain(Duration::from_secs(10)).await);
        fired.push(notifier.account().await.rules["r"].fired);
    }
    assert_eq!(fired.last(), Some(&2), "after the step it fires again within one cooldown: {fired:?}");
    notifier.stop().await;
}

/// A key was marked as seen before the delivery; ours is held by what was planned, so that a denied message holds nobody back.
#[tokio::test]
async fn the_settled_notification_holds_the_key() {
    let letters = Letters::default();
    let notifier = builder(&letters).build().unwrap().start().await.unwrap();
    let message = Message {
        channels: vec!["letters".into()],
        user_ids: vec!["ann".into()],
        priority: Priority::Low,
        ..Message::new("outage")
    };
    let urgent = Message { priority: Priority::Critical, ..message.clone() };
    for message in [&message, &message, &urgent] {
        notifier.notify(message).await.unwrap();
    }
    let account = notifier.stop().await;
    assert_eq!((account.notifications.planned, account.notifications.duplicate), (2, 1), "a higher priority passes");
    assert_eq!(letters.all().len(), 2);
}

/// A delivery that failed everywhere frees its key: the next event is told at once.
#[tokio::test]
async fn a_key_is_free_again_when_nothing_was_delivered() {
    #[derive(Clone, Default)]
    struct FailsOnce(Arc<Mutex<u32>>);
    impl Channel for FailsOnce {
        async fn send(&self, _: &Envelope) -> Result<Receipt, SendError> {
            let mut calls = self.0.lock().unwrap();
            *calls += 1;
            if *calls == 1 { Err(SendError::permanent(ErrorKind::Status(400), "no")) } else { Ok(Receipt::default()) }
        }
    }
    let channel = FailsOnce::default();
    let rule = Rule::new("r", "true").unwrap().channels(["once"]).cooldown(Duration::ZERO);
    let notifier = Notifier::builder().channel("once", channel.clone()).user("ann", User::default()).rule(rule);
    let notifier = notifier.build().unwrap().start().await.unwrap();
    for number in 0..3 {
        notifier.accept(vec![event("a", json!({"number": number}))]).await.unwrap();
        assert!(notifier.drain(Duration::from_secs(10)).await);
    }
    let account = notifier.stop().await;
    account.closes().unwrap();
    assert_eq!((account.deliveries.dead, account.deliveries.delivered), (1, 1), "{account:?}");
    assert_eq!(account.notifications.duplicate, 1);
}

/// The clock of the table above is one of ours.
#[test]
fn a_fake_clock_is_a_clock() {
    let clock = FakeClock::at(Timestamp::from_secs(1));
    clock.advance(Duration::from_secs(1));
    assert_eq!(clock.now(), Timestamp::from_secs(2));
}
