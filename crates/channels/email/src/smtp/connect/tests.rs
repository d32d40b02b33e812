//! How one logs in, by what a server offers and asks for.

use std::time::Duration;

use tidings_core::clock::instant_now;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use super::*;

/// What is said to a server that says this, and whether it let us in.
async fn check(says: &str, said: &str, enters: bool) {
    let (ours, mut theirs) = duplex(4096);
    theirs.write_all(says.as_bytes()).await.unwrap();
    let from = "agents@example.com".parse().unwrap();
    let config = SmtpConfig::new("127.0.0.1").tls(Tls::None).username("agents").password("hunter2");
    let server = Server::new(&config, &from).unwrap();
    let mut talk = Talk::new(Box::new(ours), Instant::from_std(instant_now()) + Duration::from_secs(30));
    talk.hello("me").await.unwrap();
    assert_eq!(server.log_in(&mut talk).await.is_ok(), enters, "{says:?}");
    drop(talk);
    let mut heard = String::new();
    theirs.read_to_string(&mut heard).await.unwrap();
    assert_eq!(heard, format!("EHLO me\r\n{said}"), "{says:?}");
}

#[tokio::test]
async fn logins_go_by_what_is_offered() {
    let offers = |ways: &str, then: &str| format!("250-me\r\n250 AUTH{ways}\r\n{then}");
    let plain = "AUTH PLAIN AGFnZW50cwBodW50ZXIy\r\n";
    let login = "AUTH LOGIN\r\nYWdlbnRz\r\naHVudGVyMg==\r\n";
    check(&offers(" LOGIN PLAIN", "235 welcome\r\n"), plain, true).await;
    check(&offers(" PLAIN", "535 no\r\n"), plain, false).await;
    let asked = format!("{plain}AGFnZW50cwBodW50ZXIy\r\n");
    check(&offers(" PLAIN", "334 \r\n235 welcome\r\n"), &asked, true).await;
    check(&offers(" PLAIN", "334 \r\n334 \r\n"), &asked, false).await;
    check(&offers(" login", "334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n235\r\n"), login, true).await;
    check(&offers("=LOGIN", "334\r\n334\r\n235 welcome\r\n"), login, true).await;
    check(&offers(" LOGIN", "334 \r\n535 no\r\n"), "AUTH LOGIN\r\nYWdlbnRz\r\n", false).await;
    check(&offers(" XOAUTH2 CRAM-MD5", ""), "", false).await;
    check("250 me\r\n", "", false).await;
}
