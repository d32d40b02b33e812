//! What can be read of a daemon: the log with its exports, explanations, events, messages; and what is sent again. Whose key sees what.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tidings_testkit::{HttpPeer, Script};

use super::house::{Answer, House};

const RULES: &str = "
triggers:
  - {name: tool error, condition: 'event_type == \"tool.error\"', channels: [inbox], priority: high, cooldown_seconds: 0s,
     title: '{{ agent_id }} failed: {{ data.error }}', user_ids: [ann]}
users: {ann: {}, bob: {}}
";

/// These rules and three keys: an operator's, one of the agents `bill-*`, and Bob's.
pub(crate) fn with_keys(rules: &str) -> String {
    let hash = |key: &str| Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!(
        "{rules}\nserver:\n  keys:\n    - {{name: ops, sha256: {}}}\n    - {{name: biller, sha256: {}, agents: [\"bill-*\"]}}\n    \
         - {{name: bob, sha256: {}, user: bob}}\n",
        hash("ops-key"),
        hash("agents-key"),
        hash("bobs-key")
    )
}

async fn emit(house: &House, agent: &str, error: &str) -> String {
    let event = json!({"event_type": "tool.error", "agent_id": agent, "data": {"error": error}});
    let answer = house.post("/v1/events", &event).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    house.settle().await;
    answer.json()["results"][0]["id"].as_str().unwrap().to_owned()
}

fn steps(answer: &Answer) -> Vec<String> {
    let entries = answer.json()["entries"].as_array().unwrap().clone();
    entries.iter().map(|entry| entry["step"].as_str().unwrap().to_owned()).collect()
}

/// The body of an answer that comes in pieces.
fn pieced(answer: &Answer) -> String {
    let (mut rest, mut whole) = (answer.body.as_str(), String::new());
    while let Some((size, more)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        if size == 0 {
            break;
        }
        whole.push_str(&more[..size]);
        rest = more[size..].trim_start_matches("\r\n");
    }
    whole
}

#[tokio::test]
async fn the_log_is_read_a_page_at_a_time_and_without_secrets() {
    let house = House::open(RULES).await;
    let secret = format!("sk-ant-api03-{}", "a1B2".repeat(20));
    let event = emit(&house, "billing", &format!("key {secret}")).await;
    let all = house.get(&format!("/v1/deliveries?event={event}")).await;
    assert_eq!(steps(&all), ["complete", "delivered", "planned", "fired"]);
    assert!(!all.body.contains(&secret) && all.body.contains("REDACTED"), "{}", all.body);
    assert_eq!(all.json()["next"], Value::Null);
    let first = house.get(&format!("/v1/deliveries?event={event}&limit=3")).await;
    let next = first.json()["next"].as_u64().unwrap();
    let second = house.get(&format!("/v1/deliveries?event={event}&limit=3&before={next}")).await;
    assert_eq!((steps(&first).len(), steps(&second)), (3, vec!["fired".to_owned()]));
    assert_eq!(steps(&house.get("/v1/deliveries?step=delivered&step=fired&user=ann").await), ["delivered"]);
    assert_eq!(house.get("/v1/deliveries?limit=5000").await.status, 400);
    house.close().await;
}

#[tokio::test]
async fn an_export_is_a_download_that_no_spreadsheet_reckons_out() {
    let house = House::open(RULES).await;
    for word in ["this", "that", "more"] {
        emit(&house, &format!("=cmd({word})"), &format!("it is {word}, \"quoted\"")).await;
    }
    let csv = house.get("/v1/deliveries?format=csv&step=planned&limit=2").await;
    assert!(csv.head.to_lowercase().contains("content-disposition: attachment"), "{}", csv.head);
    let lines = pieced(&csv);
    assert_eq!(lines.matches("\r\n").count(), 3, "{lines}");
    assert!(
        lines.starts_with("number,at,") && lines.contains(",'=cmd(that),") && lines.contains("\"\"title\"\":"),
        "{lines}"
    );
    let ndjson = pieced(&house.get("/v1/deliveries?format=ndjson&step=planned").await);
    let read: Vec<Value> = ndjson.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((read.len(), &read[0]["agent"]), (3, &json!("=cmd(more)")));
    house.close().await;
}

#[tokio::test]
async fn a_decision_is_explained_as_json_and_as_text() {
    let house = House::open(RULES).await;
    let event = emit(&house, "billing", "x").await;
    let explained = house.get(&format!("/v1/explain/{event}")).await.json();
    assert_eq!((&explained["subject"], &explained["notifications"][0]["user"]), (&json!("event"), &json!("ann")));
    let id = explained["notifications"][0]["id"].as_str().unwrap();
    let told = house.get(&format!("/v1/notifications/{id}")).await.json();
    assert_eq!((&told["id"], &told["standing"]["status"]), (&json!(id), &json!("complete")));
    let text = house.get(&format!("/v1/explain/{id}?format=text")).await;
    assert!(text.head.contains("text/plain") && text.body.contains("billing failed: x"), "{text:?}");
    assert_eq!(house.get("/v1/explain/nothing").await.status, 404);
    assert_eq!(house.get(&format!("/v1/explain/{id}?format=xml")).await.status, 400);
    assert_eq!(house.get(&format!("/v1/notifications/{event}")).await.status, 404);
    house.close().await;
}

#[tokio::test]
async fn a_message_goes_to_people_by_name_only() {
    let house = House::open(RULES).await;
    let body = json!({"title": "hello", "users": ["ann"], "channels": ["inbox"], "dedup_key": "k"});
    let told = house.post("/v1/notifications", &body).await.json();
    assert_eq!((&told["told"][0]["user"], &told["told"][0]["answer"]), (&json!("ann"), &json!("planned")));
    let again = house.post("/v1/notifications", &body).await.json();
    assert_eq!((&again["told"][0]["answer"], &again["told"][0]["of"]), (&json!("duplicate"), &told["told"][0]["id"]));
    let refused = |body: Value, hint: &'static str| {
        let house = &house;
        async move {
            let answer = house.post("/v1/notifications", &body).await;
            assert_eq!(answer.status, 422, "{answer:?}");
            assert!(answer.body.contains(hint), "{answer:?}");
        }
    };
    refused(json!({"title": "x", "users": ["anne"]}), "did you mean `ann`?").await;
    refused(json!({"title": "x", "users": ["ann@example.com"]}), "known are ann, bob").await;
    refused(json!({"title": "x", "channels": ["inbx"]}), "did you mean `inbox`?").await;
    refused(json!({"title": ""}), "`title`").await;
    house.close().await;
}

#[tokio::test]
async fn a_key_sends_as_many_messages_as_it_may() {
    let house = House::open(&with_keys(RULES).replace("agents: [\"bill-*\"]", "agents: [\"bill-*\"], rate: 1")).await;
    let headers = ["Authorization: Bearer agents-key", "Content-Type: application/json"];
    let mut sent = 0;
    let refused = loop {
        let body = json!({"title": format!("message {sent}"), "users": ["ann"], "agent": "bill-1"}).to_string();
        let answer = house.ask("POST /v1/notifications", &headers, &body).await;
        if answer.status != 200 {
            break answer;
        }
        sent += 1;
        assert!(sent < 1_000, "there is no end to it");
    };
    assert!(sent >= 10 && refused.status == 429 && refused.head.contains("retry-after: "), "{sent} {refused:?}");
    house.close().await;
}

#[tokio::test]
async fn a_key_sees_what_is_its_business() {
    let house = House::open(&with_keys(RULES)).await;
    let as_key = |key: &'static str, line: String| {
        let house = &house;
        async move {
            house.ask(&line, &[&format!("Authorization: Bearer {key}"), "Content-Type: application/json"], "").await
        }
    };
    let mut ids = Vec::new();
    for agent in ["bill-1", "other"] {
        let event = json!({"event_type": "tool.error", "agent_id": agent, "data": {"error": "x"}}).to_string();
        let headers = ["Authorization: Bearer ops-key", "Content-Type: application/json"];
        let answer = house.ask("POST /v1/events", &headers, &event).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        house.settle().await;
        ids.push(answer.json()["results"][0]["id"].as_str().unwrap().to_owned());
    }
    let count = async |key: &'static str, path: &str, list: &str| {
        let answer = as_key(key, format!("GET {path}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()[list].as_array().unwrap().len()
    };
    for (key, entries, events) in [("ops-key", 8, 2), ("agents-key", 4, 1), ("bobs-key", 0, 0)] {
        assert_eq!(count(key, "/v1/deliveries", "entries").await, entries, "{key}");
        assert_eq!(count(key, "/v1/events", "events").await, events, "{key}");
    }
    let status = async |key: &'static str, line: &str| as_key(key, line.to_owned()).await.status;
    for (key, expected) in
        [("ops-key", [200, 200]), ("agents-key", [200, 404]), ("bobs-key", [404, 404]), ("no", [401, 401])]
    {
        let got = [
            status(key, &format!("GET /v1/explain/{}", ids[0])).await,
            status(key, &format!("GET /v1/explain/{}", ids[1])).await,
        ];
        assert_eq!(got, expected, "{key}");
    }
    assert_eq!(status("bobs-key", "GET /v1/deliveries?user=ann").await, 403);
    for path in ["GET /v1/now", "GET /metrics", &format!("POST /v1/deliveries/{}/retry", ids[0])] {
        assert_eq!((status("agents-key", path).await, status("bobs-key", path).await), (403, 403), "{path}");
    }
    house.close().await;
}

#[tokio::test]
async fn what_was_given_up_is_sent_again_once() {
    let peer = HttpPeer::start(Script::statuses([400, 200])).await.unwrap();
    let yaml = format!(
        "channels:\n  hook: {{type: webhook, url: \"{}\", allow_private_networks: true, retry: []}}\n\
         triggers:\n  - {{name: r, condition: 'event_type == \"tool.error\"', channels: [hook], user_ids: [ann], cooldown_seconds: 0s}}\n\
         users: {{ann: {{}}}}\n",
        peer.url("/")
    );
    let house = House::open(&yaml).await;
    emit(&house, "billing", "x").await;
    let dead = house.get("/v1/deliveries?step=dead").await.json()["entries"][0].clone();
    let id = dead["delivery"].as_str().unwrap();
    let needs = house.get("/v1/now").await.json()["needs"].clone();
    assert_eq!((&needs[0]["kind"], &needs[0]["id"]), (&json!("dead"), &json!(id)), "{needs}");
    let again = house.post(&format!("/v1/deliveries/{id}/retry"), &json!({})).await;
    assert_eq!(again.status, 200, "{again:?}");
    let new = again.json()["delivery"].as_str().unwrap().to_owned();
    house.settle().await;
    assert_ne!(new, id);
    let log = house.get(&format!("/v1/deliveries?delivery={new}")).await;
    assert_eq!(steps(&log), ["delivered", "retry"]);
    assert_eq!(log.json()["entries"][1]["detail"]["instead_of"], json!(id));
    assert_eq!(log.json()["entries"][1]["detail"]["author"], json!("local"));
    let told = house.get(&format!("/v1/notifications/{}", dead["notification"].as_str().unwrap())).await.json();
    let states: Vec<_> = told["deliveries"].as_array().unwrap().iter().map(|told| told["state"].clone()).collect();
    assert_eq!(states, ["dead", "delivered"]);
    let account = house.notifier.account().await;
    assert_eq!(account.closes(), Ok(()));
    assert_eq!((account.deliveries.made, account.deliveries.dead, account.deliveries.delivered), (2, 1, 1));
    assert_eq!(house.get("/v1/now").await.json()["needs"], json!([]));
    for (id, expected) in [(id, "sent again before"), (&new, "it has arrived")] {
        let refused = house.post(&format!("/v1/deliveries/{id}/retry"), &json!({})).await;
        assert!(refused.status == 409 && refused.body.contains(expected), "{refused:?}");
    }
    assert_eq!(house.post("/v1/deliveries/00000000000000000000000000000000/retry", &json!({})).await.status, 404);
    house.close().await;
}

#[tokio::test]
async fn events_are_read_newest_first() {
    let house = House::open(RULES).await;
    for (agent, kind) in [("a", "tool.error"), ("b", "tool.error"), ("a", "custom.x"), ("a", "tool.error")] {
        let event = json!({"event_type": kind, "agent_id": agent, "data": {"password": "hunter2"}});
        assert_eq!(house.post("/v1/events", &event).await.status, 200);
    }
    let numbers = async |query: &str| {
        let answer = house.get(&format!("/v1/events{query}")).await;
        assert!(answer.status == 200 && !answer.body.contains("hunter2"), "{answer:?}");
        let found = answer.json();
        let numbers = found["events"].as_array().unwrap().iter().map(|event| event["number"].as_u64().unwrap());
        (numbers.collect::<Vec<_>>(), found["next"].as_u64())
    };
    assert_eq!(numbers("").await, (vec![4, 3, 2, 1], None));
    assert_eq!(numbers("?limit=3").await, (vec![4, 3, 2], Some(2)));
    assert_eq!(numbers("?before=2").await, (vec![1], None));
    assert_eq!(numbers("?agent=a&type=tool.error").await, (vec![4, 1], None));
    assert_eq!(numbers("?severity=critical").await, (vec![], None));
    assert_eq!(house.get("/v1/events?severity=loud").await.status, 400);
    assert_eq!(house.get("/v1/events?limit=0").await.status, 400);
    house.close().await;
}
