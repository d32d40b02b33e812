//! The SMS channel against peers on loopback that answer as Twilio and as a gateway do: the conformance suite, and the requests as the
//! guide shows them.
#![expect(clippy::unwrap_used, reason = "a test stops where its own set-up fails")]

mod gateway;
mod guide;
mod peer;
mod twilio;

use std::{sync::Arc, time::Duration};

use tidings_core::{Address, Envelope, Notification, Payload};
use tidings_http::{Client, ClientConfig};
use tidings_sms::{Sender, Sms, SmsConfig, Twilio};
use tidings_testkit::{HttpPeer, samples};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const ACCOUNT: &str = "ACfedcba9876543210fedcba9876543210";
const MESSAGE: &str = "SM00112233445566778899aabbccddeeff";
const ANN: &str = "+15550101";

fn client() -> Client {
    Client::new(ClientConfig { total_timeout: Duration::from_secs(1), ..ClientConfig::default() }).unwrap()
}

fn twilio(peer: &HttpPeer) -> Twilio {
    Twilio::new(ACCOUNT, TOKEN, Sender::Number("+15550100".to_owned())).api_url(peer.url(""))
}

fn config(provider: impl Into<tidings_sms::Provider>) -> SmsConfig {
    SmsConfig::new(provider).allow_private_networks(true)
}

fn sms(config: SmsConfig) -> Sms {
    Sms::new(config, &client()).unwrap()
}

/// A text to Ann with this title and body.
fn envelope(title: &str, body: &str) -> Envelope {
    let notification = Notification { body: body.to_owned(), ..samples::notification(title) };
    let envelope = samples::envelope(title, Payload::Notification(Arc::new(notification)));
    Envelope { to: Some(Address::new(ANN)), ..envelope }
}
