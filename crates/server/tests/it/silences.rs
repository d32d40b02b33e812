//! Silences by HTTP: begun, listed, ended, and refused with what is wrong.

use serde_json::{Value, json};

use super::house::House;

const RULES: &str = "
triggers:
  - {name: tool error, condition: 'event_type == \"tool.error\"', channels: [inbox], priority: high}
users: {ann: {}, bob: {}}
";

#[tokio::test]
async fn a_silence_is_begun_seen_and_ended() {
    let house = House::open(RULES).await;
    let new = json!({"matcher": {"rule": "tool error"}, "for": "2h", "reason": "deploy"});
    let begun = house.post("/v1/silences", &new).await;
    assert_eq!(begun.status, 201, "{begun:?}");
    let begun = begun.json();
    assert_eq!((&begun["state"], &begun["author"]), (&json!("active"), &json!("local")));
    let span = begun["until"].as_f64().unwrap() - begun["from"].as_f64().unwrap();
    assert!((7_199.0..7_202.0).contains(&span), "{begun}");

    let answer = house.post("/v1/events", &json!({"event_type": "tool.error", "agent_id": "a"})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    house.settle().await;
    assert_eq!(house.notifier.account().await.notifications.silenced, 2);

    let id = begun["id"].as_str().unwrap();
    let listed = house.get("/v1/silences").await.json();
    assert_eq!((&listed["silences"][0]["id"], &listed["silences"][0]["active"]), (&json!(id), &json!(true)));
    let ended = house.ask(&format!("DELETE /v1/silences/{id}"), &[], "").await;
    assert_eq!((ended.status, &ended.json()["state"]), (200, &json!("over")), "{ended:?}");
    assert_eq!(house.ask("DELETE /v1/silences/nothing", &[], "").await.status, 404);
    house.close().await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_what_to_do() {
    let house = House::open(RULES).await;
    let check = async |body: Value, status: u16, expected: &str| {
        let answer = house.post("/v1/silences", &body).await;
        assert_eq!(answer.status, status, "{body}: {answer:?}");
        assert!(answer.body.contains(expected), "{body}: {answer:?}");
    };
    check(json!({"matcher": {}, "for": "1h", "reason": "x"}), 422, "it would silence everything").await;
    check(json!({"matcher": {"rule": "x"}, "reason": "x"}), 422, "say how long").await;
    check(json!({"matcher": {"rule": "x"}, "for": "1h", "until": 1, "reason": "x"}), 422, "not both").await;
    check(json!({"matcher": {"rule": "x"}, "for": "later", "reason": "x"}), 422, "a span such as").await;
    check(json!({"matcher": {"rule": "x"}, "for": "-1h", "reason": "x"}), 422, "a span such as").await;
    check(json!({"matcher": {"rule": "x"}, "for": "9999d", "reason": "x"}), 422, "longer than a year").await;
    check(json!({"matcher": {"rule": "x"}, "for": "1h", "reason": ""}), 422, "the reason is empty").await;
    check(json!({"matcher": {"rules": "x"}, "for": "1h", "reason": "x"}), 422, "unknown field `rules`").await;
    check(json!({"matcher": {"rule": "x"}, "until": "soon", "reason": "x"}), 422, "line 1, column").await;
    // A name that nobody knows may come later: it is taken, and said.
    check(json!({"matcher": {"rule": "tool eror"}, "for": "1h", "reason": "x"}), 201, "did you mean `tool error`?")
        .await;
    let form = "Content-Type: application/x-www-form-urlencoded";
    assert_eq!(house.ask("POST /v1/silences", &[form], "a=b").await.status, 415);
    house.close().await;
}

#[tokio::test]
async fn a_person_silences_no_one_else() {
    let house = House::open(&format!("{RULES}{}", super::people::KEYS)).await;
    let ann = super::people::ANN;
    let post = async |user: &str, key: &str| {
        let body = json!({"matcher": {"user": user}, "for": "1h", "reason": "meeting", "author": "somebody else"});
        house.ask("POST /v1/silences", &[key, "Content-Type: application/json"], &body.to_string()).await
    };
    assert_eq!(post("bob", ann).await.status, 403);
    let own = post("ann", ann).await;
    assert_eq!((own.status, &own.json()["author"]), (201, &json!("anns")), "{own:?}");
    let of_bob = post("bob", super::people::OPERATOR).await.json();
    assert_eq!(of_bob["author"], "somebody else");
    let seen = house.ask("GET /v1/silences", &[ann], "").await.json();
    assert_eq!(seen["silences"].as_array().unwrap().len(), 1);
    let id = of_bob["id"].as_str().unwrap();
    assert_eq!(house.ask(&format!("DELETE /v1/silences/{id}"), &[ann], "").await.status, 404);
    house.close().await;
}

#[tokio::test]
async fn a_persons_silences_leave_room_for_others() {
    let house = House::open(&format!("{RULES}{}", super::people::KEYS)).await;
    let body = json!({"matcher": {"user": "ann"}, "for": "1h", "reason": "meeting"}).to_string();
    let post = async |key| house.ask("POST /v1/silences", &[key, "Content-Type: application/json"], &body).await;
    for _ in 0..20 {
        assert_eq!(post(super::people::ANN).await.status, 201);
    }
    let more = post(super::people::ANN).await;
    assert!(more.status == 409 && more.body.contains("end some of them"), "{more:?}");
    assert_eq!(post(super::people::OPERATOR).await.status, 201);
    house.close().await;
}
