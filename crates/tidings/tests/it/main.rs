//! Channels of a configuration as a program has them: real receivers, one notification, what each got.
#![cfg(all(
    feature = "webhook",
    feature = "chat",
    feature = "email",
    feature = "sms",
    feature = "push",
    feature = "store-sqlite",
    feature = "yaml"
))]
#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

mod inbox;
mod people;
mod receivers;
mod redaction;
mod reload;
mod retries;
mod stopped;

use std::{fs, sync::Arc, time::Duration};

use serde_json::json;
use tempfile::TempDir;
use tidings::{Account, Builder, Event, Notifier, Timestamp};
use tidings_testkit::{FakeClock, HttpPeer, Recorded, Script};

/// So long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running notifier, with the clock that its retries go by.
struct Running {
    notifier: Notifier,
    clock: FakeClock,
}

impl Running {
    /// From a configuration with a rule of priority high, `told`, that names these channels; its title is the event's `note`.
    async fn of(channels: &str, sections: &str) -> Self {
        let rule = "{name: told, condition: load > 1, priority: high, title: '{{ data.note }}'";
        let text = format!("triggers: [{rule}, channels: [{channels}]}}]\n{sections}");
        let clock = FakeClock::at(Timestamp::from_secs(1_700_000_000));
        let builder = Builder::from_yaml(&text).unwrap_or_else(|error| panic!("{text}\n{error}"));
        let notifier = builder.clock(Arc::new(clock.clone())).build().unwrap().start().await.unwrap();
        Self { notifier, clock }
    }

    /// Has the rule fire.
    fn fire(&self, note: &str) {
        self.notifier.emit(Event::new("sample").agent("billing").data(json!({"load": 2, "note": note})));
    }

    /// Everything that can be done by now is done.
    async fn settled(&self) {
        assert!(self.notifier.drain(PATIENCE).await);
    }

    /// The requests of this peer as soon as there are so many, while the time goes by.
    async fn asked(&self, peer: &HttpPeer, count: usize) -> Vec<Recorded> {
        while peer.requests().len() < count {
            self.clock.advance(Duration::from_millis(100));
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        peer.requests()
    }

    async fn stop(self) -> Account {
        let account = self.notifier.stop_within(PATIENCE).await;
        account.closes().unwrap();
        account
    }
}

async fn peer(script: Script) -> HttpPeer {
    HttpPeer::start(script).await.unwrap()
}

/// A channel that posts to this peer.
fn webhook(peer: &HttpPeer, keys: &str) -> String {
    let url = peer.url("/hook");
    format!("{{type: webhook, url: '{url}', secret: 0123456789abcdef, allow_private_networks: true{keys}}}")
}

/// A channel of text messages over this peer, as a form.
fn gateway(peer: &HttpPeer, keys: &str) -> String {
    let url = peer.url("/sms");
    let form = "to={{ to }}&text={{ text }}&id={{ delivery_id }}";
    format!("{{type: sms, provider: http, url: '{url}', template: '{form}', allow_private_networks: true{keys}}}")
}

/// The one letter in this folder.
fn letter(folder: &TempDir) -> String {
    let mut letters = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let text = fs::read_to_string(letters.next().unwrap()).unwrap();
    assert!(letters.next().is_none());
    text
}
