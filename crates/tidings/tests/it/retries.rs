//! `retry` and `timeout` of one channel: how often a receiver is asked, and when.

use std::time::Duration;

use tidings_testkit::{HttpPeer, Recorded, Reply, Script, http::Fault};

use crate::{Running, peer, webhook};

/// A channel with these keys, behind a receiver that answers so.
async fn running(peer: &HttpPeer, keys: &str) -> Running {
    // Where the channel says nothing, the file's plan would count: it is another one, to be told apart.
    let sections = "users: {ann: }\ndelivery: {retry: [1h, 1h, 1h]}";
    Running::of("hook", &format!("{sections}\nchannels: {{hook: {}}}", webhook(peer, keys))).await
}

/// When the requests were made, by the notifier's clock.
fn times(requests: &[Recorded]) -> Vec<u64> {
    requests.iter().map(|request| request.header("x-promptise-timestamp").unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn a_channel_asks_again_by_its_own_plan_and_no_more() {
    let peer = peer(Script::always(Reply::status(503))).await;
    let running = running(&peer, ", retry: [10s, 10s]").await;
    running.fire("hot");
    let times = times(&running.asked(&peer, 3).await);
    // A fifth of jitter is taken away at most.
    let by_plan = |pair: &[u64]| (8..3600).contains(&(pair[1] - pair[0]));
    assert!(times.windows(2).all(by_plan), "{times:?}");
    running.clock.advance(Duration::from_secs(12 * 3600));
    running.settled().await;
    let account = running.stop().await;
    assert_eq!((account.deliveries.dead, peer.requests().len()), (1, 3));
}

#[tokio::test]
async fn a_retry_that_succeeds_carries_the_same_id() {
    let peer = peer(Script::statuses([503, 200])).await;
    let running = running(&peer, ", retry: [10s]").await;
    running.fire("hot");
    let requests = running.asked(&peer, 2).await;
    assert_eq!(running.stop().await.deliveries.delivered, 1);
    assert!(requests[0].header("x-promptise-delivery").is_some());
    assert_eq!(requests[0].header("x-promptise-delivery"), requests[1].header("x-promptise-delivery"));
}

#[tokio::test]
async fn a_channel_has_a_deadline_of_its_own() {
    let peer = peer(Script::sequence([Reply::fault(Fault::Hang)])).await;
    let running = running(&peer, ", retry: [], timeout: 1s").await;
    running.fire("hot");
    assert!(running.notifier.drain(Duration::from_secs(10)).await, "the common deadline is 15 s");
    let account = running.stop().await;
    assert_eq!((account.deliveries.dead, peer.requests().len()), (1, 1));
}
