//! Servers that misbehave: silent, slow, gone in the middle, or strange.

use std::{sync::Arc, time::Duration};

use tidings_bus::{Nats, NatsConfig};
use tidings_core::{Channel, Envelope, ErrorKind, Payload, SendError, Verdict};
use tidings_testkit::{HttpPeer, NatsPeer, NatsReply, samples};
use tokio::{io::AsyncWriteExt, net::TcpListener};

const SOON: Verdict = Verdict::Transient { retry_after: None };

fn channel(url: String, jetstream: bool) -> Nats {
    Nats::new(NatsConfig::new(url).jetstream(jetstream).deadline(Duration::from_millis(500))).unwrap()
}

fn event(label: &str) -> Envelope {
    samples::envelope(label, Payload::Event(Arc::new(samples::event())))
}

fn judged(error: &SendError) -> (Verdict, ErrorKind) {
    (error.verdict(), error.kind())
}

#[tokio::test]
async fn outcomes_say_what_the_server_may_have_done() {
    let check = async |reply: NatsReply, jetstream: bool, expected: (Verdict, ErrorKind)| {
        let peer = NatsPeer::start([reply.clone()]).await.unwrap();
        let error = channel(peer.url(), jetstream).send(&event("x")).await.unwrap_err();
        assert_eq!(judged(&error), expected, "{reply:?}: {error}");
    };
    let denied = || NatsReply::Says("-ERR 'Permissions Violation for Publish to \"a\"'".to_owned());
    let answers = |json: &str| NatsReply::Answers(json.to_owned());
    check(NatsReply::Breaks, false, (Verdict::Unknown, ErrorKind::Reset)).await;
    check(NatsReply::Breaks, true, (Verdict::Unknown, ErrorKind::Reset)).await;
    check(NatsReply::Hangs, false, (Verdict::Unknown, ErrorKind::Timeout)).await;
    check(NatsReply::Drips(Duration::from_millis(50)), true, (Verdict::Unknown, ErrorKind::Timeout)).await;
    check(denied(), false, (Verdict::Permanent, ErrorKind::Destination)).await;
    check(denied(), true, (Verdict::Permanent, ErrorKind::Destination)).await;
    check(NatsReply::NobodyListens, true, (Verdict::Permanent, ErrorKind::Destination)).await;
    check(NatsReply::TurnsAway("maximum connections exceeded".into()), false, (SOON, ErrorKind::Connect)).await;
    check(answers("{\"error\":{\"code\":503}}"), true, (SOON, ErrorKind::Status(503))).await;
    check(answers("{\"error\":{\"code\":400}}"), true, (Verdict::Permanent, ErrorKind::Status(400))).await;
    check(answers("nonsense"), true, (Verdict::Unknown, ErrorKind::Reset)).await;
    check(NatsReply::Says("HELLO".into()), false, (Verdict::Unknown, ErrorKind::Reset)).await;
}

#[tokio::test]
async fn a_server_that_takes_connections_and_says_nothing_meets_the_deadline() {
    let deaf = HttpPeer::start_deaf().await.unwrap();
    let error = channel(format!("nats://{}", deaf.address()), false).send(&event("x")).await.unwrap_err();
    assert_eq!(judged(&error), (SOON, ErrorKind::Timeout), "{error}");
}

#[tokio::test]
async fn what_is_no_nats_server_is_no_connection() {
    for greeting in ["HTTP/1.1 400 Bad Request\r\n\r\n", "INFO {}\r\n", "INFO nonsense\r\n", "", "\r\n", "PING\r\n"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("nats://{}", listener.local_addr().unwrap());
        let speak = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(greeting.as_bytes()).await.unwrap();
        });
        let error = channel(url, false).send(&event("x")).await.unwrap_err();
        let old = greeting == "INFO {}\r\n";
        assert_eq!(error.verdict(), if old { Verdict::Permanent } else { SOON }, "{greeting:?}: {error}");
        speak.await.unwrap();
    }
}

#[tokio::test]
async fn nobody_at_the_port_is_told_at_once() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let error = channel(format!("nats://127.0.0.1:{port}"), false).send(&event("x")).await.unwrap_err();
    assert_eq!(judged(&error), (SOON, ErrorKind::Connect), "{error}");
}

#[tokio::test]
async fn after_a_break_the_next_attempt_connects_anew_and_nothing_comes_twice() {
    let peer = NatsPeer::start([NatsReply::Breaks, NatsReply::Takes]).await.unwrap();
    let channel = channel(peer.url(), false);
    channel.send(&event("one")).await.unwrap_err();
    channel.send(&event("two")).await.unwrap();
    channel.send(&event("three")).await.unwrap();
    assert_eq!((peer.published().len(), peer.connections()), (3, 2));
}

#[tokio::test]
async fn a_connection_goes_on_after_a_refusal() {
    let denied = NatsReply::Says("-ERR 'Permissions Violation for Publish to \"a\"'".to_owned());
    let peer = NatsPeer::start([denied, NatsReply::Takes]).await.unwrap();
    let channel = channel(peer.url(), false);
    channel.send(&event("one")).await.unwrap_err();
    channel.send(&event("two")).await.unwrap();
    assert_eq!(peer.connections(), 1);
}

#[tokio::test]
async fn a_server_that_is_about_to_go_gets_no_more() {
    let leaves = NatsReply::Says("INFO {\"ldm\":true}".to_owned());
    let peer = NatsPeer::start([leaves, NatsReply::Takes]).await.unwrap();
    let channel = channel(peer.url(), true);
    channel.send(&event("one")).await.unwrap();
    channel.send(&event("two")).await.unwrap();
    assert_eq!(peer.connections(), 2);
}

#[tokio::test]
async fn a_connection_that_fell_silent_while_it_rested_costs_no_attempt() {
    for jetstream in [false, true] {
        let peer = NatsPeer::start([NatsReply::TakesAndFallsSilent, NatsReply::Takes]).await.unwrap();
        let channel = channel(peer.url(), jetstream);
        channel.send(&event("one")).await.unwrap();
        channel.send(&event("two")).await.unwrap();
        assert_eq!((peer.published().len(), peer.connections()), (2, 2));
    }
}
