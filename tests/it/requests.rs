//! Every request of one delivery, counted where it arrives: as many as the engine's plan has attempts, whatever the receiver answers,
//! and none that somebody below the engine added.

use std::{collections::HashSet, sync::Arc, time::Duration};

use tidings::{RetryPolicy, Rule, Sink, User};
use tidings_engine::Notifier;
use tidings_testkit::{HttpPeer, Recorded, Reply, Script, http::Fault};
use tidings_tests::{
    reliability::{
        event,
        hooks::{client, hook},
        lab::{Backend, Lab},
        plan,
    },
    webhooks::{load::Load, whole::Kept, whole::Whole},
};

/// The plan of every delivery: three retries.
const PAUSES: [u64; 3] = [1, 2, 4];
/// An attempt on a receiver that hangs ends by then.
const DEADLINE: Duration = Duration::from_millis(300);
const SECOND: Duration = Duration::from_secs(1);

/// A sink's receiver, a user's, and one that both point to as the place to go on to.
struct Peers {
    sink: HttpPeer,
    user: HttpPeer,
    elsewhere: HttpPeer,
}

impl Peers {
    /// Receivers that answer by these replies in turn, the last one for ever. Each reply names another place.
    async fn start(replies: &[Reply]) -> Self {
        let elsewhere = HttpPeer::start(Script::statuses([200])).await.unwrap();
        let place = elsewhere.url("/elsewhere");
        let script = || Script::sequence(replies.iter().map(|reply| reply.clone().header("Location", &place)));
        let sink = HttpPeer::start(script()).await.unwrap();
        Self { sink, user: HttpPeer::start(script()).await.unwrap(), elsewhere }
    }

    async fn lab(&self, backend: Backend) -> Lab {
        let client = client(DEADLINE);
        let retry = || RetryPolicy { jitter: 0.0, ..plan(PAUSES) };
        let rule = Rule::new("hot", "load > 5").unwrap().channels(["desk"]).cooldown(Duration::ZERO);
        let builder = Notifier::builder()
            .sink(Sink::channel("hook", hook(&self.sink.url("/"), &client), retry(), 16))
            .channel("desk", hook(&self.user.url("/"), &client), retry())
            .user("ann", User::default())
            .rule(rule.dedup_key("{{ data.n }}").unwrap());
        Lab::start(backend, builder).await
    }
}

/// The id that all of these requests carry, whoever reads it.
fn only_id(requests: &[Recorded]) -> Option<String> {
    let ids: HashSet<_> = requests.iter().map(|request| request.header("x-promptise-delivery")).collect();
    assert_eq!(ids.len(), 1, "one delivery has one id: {ids:?}");
    ids.into_iter().next().flatten().map(str::to_owned)
}

/// Sends one event, lets all of its retries pass, and counts.
async fn check(backend: Backend, name: &str, replies: &[Reply], expected: usize) {
    let peers = Peers::start(replies).await;
    let lab = peers.lab(backend).await;
    lab.accept(vec![event(1, 0)]).await;
    assert!(lab.pass_until_done(SECOND, SECOND * 3_600).await, "{name}, {backend:?}: it never ends");
    let (sink, user) = (peers.sink.requests(), peers.user.requests());
    assert_eq!((sink.len(), user.len()), (expected, expected), "{name}, {backend:?}");
    let (one, other) = (only_id(&sink), only_id(&user));
    assert!(one.is_some() && other.is_some() && one != other, "{name}: {one:?}, {other:?}");
    assert_eq!((peers.elsewhere.requests().len(), peers.elsewhere.connections()), (0, 0), "{name}: a second hop");
    lab.stop().await;
}

#[tokio::test]
async fn what_is_final_is_asked_once() {
    for backend in Backend::ALL {
        for status in [200, 201, 202, 204, 301, 302, 303, 307, 308, 400, 401, 403, 404, 410, 413, 422] {
            check(backend, &status.to_string(), &[Reply::status(status)], 1).await;
        }
    }
}

#[tokio::test]
async fn what_may_heal_is_asked_as_often_as_planned() {
    for status in [408, 425, 500, 502, 503, 504] {
        check(Backend::Memory, &format!("{status} for ever"), &[Reply::status(status)], 4).await;
        let heals = [Reply::status(status), Reply::status(status), Reply::status(200)];
        for backend in Backend::ALL {
            check(backend, &format!("{status} twice"), &heals, 3).await;
        }
    }
}

#[tokio::test]
async fn a_connection_that_breaks_or_hangs_is_asked_as_often_as_planned() {
    for (name, fault) in [("reset", Fault::Reset), ("hang", Fault::Hang)] {
        let fault = Reply::fault(fault);
        check(Backend::Memory, &format!("{name} for ever"), std::slice::from_ref(&fault), 4).await;
        for backend in Backend::ALL {
            check(backend, &format!("{name} twice"), &[fault.clone(), fault.clone(), Reply::status(200)], 3).await;
        }
    }
}

#[tokio::test]
async fn a_rate_limit_is_asked_once_for_each_wish() {
    let limited = Reply::status(429).header("Retry-After", "7");
    let replies: Vec<_> = std::iter::repeat_n(limited, 5).chain([Reply::status(200)]).collect();
    for backend in Backend::ALL {
        check(backend, "429 five times", &replies, 6).await;
    }
}

#[tokio::test]
async fn a_reset_on_a_connection_in_use_is_not_asked_again_below_the_engine() {
    let replies = [Reply::status(200), Reply::fault(Fault::Reset), Reply::fault(Fault::Reset), Reply::status(200)];
    for backend in Backend::ALL {
        let peers = Peers::start(&replies).await;
        let lab = peers.lab(backend).await;
        lab.accept(vec![event(1, 0)]).await;
        assert!(lab.pass_until_done(SECOND, SECOND * 60).await);
        lab.accept(vec![event(1, 1)]).await;
        for (peer, whose) in [(&peers.sink, "a sink's"), (&peers.user, "a user's")] {
            let requests = peer.requests();
            assert_eq!(requests.len(), 2, "{whose}: one reset, one request");
            assert_eq!(requests[0].connection, requests[1].connection, "{whose}: the connection was in use");
        }
        assert!(lab.pass_until_done(SECOND, SECOND * 60).await);
        for peer in [&peers.sink, &peers.user] {
            let requests = peer.requests();
            assert_eq!(requests.len(), 4);
            only_id(&requests[1..]);
        }
        assert!(lab.stop().await.is_clean());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_steady_state_no_connection_is_new() {
    let (first, second) = (Load { first: 0, events: 250 }, Load { first: 250, events: 250 });
    for kept in Kept::ALL {
        let [sink, user] = [peer().await, peer().await];
        let whole = Whole::start([&sink.url("/"), &user.url("/")], kept).await;
        whole.accept(first.events()).await;
        arrived(&sink, 250).await;
        arrived(&user, first.notifications()).await;
        let before = [sink.connections(), user.connections()];
        assert!(before.iter().all(|count| (1..=16).contains(count)), "{before:?}, {kept:?}");
        whole.accept(second.events()).await;
        arrived(&sink, 500).await;
        arrived(&user, first.notifications() + second.notifications()).await;
        whole.stop().await;
        assert!(sink.connections() <= 16 && user.connections() <= 16);
        let requests = sink.requests();
        let new = requests.iter().skip(250).filter(|request| request.connection >= before[0]).count();
        assert_eq!(new, 0, "{kept:?}: {before:?} connections after the first half");
    }
}

async fn peer() -> Arc<HttpPeer> {
    Arc::new(HttpPeer::start(Script::statuses([200])).await.unwrap())
}

async fn arrived(peer: &HttpPeer, count: u64) {
    let count = usize::try_from(count).unwrap();
    let arrived = tokio::time::timeout(Duration::from_secs(60), peer.wait_for(count)).await;
    assert_eq!(arrived.expect("all of them arrive").len(), count);
}
