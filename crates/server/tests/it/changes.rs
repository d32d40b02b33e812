//! Many who change one person at once, somebody who is taken in, and ids that are none.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{
    house::{Answer, House},
    people::{ANN, KEYS, OPERATOR},
};

const PEOPLE: &str = "
channels: {post: {type: email, folder: ., from: 'a@example.com'}}
triggers:
  - {name: tool error, condition: 'event_type == \"tool.error\"', channels: [inbox], priority: high}
users: {ann: {email: ann@example.com, timezone: Europe/Zurich}, bob: {}}
";
const JSON: &str = "Content-Type: application/json";

async fn patch(house: &House, user: &str, headers: &[&str], body: &Value) -> Answer {
    let all: Vec<_> = headers.iter().copied().chain([JSON]).collect();
    house.ask(&format!("PATCH /v1/users/{user}"), &all, &body.to_string()).await
}

async fn version(house: &House, user: &str) -> u64 {
    house.get(&format!("/v1/users/{user}")).await.json()["version"].as_u64().unwrap()
}

#[tokio::test]
async fn of_twenty_who_read_the_same_one_wins() {
    let house = House::open(PEOPLE).await;
    let header = format!("If-Match: \"{}\"", version(&house, "ann").await);
    let change = async |number: usize| {
        let wishes = json!({"default": {"topics": {number.to_string(): false}}});
        house.put("/v1/users/ann/preferences", &[&header], &wishes).await.status
    };
    let mut answers = join_all((0..20).map(change)).await;
    answers.sort_unstable();
    assert_eq!((answers[0], &answers[1..]), (200, &[412; 19][..]));
    house.close().await;
}

#[tokio::test]
async fn of_twenty_who_set_no_condition_each_is_made() {
    let house = House::open(PEOPLE).await;
    let before = version(&house, "ann").await;
    let wish = async |number: usize| {
        let wishes = json!({"default": {"topics": {number.to_string(): false}}});
        house.put("/v1/users/ann/preferences", &[], &wishes).await.status
    };
    let reach = async |number: usize| {
        let zone = if number.is_multiple_of(2) { "Asia/Tokyo" } else { "UTC" };
        let contact = json!({"timezone": zone, "contacts": {"post": format!("ann{number}@example.com")}});
        patch(&house, "ann", &[], &contact).await.status
    };
    let (wishes, contacts) = tokio::join!(join_all((0..20).map(wish)), join_all((0..20).map(reach)));
    assert_eq!((wishes, contacts), (vec![200; 20], vec![200; 20]));
    // Neither kind of change lost the other's.
    let ann = house.get("/v1/users/ann").await.json();
    assert!(ann["preferences"]["default"]["topics"].is_object() && ann["contacts"]["post"].is_string(), "{ann}");
    assert!(version(&house, "ann").await <= before + 40);
    house.close().await;
}

#[tokio::test]
async fn somebody_is_taken_in_by_an_operator_who_says_so() {
    let house = House::open(&format!("{PEOPLE}{KEYS}")).await;
    let contact = json!({"contacts": {"email": "eve@example.com"}});
    let mistyped = patch(&house, "eve", &[OPERATOR], &contact).await;
    assert!(mistyped.status == 404 && mistyped.body.contains("\\\"new\\\": true"), "{mistyped:?}");
    let new = json!({"new": true, "contacts": {"email": "eve@example.com"}});
    assert_eq!(patch(&house, "eve", &[ANN], &new).await.status, 403);
    assert_eq!(patch(&house, "eve", &[OPERATOR, "If-Match: \"7\""], &new).await.status, 412);
    assert_eq!(patch(&house, "eve", &[OPERATOR], &json!({"new": true, "timezone": "Mars"})).await.status, 422);
    assert_eq!(house.ask("GET /v1/users/eve", &[OPERATOR], "").await.status, 404, "nothing was done by halves");
    let taken = patch(&house, "eve", &[OPERATOR, "If-Match: \"0\""], &new).await;
    assert_eq!((taken.status, &taken.json()["contacts"]["post"]), (200, &json!("ev***********om")), "{taken:?}");

    house.ask("POST /v1/events", &[OPERATOR, JSON], r#"{"event_type": "tool.error"}"#).await;
    house.settle().await;
    let inbox = house.ask("GET /v1/users/eve/inbox", &[OPERATOR], "").await.json();
    assert_eq!(inbox["unread"], 1, "whoever is there is told: {inbox}");
    house.close().await;
}

#[tokio::test]
async fn whom_the_configuration_names_comes_back_as_it_has_him() {
    let house = House::open(PEOPLE).await;
    assert_eq!(house.ask("DELETE /v1/users/ann", &[], "").await.status, 204);
    let wishes = house.put("/v1/users/ann/preferences", &[], &json!({})).await;
    assert_eq!(wishes.status, 404, "wishes take nobody in: {wishes:?}");
    let back = patch(&house, "ann", &[], &json!({"new": true})).await;
    assert_eq!((back.status, &back.json()["timezone"]), (200, &json!("Europe/Zurich")), "{back:?}");
    assert_eq!(back.json()["contacts"]["post"], "an***********om");
    house.close().await;
}

#[tokio::test]
async fn ids_that_are_none_take_nobody_in() {
    let house = House::open(PEOPLE).await;
    for id in ["%0a", "%20", "a%00b", &"x".repeat(10_000), "%1b%5b31m"] {
        let answer = patch(&house, id, &[], &json!({"new": true})).await;
        assert_eq!(answer.status, 422, "{id}: {answer:?}");
    }
    assert_eq!(patch(&house, "%ff", &[], &json!({"new": true})).await.status, 400);
    assert_eq!(house.get("/v1/users").await.json()["users"].as_array().unwrap().len(), 2);
    house.close().await;
}

#[tokio::test]
async fn keys_that_nobody_knows_are_refused_at_every_depth() {
    let house = House::open(PEOPLE).await;
    let check = async |wishes: Value, path: &str| {
        let answer = house.put("/v1/users/ann/preferences", &[], &wishes).await;
        let problems = &answer.json()["problems"];
        assert_eq!((answer.status, &problems[0]["path"]), (422, &json!(path)), "{answer:?}");
    };
    check(json!({"defalt": {}}), "defalt").await;
    check(json!({"agents": {"a": {"quiet_hour": {}}}}), "agents.a.quiet_hour").await;
    check(
        json!({"default": {"quiet_hours": {"from": "22:00", "to": "07:00", "polcy": "hold"}}}),
        "default.quiet_hours.polcy",
    )
    .await;
    assert_eq!(house.get("/v1/users/ann").await.json()["preferences"], Value::Null);
    house.close().await;
}
