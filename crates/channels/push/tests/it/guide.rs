//! What the guide shows of a message is what a session gets.

use tidings_core::Channel;
use tidings_push::{Frame, HubConfig, Inbox};
use tidings_testkit::{guide, samples};

use super::{hub, ready};

#[tokio::test]
async fn the_guide_shows_the_message_as_it_is() {
    let hub = hub(10, &HubConfig::default());
    let mut session = hub.subscribe("u1", Some(0)).await.unwrap();
    Inbox::new(hub.clone()).send(&samples::titled("billing: error rate 0.2")).await.unwrap();
    let frames = ready(&mut session);
    let [Frame::Message(message)] = frames.as_slice() else { panic!("{frames:?}") };
    let shown: serde_json::Value = serde_json::from_str(&message.to_json()).unwrap();
    guide::check("push.md", "message", &serde_json::to_string_pretty(&shown).unwrap());
}
