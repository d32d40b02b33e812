//! Addresses beyond ASCII, and addresses that want to be more than one.

use tidings_core::{Address, Channel, Envelope, ErrorKind, Verdict};
use tidings_testkit::{Peer, SmtpPeer, SmtpScript, samples};

use crate::{email, send, server};

fn to(address: &str) -> Envelope {
    Envelope { to: Some(Address::new(address)), ..samples::titled("t") }
}

#[tokio::test]
async fn a_domain_beyond_ascii_goes_out_to_any_server() {
    let peer = SmtpPeer::start(SmtpScript::default()).await.unwrap();
    email(server(&peer)).send(&to("ann@bücher.example")).await.unwrap();
    let mail = peer.mails().remove(0);
    assert_eq!(mail.to, ["ann@xn--bcher-kva.example"]);
    assert_eq!(mail.header("To").as_deref(), Some("ann@xn--bcher-kva.example"));
    assert!(peer.commands().contains(&"MAIL FROM:<agents@example.com>".to_owned()), "{:?}", peer.commands());
}

#[tokio::test]
async fn a_name_beyond_ascii_takes_a_server_that_takes_it() {
    let foreign = to("änn@bücher.example");
    let peer = SmtpPeer::start(SmtpScript::default().international()).await.unwrap();
    email(server(&peer)).send(&foreign).await.unwrap();
    let mail = peer.mails().remove(0);
    assert_eq!(mail.to, ["änn@xn--bcher-kva.example"]);
    assert!(String::from_utf8_lossy(&mail.raw).contains("To: änn@xn--bcher-kva.example\r\n"));
    let sender = "MAIL FROM:<agents@example.com> SMTPUTF8 BODY=8BITMIME".to_owned();
    assert!(peer.commands().contains(&sender), "{:?}", peer.commands());

    let peer = SmtpPeer::start(SmtpScript::default()).await.unwrap();
    let email = email(server(&peer));
    let error = email.send(&foreign).await.unwrap_err();
    assert_eq!((error.verdict(), error.kind()), (Verdict::Permanent, ErrorKind::NoAddress), "{error}");
    send(&email, "the next one").await.unwrap();
    assert_eq!((peer.connections(), peer.mails().len()), (1, 1));
}

#[tokio::test]
async fn nothing_is_said_for_an_address_that_is_none() {
    let peer = SmtpPeer::start(SmtpScript::default()).await.unwrap();
    let email = email(server(&peer));
    for wrong in [
        "ann@example.com\r\nRCPT TO:<eve@example.com>",
        "ann@example.com\nDATA",
        "<ann@example.com>",
        "Ann <ann@example.com>",
        "ann@example.com, eve@example.com",
        "ann@example.com;eve@example.com",
        "ann@example.com> ORCPT=x",
        "ann@example.com\0",
        "\u{202e}ann@example.com",
        "a\u{2028}nn@example.com",
        "\"a\\\r\nb\"@example.com",
        "@",
        "",
        "@example.com",
        "ann@",
    ] {
        let Err(error) = email.send(&to(wrong)).await else { panic!("{wrong:?} was taken") };
        assert_eq!((error.verdict(), error.kind()), (Verdict::Permanent, ErrorKind::NoAddress), "{wrong:?}: {error}");
        assert!(!error.to_string().contains("ann@example") && !error.to_string().contains(char::is_control), "{error}");
    }
    assert_eq!((peer.connections(), peer.attempts()), (0, 0));
}
