//! Where a delivery is, and every attempt at it.

use std::sync::Arc;

use serde_json::json;
use tidings_core::{ErrorKind, EventId, Priority, Verdict};
use tidings_engine::{
    Builder, Fallbacks, Rule, Sink,
    explain::{DeliveryState, Explanation, Subject},
};
use tidings_store::{Finish, Note, Outcome, Step};

use super::{AGAIN, KINDS, Scene, Scripted, assert_says, at, event, once, policy, seconds};

fn wakes(channels: &[&str]) -> Rule {
    Rule::new("r", "true").unwrap().channels(channels.iter().copied()).title("load is high").unwrap()
}

fn push(builder: Builder, channel: Arc<Scripted>) -> Builder {
    builder.rule(wakes(&["push"])).channel("push", channel, policy([60, 60, 60]))
}

fn state(told: &Explanation) -> DeliveryState {
    told.notifications[0].deliveries[0].state
}

#[tokio::test]
async fn a_retry_is_told_with_its_code_and_the_next_time() {
    for kind in KINDS {
        let flaky = Scripted::new([(AGAIN, ErrorKind::Status(503), "busy")]);
        let scene = Scene::open(kind, |builder| push(builder, flaky)).await;
        let id = scene.send(0, event(json!({}))).await;
        scene.logged(Step::Retry, 1).await;
        let told = scene.explain(id).await;
        assert_eq!(state(&told), DeliveryState::Waiting { due: at(60) }, "{kind:?}");
        assert_says(&told, &["attempt 1 of 4: 503", ": busy; again at 22:14:20", "waiting, due at 22:14:20"]);
        scene.clock.set(at(61));
        scene.drain().await;
        let told = scene.explain(id).await;
        assert_eq!(state(&told), DeliveryState::Delivered);
        let attempts = &told.notifications[0].deliveries[0].attempts;
        assert_eq!((attempts.len(), attempts[0].code, attempts[0].attempts), (2, Some(503), Some(4)));
        assert_says(&told, &["attempt 2 of 4: delivered (200)", "complete: 1 of 1 channel has taken it"]);
    }
}

#[tokio::test]
async fn what_is_given_up_is_told_with_its_last_error() {
    for kind in KINDS {
        let wrong = Scripted::new([(Verdict::Permanent, ErrorKind::Status(404), "nobody there")]);
        let scene = Scene::open(kind, |builder| push(builder, wrong)).await;
        let id = scene.send(0, event(json!({}))).await;
        scene.drain().await;
        let told = scene.explain(id).await;
        assert_eq!(state(&told), DeliveryState::Dead);
        assert_says(&told, &["attempt 1 of 4: 404", ": nobody there; given up", "failed: 0 of 1 channel has taken it"]);
    }
}

#[tokio::test]
async fn what_is_too_old_is_told() {
    for kind in KINDS {
        let flaky = Scripted::new([(AGAIN, ErrorKind::Status(503), "busy")]);
        let scene = Scene::open(kind, |builder| push(builder, flaky).expire_after(seconds(200))).await;
        let id = scene.send(0, event(json!({}))).await;
        scene.logged(Step::Retry, 1).await;
        scene.clock.set(at(100_000));
        scene.drain().await;
        let told = scene.explain(id).await;
        assert_eq!(state(&told), DeliveryState::Expired, "{kind:?}");
        assert_says(&told, &["attempt 1 of 4", "it is too old to be worth sending; expired", "failed"]);
    }
}

#[tokio::test]
async fn an_address_that_is_gone_is_disabled_and_so_is_what_comes_after() {
    for kind in KINDS {
        let gone = Scripted::new([(Verdict::Permanent, ErrorKind::Gone, "410")]);
        let sink = Sink::channel("hook", gone, once(), 1);
        let scene = Scene::open(kind, |builder| builder.sink(sink)).await;
        let first = scene.send(0, event(json!({}))).await;
        scene.drain().await;
        assert_says(&scene.explain(first).await, &["gone", "given up", "the address is gone for good, and disabled"]);
        let second = scene.send(10, event(json!({}))).await;
        scene.drain().await;
        assert_says(&scene.explain(second).await, &["disabled: the receiver said before", "given up"]);
    }
}

#[tokio::test]
async fn a_fallback_is_told_with_the_failure_that_it_stands_in_for() {
    for kind in KINDS {
        let lost = Scripted::new([(Verdict::Permanent, ErrorKind::NoAddress, "ann has no address on push")]);
        let by_channel = [("push".to_owned(), vec!["email".to_owned()])].into();
        let scene = Scene::open(kind, |builder| {
            let fallbacks = Fallbacks { by_channel, ..Fallbacks::default() };
            push(builder, lost).channel("email", Scripted::new([]), once()).fallbacks(fallbacks)
        })
        .await;
        let id = scene.send(0, event(json!({}))).await;
        scene.drain().await;
        let told = scene.explain(id).await;
        let deliveries = &told.notifications[0].deliveries;
        assert_eq!(deliveries[1].after, ["push"]);
        assert_says(
            &told,
            &[
                "planned on push",
                "no_address",
                "ann has no address on push; given up",
                "on email, in place of push",
                "attempt 1 of 1: delivered (200)",
                "complete: 1 of 1",
            ],
        );
        let from_there = scene.explain(deliveries[1].id).await;
        assert_eq!((from_there.subject, from_there.notifications.len()), (Subject::Delivery, 1));
        assert_eq!(from_there.notifications[0].deliveries, deliveries[1..]);
        assert_says(&from_there, &["delivery", "event", "r: fired", "in place of push"]);
    }
}

/// Two channels must take what is critical; so many of them fail.
async fn critical(failures: usize, says: &[&str]) {
    for kind in KINDS {
        let no = |fails: bool| {
            let answer = (Verdict::Permanent, ErrorKind::Status(400), "no");
            Scripted::new(fails.then_some(answer))
        };
        let scene = Scene::open(kind, |builder| {
            builder
                .rule(wakes(&["one", "two"]).priority(Priority::Critical))
                .channel("one", no(failures > 0), once())
                .channel("two", no(failures > 1), once())
        })
        .await;
        let id = scene.send(0, event(json!({}))).await;
        scene.drain().await;
        assert_says(&scene.explain(id).await, &["planned on one, two; 2 must take it"]);
        let told = scene.explain(id).await;
        assert_says(&told, says);
        let standing = told.notifications[0].standing.as_ref().unwrap();
        assert_eq!((usize::from(standing.reached), standing.needed, standing.at), (2 - failures, 2, Some(at(0))));
        assert_eq!(told.to_json()["notifications"][0]["standing"]["reached"], json!(2 - failures));
    }
}

#[tokio::test]
async fn a_quorum_is_told_with_what_it_needed_and_reached() {
    critical(0, &["complete: 2 of 2 channels have taken it"]).await;
    critical(1, &["incomplete: 1 of 2 channels have taken it"]).await;
    critical(2, &["failed: 0 of 2 channels have taken it"]).await;
}

#[tokio::test]
async fn a_late_answer_is_told() {
    for kind in KINDS {
        let flaky = Scripted::new([(AGAIN, ErrorKind::Timeout, "no answer")]);
        let scene = Scene::open(kind, |builder| push(builder, flaky)).await;
        let id = scene.send(0, event(json!({}))).await;
        scene.logged(Step::Retry, 1).await;
        let delivery = scene.explain(id).await.notifications[0].deliveries[0].id;
        let late = Finish {
            id: delivery,
            endpoint: "push".into(),
            fence: 999,
            attempt: None,
            outcome: Outcome::Dead,
            note: Note::default(),
            fallbacks: Vec::new(),
        };
        scene.store.finish(vec![late], at(1)).await.unwrap();
        let told = scene.explain(delivery).await;
        assert_eq!(told.notifications[0].deliveries[0].state, DeliveryState::Waiting { due: at(60) });
        assert_says(&told, &["attempt 1 of 4: timeout", "a late answer was refused", "waiting, due"]);
    }
}

/// Never answers.
pub(super) struct Silent;

impl tidings_core::Channel for Silent {
    async fn send(&self, _: &tidings_core::Envelope) -> Result<tidings_core::Receipt, tidings_core::SendError> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn an_attempt_under_way_is_told() {
    for kind in KINDS {
        let silent = Sink::channel("hook", Arc::new(Silent), once(), 1);
        let scene = Scene::open(kind, |builder| builder.sink(silent)).await;
        let id = scene.send(0, event(json!({}))).await;
        let states = async |id: EventId| scene.explain(id).await.sinks[0].delivery.as_ref().map(|told| told.state);
        super::until(async || states(id).await == Some(DeliveryState::Leased { attempt: 1 })).await;
        assert_says(&scene.explain(id).await, &["hook: wanted", "attempt 1 was begun and is not answered"]);
        scene.notifier.stop_within(seconds(0)).await;
    }
}
