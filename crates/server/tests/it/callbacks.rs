//! Twilio's calls to a whole daemon: what became of a text message is in the log; what is forged is not.

use std::sync::Arc;

use serde_json::json;
use tidings::store::{LogFilter, Page, Step};
use tidings_testkit::{HttpPeer, Reply, Script};
use url::form_urlencoded::Serializer;

use super::{
    house::{Answer, House},
    twilio_calls::{TOKEN, sid, sign},
};

const PUBLIC: &str = "https://alerts.example.com";

async fn call(house: &House, target: &str, form: &[(&str, &str)], token: &str) -> Answer {
    let signature = format!("X-Twilio-Signature: {}", sign(token, &format!("{PUBLIC}{target}"), form));
    let body = Serializer::new(String::new()).extend_pairs(form).finish();
    let headers = ["Content-Type: application/x-www-form-urlencoded", "Host: alerts.example.com", &signature];
    house.ask(&format!("POST {target}"), &headers, &body).await
}

fn yaml(url: &str) -> String {
    format!(
        "
server: {{public_url: {PUBLIC}}}
channels: {{text: {{type: sms, provider: twilio, account_sid: AC0123456789abcdef0123456789abcdef, auth_token: {TOKEN}, from: '+15550100', url: '{}', allow_private_networks: true}}}}
triggers:
  - {{name: tool error, condition: 'event_type == \"tool.error\"', channels: [text], priority: high}}
users: {{ann: {{phone: '+15550101'}}}}
",
        url
    )
}

#[tokio::test]
async fn a_stop_is_kept_by_the_token_of_the_moment() {
    let house = House::open(&yaml("http://127.0.0.1:8080")).await;
    let (first, second) = (sid(1), sid(2));
    let said = |word, sid| [("From", "+15550101"), ("Body", word), ("MessageSid", sid)];
    let incoming =
        async |form: &[(&str, &str)], token| call(&house, "/v1/callbacks/twilio/incoming", form, token).await.status;
    let is_stopped = || house.notifier.suppressions().unwrap().is_suppressed("+15550101").unwrap();
    let other = "0123456789abcdef0123456789abcdee";
    assert_eq!(incoming(&said("STOP", &first), other).await, 403);
    assert!(!is_stopped());
    let exchanged = house.yaml.lock().unwrap().replace(TOKEN, other);
    *house.yaml.lock().unwrap() = exchanged;
    assert_eq!(house.post("/v1/reload", &json!({})).await.status, 200);
    assert_eq!(incoming(&said("STOP", &first), TOKEN).await, 403, "who knows the old token knows nothing any more");
    assert!(!is_stopped());
    assert_eq!(incoming(&said("STOP", &first), other).await, 200);
    assert!(is_stopped());
    assert_eq!(incoming(&said("START", &second), other).await, 200);
    // What was kept of a call and sent again undoes nothing.
    assert_eq!(incoming(&said("STOP", &first), other).await, 200);
    assert!(!is_stopped());
    house.close().await;
}

#[tokio::test]
async fn what_became_of_a_text_is_in_the_log() {
    let taken = Reply::status(201).body(format!(r#"{{"sid": "{}", "status": "queued"}}"#, sid(1)));
    let peer = Arc::new(HttpPeer::start(Script::always(taken)).await.unwrap());
    let house = House::open(&yaml(&peer.url(""))).await;
    house.post("/v1/events", &json!({"event_type": "tool.error", "agent_id": "a"})).await;
    house.settle().await;
    let sent = peer.requests().remove(0).body;
    let (_, url) = url::form_urlencoded::parse(&sent).find(|(name, _)| name == "StatusCallback").unwrap();
    let target = url.strip_prefix(PUBLIC).unwrap().to_owned();

    let sid = sid(1);
    let report = |status| [("MessageSid", sid.as_str()), ("MessageStatus", status), ("To", "+15550101")];
    assert_eq!(call(&house, &target, &report("delivered"), "0000").await.status, 403);
    for status in ["sent", "sent", "delivered", "sending"] {
        let answer = call(&house, &target, &report(status), TOKEN).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let filter = LogFilter { steps: vec![Step::Reported], ..LogFilter::default() };
    let logged = house.notifier.store().log_query(&filter, Page::After { number: 0, limit: 10 }).await.unwrap();
    let words: Vec<_> = logged.iter().filter_map(|entry| entry.detail["kind"].as_str()).collect();
    assert_eq!(words, ["sent", "delivered"], "what repeats, and what comes behind a final word, is not noted");
    assert_eq!((logged[0].user.as_deref(), logged[0].endpoint.as_deref()), (Some("ann"), Some("text")));

    let stop = [("From", "+15550101"), ("Body", "STOP"), ("MessageSid", sid.as_str())];
    assert_eq!(call(&house, "/v1/callbacks/twilio/incoming", &stop, TOKEN).await.status, 200);
    assert!(house.notifier.suppressions().unwrap().is_suppressed("+15550101").unwrap());
    house.close().await;
}
