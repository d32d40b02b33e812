//! Every step of the log has its place in an explanation, or is said to be for the log alone.

use std::sync::Arc;

use serde_json::{Map, json};
use tidings_core::{DeliveryId, Event, NotificationId, Timestamp};
use tidings_store::{Entry, MemoryStore, NewEntry, Offer, RuleBatch, RulePlan, Step, Store};

use super::{deliveries, explain, text};

/// Where a step is told, and what is said of it.
enum Place {
    Event(&'static str),
    Rule(&'static str),
    Notification(&'static str),
    Delivery(&'static str),
    /// Of a notification as a whole, and of one of its deliveries.
    Both(&'static str, &'static str),
    /// It is of no one event: `log` tells it. Or the deliveries themselves do.
    LogAlone,
}

fn place(step: Step) -> Place {
    match step {
        Step::Resent => Place::Event("sent again once, at"),
        Step::Fired => Place::Rule("r: fired at"),
        Step::Resolved => Place::Rule("r: resolved at"),
        Step::Cooldown => Place::Rule("r: in cooldown since"),
        Step::Duplicate => Place::Notification("not sent: a duplicate"),
        Step::Untold => Place::Notification("not sent: this user was not told of what it ends"),
        Step::Muted => Place::Notification("not on push: the channel is off, by the user's preferences"),
        Step::Denied => {
            Place::Both("not sent: it is wanted on no channel", "not sent: the channel is off, by the user's")
        }
        Step::Silenced => Place::Notification("not sent: silenced by bob until 00:10:00: \"deploy\" (silence s1)"),
        Step::Held => {
            Place::Both("held until 00:10:00: quiet hours, by the user's preferences", "held until 00:00:30: quiet")
        }
        Step::Digested => Place::Notification("kept for the digest on email at 00:10:00: quiet hours, by the user's"),
        Step::Resumed => Place::Notification("its time had come: sent"),
        Step::Gathered => Place::Notification("put into the digest 07070707070707070707070707070707"),
        Step::Dropped => Place::Notification("left out: what it told of was over before the digest went out"),
        Step::Planned => Place::Notification("planned on push"),
        Step::Complete => Place::Notification("complete: 1 of 2 channels have taken it"),
        Step::Incomplete => Place::Notification("incomplete: 1 of 2 channels have taken it"),
        Step::Failed => Place::Notification("failed: 1 of 2 channels have taken it"),
        Step::Retry => Place::Delivery("attempt 2 of 4: 503: what was said; again at 00:00:30"),
        Step::Delivered => Place::Delivery("attempt 2 of 4: delivered (503)"),
        Step::Dead => Place::Delivery("attempt 2 of 4: 503: what was said; given up"),
        Step::Expired => Place::Delivery("attempt 2 of 4: 503: what was said; expired"),
        Step::Late => Place::Delivery("a late answer was refused: another attempt had begun"),
        Step::Disabled => Place::Delivery("the address is gone for good, and disabled"),
        Step::Shed => Place::Delivery("shed: there was no room"),
        Step::Reported => Place::Delivery("the provider reports: what was said"),
        Step::Fallback | Step::Enabled | Step::Damaged | Step::Tested => Place::LogAlone,
        other => panic!("{other:?} has no text"),
    }
}

fn detail() -> Map<String, serde_json::Value> {
    let muted = json!([{"channel": "push", "reason": "channel_off", "layer": "user"}]);
    let detail = json!({
        "at": 0, "since": 0, "muted": muted, "needed": 2, "reached": 1, "kind": "status", "code": 503,
        "text": "what was said", "due": 30, "attempts": 4, "legs": [{"channel": "push"}], "quorum": {"needed": 2},
        "until": 600, "why": "quiet_hours", "layer": "user", "channel": "email", "into": "07".repeat(16),
        "silence": "s1", "author": "bob", "reason": "deploy",
    });
    detail.as_object().cloned().unwrap_or_default()
}

/// What is said of an event of whose plan this step is told.
async fn told(step: Step, of_notification: bool) -> String {
    let store = MemoryStore::new(10);
    let event = Event::new("x").at(Timestamp::EPOCH).id("7");
    let offer = Offer { id: event.identity(0), event: Arc::new(event), repeatable: true };
    store.accept(std::slice::from_ref(&offer), Timestamp::EPOCH).await.unwrap();
    let new = |step| NewEntry {
        notification: of_notification.then(|| NotificationId::from_bytes([7; 16])),
        rule: Some("r".into()),
        user: Some("ann".to_owned()),
        detail: detail(),
        ..NewEntry::new(step)
    };
    // How a notification stands is told of what was planned.
    let stands = matches!(step, Step::Complete | Step::Incomplete | Step::Failed);
    let trace = stands.then(|| new(Step::Planned)).into_iter().chain([new(step)]).collect();
    let plan = RulePlan { trace, ..RulePlan::nothing(offer.id) };
    store.plan_rule(&RuleBatch { plans: vec![plan], states: vec![] }, Timestamp::EPOCH).await.unwrap();
    explain(&store, "7").await.unwrap().unwrap().to_string()
}

fn attempt(step: Step) -> Option<String> {
    let entry = Entry {
        number: 1,
        at: Timestamp::EPOCH,
        step,
        event: None,
        notification: None,
        delivery: Some(DeliveryId::from_bytes([7; 16])),
        rule: None,
        agent: None,
        user: None,
        endpoint: None,
        attempt: 2,
        detail: detail(),
    };
    deliveries::attempt(&entry).map(|told| text::attempt_line(&told))
}

#[tokio::test]
async fn every_step_is_told_in_its_place() {
    let mut wrong = Vec::new();
    for step in Step::ALL {
        let of_attempt = || attempt(step).unwrap_or_default();
        let said = match place(step) {
            Place::Event(expected) | Place::Rule(expected) => vec![(told(step, false).await, expected)],
            Place::Notification(expected) => vec![(told(step, true).await, expected)],
            Place::Delivery(expected) => vec![(of_attempt(), expected)],
            Place::Both(whole, one) => vec![(told(step, true).await, whole), (of_attempt(), one)],
            Place::LogAlone => vec![(of_attempt(), "")],
        };
        for (said, expected) in said {
            if !said.contains(expected) {
                wrong.push(format!("{step:?}: `{expected}` is not in\n{said}"));
            }
        }
        let is_of_delivery = matches!(place(step), Place::Delivery(_) | Place::Both(..));
        assert_eq!(attempt(step).is_some(), is_of_delivery, "{step:?}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
