//! From an event to a delivery: rules, dedup, preferences, and the accounts of each.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::json;
use tidings_core::{
    Channel, Clock, Envelope, ErrorKind, Event, Payload, Priority, Receipt, SendError, Severity, Timestamp,
};
use tidings_engine::{AcceptError, Message, Notifier, Recipient, Recipients, RetryPolicy, Rule, Sink, Told, User};

use crate::{event, info, letters::Letters, start, stop};

fn builder(letters: &Letters) -> tidings_engine::Builder {
    let once = RetryPolicy { delays: vec![], jitter: 0.0 };
    Notifier::builder().channel("letters", Arc::new(letters.clone()), once).user("ann", User::default())
}

fn rule(name: &str, condition: &str) -> Rule {
    Rule::new(name, condition).unwrap().channels(["letters"])
}

#[tokio::test]
async fn a_rule_tells_its_users_once_within_the_cooldown() {
    let letters = Letters::default();
    let failing = rule("failing", r#"event_type == "tool.error""#).title("{{ agent_id }} fails").unwrap();
    let notifier = start(builder(&letters).user("bob", User::default()).rule(failing)).await;
    for _ in 0..3 {
        notifier.emit(event("tool.error", Severity::Error));
        notifier.emit(info("tool.fine"));
    }
    let account = stop(&notifier).await;
    assert_eq!(letters.titles(), ["a fails to ann", "a fails to bob"]);
    let rule = account.rules["failing"];
    assert_eq!((rule.evaluated, rule.fired, rule.cooldown, rule.no), (6, 1, 2, 3));
    assert_eq!((account.notifications.made, account.notifications.planned), (2, 2));
    assert_eq!((account.deliveries.made, account.deliveries.delivered), (2, 2));
}

#[tokio::test]
async fn without_a_cooldown_dedup_holds_and_tells_what_it_swallowed() {
    let letters = Letters::default();
    let noisy = rule("noisy", "true").cooldown(Duration::ZERO);
    let notifier = start(builder(&letters).dedup_window(Duration::from_secs(10)).event_time().rule(noisy)).await;
    for seconds in [0, 1, 10, 11] {
        notifier.accept(vec![info("x").at(Timestamp::from_secs(100 + seconds))]).await.unwrap();
    }
    let account = stop(&notifier).await;
    assert_eq!((account.notifications.made, account.notifications.duplicate), (4, 2));
    let letters = letters.all();
    assert_eq!(letters.len(), 2);
    assert!(letters[1].body.ends_with("(2 more suppressed)"), "{}", letters[1].body);
}

#[tokio::test]
async fn recipients_are_the_events_user_or_the_named_ones() {
    let letters = Letters::default();
    let own = rule("own", "true").recipients(Recipients::Only(vec![Recipient::OfEvent]));
    let named = rule("named", "true").recipients(Recipients::users(["carl"]));
    let notifier = start(builder(&letters).rule(own).rule(named)).await;
    notifier.emit(info("x"));
    notifier.emit(info("x").user("dora").agent("b"));
    stop(&notifier).await;
    assert_eq!(letters.titles().len(), 3, "{:?}", letters.titles());
    assert!(letters.titles().contains(&"own to dora".to_owned()));
}

#[tokio::test]
async fn preferences_decide_and_a_mandatory_rule_passes_them() {
    let letters = Letters::default();
    let off = serde_json::from_value(json!({"default": {"letters": false}})).unwrap();
    let quiet = User { preferences: Some(off), ..User::default() };
    let notifier = builder(&letters).user("ann", quiet).rule(rule("optional", "true"));
    let notifier = start(notifier.rule(rule("fire drill", "true").mandatory(true))).await;
    notifier.emit(info("x"));
    let account = stop(&notifier).await;
    assert_eq!(letters.titles(), ["fire drill to ann"]);
    assert_eq!((account.notifications.denied, account.notifications.planned), (1, 1));
}

#[tokio::test]
async fn a_template_that_fails_at_run_time_gives_the_default_text() {
    let letters = Letters::default();
    let rule = rule("rate", "true").title("{{ data.missing.deeper }}").unwrap().body("{{ data.x + 1 }}").unwrap();
    let notifier = start(builder(&letters).rule(rule)).await;
    notifier.emit(info("x").data(json!({"x": {}})));
    let account = stop(&notifier).await;
    assert_eq!(letters.titles(), ["rate to ann"]);
    assert_eq!(account.deliveries.delivered, 1);
}

#[tokio::test]
async fn a_title_is_one_line() {
    let letters = Letters::default();
    let notifier = start(builder(&letters).rule(rule("r", "true").title("{{ data.text }}").unwrap())).await;
    notifier.emit(info("x").data(json!({"text": "a\r\nBcc: b\u{0}"})));
    notifier.emit(info("x").agent("b").data(json!({"text": "y".repeat(1_000)})));
    stop(&notifier).await;
    let letters = letters.all();
    assert_eq!(letters[0].title, "a  Bcc: b");
    assert_eq!(letters[1].title.chars().count(), 256);
}

#[tokio::test]
async fn a_channel_that_panics_is_dead_and_named() {
    struct Broken;
    impl Channel for Broken {
        async fn send(&self, _: &Envelope) -> Result<Receipt, SendError> {
            panic!("this panic is part of the test")
        }
    }
    let letters = Letters::default();
    let both = Rule::new("both", "true").unwrap().channels(["broken", "letters"]);
    let builder = builder(&letters).channel("broken", Arc::new(Broken), RetryPolicy::user());
    let notifier = start(builder.rule(both)).await;
    notifier.emit(info("x"));
    let account = stop(&notifier).await;
    assert_eq!((account.deliveries.dead, account.deliveries.delivered), (1, 1));
    let left = notifier.undelivered();
    assert_eq!((left[0].endpoint.as_str(), left[0].reason.as_str()), ("broken", "the channel panicked (attempt 1)"));
}

#[tokio::test]
async fn a_direct_message_passes_dedup_as_well() {
    let letters = Letters::default();
    let notifier = start(builder(&letters)).await;
    let message = Message { channels: vec!["letters".into()], priority: Priority::High, ..Message::new("hello") };
    let first = notifier.notify(&message).await.unwrap();
    let Told::Planned(planned) = first[0].1 else { panic!("{first:?}") };
    let again = notifier.notify(&message).await.unwrap();
    assert!(matches!(again[0].1, Told::Duplicate { of, id } if of == planned && id != planned), "{again:?}");
    stop(&notifier).await;
    assert_eq!(letters.titles(), ["hello to ann"]);
}

/// A clock that only goes where it is put.
#[derive(Default)]
struct Hands(Mutex<Timestamp>);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

#[tokio::test]
async fn a_clock_set_back_does_not_block_a_rule() {
    let letters = Letters::default();
    let clock = Arc::new(Hands(Mutex::new(Timestamp::from_secs(10_000))));
    let notifier = start(builder(&letters).clock(clock.clone()).rule(rule("r", "true"))).await;
    let emit = |agent: &str| notifier.accept(vec![Event::new("x").agent(agent)]);
    emit("a").await.unwrap();
    notifier.drain(Duration::from_secs(5)).await;
    *clock.0.lock().unwrap() = Timestamp::from_secs(6_400);
    emit("b").await.unwrap();
    notifier.drain(Duration::from_secs(5)).await;
    *clock.0.lock().unwrap() = Timestamp::from_secs(10_400);
    emit("a").await.unwrap();
    stop(&notifier).await;
    assert_eq!(letters.titles().len(), 3, "another agent's rule and the same one after its cooldown both fire");
}

#[tokio::test]
async fn what_a_user_does_not_want_blocks_nothing_that_is_wanted() {
    let letters = Letters::default();
    let texts = Letters::default();
    let once = RetryPolicy { delays: vec![], jitter: 0.0 };
    let key = |rule: Rule| rule.dedup_key("same").unwrap();
    let unwanted = key(rule("unwanted", "true").channels(["texts"]));
    let off =
        User { preferences: serde_json::from_value(json!({"default": {"texts": false}})).ok(), ..User::default() };
    let builder = builder(&letters).channel("texts", Arc::new(texts), once).user("ann", off);
    let notifier = start(builder.rule(unwanted).rule(key(rule("wanted", "true")))).await;
    notifier.emit(info("x"));
    let account = stop(&notifier).await;
    assert_eq!(letters.titles(), ["wanted to ann"], "what nobody was told is not repeated by another rule");
    assert_eq!((account.notifications.denied, account.notifications.planned), (1, 1));
}

#[tokio::test]
async fn a_direct_message_by_an_unknown_channel_is_refused() {
    let hook = Sink::channel("hook", Arc::new(Letters::default()), RetryPolicy::user(), 1);
    let notifier = start(builder(&Letters::default()).sink(hook)).await;
    for channel in ["nope", "hook"] {
        let message = Message { channels: vec!["letters".into(), channel.into()], ..Message::new("hello") };
        assert_eq!(notifier.notify(&message).await, Err(AcceptError::UnknownChannel(channel.into())));
    }
    assert_eq!(stop(&notifier).await.notifications.made, 0);
}

/// Takes nothing from Ann, at once, and everything from others.
struct NotAnn(Letters);

impl Channel for NotAnn {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        match &envelope.payload {
            Payload::Notification(told) if told.user_id == "ann" => {
                Err(SendError::transient(ErrorKind::Status(452), "mailbox full"))
            }
            _ => self.0.send(envelope).await,
        }
    }
}

#[tokio::test]
async fn one_users_failing_address_holds_nobody_else_up() {
    let letters = Letters::default();
    let builder = Notifier::builder().channel("letters", Arc::new(NotAnn(letters.clone())), RetryPolicy::user());
    let notifier =
        start(builder.user("ann", User::default()).user("bob", User::default()).rule(rule("r", "true"))).await;
    notifier.emit(info("x"));
    let account = notifier.stop_within(Duration::from_millis(300)).await;
    account.closes().unwrap();
    assert_eq!(letters.titles(), ["r to bob"]);
    assert_eq!(account.deliveries.dead, 1);
}

#[tokio::test]
async fn an_impossible_time_in_a_file_does_not_stop_its_clock() {
    let letters = Letters::default();
    let resting = rule("r", "true").cooldown(Duration::from_secs(60));
    let notifier = start(builder(&letters).dedup_window(Duration::ZERO).event_time().rule(resting)).await;
    let milliseconds = Timestamp::from_secs_f64(1_700_000_000_000.0).unwrap();
    for at in [Timestamp::from_secs(1_000), milliseconds, Timestamp::from_secs(900), Timestamp::from_secs(1_060)] {
        notifier.accept(vec![info("x").at(at)]).await.unwrap();
    }
    let account = stop(&notifier).await;
    assert_eq!((account.rules["r"].fired, account.rules["r"].cooldown), (2, 2));
}

#[tokio::test]
async fn what_is_not_delivered_is_named_without_its_secrets() {
    let broken = Arc::new(NotAnn(Letters::default()));
    let once = RetryPolicy { delays: vec![], jitter: 0.0 };
    let builder = Notifier::builder().channel("letters", broken, once).user("ann", User::default());
    let notifier = start(builder).await;
    let title = "a key: sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH\r\nand a line";
    let message = Message { channels: vec!["letters".into()], ..Message::new(title) };
    notifier.notify(&message).await.unwrap();
    assert_eq!(stop(&notifier).await.deliveries.dead, 1);
    let what = &notifier.undelivered()[0].what;
    assert!(!what.contains("abcdefghij") && !what.contains('\n') && what.starts_with("a key"), "{what}");
}

/// Takes every message but those of this title, which shall be sent again.
struct Picky(Mutex<Vec<String>>);

impl Channel for Picky {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        let Payload::Notification(told) = &envelope.payload else { return Ok(Receipt::default()) };
        if told.title == "stuck" {
            return Err(SendError::transient(ErrorKind::Status(500), "500"));
        }
        self.0.lock().unwrap().push(told.title.clone());
        Ok(Receipt::default())
    }
}

#[tokio::test]
async fn a_direct_message_waits_for_no_other() {
    let picky = Arc::new(Picky(Mutex::default()));
    let builder = Notifier::builder().user("ann", User::default());
    let notifier = start(builder.channel("picky", picky.clone(), RetryPolicy::user())).await;
    for title in ["stuck", "next"] {
        let message = Message { channels: vec!["picky".to_owned()], ..Message::new(title) };
        notifier.notify(&message).await.unwrap();
    }
    for _ in 0..1_000 {
        if !picky.0.lock().unwrap().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(*picky.0.lock().unwrap(), ["next"]);
    notifier.stop_within(Duration::ZERO).await.closes().unwrap();
}
