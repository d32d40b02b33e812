//! A notifier with sinks that misbehave over real HTTP and in process: the others get everything, and the counts say what was lost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use serde_json::{Value, json};
use tidings::{Builder, Event, Severity, Sink};
use tidings_testkit::{HttpPeer, Reply, Script, http::Fault};

const EVENTS: u64 = 200;

async fn peer(script: Script) -> HttpPeer {
    HttpPeer::start(script).await.expect("loopback has a free port")
}

fn sink(name: &str, peer: &HttpPeer) -> Value {
    json!({
        "type": "webhook", "name": name, "url": peer.url("/"), "secret": "a secret for this test",
        "allow_private_networks": true, "retry_delay": 0.01, "max_retries": 2,
    })
}

fn event(number: u64) -> Event {
    let agent = format!("agent-{}", number % 4);
    Event::new("tool.error").severity(Severity::Error).agent(agent).data(json!({"number": number}))
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_misbehaves_harms_nobody_else() {
    let good = peer(Script::statuses([200])).await;
    let failing = peer(Script::statuses([500])).await;
    let hanging = peer(Script::always(Reply::fault(Fault::Hang))).await;
    // JSON is YAML.
    let config = json!({
        "events": {"sinks": [sink("good", &good), sink("failing", &failing), sink("hanging", &hanging)]},
    });
    let seen = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&seen);
    let calm = Sink::callback("calm", move |_| drop(counter.fetch_add(1, SeqCst).to_string()));
    let notifier = Builder::from_yaml(&config.to_string())
        .unwrap()
        .sink(calm)
        .sink(Sink::callback("panicking", |_| panic!("this panic is part of the test")))
        .sink(Sink::callback("blocking", |_| std::thread::park()))
        .sink_queue_size(1_000)
        .build()
        .unwrap()
        .start()
        .await
        .unwrap();
    notifier.accept((0..EVENTS).map(event).collect()).await.unwrap();
    let arrived = tokio::time::timeout(Duration::from_secs(60), good.wait_for(usize::try_from(EVENTS).unwrap())).await;
    assert_eq!(arrived.expect("the good receiver gets everything").len() as u64, EVENTS);
    tokio::time::timeout(Duration::from_secs(60), async {
        while seen.load(SeqCst) < EVENTS || notifier.account().await.sinks["failing"].dead < EVENTS {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("the failing one is given up, event by event");
    let account = notifier.stop_within(Duration::from_millis(100)).await;
    account.closes().unwrap();
    let counts = |name: &str| (account.sinks[name].delivered, account.sinks[name].dead);
    assert_eq!(counts("good"), (EVENTS, 0));
    assert_eq!(counts("calm"), (EVENTS, 0));
    assert_eq!(counts("failing"), (0, EVENTS));
    assert_eq!(counts("panicking"), (0, EVENTS));
    assert_eq!(counts("blocking"), (0, EVENTS), "what was left when it stopped is accounted for");
    assert_eq!(counts("hanging"), (0, EVENTS));
    let asked = failing.requests().len() as u64;
    assert!(asked < 50, "{asked} requests: an endpoint that is down is spared");
}

#[tokio::test(flavor = "multi_thread")]
async fn retries_carry_one_id_and_keep_an_agents_order() {
    let peer = peer(Script::statuses([500, 200, 503, 200])).await;
    let config = json!({"events": {"sinks": [sink("flaky", &peer)]}});
    let notifier = Builder::from_yaml(&config.to_string()).unwrap().build().unwrap().start().await.unwrap();
    let one_agent = |number| event(number).agent("only");
    notifier.accept((0..20).map(one_agent).collect()).await.unwrap();
    let account = notifier.stop().await;
    account.closes().unwrap();
    assert_eq!(account.sinks["flaky"].delivered, 20);
    let requests = peer.requests();
    assert_eq!(requests.len(), 22);
    let id = |index: usize| requests[index].header("x-promptise-delivery").map(str::to_owned);
    assert!(id(0).is_some() && id(0) == id(1), "a retry has the id of its first attempt");
    let signature = |index: usize| requests[index].header("x-promptise-signature").map(str::to_owned);
    assert!(signature(0).is_some(), "and every attempt is signed");
    let numbers: Vec<_> = requests.iter().map(|request| number(&request.body)).collect();
    let mut expected: Vec<_> = (0..20).collect();
    expected.insert(1, 0);
    expected.insert(2, 1);
    assert_eq!(numbers, expected, "in order, although the first two were tried twice");
}

fn number(body: &[u8]) -> u64 {
    let event: Value = serde_json::from_slice(body).expect("the body is JSON");
    event["data"]["number"].as_u64().expect("the event has its number")
}
