//! The received message that the guide shows.

use tidings_email::{Email, EmailConfig, SmtpConfig, Tls};
use tidings_testkit::{SmtpPeer, SmtpScript, guide};

use crate::{FROM, send, server};

#[tokio::test]
async fn the_guide_shows_what_arrives() {
    let peer = SmtpPeer::start(SmtpScript::default()).await.unwrap();
    let email = Email::new(EmailConfig::smtp(server(&peer), FROM)).unwrap();
    send(&email, "billing-agent: error rate 0.2").await.unwrap();
    let mail = peer.mails().remove(0);
    let raw = String::from_utf8(mail.raw.clone()).unwrap().replace("\r\n", "\n");
    let (head, _) = raw.split_once("\n\n").unwrap();
    guide::check("email.md", "headers", head);
    guide::check("email.md", "text", &mail.plain());
}

#[test]
fn ports_are_as_the_guide_says() {
    let ports = [Tls::StartTls, Tls::Implicit, Tls::None].map(Tls::port);
    assert_eq!(ports, [587, 465, 25]);
    assert_eq!(SmtpConfig::new("smtp.example.com").tls, Tls::StartTls);
}
