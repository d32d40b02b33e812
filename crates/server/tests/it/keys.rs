//! Keys: who may send what, how much of it, and whose messages one may see.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tidings::{Builder, config};
use tidings_server::{App, serve};
use tokio::net::TcpListener;

use super::house::{Answer, House, QUIET};

fn hash(key: &str) -> String {
    Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Keys of an operator, of an agent, of a person, and one that may send little.
fn yaml() -> String {
    format!(
        "users: {{me: {{}}, ann: {{}}}}
triggers:
  - {{name: all, condition: 'event_type == \"a\"', channels: [inbox], user_ids: [ann]}}
server:
  keys:
    - {{name: ops, sha256: {}}}
    - {{name: billing, sha256: {}, agents: [billing-*]}}
    - {{name: ann, sha256: {}, user: ann}}
    - {{name: slow, sha256: {}, rate: 1}}
",
        hash("k-ops"),
        hash("k-billing"),
        hash("k-ann"),
        hash("k-slow")
    )
}

async fn post(house: &House, path: &str, key: &str, body: &Value) -> Answer {
    let key = format!("Authorization: Bearer {key}");
    house.ask(&format!("POST {path}"), &["Content-Type: application/json", &key], &body.to_string()).await
}

fn of_agent(agent: &str) -> Value {
    json!({"event_type": "b", "agent_id": agent})
}

#[tokio::test]
async fn a_key_speaks_for_its_agents_only() {
    let house = House::open(&yaml()).await;
    let send = async |key: &str, body: Value| post(&house, "/v1/events", key, &body).await;
    assert_eq!(house.post("/v1/events", &of_agent("x")).await.status, 401);
    assert_eq!(send("wrong", of_agent("x")).await.status, 401);
    assert_eq!(send("k-ops", of_agent("x")).await.status, 200);
    assert_eq!(send("k-ann", of_agent("x")).await.status, 403);
    assert_eq!(send("k-billing", of_agent("billing-1")).await.status, 200);
    assert_eq!(send("k-billing", of_agent("x")).await.status, 403);
    assert_eq!(send("k-billing", json!({"event_type": "b"})).await.status, 403);
    let mixed = send("k-billing", json!([of_agent("x"), of_agent("billing-2"), 7])).await;
    let told = mixed.json();
    assert_eq!(
        (mixed.status, &told["results"][0]["status"], &told["results"][2]["status"]),
        (200, &json!(403), &json!(400))
    );
    assert_eq!(told["results"][1]["duplicate"], false);
    house.close().await;
}

#[tokio::test]
async fn a_key_has_a_rate() {
    let house = House::open(&yaml()).await;
    let batch = |count: usize| Value::Array((0..count).map(|_| of_agent("x")).collect());
    let never = post(&house, "/v1/events", "k-slow", &batch(11)).await;
    assert_eq!(never.status, 413);
    assert!(never.json()["detail"].as_str().unwrap().contains("at most 10 events at once"), "{never:?}");
    assert_eq!(post(&house, "/v1/events", "k-slow", &batch(10)).await.status, 200);
    let late = post(&house, "/v1/events", "k-slow", &batch(10)).await;
    assert_eq!(late.status, 429);
    assert!(late.head.to_lowercase().contains("retry-after: "), "{late:?}");
    assert_eq!(post(&house, "/v1/events", "k-ops", &batch(20)).await.status, 200);
    house.close().await;
}

#[tokio::test]
async fn a_ticket_is_for_whom_the_key_looks_after() {
    let house = House::open(&yaml()).await;
    let ask = async |key: &str, body: Value| post(&house, "/v1/push/ticket", key, &body).await;
    for (key, body, expected) in [
        ("k-ann", json!({}), 200),
        ("k-ann", json!({"user": "ann"}), 200),
        ("k-ann", json!({"user": "me"}), 403),
        ("k-ann", json!({"live": true}), 200),
        ("k-ops", json!({"user": "me"}), 200),
        ("k-ops", json!({}), 400),
        ("k-ops", json!({"live": true, "user": "me"}), 400),
        ("k-ops", json!({"who": "me"}), 400),
        ("k-billing", json!({}), 403),
        ("k-billing", json!({"user": "ann"}), 403),
        ("wrong", json!({}), 401),
    ] {
        assert_eq!(ask(key, body.clone()).await.status, expected, "{key} {body}");
    }
    let ticket = async |key: &str, body: Value| ask(key, body).await.json()["ticket"].as_str().unwrap().to_owned();
    let connect = async |query: &str| {
        let headers = ["Accept: text/event-stream"];
        let head = format!("GET /v1/push?since=0{query} HTTP/1.1\r\nHost: localhost\r\n{}\r\n\r\n", headers[0]);
        super::raw(house.address, &head, "\r\n\r\n").await
    };
    let own = ticket("k-ops", json!({"user": "me"})).await;
    assert!(connect(&format!("&ticket={own}")).await.starts_with("HTTP/1.1 200"));
    assert!(connect(&format!("&ticket={own}")).await.starts_with("HTTP/1.1 401"));
    // One to see what happens opens nobody's messages.
    let live = ticket("k-ops", json!({"live": true})).await;
    assert!(connect(&format!("&ticket={live}")).await.starts_with("HTTP/1.1 401"));
    assert!(connect("").await.starts_with("HTTP/1.1 401"));
    // It opens that, once; one for messages does not.
    let watch = async |ticket: &str| {
        let head = format!("GET /v1/live?ticket={ticket} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        super::raw(house.address, &head, "\r\n\r\n").await
    };
    let live = ticket("k-ops", json!({"live": true})).await;
    assert!(watch(&live).await.starts_with("HTTP/1.1 200"));
    assert!(watch(&live).await.starts_with("HTTP/1.1 401"));
    assert!(watch(&ticket("k-ann", json!({})).await).await.starts_with("HTTP/1.1 401"));
    house.close().await;
}

#[tokio::test]
async fn without_keys_everybody_is_the_operator() {
    let house = House::open(QUIET).await;
    assert_eq!(house.post("/v1/push/ticket", &json!({"user": "me"})).await.status, 200);
    let head = "GET /v1/push?since=0&user=me HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";
    assert!(super::raw(house.address, head, "\r\n\r\n").await.starts_with("HTTP/1.1 200"));
    house.close().await;
}

#[tokio::test]
async fn an_address_that_others_reach_takes_keys() {
    let plan = |yaml: &str| config::load(yaml, &config::Options::default()).unwrap().0;
    for (yaml, refused) in [(QUIET.to_owned(), true), (yaml(), false)] {
        let notifier = Builder::from_plan(plan(&yaml)).unwrap().build().unwrap().start().await.unwrap();
        let app = App::new(notifier, plan(&yaml));
        app.begin_stop();
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let served = serve(listener, app).await;
        assert_eq!(served.is_err_and(|error| error.to_string().contains("server.keys")), refused, "{yaml}");
    }
}
