//! The webhook against a real peer on loopback: the conformance suite, and the request byte for byte.
#![expect(clippy::unwrap_used, reason = "a test stops where its own set-up fails")]

use std::{sync::Arc, time::Duration};

use tidings_core::{Channel, ErrorKind, Event, Payload, SendError};
use tidings_http::{Client, ClientConfig};
use tidings_redact::Redactor;
use tidings_testkit::{Capability, HttpPeer, HttpStage, Script, Subject, Suite, Target, guide, samples};
use tidings_webhook::{
    Webhook, WebhookConfig,
    signature::{SignedMessage, verify_promptise, verify_standard},
};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn client() -> Client {
    Client::new(ClientConfig { total_timeout: Duration::from_secs(1), ..ClientConfig::default() }).unwrap()
}

fn local(peer: &HttpPeer) -> WebhookConfig {
    WebhookConfig::new(peer.url("/hook/s3cretpath?key=s3cretkey")).allow_private_networks(true)
}

fn webhook(config: WebhookConfig) -> Webhook {
    Webhook::new(config, &client()).unwrap()
}

#[tokio::test]
async fn it_conforms() {
    let factory = |target: Target<'_>| {
        let config = match target {
            Target::Peer(peer) => local(peer),
            _ => WebhookConfig::new("http://169.254.169.254/latest").allow_private_networks(true),
        };
        let config = config.secret(SECRET).header("Authorization", format!("Bearer {SECRET}"));
        let webhook = Webhook::new(config, &client()).map_err(|error| error.to_string())?;
        Ok(Subject { debug: format!("{webhook:?}"), channel: Arc::new(webhook) })
    };
    let suite = Suite {
        capabilities: Capability::ALL.to_vec(),
        stage: Box::new(HttpStage::new(SECRET, factory)),
        secret: SECRET.to_owned(),
        patience: Duration::from_secs(30),
    };
    assert_eq!(suite.run().await.len(), Capability::ALL.len());
}

#[tokio::test]
async fn the_request_is_the_documented_one() {
    let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
    let webhook = webhook(local(&peer).secret(SECRET).header("X-Team", "agents"));
    let event = samples::event();
    let envelope = samples::envelope("wire", Payload::Event(Arc::new(event.clone())));
    webhook.send(&envelope).await.unwrap();

    let request = &peer.requests()[0];
    let header = |name: &str| request.header(name).unwrap();
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/hook/s3cretpath?key=s3cretkey"));
    assert_eq!(request.body, event.to_wire());
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("x-promptise-event"), "tool.error");
    assert_eq!(header("x-promptise-delivery"), envelope.delivery.to_string());
    assert_eq!(header("x-promptise-timestamp"), "1700000000");
    assert_eq!(header("x-team"), "agents");
    assert!(verify_promptise(header("x-promptise-signature"), &request.body, &[SECRET], samples::NOW));
    let message = SignedMessage {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signatures: header("webhook-signature"),
        body: &request.body,
    };
    assert!(verify_standard(&message, &[SECRET], samples::NOW));
}

#[tokio::test]
async fn a_secret_in_an_event_type_stands_neither_in_the_body_nor_in_a_header() {
    const TOKEN: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    let peer = HttpPeer::start(Script::statuses([200, 200])).await.unwrap();
    let event = Event { event_type: format!("deploy {TOKEN}"), ..samples::event() };
    let mut envelope = samples::envelope("x", Payload::Event(Arc::new(event)));
    envelope.scrub = Arc::new(Redactor::default());
    webhook(local(&peer)).send(&envelope).await.unwrap();
    webhook(local(&peer).redact_sensitive(false)).send(&envelope).await.unwrap();

    let requests = peer.requests();
    assert!(!requests[0].text().contains(TOKEN), "{}", requests[0].text());
    assert!(requests[0].header("x-promptise-event").unwrap().starts_with("deploy [REDACTED:"));
    assert_eq!(requests[1].text().matches(TOKEN).count(), 2);
}

#[tokio::test]
async fn the_guide_shows_what_a_receiver_gets() {
    let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
    let config = WebhookConfig::new(peer.url("/hook")).allow_private_networks(true).secret(SECRET);
    let webhook = webhook(config);
    webhook.send(&samples::envelope("guide", Payload::Event(Arc::new(samples::event())))).await.unwrap();
    webhook.send(&samples::titled("billing: error rate 0.2")).await.unwrap();

    let requests = peer.requests();
    let ours = |name: &str| name == "content-type" || name.starts_with("x-promptise") || name.starts_with("webhook-");
    let headers = requests[0].headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
    let mut headers: Vec<String> =
        headers.filter(|(name, _)| ours(name)).map(|(name, value)| format!("{name}: {value}\n")).collect();
    headers.sort();
    let text = |body: &[u8]| String::from_utf8(body.to_vec()).unwrap();
    let event = format!("POST {}\n{}\n{}", requests[0].path, headers.concat(), text(&requests[0].body));
    guide::check("webhook.md", "event", &event);
    let notification: serde_json::Value = serde_json::from_slice(&requests[1].body).unwrap();
    guide::check("webhook.md", "notification", &serde_json::to_string_pretty(&notification).unwrap());
}

#[tokio::test]
async fn a_later_attempt_is_signed_anew_with_the_same_id() {
    let peer = HttpPeer::start(Script::statuses([503, 200])).await.unwrap();
    let webhook = webhook(local(&peer).secret(SECRET));
    let mut envelope = samples::titled("again");
    webhook.send(&envelope).await.unwrap_err();
    envelope.now = envelope.now + Duration::from_secs(30);
    webhook.send(&envelope).await.unwrap();

    let requests = peer.requests();
    let both = |name: &str| (requests[0].header(name).unwrap(), requests[1].header(name).unwrap());
    assert_eq!(both("x-promptise-timestamp"), ("1700000000", "1700000030"));
    assert_ne!(both("x-promptise-signature").0, both("x-promptise-signature").1);
    assert_eq!(both("x-promptise-delivery").0, both("x-promptise-delivery").1);
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(requests[0].header("x-promptise-event"), Some("notification"));
}

#[tokio::test]
async fn a_transform_gives_the_body_or_says_why_not() {
    let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
    let own = webhook(local(&peer).secret(SECRET).transform(|_| Ok(b"mine".to_vec())));
    own.send(&samples::titled("x")).await.unwrap();
    assert_eq!(peer.requests()[0].body, b"mine");

    let failing = local(&peer).transform(|_| Err(SendError::permanent(ErrorKind::Render, "no such field")));
    let error = webhook(failing).send(&samples::titled("x")).await.unwrap_err();
    assert_eq!((error.kind(), peer.requests().len()), (ErrorKind::Render, 1));
}

#[tokio::test]
async fn a_secret_is_made_where_none_is_given() {
    let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
    let webhook = webhook(local(&peer));
    webhook.send(&samples::titled("x")).await.unwrap();
    let secret = secrecy::ExposeSecret::expose_secret(webhook.generated_secret().unwrap());
    let request = &peer.requests()[0];
    let header = request.header("x-promptise-signature").unwrap();
    assert!(verify_promptise(header, &request.body, &[secret], samples::NOW));
    assert!(request.header("webhook-signature").is_some());
}

#[test]
fn wrong_settings_are_told_at_once_and_without_secrets() {
    let config = WebhookConfig::new("http://user:hunter2@localhost/").header("Host", "hunter2").secret("");
    let error = Webhook::new(config, &client()).unwrap_err();
    let told = format!("{error} {error:?}");
    for part in ["`url`", "`headers.Host`", "`secret`"] {
        assert!(told.contains(part), "{told}");
    }
    assert!(!told.contains("hunter2"), "{told}");
}
