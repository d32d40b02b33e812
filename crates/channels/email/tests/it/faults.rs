//! What a server that misbehaves at each point means for the delivery, and that one attempt is one attempt.

use std::{sync::Arc, time::Duration};

use tidings_core::{Address, Channel, Envelope, ErrorKind, Payload, Verdict};
use tidings_email::{Email, EmailConfig};
use tidings_testkit::{
    Peer, SmtpPeer, SmtpScript, samples,
    smtp::{Act, Point, Turn},
};

use crate::{ANN, FROM, email, hasty, send, server, to_ann};

const SOON: Verdict = Verdict::Transient { retry_after: None };

async fn check(turn: Turn, verdict: Verdict, kind: ErrorKind) {
    let peer = SmtpPeer::start(SmtpScript::always(turn.clone()).login()).await.expect("a free port");
    let smtp = server(&peer).username("agents").password("hunter2");
    let email = if kind == ErrorKind::Timeout { hasty(smtp) } else { email(smtp) };
    let error = send(&email, "t").await.expect_err("the server misbehaves");
    assert_eq!((error.verdict(), error.kind()), (verdict, kind), "{turn:?}: {error}");
    assert!(!error.to_string().contains('\n') && error.to_string().len() <= 400, "{turn:?}: {error}");
    assert_eq!(peer.attempts(), 1, "{turn:?}");
    assert!(peer.connections() == 1 && peer.mails().len() <= 1, "{turn:?}");
}

#[tokio::test]
async fn answers_are_classified_wherever_they_come() {
    let answers = |point, code: u16| Turn::answers(point, &format!("{code} no"));
    let points =
        [Point::Greeting, Point::Hello, Point::Login, Point::Sender, Point::Recipient, Point::Data, Point::Dot];
    for point in points {
        for code in [421, 450, 451, 452] {
            check(answers(point, code), SOON, ErrorKind::Status(code)).await;
        }
        for code in [535, 550, 551, 553, 554] {
            check(answers(point, code), Verdict::Permanent, ErrorKind::Status(code)).await;
        }
    }
}

#[tokio::test]
async fn a_broken_connection_leaves_the_outcome_open_only_behind_the_message() {
    for point in [Point::Greeting, Point::Hello, Point::Login, Point::Sender, Point::Recipient, Point::Data] {
        check(Turn::at(point, Act::Break), SOON, ErrorKind::Connect).await;
    }
    check(Turn::at(Point::Dot, Act::Break), Verdict::Unknown, ErrorKind::Reset).await;
}

#[tokio::test]
async fn silence_is_given_up_wherever_it_comes() {
    let early = [Point::Greeting, Point::Hello, Point::Login, Point::Sender, Point::Recipient, Point::Data];
    let silent = |point| Turn::at(point, Act::Hang);
    let slow = |point| Turn::at(point, Act::Drip(Duration::from_millis(5)));
    // All at once: each takes the whole of its time.
    let mut checks = tokio::task::JoinSet::new();
    for turn in early.into_iter().flat_map(|point| [silent(point), slow(point)]) {
        checks.spawn(check(turn, SOON, ErrorKind::Timeout));
    }
    for turn in [silent(Point::Dot), slow(Point::Dot)] {
        checks.spawn(check(turn, Verdict::Unknown, ErrorKind::Timeout));
    }
    checks.join_all().await;
}

#[tokio::test]
async fn answers_without_sense_or_end_are_given_up() {
    for point in [Point::Greeting, Point::Sender, Point::Data] {
        check(Turn::at(point, Act::Flood), SOON, ErrorKind::Connect).await;
        check(Turn::answers(point, "999 hunter2"), SOON, ErrorKind::Connect).await;
        check(Turn::answers(point, "\u{0}\u{1b}[31m"), SOON, ErrorKind::Connect).await;
    }
    check(Turn::answers(Point::Sender, "354 go on"), SOON, ErrorKind::Other).await;
    check(Turn::answers(Point::Data, "250 taken already"), SOON, ErrorKind::Other).await;
    check(Turn::answers(Point::Dot, "354 more"), Verdict::Unknown, ErrorKind::Other).await;
    check(Turn::at(Point::Dot, Act::Flood), Verdict::Unknown, ErrorKind::Reset).await;
}

/// What servers out there say: no text, letters of an old code page, codes from outside the common ones, a line feed alone.
#[tokio::test]
async fn answers_are_understood_however_they_are_spelt() {
    let raw = |point, bytes: &[u8]| Turn::at(point, Act::Raw(bytes.to_vec()));
    check(raw(Point::Recipient, b"550\r\n"), Verdict::Permanent, ErrorKind::Status(550)).await;
    check(raw(Point::Recipient, b"550 5.1.1 Empf\xe4nger unbekannt\r\n"), Verdict::Permanent, ErrorKind::Status(550))
        .await;
    check(raw(Point::Dot, b"571 not wanted\r\n"), Verdict::Permanent, ErrorKind::Status(571)).await;
    check(raw(Point::Sender, b"471-slower\r\n471\r\n"), SOON, ErrorKind::Status(471)).await;
    check(raw(Point::Data, b"554 no\n"), Verdict::Permanent, ErrorKind::Status(554)).await;
    let long = [b"550 ", &[b'x'; 4000][..], b"\r\n"].concat();
    check(raw(Point::Dot, &long), Verdict::Permanent, ErrorKind::Status(550)).await;
    for taken in [&b"250\r\n"[..], b"250-\r\n250\r\n", b"250 \xe4\r\n", b"250 ok\n"] {
        let peer = SmtpPeer::start(SmtpScript::always(raw(Point::Dot, taken))).await.unwrap();
        let receipt = send(&email(server(&peer)), "t").await.unwrap();
        assert_eq!((receipt.code, peer.mails().len()), (Some(250), 1), "{taken:?}");
    }
}

#[tokio::test]
async fn what_a_server_says_too_much_is_not_read_as_its_next_answer() {
    let twice = Turn::at(Point::Dot, Act::Raw(b"250 one\r\n250 two\r\n".to_vec()));
    let peer = SmtpPeer::start(SmtpScript::sequence([twice, Turn::takes()])).await.unwrap();
    let email = email(server(&peer));
    for count in 1..=2 {
        send(&email, &format!("t {count}")).await.unwrap();
        assert_eq!((peer.mails().len(), peer.connections()), (count, count));
    }
}

#[tokio::test]
async fn an_endless_patience_is_a_long_one() {
    let peer = SmtpPeer::start(SmtpScript::default()).await.unwrap();
    let config = EmailConfig::smtp(server(&peer), FROM).timeout(Duration::MAX);
    let email = Email::new(config).unwrap();
    for count in 1..=2 {
        send(&email, "t").await.unwrap();
        assert_eq!((peer.mails().len(), peer.connections()), (count, 1));
    }
}

/// Lines without an end, dots, bare line ends and letters of every kind arrive as they were written.
#[tokio::test]
async fn a_body_of_any_shape_arrives_whole() {
    let peer = SmtpPeer::start(SmtpScript::default()).await.unwrap();
    let email = email(server(&peer));
    let bodies = ["x".repeat(99_000), "ä😀".repeat(40_000), ".\n..\n.\n".repeat(1000), "= \t\n".repeat(9000) + "end"];
    for body in bodies {
        let mut notification = samples::notification("t");
        notification.body = body.clone();
        let payload = Payload::Notification(Arc::new(notification));
        let envelope = Envelope { to: Some(Address::new(ANN)), ..samples::envelope(&body, payload) };
        email.send(&envelope).await.unwrap();
        let mail = peer.mails().pop().unwrap();
        assert!(mail.plain().contains(&body), "{:?}", body.chars().take(9).collect::<String>());
        let lines: Vec<_> = mail.raw.split(|byte| *byte == b'\n').collect();
        let (end, lines) = lines.split_last().unwrap();
        assert!(end.is_empty() && lines.iter().all(|line| line.len() <= 998 && line.ends_with(b"\r")));
        assert_eq!(mail.raw.iter().filter(|byte| **byte == b'\r').count(), lines.len());
    }
}

#[tokio::test]
async fn nothing_listens() {
    let peer = SmtpPeer::start(SmtpScript::default()).await.unwrap();
    let email = email(server(&peer));
    drop(peer);
    // The port is free once the peer's task is gone.
    let error = loop {
        match send(&email, "t").await {
            Err(error) if error.to_string().contains("refused") => break error,
            _ => tokio::task::yield_now().await,
        }
    };
    assert_eq!((error.verdict(), error.kind()), (SOON, ErrorKind::Connect));
}

#[tokio::test]
async fn connections_are_kept_also_behind_a_refusal() {
    let refuses = Turn::answers(Point::Recipient, "550 5.1.1 <ANN@example.com> unknown");
    let peer = SmtpPeer::start(SmtpScript::sequence([Turn::takes(), refuses, Turn::takes()]).banner(&["a", "b"])).await;
    let peer = peer.unwrap();
    let email = email(server(&peer));
    let receipt = send(&email, "one").await.unwrap();
    assert_eq!((receipt.code, receipt.detail.as_deref()), (Some(250), Some("2.0.0 queued as 1")));
    let error = send(&email, "two").await.unwrap_err();
    assert_eq!(error.to_string(), "the mail server refused the recipient: 550 5.1.1 <an***********om> unknown");
    send(&email, "three").await.unwrap();
    assert_eq!((peer.connections(), peer.mails().len(), peer.attempts()), (1, 2, 3));
    assert_eq!(peer.mails()[1].to, ["ann@example.com"]);
}

#[tokio::test]
async fn a_kept_connection_that_died_costs_nothing() {
    let peer = SmtpPeer::start(SmtpScript::always(Turn::at(Point::Dot, Act::Leave))).await.unwrap();
    let email = email(server(&peer));
    for count in 1..=3 {
        send(&email, &format!("t {count}")).await.unwrap();
        assert_eq!((peer.mails().len(), peer.connections()), (count, count));
    }
}

#[tokio::test]
async fn kept_connections_that_went_deaf_cost_one_short_wait() {
    let peer = SmtpPeer::start(SmtpScript::always(Turn::at(Point::Probe, Act::Hang))).await.unwrap();
    let email = hasty(server(&peer));
    let titles = ["a", "b", "c"].map(to_ann);
    let [a, b, c] = &titles;
    let (a, b, c) = tokio::join!(email.send(a), email.send(b), email.send(c));
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    send(&email, "d").await.unwrap();
    assert_eq!((peer.connections(), peer.mails().len()), (4, 4));
}

#[tokio::test]
async fn a_dropped_attempt_ends_its_connection_and_the_next_one_works() {
    let script = SmtpScript::sequence([Turn::takes(), Turn::at(Point::Dot, Act::Hang), Turn::takes()]);
    let peer = SmtpPeer::start(script).await.unwrap();
    let email = email(server(&peer));
    send(&email, "one").await.unwrap();
    let second = to_ann("two");
    tokio::select! {
        outcome = email.send(&second) => panic!("a hanging server gave {outcome:?}"),
        _ = peer.wait_for(2) => {}
    }
    send(&email, "three").await.unwrap();
    assert_eq!((peer.connections(), peer.mails().len(), peer.attempts()), (2, 3, 3));
}

#[tokio::test]
async fn several_at_once_have_a_connection_each_and_share_them_later() {
    let peer = SmtpPeer::start(SmtpScript::default()).await.unwrap();
    let email = email(server(&peer));
    for round in 0..3 {
        let titles = [0, 1, 2].map(|number| to_ann(&format!("{round} {number}")));
        let [a, b, c] = &titles;
        let (a, b, c) = tokio::join!(email.send(a), email.send(b), email.send(c));
        assert!(a.is_ok() && b.is_ok() && c.is_ok());
    }
    assert_eq!((peer.connections(), peer.mails().len()), (3, 9));
}
