//! What a receiver answered, attempt by attempt: with its code, until when it wants to be spared, and what that used up.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tidings_core::{ErrorKind, Timestamp, Verdict};
use tidings_engine::{
    Builder, Fallbacks, Rule, Sink,
    explain::{DeliveryState, DeliveryTold, Explanation},
};
use tidings_store::Step;

use super::{AGAIN, Failure, KINDS, Scene, Scripted, assert_says, at, event, once, policy, seconds};

const LIMITED: Failure = (
    Verdict::Transient { retry_after: Some(Duration::from_secs(90)) },
    ErrorKind::RateLimited,
    "the receiver answered 429 Too Many Requests",
);
const BUSY: Failure = (AGAIN, ErrorKind::Status(503), "busy");
const BROKEN: Failure = (AGAIN, ErrorKind::Status(500), "broken");
const GONE: Failure = (Verdict::Permanent, ErrorKind::Gone, "the receiver answered 410 Gone");

/// A rule whose word goes out on push, with four attempts.
fn push(builder: Builder, channel: Arc<Scripted>) -> Builder {
    let wakes =
        Rule::new("r", "true").unwrap().channels(["push"]).cooldown(seconds(0)).dedup_key("{{ data.n }}").unwrap();
    builder.rule(wakes).channel("push", channel, policy([60, 60, 60]))
}

/// The same, where email stands in for push.
fn with_email(builder: Builder, channel: Arc<Scripted>) -> Builder {
    let by_channel = [("push".to_owned(), vec!["email".to_owned()])].into();
    let fallbacks = Fallbacks { by_channel, ..Fallbacks::default() };
    push(builder, channel).channel("email", Scripted::new([]), once()).fallbacks(fallbacks)
}

fn delivery(told: &Explanation) -> &DeliveryTold {
    &told.notifications[0].deliveries[0]
}

/// The number, the count of all, the code and the next time of an attempt.
type Tried = (u32, Option<u64>, Option<u64>, Option<Timestamp>);

fn attempts(told: &Explanation) -> Vec<Tried> {
    let attempts = &delivery(told).attempts;
    attempts.iter().map(|told| (told.attempt, told.attempts, told.code, told.again)).collect()
}

#[tokio::test]
async fn a_rate_limit_is_told_until_when_and_that_it_used_up_no_attempt() {
    for kind in KINDS {
        let limits = Scripted::new([LIMITED, BUSY, BROKEN]);
        let scene = Scene::open(kind, |builder| push(builder, limits)).await;
        let id = scene.send(0, event(json!({}))).await;
        scene.logged(Step::Retry, 1).await;
        let told = scene.explain(id).await;
        assert_eq!(delivery(&told).state, DeliveryState::Waiting { due: at(90) }, "{kind:?}");
        let first = &delivery(&told).attempts[0];
        assert_eq!((first.kind.as_deref(), first.again), (Some("rate_limited"), Some(at(90))));
        let limited = "attempt 1 of 4: rate_limited";
        let rest = "the receiver answered 429 Too Many Requests; again at 22:14:50; it used up no attempt";
        assert_says(&told, &[limited, rest, "waiting, due at 22:14:50"]);
        for (second, count) in [(91, 2), (152, 3)] {
            scene.clock.set(at(second));
            scene.logged(Step::Retry, count).await;
        }
        scene.clock.set(at(213));
        scene.drain().await;
        let told = scene.explain(id).await;
        let expected = [
            (1, Some(4), None, Some(at(90))),
            (1, Some(4), Some(503), Some(at(151))),
            (2, Some(4), Some(500), Some(at(212))),
            (3, Some(4), Some(200), None),
        ];
        assert_eq!(attempts(&told), expected, "{told}");
        let says =
            [rest, "attempt 1 of 4: 503", "attempt 2 of 4: 500", ": broken; again at 22:16:52", "attempt 3 of 4"];
        assert_says(&told, &says);
        assert_eq!(told.to_string().matches("it used up no attempt").count(), 1, "{told}");
    }
}

#[tokio::test]
async fn the_last_attempt_of_a_plan_is_told_with_its_code() {
    for kind in KINDS {
        let wrong = Scripted::new([BUSY, (Verdict::Permanent, ErrorKind::Status(404), "nobody there")]);
        let scene = Scene::open(kind, |builder| push(builder, wrong)).await;
        let id = scene.send(0, event(json!({}))).await;
        scene.logged(Step::Retry, 1).await;
        scene.clock.set(at(61));
        scene.drain().await;
        let told = scene.explain(id).await;
        assert_eq!(attempts(&told)[1], (2, Some(4), Some(404), None), "{kind:?}");
        assert_eq!(delivery(&told).state, DeliveryState::Dead);
        assert_says(
            &told,
            &["attempt 1 of 4: 503", "attempt 2 of 4: 404", ": nobody there; given up", "failed: 0 of 1"],
        );
        let standing = told.notifications[0].standing.as_ref().unwrap();
        assert_eq!((standing.status, standing.reached, standing.needed, standing.at), ("failed", 0, 1, Some(at(61))));
    }
}

#[tokio::test]
async fn what_would_be_too_old_when_it_may_be_sent_again_expires_with_its_last_error() {
    for kind in KINDS {
        let limits = Scripted::new([BUSY, LIMITED]);
        let scene = Scene::open(kind, |builder| push(builder, limits).expire_after(seconds(200))).await;
        let id = scene.send(0, event(json!({}))).await;
        scene.logged(Step::Retry, 1).await;
        // By the plan it is worth something for 3 minutes, and 17 more for each retry.
        scene.clock.set(at(3_200));
        scene.drain().await;
        let told = scene.explain(id).await;
        assert_eq!(delivery(&told).state, DeliveryState::Expired, "{kind:?}: {told}");
        let says = ["attempt 2 of 4: rate_limited", "answered 429 Too Many Requests; expired", "failed: 0 of 1"];
        assert_says(&told, &says);
        assert!(!told.to_string().contains("no attempt"), "{told}");
    }
}

#[tokio::test]
async fn a_fallback_for_what_expired_is_told_with_the_reason() {
    for kind in KINDS {
        let scene = Scene::open(kind, |builder| with_email(builder, Scripted::new([BUSY])).expire_after(seconds(200)));
        let scene = scene.await;
        let id = scene.send(0, event(json!({}))).await;
        scene.logged(Step::Retry, 1).await;
        scene.clock.set(at(10_000));
        scene.drain().await;
        let told = scene.explain(id).await;
        let deliveries = &told.notifications[0].deliveries;
        assert_eq!((deliveries[0].state, deliveries[1].state), (DeliveryState::Expired, DeliveryState::Delivered));
        assert_eq!(deliveries[0].attempts[1].kind.as_deref(), Some("expired"), "{kind:?}");
        assert_eq!(deliveries[1].after, ["push"]);
        let expired = "01:00:00 expired: it is too old to be worth sending; expired";
        assert_says(
            &told,
            &["attempt 1 of 4: 503", expired, "on email, in place of push", "delivered (200)", "complete"],
        );
    }
}

#[tokio::test]
async fn an_address_that_is_gone_is_told_until_somebody_enables_it() {
    for kind in KINDS {
        let scene =
            Scene::open(kind, |builder| builder.sink(Sink::channel("hook", Scripted::new([GONE]), once(), 1))).await;
        let mut told = Vec::new();
        for second in [0, 10, 20] {
            if second == 20 {
                assert!(scene.notifier.enable("hook", None).await.unwrap());
            }
            let id = scene.send(second, event(json!({ "n": second }))).await;
            scene.drain().await;
            told.push(scene.explain(id).await);
        }
        let states = told.iter().map(|told| told.sinks[0].delivery.as_ref().unwrap().state);
        let (dead, delivered) = (DeliveryState::Dead, DeliveryState::Delivered);
        assert_eq!(states.collect::<Vec<_>>(), [dead, dead, delivered], "{kind:?}");
        let disabled = "22:13:20 the address is gone for good, and disabled";
        assert_says(&told[0], &["attempt 1 of 1: gone", "the receiver answered 410 Gone; given up", disabled]);
        assert_says(&told[1], &["22:13:30 disabled: the receiver said before that this address is gone; given up"]);
        assert_says(&told[2], &["22:13:40 attempt 1 of 1: delivered (200)"]);
        assert_eq!(scene.logged(Step::Enabled, 1).await[0].endpoint.as_deref(), Some("hook"));
    }
}

#[tokio::test]
async fn a_fallback_for_an_address_that_was_disabled_is_told() {
    for kind in KINDS {
        let scene = Scene::open(kind, |builder| with_email(builder, Scripted::new([GONE]))).await;
        for (second, reason) in [(0, "gone"), (10, "disabled")] {
            let id = scene.send(second, event(json!({ "n": second }))).await;
            scene.drain().await;
            let told = scene.explain(id).await;
            assert_eq!(delivery(&told).attempts[0].kind.as_deref(), Some(reason), "{kind:?}: {told}");
            assert_says(
                &told,
                &[reason, "given up", "on email, in place of push", "delivered (200)", "complete: 1 of 1"],
            );
        }
    }
}
