//! Users' own addresses: whom they reach, and which of them reach nobody.

use serde_json::Value;
use tidings_chat::{Chat, ChatConfig, Target};
use tidings_core::{Address, Channel, Envelope, ErrorKind, Verdict};
use tidings_http::{Client, ClientConfig};
use tidings_testkit::{HttpPeer, Script, samples};

use crate::presets::{ALL, chat, client, config};

fn to(address: &str) -> Envelope {
    Envelope { to: Some(Address::new(address)), ..samples::titled("x") }
}

#[tokio::test]
async fn an_address_stands_in_for_the_receiver() {
    for (name, key) in [("telegram", "chat_id"), ("ntfy", "topic"), ("pushover", "user")] {
        let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
        chat(name, &peer).send(&to("someone-else")).await.unwrap();
        let body: Value = serde_json::from_slice(&peer.requests()[0].body).unwrap();
        assert_eq!(body[key], "someone-else", "{name}");
    }
}

#[tokio::test]
async fn an_address_stands_in_for_the_webhook() {
    for name in ["slack", "discord", "teams", "mattermost", "google_chat"] {
        let (own, other) = (
            HttpPeer::start(Script::statuses([200])).await.unwrap(),
            HttpPeer::start(Script::statuses([200])).await.unwrap(),
        );
        chat(name, &own).send(&to(&other.url("/the/users/own"))).await.unwrap();
        assert_eq!((own.requests().len(), other.requests().len()), (0, 1), "{name}");
        assert_eq!(other.requests()[0].path, "/the/users/own");
    }
}

#[tokio::test]
async fn a_service_without_receivers_takes_no_notice() {
    for name in ["pagerduty", "opsgenie", "gotify"] {
        let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
        chat(name, &peer).send(&to("http://169.254.169.254/")).await.unwrap();
        assert_eq!(peer.requests().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_right_is_permanent_and_not_told() {
    let hostile = [
        "",
        " ",
        "a b",
        "hunter2\r\nX-Injected: yes",
        "http://169.254.169.254/hunter2",
        "http://user:hunter2@a.example/",
        "file:///etc/hunter2",
        "hunter2.localhost",
        "\u{0}",
    ];
    for name in ALL.into_iter().filter(|name| !matches!(*name, "pagerduty" | "opsgenie" | "gotify")) {
        let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
        for address in hostile {
            let Err(error) = chat(name, &peer).send(&to(address)).await else {
                assert!(!address.contains(char::is_whitespace) && !address.is_empty(), "{name} {address:?}");
                continue;
            };
            assert_eq!(error.verdict(), Verdict::Permanent, "{name} {address:?}");
            assert!(matches!(error.kind(), ErrorKind::NoAddress | ErrorKind::Destination), "{name} {error:?}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{name} {error:?}");
        }
        assert!(peer.requests().iter().all(|request| request.header("x-injected").is_none()));
    }
}

#[tokio::test]
async fn without_any_receiver_the_fallback_is_taken_at_once() {
    let target = Target::Telegram { token: "1:x".into(), chat_id: None };
    let error = Chat::new(ChatConfig::new(target), &client()).unwrap().send(&samples::titled("x")).await.unwrap_err();
    assert_eq!((error.verdict(), error.kind()), (Verdict::Permanent, ErrorKind::NoAddress));
}

#[tokio::test]
async fn only_a_channel_that_may_reaches_the_house() {
    let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
    let public = Client::new(ClientConfig::default()).unwrap();
    let config = config("gotify", &peer.url(""));
    Chat::new(config.clone(), &public).unwrap().send(&samples::titled("x")).await.unwrap();
    assert_eq!(peer.requests().len(), 1);
    let error = Chat::new(config.allow_private_networks(false), &public).unwrap_err();
    assert!(error.to_string().starts_with("`url`: "), "{error}");
}
