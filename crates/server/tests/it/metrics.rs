//! The metrics as a scraper reads them.

use std::collections::BTreeMap;

use serde_json::json;

use super::house::House;

const RULES: &str = "
triggers:
  - {name: 'the \"rule\"', condition: 'event_type == \"tool.error\"', channels: [inbox], cooldown_seconds: 0s, user_ids: [ann]}
users: {ann: {}}
";

/// Every value by its name and labels, read as Prometheus reads them: each metric is one block, told once, of a kind that is known.
fn read(text: &str) -> BTreeMap<String, f64> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/metrics.md");
    let guide = std::fs::read_to_string(path).unwrap();
    let (mut values, mut kinds, mut helps) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(told) = line.strip_prefix("# TYPE ") {
            let (name, kind) = told.split_once(' ').unwrap();
            assert!(["counter", "gauge", "histogram", "summary"].contains(&kind), "{line}");
            assert!(kinds.insert(name.to_owned(), kind.to_owned()).is_none(), "told twice: {line}");
            assert!(name.starts_with("tidings_") || name.starts_with("process_"), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            assert_eq!(helps.last(), Some(&name), "no help: {line}");
            assert!(guide.contains(&format!("`{name}`")), "the guide does not tell of it: {line}");
            continue;
        }
        if let Some(told) = line.strip_prefix("# HELP ") {
            let (name, help) = told.split_once(' ').unwrap();
            assert!(help.ends_with('.'), "{line}");
            helps.push(name);
            continue;
        }
        assert!(!line.starts_with('#'), "{line}");
        let (key, value) = line.rsplit_once(' ').unwrap();
        let value: f64 = value.parse().unwrap_or_else(|_| panic!("{line}"));
        let name = key.split('{').next().unwrap();
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        assert!(kinds.contains_key(name) || kinds.contains_key(base), "no kind: {line}");
        assert!(values.insert(key.to_owned(), value).is_none(), "told twice: {line}");
    }
    values
}

#[tokio::test]
async fn a_scrape_tells_what_happened() {
    let house = House::open(RULES).await;
    for agent in ["agent-7f3a", "agent-7f3b"] {
        let event = json!({"event_type": "tool.error", "agent_id": agent, "user_id": "user-9c1d", "id": agent});
        assert_eq!(house.post("/v1/events", &event).await.status, 200);
        assert_eq!(house.post("/v1/events", &event).await.status, 200);
    }
    house.settle().await;
    assert_eq!(house.get("/never/heard/of-7e1f").await.status, 404);
    let answer = house.get("/metrics").await;
    assert!(answer.head.contains("text/plain; version=0.0.4"), "{}", answer.head);
    let values = read(&answer.body);
    let check = |key: &str, expected: f64| assert_eq!(values.get(key), Some(&expected), "{key}: {values:#?}");
    check("tidings_events_total{outcome=\"planned\"}", 2.0);
    check("tidings_events_total{outcome=\"duplicate\"}", 2.0);
    check("tidings_rule_evaluations_total{rule=\"the \\\"rule\\\"\",outcome=\"fired\"}", 2.0);
    check("tidings_notifications_total{outcome=\"planned\"}", 2.0);
    check("tidings_deliveries_total{channel=\"inbox\",outcome=\"delivered\"}", 2.0);
    check("tidings_deliveries_waiting{channel=\"inbox\"}", 0.0);
    check("tidings_breaker_state{endpoint=\"inbox\"}", 0.0);
    check("tidings_queue_events", 0.0);
    check("tidings_push_sessions", 0.0);
    // All daemons of this process share what is counted by the facade.
    let has = |start: &str| values.iter().any(|(key, value)| key.starts_with(start) && *value >= 1.0);
    assert!(
        has("tidings_http_requests_total{route=\"/v1/events\"") && has("tidings_http_requests_total{route=\"none\"")
    );
    assert!(has("tidings_http_request_seconds_count{route=\"/v1/events\"}"));
    assert!(has("tidings_attempts_total{") && has("tidings_attempt_seconds_count{endpoint=\"inbox\"}"));
    assert!(has("tidings_build_info{version="));
    for bounded in ["agent-7f3", "user-9c1d", "7e1f"] {
        assert!(!answer.body.contains(bounded), "{bounded} is a label: {}", answer.body);
    }
    house.close().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_scrape_tells_what_the_process_takes() {
    let house = House::open(RULES).await;
    let values = read(&house.get("/metrics").await.body);
    assert!(values["process_resident_memory_bytes"] > 1e6 && values["process_cpu_seconds_total"] >= 0.0, "{values:#?}");
    house.close().await;
}
