//! What the guide shows of the wire is what is sent.

use tidings_core::Channel;
use tidings_testkit::{HttpPeer, Script};

use crate::{config, envelope, peer::taken, sms, twilio};

#[tokio::test]
async fn the_guide_shows_the_request_as_it_is() {
    let guide = include_str!("../../../../../docs/guide/sms.md");
    let peer = HttpPeer::start(Script::always(taken())).await.unwrap();
    let twilio = twilio(&peer).status_callback("https://alerts.example.com/v1/callbacks/twilio/status");
    let envelope = envelope("billing: error rate 0.2", "error_rate 0.2 > 0.05");
    let receipt = sms(config(twilio)).send(&envelope).await.unwrap();

    let request = &peer.requests()[0];
    let body = String::from_utf8(request.body.clone()).unwrap().replace('&', "\n&");
    let shown = format!(
        "{} {}\nContent-Type: {}\n\n{body}\n",
        request.method,
        request.path,
        request.header("content-type").unwrap()
    );
    assert!(guide.contains(&shown), "docs/guide/sms.md does not show this:\n{shown}");
    let detail = receipt.detail.unwrap();
    assert!(guide.contains(&detail), "docs/guide/sms.md does not show this receipt: {detail}");
}
