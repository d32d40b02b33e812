//! The daemon as a whole: an event goes in, its message comes out, and after a stop nothing does.

use serde_json::json;

use super::house::House;

const RULES: &str = "
triggers:
  - {name: tool error, condition: 'event_type == \"tool.error\"', channels: [inbox], priority: high}
users: {me: {}}
";

#[tokio::test]
async fn an_event_becomes_a_message() {
    let house = House::open(RULES).await;
    let answer = house.post("/v1/events", &json!({"event_type": "tool.error", "agent_id": "billing"})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["results"][0]["duplicate"], false);
    house.settle().await;
    let account = house.notifier.account().await;
    assert_eq!((account.events.planned, account.deliveries.delivered), (1, 1));
    house.close().await;
}

#[tokio::test]
async fn the_document_tells_of_the_ways_in_and_out() {
    let house = House::open(RULES).await;
    let document = house.get("/v1/openapi.json").await.json();
    for (path, method) in
        [("/v1/events", "post"), ("/v1/push", "get"), ("/v1/push/ack", "post"), ("/v1/push/ticket", "post")]
    {
        assert!(document["paths"][path][method]["responses"].is_object(), "{path}");
    }
    house.close().await;
}

#[tokio::test]
async fn who_asks_for_nothing_that_is_there_is_told_where_to_look() {
    let house = House::open(RULES).await;
    let json = "Content-Type: application/json";
    for (line, status) in [("POST /v1/event", 404), ("GET /v1/events/", 404), ("PUT /v1/events", 405)] {
        let answer = house.ask(line, &[json], "{}").await;
        assert_eq!(answer.status, status, "{line} {answer:?}");
        assert!(answer.json()["detail"].as_str().unwrap().contains("/v1/openapi.json"), "{line} {answer:?}");
    }
    assert!(house.ask("PUT /v1/events", &[], "").await.head.to_lowercase().contains("\nallow: "));
    // Under a foreign name, and to a foreign page, nothing is told, be it there or not.
    assert_eq!(house.ask("GET /nothing", &["Host: evil.example"], "").await.status, 421);
    assert_eq!(house.ask("GET /nothing", &["Origin: http://evil.example"], "").await.status, 403);
    assert_eq!(house.ask("PUT /v1/events", &["Origin: http://evil.example"], "").await.status, 403);
    house.close().await;
}
