//! Another configuration for a daemon that runs: what changes, what does not, and who may ask for it.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::house::House;

const BASE: &str = r#"
triggers:
  - {name: open, condition: load > 5 resolve when load < 1, channels: [inbox], user_ids: [ann], cooldown_seconds: 0}
users: {ann: {}}
"#;

async fn reload(house: &House, yaml: String) -> (u16, Value) {
    *house.yaml.lock().unwrap() = yaml;
    let answer = house.post("/v1/reload", &json!({})).await;
    (answer.status, answer.json())
}

async fn load(house: &House, load: u32) {
    let answer =
        house.post("/v1/events", &json!({"event_type": "custom.load", "agent_id": "a", "data": {"load": load}})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    house.settle().await;
}

async fn titles(house: &House) -> Vec<String> {
    let all = house.notifier.store().inbox_since("ann", 0, 100).await.unwrap();
    let title = |content: &str| serde_json::from_str::<Value>(content).unwrap()["title"].as_str().unwrap().to_owned();
    all.iter().map(|row| title(&row.content)).collect()
}

#[tokio::test]
async fn an_incident_outlives_a_reload_and_the_answer_names_what_changed() {
    let house = House::open(BASE).await;
    load(&house, 9).await;
    let next = BASE
        .replace("triggers:", "triggers:\n  - {name: hot, condition: load > 70, channels: [inbox], user_ids: [ann]}");
    let (status, told) = reload(&house, next).await;
    assert_eq!((status, &told["changed"]), (200, &json!(true)), "{told:#}");
    assert_eq!((&told["rules"]["added"], &told["rules"]["kept"]), (&json!(["hot"]), &json!(1)));
    assert_eq!((&told["restart"], &told["left_open"]), (&json!([]), &json!([])));
    load(&house, 90).await;
    load(&house, 0).await;
    assert_eq!(titles(&house).await, ["open", "hot", "Resolved: open"]);
    let same = house.yaml.lock().unwrap().clone();
    let (_, told) = reload(&house, same).await;
    assert_eq!(told["changed"], false);
    house.close().await;
}

#[tokio::test]
async fn a_configuration_that_is_wrong_changes_nothing() {
    let house = House::open(BASE).await;
    let (status, told) = reload(&house, BASE.replace("load > 5", "load > ").replace("[ann]", "[nan]")).await;
    assert_eq!(status, 422);
    let problems = told["problems"].as_array().unwrap();
    assert!(problems.len() >= 2, "{told:#}");
    assert!(problems.iter().any(|problem| problem["path"].as_str().unwrap().contains("condition")), "{told:#}");
    load(&house, 9).await;
    assert_eq!(titles(&house).await, ["open"]);
    house.close().await;
}

#[tokio::test]
async fn only_an_operator_reloads_and_keys_change_with_it() {
    let key = |name: &str, text: &str, more: &str| {
        let hash: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("    - {{name: {name}, sha256: \"{hash}\"{more}}}\n")
    };
    let with = |keys: &[String]| format!("{BASE}server:\n  keys:\n{}", keys.concat());
    let agent = key("agent", "agent-key-1", ", agents: [a]");
    let house = House::open(&with(&[key("ops", "ops-key-1", ""), agent.clone()])).await;
    *house.yaml.lock().unwrap() = with(&[key("ops", "ops-key-2", ""), agent]);
    let ask = async |key: &str| {
        let header = format!("Authorization: Bearer {key}");
        house.ask("POST /v1/reload", &[&header], "").await.status
    };
    assert_eq!(ask("agent-key-1").await, 403);
    assert_eq!(ask("ops-key-2").await, 401);
    assert_eq!(ask("ops-key-1").await, 200);
    assert_eq!(ask("ops-key-1").await, 401);
    assert_eq!(ask("ops-key-2").await, 200);
    house.close().await;
}
