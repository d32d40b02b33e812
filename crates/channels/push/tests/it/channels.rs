//! What counts as delivered, by push and by the inbox.

use std::time::Duration;

use tidings_core::{Channel, Envelope, ErrorKind, Receipt, SendError, Verdict};
use tidings_push::{Acknowledged, Frame, Hub, HubConfig, Inbox, Push, PushConfig, Session};
use tidings_testkit::samples;

use super::{hub, told};

const USER: &str = "u1";

fn push(hub: &Hub, config: PushConfig) -> Push {
    Push::new(hub.clone(), config).unwrap()
}

fn patient() -> PushConfig {
    PushConfig::default().ack_timeout(Duration::from_secs(200))
}

/// Sends while the session does something with the first message that it gets.
async fn send_to(
    push: &Push,
    envelope: &Envelope,
    session: Session,
    then: impl FnOnce(Session, u64),
) -> Result<Receipt, SendError> {
    let reader = async move {
        let mut session = session;
        if let Some(Frame::Message(message)) = session.next().await {
            then(session, message.seq);
        }
    };
    tokio::join!(push.send(envelope), reader).0
}

fn not_connected(outcome: Result<Receipt, SendError>) {
    let error = outcome.unwrap_err();
    assert_eq!((error.kind(), error.verdict()), (ErrorKind::NotConnected, Verdict::Permanent));
}

#[tokio::test]
async fn nobody_there_is_told_at_once_and_the_message_is_kept() {
    let hub = hub(10, &HubConfig::default());
    not_connected(push(&hub, patient()).send(&samples::titled("a")).await);
    assert_eq!(told(&mut hub.subscribe(USER, Some(0)).await.unwrap()), ["1"]);
}

#[tokio::test]
async fn an_acknowledgement_delivers() {
    let hub = hub(10, &HubConfig::default());
    let session = hub.subscribe(USER, None).await.unwrap();
    let _silent = hub.subscribe(USER, None).await.unwrap();
    let receipt =
        send_to(&push(&hub, patient()), &samples::titled("a"), session, |session, seq| session.ack(seq)).await;
    assert_eq!(receipt.unwrap().detail.as_deref(), Some("acknowledged as 1"));
}

#[tokio::test]
async fn who_vanishes_before_it_delivers_nothing() {
    let hub = hub(10, &HubConfig::default());
    let push = push(&hub, patient());
    let session = hub.subscribe(USER, None).await.unwrap();
    not_connected(send_to(&push, &samples::titled("a"), session, |session, _| drop(session)).await);
    let session = hub.subscribe(USER, None).await.unwrap();
    let sent = |session: Session, seq| session.sent(seq);
    not_connected(send_to(&push, &samples::titled("b"), session, sent).await);
    let _later = hub.subscribe(USER, None).await.unwrap();
    not_connected(push.send(&samples::titled("b")).await);
}

#[tokio::test]
async fn a_hub_that_closes_leaves_nobody_waiting() {
    let hub = hub(10, &HubConfig::default());
    let session = hub.subscribe(USER, None).await.unwrap();
    let closing = hub.clone();
    not_connected(send_to(&push(&hub, patient()), &samples::titled("a"), session, move |_, _| closing.close()).await);
}

#[tokio::test]
async fn silence_is_given_up() {
    let hub = hub(10, &HubConfig::default());
    let mut silent = hub.subscribe(USER, None).await.unwrap();
    let push = push(&hub, PushConfig::default().ack_timeout(Duration::from_millis(5)));
    not_connected(push.send(&samples::titled("a")).await);
    assert_eq!(told(&mut silent), ["1"]);
    // A second attempt shows it to nobody twice, and finds what was acknowledged too late for the first.
    silent.ack(1);
    push.send(&samples::titled("a")).await.unwrap();
    assert_eq!(told(&mut silent), [""; 0]);
}

#[tokio::test]
async fn where_sent_is_enough_no_answer_is_awaited() {
    let hub = hub(10, &HubConfig::default());
    let session = hub.subscribe(USER, None).await.unwrap();
    let push = push(&hub, patient().acknowledged(Acknowledged::Sent));
    let sent = |session: Session, seq| session.sent(seq);
    assert!(send_to(&push, &samples::titled("a"), session, sent).await.is_ok());
}

#[tokio::test]
async fn what_was_not_given_cannot_be_acknowledged() {
    let hub = hub(10, &HubConfig::default());
    let mut session = hub.subscribe(USER, None).await.unwrap();
    session.ack(u64::MAX);
    session.sent(u64::MAX);
    let push = push(&hub, PushConfig::default().ack_timeout(Duration::from_millis(1)));
    not_connected(push.send(&samples::titled("a")).await);
    assert_eq!(told(&mut session), ["1"]);
}

#[tokio::test]
async fn who_resumes_behind_it_has_it() {
    let hub = hub(10, &HubConfig::default());
    let push = push(&hub, patient());
    not_connected(push.send(&samples::titled("a")).await);
    let _resumed = hub.subscribe(USER, Some(1)).await.unwrap();
    push.send(&samples::titled("a")).await.unwrap();
}

#[tokio::test]
async fn the_inbox_keeps_and_shows() {
    let hub = hub(10, &HubConfig::default());
    let mut live = hub.subscribe(USER, None).await.unwrap();
    let inbox = Inbox::new(hub.clone());
    for _ in 0..2 {
        assert_eq!(inbox.send(&samples::titled("a")).await.unwrap().detail.as_deref(), Some("kept as 1"));
    }
    assert_eq!(told(&mut live), ["1"]);
    // Push and the inbox of one user tell the same notification once.
    live.ack(1);
    push(&hub, patient()).send(&samples::titled("a")).await.unwrap();
    assert_eq!(told(&mut live), [""; 0]);
}

#[test]
fn a_wrong_timeout_is_told() {
    let check = |timeout, expected| assert_eq!(PushConfig::default().ack_timeout(timeout).validate().len(), expected);
    check(Duration::ZERO, 1);
    check(Duration::from_secs(301), 1);
    check(Duration::from_secs(300), 0);
}
