//! What nobody could be asked about: nobody is connected, there is no address, the endpoint is down.

use std::sync::Arc;

use serde_json::json;
use tidings_core::{ErrorKind, EventId, Priority, Verdict};
use tidings_engine::{
    Builder, Fallbacks, Rule,
    explain::{DeliveryState, Explanation},
};
use tidings_store::Step;

use super::{AGAIN, Failure, KINDS, Kind, Scene, Scripted, assert_says, at, event, once, policy};

const REFUSED: Failure = (AGAIN, ErrorKind::Connect, "refused");
/// So many failures in a row open the breaker.
const FAILURES: i64 = 5;

/// A rule whose word goes out on these channels; email stands in for each.
fn wakes(builder: Builder, channels: &[&str], push: Arc<Scripted>) -> Builder {
    let by_channel = channels.iter().map(|channel| ((*channel).to_owned(), vec!["email".to_owned()])).collect();
    let wakes = Rule::new("r", "true").unwrap().channels(channels.iter().copied()).priority(Priority::High);
    alone(builder, wakes, push)
        .channel("email", Scripted::new([]), once())
        .fallbacks(Fallbacks { by_channel, ..Fallbacks::default() })
}

fn alone(builder: Builder, rule: Rule, push: Arc<Scripted>) -> Builder {
    builder.rule(rule).channel("push", push, policy([1; 6]))
}

/// Lets push fail, a second apart, until the breaker opens; then its plan is over while it is spared.
async fn fail_until_it_is_spared(scene: &Scene) -> EventId {
    let id = scene.send(0, event(json!({}))).await;
    for second in 1..=FAILURES {
        let retries = async || {
            let own = scene.logged(Step::Retry, 1).await;
            own.iter().filter(|entry| entry.endpoint.as_deref() == Some("push")).count()
        };
        super::until(async || retries().await == usize::try_from(second).unwrap()).await;
        scene.clock.set(at(if second < FAILURES { second } else { FAILURES + 8 }));
    }
    id
}

fn states(told: &Explanation) -> Vec<(&str, DeliveryState)> {
    told.notifications[0].deliveries.iter().map(|told| (&*told.endpoint, told.state)).collect()
}

#[tokio::test]
async fn where_nobody_is_there_the_fallback_is_taken_at_once_and_the_reason_is_named() {
    for kind in KINDS {
        for (error, name, text) in [
            (ErrorKind::NotConnected, "not_connected", "ann is not connected"),
            (ErrorKind::NoAddress, "no_address", "ann has no address on push"),
        ] {
            for verdict in [AGAIN, Verdict::Permanent] {
                let push = Scripted::new([(verdict, error, text)]);
                let scene = Scene::open(kind, |builder| wakes(builder, &["push"], push)).await;
                let id = scene.send(0, event(json!({}))).await;
                scene.drain().await;
                let told = scene.explain(id).await;
                let expected = [("push", DeliveryState::Dead), ("email", DeliveryState::Delivered)];
                assert_eq!(states(&told), expected, "{kind:?}");
                let deliveries = &told.notifications[0].deliveries;
                assert_eq!(deliveries[0].attempts[0].kind.as_deref(), Some(name));
                assert_eq!(deliveries[1].attempts[0].at, at(0), "at once");
                let (tried, given_up) = (format!("attempt 1 of 7: {name}"), format!(": {text}; given up"));
                assert_says(&told, &[&tried, &given_up, "on email, in place of push", "delivered (200)", "complete"]);
            }
        }
    }
}

#[tokio::test]
async fn who_is_not_connected_is_waited_for_where_nothing_stands_in() {
    for kind in KINDS {
        let push = Scripted::new([(AGAIN, ErrorKind::NotConnected, "ann is not connected")]);
        let rule = Rule::new("r", "true").unwrap().channels(["push"]);
        let scene = Scene::open(kind, |builder| alone(builder, rule, push)).await;
        let id = scene.send(0, event(json!({}))).await;
        scene.logged(Step::Retry, 1).await;
        let told = scene.explain(id).await;
        assert_eq!(states(&told), [("push", DeliveryState::Waiting { due: at(1) })], "{kind:?}");
        assert_says(&told, &["not_connected", ": ann is not connected; again at 22:13:21", "waiting, due at 22:13:21"]);
        scene.clock.set(at(2));
        scene.drain().await;
        assert_says(&scene.explain(id).await, &["not_connected", "attempt 2 of 7: delivered (200)"]);
    }
}

#[tokio::test]
async fn what_gives_way_behind_an_endpoint_that_is_down_says_so() {
    for kind in KINDS {
        let push = Scripted::new([REFUSED; FAILURES as usize]);
        let scene = Scene::open(kind, |builder| wakes(builder, &["push"], push)).await;
        let id = fail_until_it_is_spared(&scene).await;
        scene.drain().await;
        let told = scene.explain(id).await;
        assert_eq!(states(&told), [("push", DeliveryState::Dead), ("email", DeliveryState::Delivered)], "{kind:?}");
        let down = "22:13:33 down: the endpoint is down, and the time of all retries is over; given up";
        assert_says(&told, &["attempt 5 of 7: connect", down, "on email, in place of push", "delivered", "complete"]);
        let spared = told.notifications[0].deliveries[0].attempts.last().unwrap();
        assert_eq!((spared.attempt, spared.kind.as_deref()), (0, Some("down")), "nothing was sent");
    }
}

#[tokio::test]
async fn what_waits_for_an_endpoint_that_is_down_says_until_when_and_arrives() {
    let wrong = Scripted::new([(Verdict::Permanent, ErrorKind::Status(404), "nobody there")]);
    let push = Scripted::new([REFUSED; FAILURES as usize]);
    let scene =
        Scene::open(Kind::File, |builder| wakes(builder, &["push", "sms"], push).channel("sms", wrong, once())).await;
    let id = fail_until_it_is_spared(&scene).await;
    // What would stand in for it stands in for sms already.
    scene.logged(Step::Retry, 6).await;
    let told = scene.explain(id).await;
    assert_eq!(states(&told)[0], ("push", DeliveryState::Waiting { due: at(23) }), "{told}");
    let down = "22:13:33 down: the endpoint is down, and the time of all retries is over; again at 22:13:43";
    assert_says(&told, &["attempt 5 of 7: connect", down, "waiting, due at 22:13:43", "404", "in place of sms"]);
    scene.clock.set(at(24));
    scene.drain().await;
    let told = scene.explain(id).await;
    assert_eq!(states(&told)[0], ("push", DeliveryState::Delivered));
    assert_says(&told, &[down, "attempt 6 of 7: delivered (200)", "complete"]);
}

#[tokio::test]
async fn what_is_given_up_behind_an_endpoint_that_is_down_says_so() {
    let push = Scripted::new([REFUSED; FAILURES as usize]);
    let rule = Rule::new("r", "true").unwrap().channels(["push"]);
    let scene = Scene::open(Kind::Memory, |builder| alone(builder, rule, push)).await;
    let id = fail_until_it_is_spared(&scene).await;
    scene.drain().await;
    let told = scene.explain(id).await;
    assert_eq!(states(&told), [("push", DeliveryState::Dead)]);
    assert_says(&told, &["attempt 5 of 7: connect", "down: the endpoint is down", "given up", "failed: 0 of 1"]);
}

#[tokio::test]
async fn what_a_file_keeps_for_an_endpoint_that_is_down_arrives_with_the_next_probe() {
    let push = Scripted::new([REFUSED; FAILURES as usize]);
    let rule = Rule::new("r", "true").unwrap().channels(["push"]);
    let scene = Scene::open(Kind::File, |builder| alone(builder, rule, push)).await;
    let id = fail_until_it_is_spared(&scene).await;
    assert_eq!(states(&scene.explain(id).await), [("push", DeliveryState::Waiting { due: at(5) })], "it is spared");
    scene.clock.set(at(14));
    scene.drain().await;
    assert_says(&scene.explain(id).await, &["attempt 5 of 7: connect", "22:13:34 attempt 6 of 7: delivered (200)"]);
}
