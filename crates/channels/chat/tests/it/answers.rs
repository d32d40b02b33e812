//! Answers that a status alone does not tell, over the wire.

use std::time::Duration;

use tidings_core::{Channel, ErrorKind, SendError, Verdict};
use tidings_testkit::{HttpPeer, Reply, Script, samples};

use crate::presets::chat;

async fn refused(name: &str, reply: Reply) -> SendError {
    let peer = HttpPeer::start(Script::always(reply)).await.unwrap();
    let error = chat(name, &peer).send(&samples::titled("x")).await.unwrap_err();
    assert_eq!(peer.requests().len(), 1, "{name} tried again by itself");
    error
}

#[tokio::test]
async fn each_answer_means_what_the_service_says() {
    let soon = |milliseconds| Verdict::Transient { retry_after: Some(Duration::from_millis(milliseconds)) };
    let blocked = r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#;
    let unknown = r#"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#;
    let slow = r#"{"ok":false,"error_code":429,"parameters":{"retry_after":33}}"#;
    let discord = r#"{"message": "You are being rate limited.", "retry_after": 1.5, "global": false}"#;
    let removed = r#"{"message": "Unknown Webhook", "code": 10015}"#;
    let teams =
        "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x";
    let cases = [
        ("telegram", 403, blocked, Verdict::Permanent, ErrorKind::Status(403)),
        ("telegram", 400, unknown, Verdict::Permanent, ErrorKind::Status(400)),
        ("telegram", 429, slow, soon(33_000), ErrorKind::RateLimited),
        ("discord", 429, discord, soon(1500), ErrorKind::RateLimited),
        ("discord", 404, removed, Verdict::Permanent, ErrorKind::Gone),
        ("slack", 404, "no_service", Verdict::Permanent, ErrorKind::Gone),
        ("slack", 410, "channel_is_archived", Verdict::Permanent, ErrorKind::Gone),
        ("teams", 200, teams, Verdict::Transient { retry_after: None }, ErrorKind::RateLimited),
        ("pagerduty", 400, r#"{"status":"invalid event"}"#, Verdict::Permanent, ErrorKind::Status(400)),
        ("pushover", 400, r#"{"status":0}"#, Verdict::Permanent, ErrorKind::Status(400)),
    ];
    for (name, status, body, verdict, kind) in cases {
        let error = refused(name, Reply::status(status).body(body)).await;
        assert_eq!((error.verdict(), error.kind()), (verdict, kind), "{name} {status}: {error}");
    }
}

#[tokio::test]
async fn the_header_counts_before_the_body() {
    let reply = Reply::status(429).header("Retry-After", "2").body(r#"{"retry_after": 1.5}"#);
    let error = refused("discord", reply).await;
    assert_eq!(error.verdict(), Verdict::Transient { retry_after: Some(Duration::from_secs(2)) });
}

#[tokio::test]
async fn an_answer_of_telegram_is_kept_without_the_person() {
    let body = r#"{"ok":true,"result":{"message_id":17,"chat":{"id":1,"first_name":"Ann"},"text":"x"}}"#;
    let peer = HttpPeer::start(Script::always(Reply::status(200).body(body))).await.unwrap();
    let receipt = chat("telegram", &peer).send(&samples::titled("x")).await.unwrap();
    assert_eq!((receipt.code, receipt.detail.as_deref()), (Some(200), Some("message 17")));
}
