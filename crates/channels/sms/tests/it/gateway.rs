//! A gateway of one's own: the closure's body, its headers, and what of its answer is kept.

use std::time::Duration;

use tidings_core::{Channel, ErrorKind, SendError, Verdict};
use tidings_sms::{Body, Gateway, Sms, SmsConfig};
use tidings_testkit::{Capability, HttpPeer, Reply, Script, Suite};

use crate::{ANN, TOKEN, client, config, envelope, peer::ProviderStage, sms};

fn gateway(peer: &HttpPeer) -> Gateway {
    Gateway::new(peer.url("/send/s3cretpath?key=s3cretkey"), Body::json())
        .header("Authorization", format!("Bearer {TOKEN}"))
}

#[tokio::test]
async fn it_conforms() {
    let suite = Suite {
        capabilities: Capability::ALL.to_vec(),
        stage: Box::new(ProviderStage(|peer| gateway(peer).into())),
        secret: TOKEN.to_owned(),
        patience: Duration::from_secs(30),
    };
    assert_eq!(suite.run().await.len(), Capability::ALL.len());
}

#[tokio::test]
async fn the_closure_writes_the_body() {
    let peer =
        HttpPeer::start(Script::always(Reply::status(202).body(format!("ok: {ANN}, s3cretpath")))).await.unwrap();
    let envelope = envelope("a \"b\"", "c");
    let receipt = sms(config(gateway(&peer))).send(&envelope).await.unwrap();
    let detail = receipt.detail.unwrap();
    assert_eq!(detail, "1 part (GSM-7, 16 of 160): ok: [REDACTED:secret], [REDACTED:echo]");
    let request = &peer.requests()[0];
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
    let expected = serde_json::json!({"to": ANN, "text": "[HIGH] a \"b\"\nc", "id": envelope.delivery.to_string()});
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&request.body).unwrap(), expected);

    let form = Body::new(|outgoing| Ok(format!("n={}", outgoing.to.trim_start_matches('+')).into_bytes()));
    sms(config(Gateway::new(peer.url("/"), form))).send(&envelope).await.unwrap();
    let request = &peer.requests()[1];
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(request.body, b"n=15550101");

    let xml = Body::new(|_| Ok(b"<sms/>".to_vec()));
    let typed = Gateway::new(peer.url("/"), xml).header("Content-Type", "application/xml");
    sms(config(typed)).send(&envelope).await.unwrap();
    assert_eq!(peer.requests()[2].header("content-type"), Some("application/xml"));
}

#[tokio::test]
async fn a_closure_that_fails_sends_nothing() {
    let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
    let failing = Body::new(|_| Err(SendError::permanent(ErrorKind::Render, "no such field")));
    let error = sms(config(Gateway::new(peer.url("/"), failing))).send(&envelope("a", "b")).await.unwrap_err();
    assert_eq!((error.kind(), peer.requests().len()), (ErrorKind::Render, 0));
}

#[tokio::test]
async fn a_gateway_that_is_gone_does_not_disable_the_number() {
    let peer = HttpPeer::start(Script::statuses([410])).await.unwrap();
    let error = sms(config(gateway(&peer))).send(&envelope("a", "b")).await.unwrap_err();
    assert_eq!((error.kind(), error.verdict()), (ErrorKind::Status(410), Verdict::Permanent));
}

#[test]
fn wrong_settings_are_told_at_once_and_without_secrets() {
    let gateway = Gateway::new("http://localhost/hunter2", Body::json()).header("Host", "hunter2");
    let error = Sms::new(SmsConfig::new(gateway).max_parts(0), &client()).unwrap_err();
    let told = format!("{error} {error:?}");
    for part in ["`url`", "`headers.Host`", "`max_parts`"] {
        assert!(told.contains(part), "{told}");
    }
    assert!(!told.contains("hunter2"), "{told}");
    let many = Gateway::new("https://sms.example.com/", Body::json());
    assert!(Sms::new(SmsConfig::new(many.clone()).max_parts(11), &client()).is_err());
    assert!(Sms::new(SmsConfig::new(many).max_parts(10), &client()).is_ok());
}
