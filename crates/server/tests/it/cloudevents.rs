//! CloudEvents over HTTP: structured, binary and batch; the same source and id are the same event however they come.

use serde_json::json;

use super::house::{House, QUIET};

#[tokio::test]
async fn the_same_source_and_id_are_the_same_event() {
    let house = House::open(QUIET).await;
    let one = json!({"specversion": "1.0", "type": "tool.error", "source": "/a", "id": "1", "data": {"x": 1}});
    let send = async |kind: &str, headers: &[&str], body: &str| {
        let kind = format!("Content-Type: {kind}");
        let all: Vec<&str> = headers.iter().copied().chain([kind.as_str()]).collect();
        house.ask("POST /v1/events", &all, body).await
    };
    let first = send("application/cloudevents+json; charset=UTF-8", &[], &one.to_string()).await;
    assert_eq!((first.status, &first.json()["results"][0]["duplicate"]), (200, &json!(false)), "{first:?}");
    let headers = ["ce-specversion: 1.0", "ce-type: tool.error", "ce-source: /a", "ce-id: 1"];
    let again = send("application/json", &headers, "{\"x\": 1}").await;
    assert_eq!(again.json()["results"][0], json!({"id": first.json()["results"][0]["id"], "duplicate": true}));
    let other = json!({"specversion": "1.0", "type": "tool.error", "source": "/b", "id": "1"});
    let old = json!({"specversion": "0.3", "type": "a", "source": "/a", "id": "2"});
    let batch = send("application/cloudevents-batch+json", &[], &json!([one, old, other]).to_string()).await;
    let told = batch.json();
    assert_eq!([&told["accepted"], &told["duplicates"], &told["refused"]], [1, 1, 1], "{told}");
    assert_eq!(told["results"][1]["error"], "`specversion` must be \"1.0\"");
    house.close().await;
}

#[tokio::test]
async fn what_is_none_is_refused_with_its_reason() {
    let house = House::open(QUIET).await;
    let check = async |headers: &[&str], body: &str, expected: &str| {
        let answer = house.ask("POST /v1/events", headers, body).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(expected), "{answer:?}");
    };
    let one = ["Content-Type: application/cloudevents+json"];
    check(&one, "{\"specversion\": \"1.0\", \"source\": \"/a\", \"id\": \"1\"}", "`type` is missing").await;
    check(&one, "[]", "cloudevents-batch+json").await;
    check(&["Content-Type: application/cloudevents-batch+json"], "{}", "an array").await;
    let binary = ["Content-Type: image/png", "ce-specversion: 1.0", "ce-type: a", "ce-source: /a", "ce-id: 1"];
    check(&binary, "x", "neither JSON nor text").await;
    check(&["Content-Type: application/json", "ce-specversion: 1.0"], "{}", "`type` is missing").await;
    house.close().await;
}
