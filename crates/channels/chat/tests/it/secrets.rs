//! The real redactor over every preset: it takes the secrets of a message and leaves what the service needs.

use std::sync::Arc;

use tidings_chat::Chat;
use tidings_core::{Channel, ErrorKind, Notification, Payload, SendError};
use tidings_redact::Redactor;
use tidings_render::Text;
use tidings_testkit::{HttpPeer, Reply, Script, samples};

use crate::presets::{ALL, SECRET, chat, client, config, fields};

const TOKEN: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

fn redactor() -> Arc<Redactor> {
    Arc::new(Redactor::default())
}

#[tokio::test]
async fn secrets_of_a_message_go_and_credentials_stay() {
    for name in ALL {
        let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
        let notification = Notification { body: format!("see {TOKEN}"), ..samples::notification(TOKEN) };
        let mut envelope = samples::envelope(name, Payload::Notification(Arc::new(notification)));
        envelope.scrub = redactor();
        chat(name, &peer).send(&envelope).await.unwrap();
        let request = peer.requests()[0].clone();
        let body = fields(&request).to_string();
        assert!(!request.text().contains(TOKEN) && !body.contains(TOKEN), "{name}");
        assert!(request.text().contains(SECRET) || body.contains(SECRET), "{name}");
        assert!(body.contains("REDACTED"), "{name}: {body}");
    }
}

/// What fills a limit to its end, so that a secret would be cut in two.
#[tokio::test]
async fn no_limit_leaves_half_a_secret() {
    for name in ALL {
        let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
        for fill in [110, 130, 140, 230, 240, 1000, 1010, 1980, 2980, 3980, 4080] {
            let text = format!("{} {TOKEN}", "x".repeat(fill));
            let notification = Notification { body: text.clone(), ..samples::notification(&text) };
            let mut envelope = samples::envelope(name, Payload::Notification(Arc::new(notification)));
            envelope.scrub = redactor();
            chat(name, &peer).send(&envelope).await.unwrap();
        }
        for request in peer.requests() {
            assert!(!request.text().contains(&TOKEN[..8]), "{name}: {}", request.text());
        }
    }
}

#[tokio::test]
async fn what_an_answer_repeats_is_masked() {
    for name in ALL {
        for status in [200, 400] {
            let body = format!("you sent {SECRET} to agents, -1001234567890, uQiRzpo4DXghDmr9QzzfQu27cmVRsG");
            let peer = HttpPeer::start(Script::always(Reply::status(status).body(body))).await.unwrap();
            let said = format!("{:?}", chat(name, &peer).send(&samples::titled("x")).await);
            let receiver = match name {
                "telegram" => "-1001234567890",
                "ntfy" => "agents",
                "pushover" => "uQiRzpo4DXghDmr9QzzfQu27cmVRsG",
                _ => SECRET,
            };
            assert!(!said.contains(SECRET) && !said.contains(receiver), "{name}: {said}");
        }
    }
}

#[tokio::test]
async fn a_text_of_ones_own_is_sent_or_says_why_not() {
    let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
    let own = |text: Text| Chat::new(config("telegram", &peer.url("")).text(text), &client()).unwrap();
    own(Text::new(|_| Ok("mine\u{202e}".to_owned()))).send(&samples::titled("x")).await.unwrap();
    assert_eq!(fields(&peer.requests()[0])["text"], "[HIGH] x\nmine\nagent: billing · rule: high_error_rate");

    let failing = own(Text::new(|_| Err(SendError::permanent(ErrorKind::Render, "no such field"))));
    let error = failing.send(&samples::titled("x")).await.unwrap_err();
    assert_eq!((error.kind(), peer.requests().len()), (ErrorKind::Render, 1));
}

#[tokio::test]
async fn what_is_not_to_be_redacted_stays() {
    let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
    let plain = Chat::new(config("slack", &peer.url("")).redact_sensitive(false), &client()).unwrap();
    let mut envelope = samples::titled(TOKEN);
    envelope.scrub = redactor();
    plain.send(&envelope).await.unwrap();
    assert!(peer.requests()[0].text().contains(TOKEN));
}
