//! The requests of every preset for a firing, its resolve and a raw event, as they are recorded in `bodies/`.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tidings_core::{Channel, Notification, NotificationKind, Payload};
use tidings_testkit::{HttpPeer, Recorded, Script, samples};

use crate::presets::{ALL, chat};

/// What the client sends with every request, whatever the channel.
const COMMON: [&str; 5] = ["host", "accept", "user-agent", "content-length", "x-tidings-delivery"];

/// The recorded requests of a preset: `firing`, `resolve` and `event`, each with path, headers and body.
pub(crate) fn recorded(name: &str) -> Value {
    let file = format!("{}/tests/it/bodies/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

#[tokio::test]
async fn every_request_is_the_recorded_one() {
    for name in ALL {
        let sent = requests(name).await;
        assert_eq!(sent, recorded(name), "{name} sends now:\n{sent:#}");
    }
}

async fn requests(name: &str) -> Value {
    let firing = samples::notification("Error rate is 20 %");
    let resolve = Notification {
        kind: NotificationKind::Resolved,
        title: "Resolved: Error rate is 20 %".to_owned(),
        body: "error_rate 0.01".to_owned(),
        ..firing.clone()
    };
    let payloads = [
        ("firing", Payload::Notification(Arc::new(firing))),
        ("resolve", Payload::Notification(Arc::new(resolve))),
        ("event", Payload::Event(Arc::new(samples::event()))),
    ];
    let mut requests = Map::new();
    for (kind, payload) in payloads {
        let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
        chat(name, &peer).send(&samples::envelope(kind, payload)).await.unwrap();
        let [request] = peer.requests().try_into().unwrap();
        requests.insert(kind.to_owned(), told(&request));
    }
    Value::Object(requests)
}

fn told(request: &Recorded) -> Value {
    assert_eq!(request.method, "POST");
    let own = request.headers.iter().filter(|(name, _)| !COMMON.contains(&name.to_ascii_lowercase().as_str()));
    let headers: Map<String, Value> = own.map(|(name, value)| (name.clone(), value.clone().into())).collect();
    // A form is recorded as it is.
    let form = || String::from_utf8(request.body.clone()).unwrap().into();
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_else(|_| form());
    json!({"path": request.path, "headers": headers, "body": body})
}
