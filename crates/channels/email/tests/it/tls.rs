//! Secured connections: what is required, what is checked, and what a stranger on the way cannot do.

use tidings_core::{ErrorKind, Verdict};
use tidings_email::{SmtpConfig, Tls};
use tidings_testkit::{
    Authority, SmtpPeer, SmtpScript,
    smtp::{Act, Point, Security, Turn},
};

use crate::{email, hasty, send};

const SOON: Verdict = Verdict::Transient { retry_after: None };

async fn peer(security: Security, turn: Turn) -> SmtpPeer {
    SmtpPeer::start(SmtpScript::always(turn).security(security).login()).await.expect("a free port")
}

fn config(peer: &SmtpPeer, tls: Tls) -> SmtpConfig {
    let smtp = SmtpConfig::new("localhost").port(peer.address().port()).tls(tls);
    smtp.username("agents").password("hunter2").root(peer.authority().pem())
}

/// The attempt fails before it has logged in.
async fn refuses(peer: &SmtpPeer, smtp: SmtpConfig) {
    let error = send(&email(smtp), "t").await.expect_err("it cannot be secured");
    assert_eq!((error.verdict(), error.kind()), (SOON, ErrorKind::Connect), "{error}");
    let said = peer.commands();
    assert!(!said.iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")), "{said:?}");
}

#[tokio::test]
async fn mail_comes_over_either_form_of_tls() {
    for (security, tls) in [(Security::StartTls, Tls::StartTls), (Security::Implicit, Tls::Implicit)] {
        let peer = peer(security, Turn::takes()).await;
        let email = email(config(&peer, tls));
        send(&email, "one").await.unwrap();
        send(&email, "two").await.unwrap();
        assert!(peer.mails().iter().all(|mail| mail.secured) && peer.mails().len() == 2);
        assert_eq!(peer.connections(), 1);
        // `\0agents\0hunter2`
        assert!(peer.commands().contains(&"AUTH PLAIN AGFnZW50cwBodW50ZXIy".to_owned()), "{:?}", peer.commands());
    }
}

#[tokio::test]
async fn nothing_is_said_to_a_server_that_cannot_be_secured() {
    let plain = peer(Security::Plain, Turn::takes()).await;
    refuses(&plain, config(&plain, Tls::StartTls)).await;
    refuses(&plain, config(&plain, Tls::Implicit)).await;
    let refused = peer(Security::StartTls, Turn::answers(Point::Upgrade, "220 go ahead\r\nnot TLS")).await;
    refuses(&refused, config(&refused, Tls::StartTls)).await;
}

#[tokio::test]
async fn a_certificate_of_somebody_else_is_refused() {
    for (security, tls) in [(Security::StartTls, Tls::StartTls), (Security::Implicit, Tls::Implicit)] {
        let peer = peer(security, Turn::takes()).await;
        let mut stranger = config(&peer, tls);
        stranger.roots = vec![Authority::generate().pem().to_owned()];
        refuses(&peer, stranger).await;
        let mut other_name = config(&peer, tls);
        other_name.host = "127.0.0.2".to_owned();
        let error = send(&email(other_name), "t").await.unwrap_err();
        assert_eq!((error.verdict(), error.kind()), (SOON, ErrorKind::Connect), "{error}");
    }
}

#[tokio::test]
async fn silence_before_tls_is_given_up() {
    for (security, tls, point) in [
        (Security::StartTls, Tls::StartTls, Point::Upgrade),
        // The port of the other form: neither side says anything.
        (Security::Implicit, Tls::StartTls, Point::Dot),
        (Security::Plain, Tls::Implicit, Point::Greeting),
    ] {
        let peer = peer(security, Turn::at(point, Act::Hang)).await;
        let error = send(&hasty(config(&peer, tls)), "t").await.unwrap_err();
        assert_eq!((error.verdict(), error.kind()), (SOON, ErrorKind::Timeout), "{error}");
        assert!(error.to_string().contains("port 465 wants `implicit`"), "{error}");
    }
}

#[tokio::test]
async fn tls_from_the_first_byte_is_not_asked_of_a_port_that_starts_plain() {
    let peer = peer(Security::StartTls, Turn::takes()).await;
    let error = send(&email(config(&peer, Tls::Implicit)), "t").await.unwrap_err();
    assert_eq!((error.verdict(), error.kind()), (SOON, ErrorKind::Connect));
    assert!(error.to_string().contains("`starttls` 587"), "{error}");
}

#[tokio::test]
async fn a_flood_is_cut_off_behind_tls_too() {
    for (security, tls) in [(Security::StartTls, Tls::StartTls), (Security::Implicit, Tls::Implicit)] {
        let peer = peer(security, Turn::at(Point::Login, Act::Flood)).await;
        let error = send(&email(config(&peer, tls)), "t").await.unwrap_err();
        assert_eq!((error.verdict(), error.kind()), (SOON, ErrorKind::Connect), "{error}");
    }
}

#[tokio::test]
async fn answers_slipped_in_before_tls_are_not_taken_for_the_servers() {
    let slipped = "220 go ahead\r\n250-scripted\r\n250 AUTH PLAIN\r\n235 welcome\r\n250 you";
    let peer = peer(Security::StartTls, Turn::answers(Point::Upgrade, slipped)).await;
    refuses(&peer, config(&peer, Tls::StartTls)).await;
}
