//! What was given up is sent again: once, whoever asks how often; to whom it was for; and the accounts close.

use serde_json::json;
use tidings::Timestamp;
use tidings_testkit::{HttpPeer, Reply, Script};

use super::house::House;

/// One rule that tells Ann on a webhook, which falls back to the inbox.
fn yaml(peer: &HttpPeer) -> String {
    format!(
        "channels:\n  hook: {{type: webhook, url: \"{}\", allow_private_networks: true, retry: []}}\n\
         fallbacks: {{hook: [inbox]}}\n\
         triggers:\n  - {{name: r, condition: 'event_type == \"tool.error\"', channels: [hook], priority: critical, \
         user_ids: [ann], cooldown_seconds: 0s}}\n\
         users: {{ann: {{}}}}\n",
        peer.url("/")
    )
}

/// A daemon whose one delivery on the webhook was given up, and that delivery's id.
async fn given_up(yaml: &str) -> (House, String) {
    let house = House::open(yaml).await;
    let event = json!({"event_type": "tool.error", "agent_id": "billing", "data": {"error": "x"}});
    assert_eq!(house.post("/v1/events", &event).await.status, 200);
    house.settle().await;
    let dead = house.get("/v1/deliveries?step=dead").await.json()["entries"].clone();
    let id = dead[0]["delivery"].as_str().unwrap().to_owned();
    (house, id)
}

async fn count(house: &House, query: &str) -> usize {
    let found = house.get(&format!("/v1/deliveries?{query}")).await.json();
    found["entries"].as_array().unwrap().len()
}

#[tokio::test]
async fn two_who_ask_at_once_send_it_once() {
    let peer = HttpPeer::start(Script::statuses([400, 200])).await.unwrap();
    let (house, id) = given_up(&yaml(&peer)).await;
    let path = format!("/v1/deliveries/{id}/retry");
    let body = json!({});
    let (one, other, third) =
        tokio::join!(house.post(&path, &body), house.post(&path, &body), house.post(&path, &body));
    let mut statuses = [one.status, other.status, third.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409], "{one:?} {other:?} {third:?}");
    house.settle().await;
    assert_eq!((peer.requests().len(), house.notifier.account().await.closes()), (2, Ok(())));
    house.close().await;
}

#[tokio::test]
async fn one_that_fails_again_falls_back_no_second_time() {
    let peer = HttpPeer::start(Script::statuses([400, 400, 200])).await.unwrap();
    let (house, id) = given_up(&yaml(&peer)).await;
    assert_eq!(count(&house, "step=delivered&endpoint=inbox").await, 1);
    let again = house.post(&format!("/v1/deliveries/{id}/retry"), &json!({})).await.json();
    house.settle().await;
    assert_eq!(count(&house, "step=delivered&endpoint=inbox").await, 1, "she was told before");
    let again = again["delivery"].as_str().unwrap();
    assert_eq!(house.post(&format!("/v1/deliveries/{again}/retry"), &json!({})).await.status, 200);
    house.settle().await;
    let account = house.notifier.account().await;
    assert_eq!((peer.requests().len(), account.closes()), (3, Ok(())));
    assert_eq!((account.deliveries.dead, account.deliveries.delivered), (2, 2), "{account:?}");
    house.close().await;
}

#[tokio::test]
async fn a_critical_message_that_has_arrived_at_last_needs_nobody() {
    let peer = HttpPeer::start(Script::statuses([400, 200])).await.unwrap();
    let one = yaml(&peer).replace("fallbacks: {hook: [inbox]}", "delivery: {critical: {quorum: 1}}");
    let (house, id) = given_up(&one).await;
    let needs = house.get("/v1/now").await.json()["needs"].to_string();
    assert!(needs.contains("\"dead\"") && needs.contains("critical for ann: `r` was taken by 0 of 1"), "{needs}");
    assert_eq!(house.post(&format!("/v1/deliveries/{id}/retry"), &json!({})).await.status, 200);
    house.settle().await;
    assert_eq!(house.get("/v1/now").await.json()["needs"], json!([]));
    house.close().await;
}

#[tokio::test]
async fn a_critical_message_that_took_one_channel_of_two_still_needs_somebody() {
    let peer = HttpPeer::start(Script::statuses([400, 200])).await.unwrap();
    let (house, id) = given_up(&yaml(&peer).replace("fallbacks: {hook: [inbox]}\n", "")).await;
    assert!(house.get("/v1/now").await.body.contains("was taken by 0 of 2 channels"));
    assert_eq!(house.post(&format!("/v1/deliveries/{id}/retry"), &json!({})).await.status, 200);
    house.settle().await;
    let needs = house.get("/v1/now").await.json()["needs"].clone();
    assert_eq!(needs.as_array().unwrap().len(), 1, "{needs}");
    assert!(needs[0]["text"].as_str().unwrap().contains("was taken by 1 of 2 channels"), "{needs}");
    house.close().await;
}

#[tokio::test]
async fn what_is_not_kept_any_more_is_not_made_up() {
    let peer = HttpPeer::start(Script::statuses([400, 200])).await.unwrap();
    let (house, id) = given_up(&yaml(&peer)).await;
    let later = Timestamp::from_secs_f64(9e9).unwrap();
    while house.notifier.store().purge(later, 1_000).await.unwrap() != Default::default() {}
    let refused = house.post(&format!("/v1/deliveries/{id}/retry"), &json!({})).await;
    assert!([404, 409].contains(&refused.status), "{refused:?}");
    for wrong in ["x", "%00", "..%2f..%2fetc", &"f".repeat(5_000)] {
        assert_eq!(house.post(&format!("/v1/deliveries/{wrong}/retry"), &json!({})).await.status, 404, "{wrong}");
    }
    assert_eq!((peer.requests().len(), house.notifier.account().await.closes()), (1, Ok(())));
    house.close().await;
}

#[tokio::test]
async fn what_a_receiver_says_is_told_without_secrets_and_addresses() {
    let secret = format!("sk-ant-api03-{}", "a1B2".repeat(20));
    let said = format!("key {secret} of ann@corp.example is not allowed to call +41 79 123 45 67");
    let replies = [Reply::status(400).body(said.clone())];
    let peer = HttpPeer::start(Script::sequence(replies)).await.unwrap();
    let (house, id) = given_up(&yaml(&peer)).await;
    let event = json!({"event_type": "tool.error", "agent_id": "billing", "data": {"error": format!("key {secret}"), "password": "hunter2"}});
    assert_eq!(house.post("/v1/events", &event).await.status, 200);
    house.settle().await;
    let entry = house.get(&format!("/v1/deliveries?delivery={id}&step=dead")).await.json()["entries"][0].clone();
    let (event, notification) = (entry["event"].as_str().unwrap(), entry["notification"].as_str().unwrap());
    let paths = [
        "/v1/deliveries".to_owned(),
        "/v1/events".to_owned(),
        "/v1/now".to_owned(),
        "/metrics".to_owned(),
        format!("/v1/explain/{event}"),
        format!("/v1/explain/{id}?format=text"),
        format!("/v1/notifications/{notification}"),
    ];
    for path in paths {
        let answer = house.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        for planted in [&secret[..30], "ann@corp.example", "123 45 67", "hunter2", "127.0.0.1"] {
            assert!(!answer.body.contains(planted), "{planted} at {path}: {}", answer.body);
        }
    }
    house.close().await;
}
