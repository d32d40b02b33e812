//! Users' own addresses: whom they reach, and which of them reach nobody.

use std::{
    io,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use tidings_chat::{Chat, ChatConfig, Target};
use tidings_core::{Address, BoxFuture, Channel, Envelope, ErrorKind, Verdict};
use tidings_http::{AllowRuleConfig, Client, ClientConfig, Policy, Resolve};
use tidings_testkit::{HttpPeer, Script, samples};

use crate::presets::{ALL, chat, client, config, fields};

/// The presets whose address alone names the receiver.
const WEBHOOKS: [&str; 5] = ["slack", "discord", "teams", "mattermost", "google_chat"];

fn to(address: &str) -> Envelope {
    Envelope { to: Some(Address::new(address)), ..samples::titled("x") }
}

#[tokio::test]
async fn an_address_stands_in_for_the_receiver() {
    for (name, key) in [("telegram", "chat_id"), ("ntfy", "topic"), ("pushover", "user")] {
        let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
        chat(name, &peer).send(&to("someone-else")).await.unwrap();
        assert_eq!(fields(&peer.requests()[0])[key], "someone-else", "{name}");
    }
}

/// Answers every name with this address, and keeps which were asked for.
struct Answers(IpAddr, Mutex<Vec<String>>);

impl Resolve for Answers {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        self.1.lock().unwrap().push(name.to_owned());
        Box::pin(async move { Ok(vec![self.0]) })
    }
}

/// What the operator lets every channel reach: all of loopback and of the private networks.
fn wide() -> Policy {
    let config = AllowRuleConfig { cidr: "127.0.0.0/8".to_owned(), ..AllowRuleConfig::default() };
    Policy { allow: vec![config.try_into().unwrap()], private: true, nat64: false }
}

#[tokio::test]
async fn an_address_stands_in_for_the_webhook() {
    for name in WEBHOOKS {
        let own = HttpPeer::start(Script::statuses([200])).await.unwrap();
        let asked = Arc::new(Answers(IpAddr::from([127, 0, 0, 1]), Mutex::default()));
        let config_of = ClientConfig { policy: wide(), ..ClientConfig::default() };
        let client = Client::with_resolver(config_of, asked.clone()).unwrap();
        let chat = Chat::new(config(name, &own.url("")), &client).unwrap();
        let address = own.url("/x").replace("127.0.0.1", "hooks.ann.example");
        for _ in 0..2 {
            // The name passes, what it resolves to is refused: at the connection, for a user, although the channel itself may go there.
            let error = chat.send(&to(&address)).await.unwrap_err();
            assert_eq!(
                (error.verdict(), error.kind()),
                (Verdict::Permanent, ErrorKind::Destination),
                "{name}: {error}"
            );
            assert!(error.message().starts_with("the user's own address is refused (address)"), "{error}");
        }
        assert_eq!(*asked.1.lock().unwrap(), ["hooks.ann.example", "hooks.ann.example"], "{name}");
        assert_eq!(own.requests().len(), 0, "{name}");
        chat.send(&samples::titled("x")).await.unwrap();
        assert_eq!(own.requests().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn a_users_webhook_is_judged_by_the_public_rules_alone() {
    for name in WEBHOOKS {
        let (own, house) = (
            HttpPeer::start(Script::statuses([200])).await.unwrap(),
            HttpPeer::start(Script::statuses([200])).await.unwrap(),
        );
        let client = Client::new(ClientConfig { policy: wide(), ..ClientConfig::default() }).unwrap();
        let chat = Chat::new(config(name, &own.url("")), &client).unwrap();
        for (address, rule) in
            [(house.url("/hunter2"), "loopback"), ("http://192.168.0.1/hunter2".to_owned(), "private")]
        {
            let error = chat.send(&to(&address)).await.unwrap_err();
            assert_eq!(
                (error.verdict(), error.kind()),
                (Verdict::Permanent, ErrorKind::Destination),
                "{name}: {error}"
            );
            assert!(error.message().contains(&format!("({rule})")) && !error.message().contains("allow_"), "{error}");
        }
        assert_eq!((own.requests().len(), house.requests().len()), (0, 0), "{name}");
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
