//! A firing and its resolve on their way to a real receiver: in order although the first attempt fails, told apart by kind, held
//! together by one incident and one key.

use std::time::Duration;

use serde_json::{Value, json};
use tidings::{Account, Builder, Event, Timestamp};
use tidings_testkit::{HttpPeer, Script, http::Recorded};

const HOT: &str = "load > 5 resolve when load < 2";

fn channel(peer: &HttpPeer) -> Value {
    json!({
        "type": "webhook", "url": peer.url("/"), "secret": "a secret for this test", "allow_private_networks": true,
    })
}

fn config(channels: &Value) -> String {
    let names: Vec<_> = channels.as_object().unwrap().keys().collect();
    json!({
        "triggers": [{"name": "hot", "condition": HOT, "channels": names, "priority": "high", "cooldown_seconds": 0}],
        "channels": channels,
        "users": {"ann": null},
        "delivery": {"retry": ["20ms", "20ms", "20ms"]},
    })
    .to_string()
}

fn load(second: i64, load: u32) -> Event {
    Event::new("sample").agent("a").at(Timestamp::from_secs(1_000_000 + second)).data(json!({"load": load}))
}

async fn run(config: &str, events: Vec<Event>) -> Account {
    let builder = Builder::from_yaml(config).unwrap().event_time();
    let notifier = builder.build().unwrap().start().await.unwrap();
    notifier.accept(events).await.unwrap();
    let account = notifier.stop_within(Duration::from_secs(30)).await;
    account.closes().unwrap();
    account
}

async fn peer(statuses: impl IntoIterator<Item = u16>) -> HttpPeer {
    HttpPeer::start(Script::statuses(statuses)).await.expect("loopback has a free port")
}

fn body(request: &Recorded) -> Value {
    serde_json::from_slice(&request.body).expect("the body is JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resolve_never_overtakes_its_firing() {
    let peer = peer([503, 500, 200]).await;
    let account =
        run(&config(&json!({"pager": channel(&peer)})), vec![load(0, 9), load(5, 1), load(6, 8), load(7, 0)]).await;
    assert_eq!((account.deliveries.delivered, account.notifications.planned), (4, 4));
    let bodies: Vec<_> = peer.requests().iter().map(body).collect();
    let titles: Vec<_> = bodies.iter().map(|body| body["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["hot", "hot", "hot", "Resolved: hot", "hot", "Resolved: hot"]);
    let kinds: Vec<_> = bodies[2..].iter().map(|body| body["metadata"]["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["firing", "resolved", "firing", "resolved"]);
    let incidents: Vec<_> = bodies[2..].iter().map(|body| &body["metadata"]["incident"]).collect();
    assert!(incidents[0] == incidents[1] && incidents[2] == incidents[3] && incidents[0] != incidents[2]);
    assert!(bodies.iter().all(|body| body["dedup_key"] == bodies[0]["dedup_key"]));
    let ids: Vec<_> =
        peer.requests().iter().map(|request| request.header("x-promptise-delivery").unwrap().to_owned()).collect();
    assert!(ids[0] == ids[2] && ids[2] != ids[3], "a resolve is a delivery of its own: {ids:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_may_close_what_it_opened() {
    let peer = peer([200]).await;
    let mut pager = channel(&peer);
    pager["template"] = json!(
        "{\"event_action\": \"{% if kind == 'resolved' %}resolve{% else %}trigger{% endif %}\", \
         \"dedup_key\": \"{{ incident }}\", \"summary\": {{ title | tojson }}}"
    );
    let account = run(&config(&json!({"pager": pager})), vec![load(0, 9), load(5, 1)]).await;
    assert_eq!(account.deliveries.delivered, 2);
    let bodies: Vec<_> = peer.requests().iter().map(body).collect();
    let actions: Vec<_> = bodies.iter().map(|body| body["event_action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["trigger", "resolve"]);
    assert_eq!(bodies[0]["dedup_key"], bodies[1]["dedup_key"]);
    assert_eq!(bodies[1]["summary"], "Resolved: hot");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_what_failed_is_told_to_nobody_who_never_heard_of_it() {
    let refusing = peer([404, 200]).await;
    let config = config(&json!({"pager": channel(&refusing)}));
    let builder = Builder::from_yaml(&config).unwrap().event_time();
    let notifier = builder.build().unwrap().start().await.unwrap();
    notifier.accept(vec![load(0, 9)]).await.unwrap();
    assert!(notifier.drain(Duration::from_secs(30)).await);
    notifier.accept(vec![load(5, 1), load(6, 9)]).await.unwrap();
    let account = notifier.stop_within(Duration::from_secs(30)).await;
    account.closes().unwrap();
    let titles: Vec<_> = refusing.requests().iter().map(|request| body(request)["title"].clone()).collect();
    assert_eq!(titles, ["hot", "hot"], "the firing that was refused, and the next one");
    assert_eq!((account.deliveries.dead, account.deliveries.delivered, account.notifications.duplicate), (1, 1, 1));
}
