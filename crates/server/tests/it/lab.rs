//! The rules lab by HTTP: a condition tried, a sample to try it on, a rule held against what was stored.

use serde_json::{Value, json};

use super::house::House;

const RULES: &str = "
triggers:
  - {name: tool error, condition: 'event_type == \"tool.error\"', channels: [inbox], priority: high, cooldown_seconds: 0, dedup_key: '{{ data.rate }}'}
users: {ann: {}, bob: {}}
";

async fn with_events(count: usize) -> House {
    let house = House::open(RULES).await;
    for number in 0..count {
        let data = json!({"rate": number as f64 / 10.0, "api_key": "sk-live-hunter2"});
        let event = json!({"event_type": "tool.error", "agent_id": format!("agent-{}", number % 2), "data": data});
        assert_eq!(house.post("/v1/events", &event).await.status, 200);
    }
    house.settle().await;
    house
}

#[tokio::test]
async fn rules_are_told_as_they_run() {
    let house = with_events(1).await;
    let rules = house.get("/v1/rules").await.json();
    let rule = &rules["rules"][0];
    assert_eq!((&rule["name"], &rule["condition"]), (&json!("tool error"), &json!("event_type == \"tool.error\"")));
    assert_eq!((&rule["users"], &rule["agent"], &rule["cooldown"]), (&json!("all"), &json!("*"), &json!(0.0)));
    assert_eq!(rule["account"]["fired"], 1, "{rule}");
    assert_eq!(rule["dedup_key"], "{{ data.rate }}", "{rule}");
    // What is told can be put back as it is: the lab of the page does that.
    let mut same = rule.clone();
    same.as_object_mut().unwrap().remove("account");
    let told = house.post("/v1/rules/backtest", &json!({"rule": same, "replaces": "tool error"})).await.json();
    assert_eq!(told["now"]["total"], told["then"]["total"], "{told}");
    house.close().await;
}

#[tokio::test]
async fn a_wrong_condition_is_an_answer() {
    let house = House::open(RULES).await;
    let tried = house.post("/v1/rules/try", &json!({"condition": "rate > ", "event": {"data": {"rate": 1}}})).await;
    assert_eq!(tried.status, 200, "{tried:?}");
    assert_eq!(tried.json()["diagnostics"][0]["level"], "error", "{tried:?}");
    let tried = house.post("/v1/rules/try", &json!({"condition": "rate > 0.5", "event": {"data": {"rate": 1}}})).await;
    assert_eq!(tried.json()["verdict"], "fire", "{tried:?}");
    let none = house.post("/v1/rules/try", &json!({"condition": "x > 1", "event": {"event_type": 7}})).await;
    assert_eq!(none.status, 422, "{none:?}");
    house.close().await;
}

#[tokio::test]
async fn a_sample_is_the_newest_that_fits_without_its_secrets() {
    let house = with_events(3).await;
    let sample = house.get("/v1/rules/sample?agent=agent-1&type=tool.error").await;
    assert!(!sample.body.contains("hunter2"), "{sample:?}");
    let sample = sample.json();
    assert_eq!((&sample["stored"], &sample["event"]["data"]["rate"]), (&json!(true), &json!(0.1)), "{sample}");
    let made_up = house.get("/v1/rules/sample?type=budget.exceeded").await.json();
    assert_eq!((&made_up["stored"], &made_up["event"]["severity"]), (&json!(false), &json!("critical")), "{made_up}");
    // What is given can be tried as it is.
    let tried = house.post("/v1/rules/try", &json!({"condition": "spent > limit", "event": made_up["event"]})).await;
    assert_eq!(tried.json()["verdict"], "fire", "{tried:?}");
    house.close().await;
}

#[tokio::test]
async fn a_rule_is_held_against_what_was_stored() {
    let house = with_events(6).await;
    let rule = json!({"name": "fast", "condition": "rate > 0.35", "channels": ["inbox"], "users": ["ann"], "cooldown": 0, "title": "rate {{ data.rate }}"});
    let answer = house.post("/v1/rules/backtest", &json!({"rule": rule, "hours": 1})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(!answer.body.contains("hunter2"), "{answer:?}");
    let told = answer.json();
    assert_eq!((&told["events"], &told["cut"]), (&json!(6), &Value::Null));
    assert_eq!(told["now"]["rules"].get("fast"), None);
    assert_eq!(
        (&told["then"]["rules"]["fast"]["fired"], &told["difference"]["total"]["fired"]),
        (&json!(2), &json!(2)),
        "{told}"
    );
    let examples = told["examples"].as_array().unwrap();
    assert_eq!((examples.len(), &examples[0]["user"], &examples[0]["title"]), (2, &json!("ann"), &json!("rate 0.4")));

    let instead = json!({"rule": {"name": "tool error", "condition": "rate > 99", "channels": ["inbox"]}, "replaces": "tool error"});
    let told = house.post("/v1/rules/backtest", &instead).await.json();
    assert_eq!(told["then"]["total"]["fired"], 0, "{told}");
    assert!(told["difference"]["total"]["fired"].as_i64().unwrap() < 0, "{told}");
    house.close().await;
}

#[tokio::test]
async fn people_count_as_they_stand_now() {
    let house = with_events(2).await;
    house.put("/v1/users/bob/preferences", &[], &json!({"default": {"inbox": false}})).await;
    let same =
        json!({"rule": {"name": "tool error", "condition": "event_type == \"tool.error\"", "channels": ["inbox"]}});
    let told = house.post("/v1/rules/backtest", &same).await.json();
    let told = &told["now"]["users"]["bob"];
    assert_eq!(told["messages"], 0, "{told}");
    assert_eq!(told["suppressed"]["denied"]["channel_off"], 2, "{told}");
    house.close().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_rule_is_told_under_its_keys() {
    let house = House::open(RULES).await;
    let check = async |rule: Value, path: &str, expected: &str| {
        let answer = house.post("/v1/rules/backtest", &json!({"rule": rule})).await;
        assert_eq!(answer.status, 422, "{answer:?}");
        let problem = &answer.json()["problems"][0];
        assert_eq!(problem["path"], path, "{answer:?}");
        assert!(problem["message"].as_str().unwrap().contains(expected), "{answer:?}");
    };
    check(json!({"name": "a", "condition": "x >", "channels": ["inbox"]}), "condition", "").await;
    check(json!({"name": "a", "condition": "x > 1", "channels": ["inbx"]}), "channels[0]", "did you mean `inbox`?")
        .await;
    check(
        json!({"name": "a", "condition": "x > 1", "channels": ["inbox"], "users": ["an"]}),
        "users[0]",
        "did you mean `ann`?",
    )
    .await;
    check(
        json!({"name": "a", "condition": "x > 1", "channels": ["inbox"], "cooldown": "soon"}),
        "cooldown",
        "a duration",
    )
    .await;
    check(json!({"name": "a", "condition": "x > 1", "channels": ["inbox"], "colour": 1}), "colour", "unknown").await;
    check(json!({"name": "a", "channels": ["inbox"]}), "", "`condition` is missing").await;
    let good = json!({"name": "a", "condition": "x > 1", "channels": ["inbox"]});
    for wrong in [json!({"rule": good, "hours": -1}), json!({"rule": good, "replaces": "b"}), json!({"rule": 1})] {
        let answer = house.post("/v1/rules/backtest", &wrong).await;
        assert_eq!(answer.status, 422, "{wrong}: {answer:?}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_backtest_has_the_words_of_the_real_run() {
    let house = with_events(3).await;
    // Told before: the key is the same.
    for _ in 0..2 {
        let event = json!({"event_type": "tool.error", "agent_id": "agent-9", "data": {"rate": 0.1}, "timestamp": house.app.now()});
        assert_eq!(house.post("/v1/events", &event).await.status, 200);
    }
    house.settle().await;
    let account = house.notifier.account().await;
    let rule = &house.get("/v1/rules").await.json()["rules"][0];
    let same = json!({"rule": {"name": "other", "condition": "rate > 99", "channels": ["inbox"]}});
    let told = house.post("/v1/rules/backtest", &same).await.json();
    let total = &told["now"]["total"];
    assert_eq!(total["fired"], rule["account"]["fired"], "{told}");
    let counts = account.notifications;
    assert_eq!(
        (&total["made"], &total["suppressed"]["duplicate"]),
        (&json!(counts.made), &json!(counts.duplicate)),
        "{told}"
    );
    assert!(counts.duplicate > 0, "{counts:?}");
    house.close().await;
}

#[tokio::test]
async fn hostile_conditions_are_answered() {
    let house = with_events(1).await;
    let long = "x".repeat(64 * 1024);
    let sources = [
        "(".repeat(64 * 1024),
        "!".repeat(64 * 1024),
        "a&&".repeat(20_000),
        format!("{}a", "a&&".repeat(20_000)),
        format!("{}a", "a||".repeat(300)),
        format!("{}a > 1", "a + ".repeat(1_000)),
        "\u{1f600}".repeat(16 * 1024),
        format!("\"{long}"),
        "x.".repeat(30_000),
        "\u{202e}a > 1\u{0}".to_owned(),
        format!("message matches \"{}\"", "(a+)+".repeat(1_000)),
    ];
    for source in sources {
        let start: String = source.chars().take(8).collect();
        let tried = house.post("/v1/rules/try", &json!({"condition": source, "event": {"data": {"x": 1}}})).await;
        assert_eq!(tried.status, 200, "{start}");
        for mark in tried.json()["diagnostics"].as_array().unwrap() {
            let (from, to) = (mark["from"].as_u64().unwrap() as usize, mark["to"].as_u64().unwrap() as usize);
            assert!(from <= to && source.is_char_boundary(from) && source.is_char_boundary(to), "{start}: {mark}");
        }
        let rule = json!({"rule": {"name": "a", "condition": source, "channels": ["inbox"]}});
        let answer = house.post("/v1/rules/backtest", &rule).await;
        assert!([200, 422].contains(&answer.status), "{start}: {}", answer.status);
    }
    house.close().await;
}
