//! Channels by HTTP: how they stand, a message to see whether it arrives, and what nobody is shown.

use serde_json::{Value, json};
use tidings_testkit::{HttpPeer, Reply, Script};

use super::house::House;

fn yaml(url: &str) -> String {
    let folder = std::env::temp_dir();
    let folder = folder.display();
    format!(
        "
events:
  sinks: [{{name: hook, type: webhook, url: '{url}hook-secret-path', allow_private_networks: true, max_retries: 0}}]
channels:
  post: {{type: email, folder: '{folder}', from: 'a@example.com'}}
triggers:
  - {{name: tool error, condition: 'event_type == \"tool.error\"', channels: [inbox, post], priority: high}}
fallbacks: {{post: [inbox]}}
users: {{ann: {{email: ann@example.com}}, bob: {{}}}}
"
    )
}

fn named<'a>(all: &'a Value, name: &str) -> &'a Value {
    let channels = all["channels"].as_array().unwrap();
    channels.iter().find(|channel| channel["name"] == name).unwrap_or_else(|| panic!("no {name}: {all}"))
}

#[tokio::test]
async fn a_test_goes_out_past_preferences_and_is_logged_as_one() {
    let peer = HttpPeer::start(Script::always(Reply::status(200))).await.unwrap();
    let house = House::open(&yaml(&peer.url("/"))).await;
    house.put("/v1/users/ann/preferences", &[], &json!({"default": {"inbox": false}})).await;
    let answer = house.post("/v1/channels/inbox/test", &json!({"user": "ann"})).await;
    assert_eq!((answer.status, &answer.json()["outcome"]), (200, &json!("delivered")), "{answer:?}");
    assert_eq!(house.get("/v1/users/ann/inbox").await.json()["messages"][0]["title"], "Test of the channel inbox");
    // Twice at once is a finger that slipped.
    assert_eq!(house.post("/v1/channels/inbox/test", &json!({"user": "ann"})).await.status, 429);
    let hook = house.ask("POST /v1/channels/hook/test", &[], "").await;
    assert_eq!(hook.json()["outcome"], "delivered", "{hook:?}");
    assert!(String::from_utf8_lossy(&peer.requests()[0].body).contains("tidings.test"));

    let filter = tidings::store::LogFilter { steps: vec![tidings::store::Step::Tested], ..Default::default() };
    let page = tidings::store::Page::After { number: 0, limit: 10 };
    let logged = house.notifier.store().log_query(&filter, page).await.unwrap();
    assert_eq!(logged.len(), 2);
    assert_eq!((logged[0].user.as_deref(), &logged[0].detail["arrived"]), (Some("ann"), &json!(true)));
    // It is on nobody's account.
    let account = house.notifier.account().await;
    assert_eq!((account.notifications.made, account.deliveries.made), (0, 0));
    account.closes().unwrap();
    house.close().await;
}

#[tokio::test]
async fn a_test_goes_to_nobody_whom_the_configuration_does_not_name() {
    let house = House::open(&yaml("http://127.0.0.1:8080/")).await;
    let check = async |path: &str, body: Value, status: u16, expected: &str| {
        let answer = house.post(&format!("/v1/channels/{path}"), &body).await;
        assert_eq!(answer.status, status, "{path} {body}: {answer:?}");
        assert!(answer.body.contains(expected), "{path} {body}: {answer:?}");
    };
    check("inbx/test", json!({}), 404, "did you mean `inbox`?").await;
    check("inbox/test", json!({}), 422, "say who is to get it").await;
    check("inbox/test", json!({"user": "an"}), 422, "did you mean `ann`?").await;
    check("post/test", json!({"to": "mallory@example.com"}), 422, "unknown field `to`").await;
    check("post/test", json!({"user": "bob"}), 200, "failed").await;
    check("inbox/enable", json!({}), 200, "\"enabled\":false").await;
    check("nothing/enable", json!({}), 404, "there is no sink or channel").await;
    house.close().await;
}

#[tokio::test]
async fn how_each_stands_is_told_without_what_is_secret() {
    let peer = HttpPeer::start(Script::always(
        Reply::status(404).body("sk_live_0123456789abcdef01234567 of eve@example.com, +14155550123"),
    ))
    .await;
    let peer = peer.unwrap();
    let house = House::open(&yaml(&peer.url("/"))).await;
    let idle = house.get("/v1/channels").await.json();
    assert_eq!(
        (&named(&idle, "post")["health"], &named(&idle, "post")["fallbacks"]),
        (&json!("idle"), &json!(["inbox"]))
    );
    house.post("/v1/events", &json!({"event_type": "tool.error", "agent_id": "a"})).await;
    house.settle().await;
    let told = house.get("/v1/channels").await;
    for secret in ["hook-secret-path", "0123456789abcdef", "ann@example.com", "eve@example.com", "4155550123"] {
        assert!(!told.body.contains(secret), "{secret}: {told:?}");
    }
    let told = told.json();
    let hook = named(&told, "hook");
    assert_eq!(
        (&hook["kind"], &hook["health"], &hook["dead"]),
        (&json!("sink"), &json!("failing"), &json!(1)),
        "{hook}"
    );
    assert_eq!((&hook["last_error"]["code"], &hook["breaker"]), (&json!(404), &json!("closed")), "{hook}");
    assert_eq!((&named(&told, "inbox")["health"], &named(&told, "inbox")["delivered"]), (&json!("good"), &json!(2)));
    house.close().await;
}

#[tokio::test]
async fn a_breaker_that_is_open_says_since_when() {
    let peer = HttpPeer::start(Script::always(Reply::status(503))).await.unwrap();
    let house = House::open(&yaml(&peer.url("/"))).await;
    let before = house.app.now();
    for number in 0..5 {
        house.post("/v1/events", &json!({"event_type": "other", "id": number.to_string()})).await;
    }
    let is_open = || house.notifier.health(house.app.now()).iter().any(|endpoint| endpoint.since.is_some());
    super::until(is_open).await;
    let told = house.get("/v1/channels").await.json();
    let hook = named(&told, "hook");
    assert_eq!((&hook["breaker"], &hook["health"]), (&json!("open"), &json!("open")), "{hook}");
    let since = hook["since"].as_f64().unwrap();
    assert!(before.as_secs_f64() <= since && since <= house.app.now().as_secs_f64(), "{hook}");
    assert_eq!(named(&told, "inbox")["since"], Value::Null);
}

#[tokio::test]
async fn channels_are_an_operators() {
    let house = House::open(&format!("{}{}", yaml("http://127.0.0.1:8080/"), super::people::KEYS)).await;
    for line in ["GET /v1/channels", "POST /v1/channels/inbox/test", "POST /v1/channels/inbox/enable"] {
        assert_eq!(house.ask(line, &[super::people::ANN], "").await.status, 403, "{line}");
        assert_eq!(house.ask(line, &[], "").await.status, 401, "{line}");
    }
    house.close().await;
}
