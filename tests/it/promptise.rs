//! The live peer: Promptise's own Python verifies what we sign, and we verify and read what its notifier sends. Skipped visibly
//! where Python has no `promptise`; `scripts/test` installs it.

use std::path::PathBuf;

use serde_json::{Value, json};
use tidings::{Builder, Event, Severity, Timestamp, webhook::signature::verify_promptise};
use tidings_testkit::{HttpPeer, Script, python, run_python};

const SECRET: &str = "a secret that both sides know";

const VERIFY: &str = "
import json, sys
from promptise.events import verify_event_signature as verify
cases = json.load(sys.stdin)
print(json.dumps([verify(c['body'].encode(), c['header'], c['secret']) for c in cases]))
";

const EMIT: &str = "
import asyncio, json, sys
from promptise.events import AgentEvent, EventNotifier, WebhookSink
setup = json.load(sys.stdin)
async def main():
    sink = WebhookSink(setup['url'], secret=setup['secret'], allow_private_networks=True)
    notifier = EventNotifier([sink])
    await notifier.start()
    for fields in setup['events']:
        await notifier.emit(AgentEvent(**fields))
    await notifier.stop()
asyncio.run(main())
print('[]')
";

async fn run(python: PathBuf, program: &'static str, input: Value) -> Value {
    let call = move || run_python(&python, program, &input);
    tokio::task::spawn_blocking(call).await.expect("it does not panic")
}

#[tokio::test(flavor = "multi_thread")]
async fn their_verifier_takes_what_we_sign() {
    let Some(python) = python() else { return };
    let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
    let config = json!({"events": {"sinks": [
        {"type": "webhook", "url": peer.url("/"), "secret": SECRET, "allow_private_networks": true},
    ]}});
    let notifier = Builder::from_yaml(&config.to_string()).unwrap().build().unwrap().start().await.unwrap();
    notifier.emit(Event::new("tool.error").agent("a").data(json!({"text": "äöü \u{1f600} <&>\n", "n": 1.5})));
    notifier.emit(Event::new("custom.empty"));
    assert!(notifier.stop().await.is_clean());
    let case = |body: String, header: &str, secret: &str| json!({"body": body, "header": header, "secret": secret});
    let mut cases = Vec::new();
    for request in peer.requests() {
        let body = String::from_utf8(request.body.clone()).unwrap();
        let header = request.header("x-promptise-signature").unwrap();
        cases.push(case(body.clone(), header, SECRET));
        cases.push(case(body.clone() + " ", header, SECRET));
        cases.push(case(body, header, "another secret"));
    }
    let verdicts = run(python, VERIFY, json!(cases)).await;
    assert_eq!(verdicts, json!([true, false, false, true, false, false]));
}

#[tokio::test(flavor = "multi_thread")]
async fn we_take_what_their_notifier_sends() {
    let Some(python) = python() else { return };
    let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
    let events = json!([
        {"event_type": "budget.exceeded", "severity": "critical", "agent_id": "a", "data": {"text": "größer"}},
        {"event_type": "custom.mine", "timestamp": 1_700_000_000.123_456_7},
    ]);
    run(python, EMIT, json!({"url": peer.url("/"), "secret": SECRET, "events": events})).await;
    let requests = peer.requests();
    assert_eq!(requests.len(), 2);
    let now = tidings::clock::system_now();
    let read = |body: &[u8]| Event::from_json(serde_json::from_slice(body).unwrap(), Timestamp::EPOCH).unwrap();
    for request in &requests {
        let header = request.header("x-promptise-signature").unwrap();
        assert!(verify_promptise(header, &request.body, &[SECRET], now));
        assert!(!verify_promptise(header, &request.body, &["another secret"], now));
    }
    let first = read(&requests[0].body);
    assert_eq!((first.event_type.as_str(), first.severity), ("budget.exceeded", Severity::Critical));
    assert_eq!(first.data["text"], "größer");
    let second: Value = serde_json::from_slice(&read(&requests[1].body).to_wire()).unwrap();
    assert_eq!(
        second,
        serde_json::from_slice::<Value>(&requests[1].body).unwrap(),
        "the wire form comes back the same"
    );
}
