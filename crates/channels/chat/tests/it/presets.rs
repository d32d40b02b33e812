//! The presets by their names, aimed at a peer.

use std::time::Duration;

use serde_json::Value;
use tidings_chat::{Chat, ChatConfig, Target};
use tidings_http::{Client, ClientConfig, Policy};
use tidings_testkit::{HttpPeer, Recorded};
use url::form_urlencoded;

/// Every preset.
pub(crate) const ALL: [&str; 11] = [
    "slack",
    "discord",
    "teams",
    "mattermost",
    "google_chat",
    "telegram",
    "pagerduty",
    "opsgenie",
    "ntfy",
    "gotify",
    "pushover",
];

/// The credential of every preset.
pub(crate) const SECRET: &str = "123456:hunter2hunter2";

/// The preset of this name, at this base.
pub(crate) fn config(name: &str, base: &str) -> ChatConfig {
    let hook = || format!("{base}/hook/{SECRET}?key={SECRET}").into();
    let (url, secret) = (|| base.into(), || SECRET.into());
    let target = match name {
        "slack" => Target::Slack { url: hook() },
        "discord" => Target::Discord { url: hook() },
        "teams" => Target::Teams { url: hook() },
        "mattermost" => Target::Mattermost { url: hook() },
        "google_chat" => Target::GoogleChat { url: hook() },
        "telegram" => Target::Telegram { token: secret(), chat_id: Some("-1001234567890".to_owned()) },
        "pagerduty" => Target::PagerDuty { routing_key: secret() },
        "opsgenie" => Target::Opsgenie { api_key: secret() },
        "ntfy" => Target::Ntfy { url: url(), topic: Some("agents".to_owned()), token: Some(secret()) },
        "gotify" => Target::Gotify { url: url(), token: secret() },
        "pushover" => Target::Pushover { token: secret(), user_key: Some("uQiRzpo4DXghDmr9QzzfQu27cmVRsG".into()) },
        other => panic!("no preset is called {other}"),
    };
    let config = ChatConfig::new(target).allow_private_networks(true);
    if matches!(name, "telegram" | "pagerduty" | "opsgenie" | "pushover") { config.api_url(base) } else { config }
}

/// The preset of this name, aimed at this peer.
pub(crate) fn chat(name: &str, peer: &HttpPeer) -> Chat {
    Chat::new(config(name, &peer.url("")), &client()).unwrap()
}

/// A client with a short deadline, which reaches loopback: channels share it then, and need none of their own.
pub(crate) fn client() -> Client {
    let policy = Policy { private: true, ..Policy::default() };
    Client::new(ClientConfig { policy, total_timeout: Duration::from_secs(2), ..ClientConfig::default() }).unwrap()
}

/// The fields of a request's body, whichever form it has.
pub(crate) fn fields(request: &Recorded) -> Value {
    if request.header("content-type") == Some("application/x-www-form-urlencoded") {
        let pairs = form_urlencoded::parse(&request.body).into_owned();
        return Value::Object(pairs.map(|(name, value)| (name, value.into())).collect());
    }
    serde_json::from_slice(&request.body).unwrap()
}
