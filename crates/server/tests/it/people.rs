//! People by HTTP: what they wish, changed without losing another's change; what would become of a message; what lies in their inboxes.

use serde_json::{Value, json};

use super::house::{Answer, House};

/// The keys `operators-key` and `anns-key`, by their hashes.
pub(crate) const KEYS: &str = "
server:
  keys:
    - {name: ops, sha256: efbefc3cb71091b4504c341e37fe4e036397126ebc37ff35d3bea9cd056abf66}
    - {name: anns, sha256: 7cd8145681af72fc74f4fec2f3b2a0431d26f79d97e1b3aaa5630863e71a3d0a, user: ann}
";
pub(crate) const OPERATOR: &str = "Authorization: Bearer operators-key";
pub(crate) const ANN: &str = "Authorization: Bearer anns-key";

const PEOPLE: &str = "
channels: {post: {type: email, folder: ., from: 'a@example.com'}}
triggers:
  - {name: tool error, condition: 'event_type == \"tool.error\"', channels: [inbox, post], priority: high}
users: {ann: {email: ann@example.com, timezone: Europe/Zurich}, bob: {}}
";

fn with_keys() -> String {
    format!("{PEOPLE}{KEYS}")
}

async fn put(house: &House, headers: &[&str], body: &Value) -> Answer {
    house.put("/v1/users/ann/preferences", headers, body).await
}

fn tag(answer: &Answer) -> String {
    let tag = answer.head.lines().find_map(|line| line.strip_prefix("etag: "));
    tag.unwrap_or_else(|| panic!("no tag: {answer:?}")).to_owned()
}

#[tokio::test]
async fn a_person_is_told_with_the_address_masked() {
    let house = House::open(PEOPLE).await;
    let all = house.get("/v1/users").await.json();
    assert_eq!(all["users"][0]["user"], "ann");
    let ann = house.get("/v1/users/ann").await;
    assert!(!ann.body.contains("ann@example.com"), "{ann:?}");
    let ann = ann.json();
    assert_eq!((&ann["timezone"], &ann["source"]), (&json!("Europe/Zurich"), &json!("store")));
    assert_eq!(ann["contacts"]["post"], "an***********om");
    let nobody = house.get("/v1/users/anne").await;
    assert!(nobody.status == 404 && nobody.body.contains("did you mean `ann`?"), "{nobody:?}");
    house.close().await;
}

#[tokio::test]
async fn a_change_holds_from_the_next_message_on_and_loses_no_other() {
    let house = House::open(PEOPLE).await;
    let read = house.get("/v1/users/ann/preferences").await;
    let first = tag(&read);
    let off = json!({"default": {"inbox": false, "post": false}});
    let changed = put(&house, &[&format!("If-Match: {first}")], &off).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(changed.json()["channels"][1]["on"], false);
    assert_eq!(changed.json()["author"], "local");
    // Somebody else who read what stood before does not undo it.
    let late = put(&house, &[&format!("If-Match: {first}")], &json!({"default": {}})).await;
    assert_eq!(late.status, 412, "{late:?}");
    assert_eq!(house.get("/v1/users/ann/preferences").await.json()["preferences"]["default"]["inbox"], false);

    house.post("/v1/events", &json!({"event_type": "tool.error", "agent_id": "a"})).await;
    house.settle().await;
    assert_eq!(house.notifier.account().await.notifications.denied, 1);
    // Whoever sets no condition wins; contacts stay.
    let cleared = put(&house, &[], &Value::Null).await;
    assert_eq!((cleared.status, &cleared.json()["preferences"]), (200, &Value::Null), "{cleared:?}");
    assert_eq!(house.get("/v1/users/ann").await.json()["contacts"]["post"], "an***********om");
    house.close().await;
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_place() {
    let house = House::open(PEOPLE).await;
    let check = async |body: Value, path: &str| {
        let answer = put(&house, &[], &body).await;
        assert_eq!(answer.status, 422, "{answer:?}");
        assert_eq!(answer.json()["problems"][0]["path"], path, "{answer:?}");
        assert!(!answer.body.contains("hunter2"), "{answer:?}");
    };
    check(json!({"default": {"min_prioritty": "hunter2"}}), "default.min_prioritty").await;
    check(json!({"default": {"min_priority": "hunter2"}}), "default.min_priority").await;
    check(json!(["hunter2"]), "").await;
    let odd = put(&house, &["If-Match: 3"], &json!({})).await;
    assert_eq!(odd.status, 400, "{odd:?}");
    let unknown = put(&house, &[], &json!({"default": {"inbx": false}})).await;
    assert!(unknown.status == 200 && unknown.body.contains("did you mean `inbox`?"), "{unknown:?}");
    house.close().await;
}

#[tokio::test]
async fn time_zone_and_addresses_are_an_operators_to_change() {
    let house = House::open(&with_keys()).await;
    let json = "Content-Type: application/json";
    let patch = async |key: &str, body: Value| house.ask("PATCH /v1/users/bob", &[key, json], &body.to_string()).await;
    assert_eq!(patch(ANN, json!({})).await.status, 403);
    let changed = patch(OPERATOR, json!({"timezone": "Asia/Kolkata", "contacts": {"email": "bob@example.com"}})).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(changed.json()["contacts"]["post"], "bo***********om");
    assert_eq!(changed.json()["author"], "ops");
    let wrong = patch(OPERATOR, json!({"timezone": "Mars", "contacts": {"email": "secret", "pots": "x"}})).await;
    assert_eq!((wrong.status, wrong.json()["problems"].as_array().map(Vec::len)), (422, Some(3)), "{wrong:?}");
    assert!(!wrong.body.contains("secret"), "{wrong:?}");
    let cleared = patch(OPERATOR, json!({"timezone": null, "contacts": {"post": null}})).await.json();
    assert_eq!((&cleared["timezone"], &cleared["contacts"]), (&Value::Null, &json!({})));
    assert_eq!(house.ask("DELETE /v1/users/bob", &[OPERATOR], "").await.status, 204);
    assert_eq!(house.ask("GET /v1/users/bob", &[OPERATOR], "").await.status, 404);
    house.close().await;
}

#[tokio::test]
async fn a_persons_key_opens_that_person_alone() {
    let house = House::open(&with_keys()).await;
    let check = async |line: &str, key: &str, expected: u16| {
        let answer = house.ask(line, &[key], "").await;
        assert_eq!(answer.status, expected, "{line} {key}: {answer:?}");
    };
    for path in ["", "/preferences", "/inbox"] {
        check(&format!("GET /v1/users/ann{path}"), ANN, 200).await;
        check(&format!("GET /v1/users/bob{path}"), ANN, 403).await;
        // Whether somebody is there is nobody else's business either.
        check(&format!("GET /v1/users/zoe{path}"), ANN, 403).await;
        check(&format!("GET /v1/users/ann{path}"), "Authorization: Bearer wrong", 401).await;
    }
    check("DELETE /v1/users/ann", ANN, 403).await;
    let seen = house.ask("GET /v1/users", &[ANN], "").await.json();
    assert_eq!(seen["users"].as_array().unwrap().len(), 1);
    house.close().await;
}

#[tokio::test]
async fn what_would_become_of_a_message_is_asked_of_the_notifier() {
    let house = House::open(PEOPLE).await;
    put(&house, &[], &json!({"default": {"inbox": false}})).await;
    let judged = house.post("/v1/users/ann/test", &json!({"rule": "tool error"})).await.json();
    assert_eq!(judged["priority"], "high");
    assert_eq!(
        (&judged["channels"][0]["decision"], &judged["channels"][1]["decision"]),
        (&json!("deny"), &json!("allow"))
    );
    let all = house.ask("POST /v1/users/bob/test", &[], "").await;
    assert_eq!(all.status, 200, "{all:?}");
    assert_eq!(all.json()["channels"][1]["no_address"], true);
    let unknown = house.post("/v1/users/ann/test", &json!({"rule": "tool eror"})).await;
    assert!(unknown.status == 422 && unknown.body.contains("did you mean `tool error`?"), "{unknown:?}");
    house.close().await;
}

#[tokio::test]
async fn the_inbox_is_paged_and_marked() {
    let house = House::open(PEOPLE).await;
    for number in 0..3 {
        let told = tidings::Message {
            channels: vec!["inbox".to_owned()],
            user_ids: vec!["ann".to_owned()],
            ..tidings::Message::new(format!("message {number}"))
        };
        house.notifier.notify(&told).await.unwrap();
    }
    house.settle().await;
    let first = house.get("/v1/users/ann/inbox?limit=2").await.json();
    assert_eq!(
        (&first["messages"][0]["title"], &first["unread"], &first["next"]),
        (&json!("message 2"), &json!(3), &json!(2))
    );
    let rest = house.get("/v1/users/ann/inbox?limit=2&before=2").await.json();
    assert_eq!((&rest["messages"][0]["seq"], &rest["next"]), (&json!(1), &Value::Null));
    let marked = house.post("/v1/users/ann/inbox/read", &json!({"seqs": [1, 3, 3, 99]})).await.json();
    assert_eq!(marked, json!({"marked": 2, "unread": 1}));
    assert_eq!(house.get("/v1/users/ann/inbox?limit=x").await.status, 400);
    house.close().await;
}
