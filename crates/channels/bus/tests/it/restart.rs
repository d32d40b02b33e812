//! A real server that goes and comes back, in the middle of an attempt and between two.

use futures_util::future::join_all;
use tidings_bus::NatsConfig;
use tidings_core::{Channel, ErrorKind, Verdict};

use crate::{
    nats::{channel, event, next, subscriber},
    server::Server,
};

#[tokio::test]
async fn a_restart_in_the_middle_loses_and_repeats_nothing() {
    let Some(mut server) = Server::start("") else { return };
    let channel = channel(NatsConfig::new(server.url()));
    let mut before = subscriber(&server.url(), "tidings.>").await;
    channel.send(&event("one")).await.unwrap();
    assert!(next(&mut before).await.contains("tidings.tool.error"));
    server.kill();

    let error = channel.send(&event("while it is down")).await.unwrap_err();
    assert_ne!(error.verdict(), Verdict::Permanent, "{error}");
    let error = channel.send(&event("and again")).await.unwrap_err();
    assert_eq!((error.verdict(), error.kind()), (Verdict::Transient { retry_after: None }, ErrorKind::Connect));

    server.resume();
    let mut after = subscriber(&server.url(), "tidings.>").await;
    let last = event("the next attempt");
    channel.send(&last).await.unwrap();
    // What failed was reported as failed, and does not come afterwards.
    assert!(next(&mut after).await.contains(&last.delivery.to_string()));
    let beyond = event("the end");
    channel.send(&beyond).await.unwrap();
    assert!(next(&mut after).await.contains(&beyond.delivery.to_string()));
}

#[tokio::test]
async fn a_restart_between_two_attempts_is_not_noticed() {
    let Some(mut server) = Server::start("") else { return };
    let channel = channel(NatsConfig::new(server.url()));
    let several: Vec<_> = (0..8).map(|number| event(&number.to_string())).collect();
    for outcome in join_all(several.iter().map(|envelope| channel.send(envelope))).await {
        outcome.unwrap();
    }
    server.kill();
    server.resume();
    let mut after = subscriber(&server.url(), "tidings.>").await;
    let later = event("later");
    channel.send(&later).await.unwrap();
    assert!(next(&mut after).await.contains(&later.delivery.to_string()));
}
