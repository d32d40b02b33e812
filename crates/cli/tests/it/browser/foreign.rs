//! A page of another origin in the same browser: it gets nothing from a daemon on loopback, and does nothing to it.

use serde_json::json;

use super::{RULES, Tab, answering, get, send};
use crate::process::Process;

/// What a script may get hold of: the answer's text, or that there is none.
fn tries(target: &str) -> Vec<(&'static str, String)> {
    let read = |path: &str, options: &str| {
        format!("fetch('{target}{path}', {options}).then((answer) => answer.text()).catch(() => 'nothing')")
    };
    vec![
        ("fetch of what happened", read("/v1/now", "{}")),
        ("fetch of a person", read("/v1/users/ann", "{}")),
        ("fetch with credentials", read("/v1/deliveries", "{credentials: 'include'}")),
        ("fetch of metrics", read("/metrics", "{}")),
        ("fetch of health", read("/healthz", "{}")),
        ("a simple POST", read("/v1/events", "{method: 'POST', mode: 'no-cors', body: EVENT}")),
        (
            "a JSON POST",
            read("/v1/events", "{method: 'POST', headers: {'Content-Type': 'application/json'}, body: EVENT}"),
        ),
        ("a POST of a blob", read("/v1/events", "{method: 'POST', mode: 'no-cors', body: new Blob([EVENT])}")),
        (
            "a beacon",
            format!("Promise.resolve(navigator.sendBeacon('{target}/v1/events', EVENT)).then(() => 'nothing')"),
        ),
        ("a ticket", read("/v1/push/ticket", "{method: 'POST'}")),
        (
            "a socket",
            format!(
                "new Promise((resolve) => {{ const socket = new WebSocket('{}/v1/push?since=0'); \
                 socket.onmessage = ({{data}}) => resolve(data); socket.onopen = () => resolve('open'); socket.onerror = () => resolve('nothing'); }})",
                target.replace("http", "ws")
            ),
        ),
        (
            "an event stream",
            format!(
                "new Promise((resolve) => {{ const events = new EventSource('{target}/v1/live'); \
                 events.onmessage = ({{data}}) => resolve(data); events.onopen = () => resolve('open'); \
                 events.onerror = () => {{ events.close(); resolve('nothing'); }}; }})"
            ),
        ),
        (
            "a script",
            format!(
                "new Promise((resolve) => {{ const script = document.createElement('script'); script.src = '{target}/app.js'; \
                 script.onload = () => resolve('loaded'); script.onerror = () => resolve('nothing'); document.head.append(script); }})"
            ),
        ),
        (
            "a frame",
            format!(
                "new Promise((resolve) => {{ const frame = document.createElement('iframe'); frame.src = '{target}/'; \
                 frame.onload = () => {{ try {{ resolve(frame.contentDocument.body.innerText || 'nothing'); }} catch {{ resolve('nothing'); }} }}; \
                 document.body.append(frame); }})"
            ),
        ),
    ]
}

const EVENT: &str = r#"const EVENT = JSON.stringify({event_type: 'tool.error', agent_id: 'foreign'});"#;

/// How many events the daemon has taken.
fn taken(daemon: &Process) -> u64 {
    get(daemon, "/v1/now")["account"]["events"]["offered"].as_u64().unwrap()
}

#[tokio::test]
async fn a_page_of_another_origin_gets_nothing() {
    let Some(mut tab) = Tab::open(&[]).await else { return };
    let daemon = Process::daemon(RULES);
    send(&daemon, &json!({"event_type": "tool.error", "agent_id": "own", "data": {"error": "x"}}));
    tab.go(&format!("http://{}/", answering("200 OK"))).await;
    for (name, script) in tries(&format!("http://{}", daemon.address)) {
        let got = tab.eval(&format!("(() => {{ {EVENT} return {script}; }})()")).await;
        let nothing = got == "nothing" || got == "";
        assert!(nothing, "{name}: {got}");
    }
    assert_eq!(taken(&daemon), 1, "only our own event was taken");
}

/// A name that its owner turns to loopback after the page was loaded: for the browser it is the page's own origin.
#[tokio::test]
async fn a_name_that_is_turned_to_loopback_gets_nothing() {
    let Some(mut tab) = Tab::open(&["--host-resolver-rules=MAP evil.example 127.0.0.1"]).await else { return };
    let daemon = Process::daemon(RULES);
    let target = format!("http://evil.example:{}", daemon.address.port());
    tab.go(&format!("{target}/")).await;
    let page = tab.eval("document.body.innerText").await;
    assert!(page.as_str().is_some_and(|text| text.contains("does not answer to that host name")), "{page}");
    for (name, script) in tries(&target) {
        let got = tab.eval(&format!("(() => {{ {EVENT} return {script}; }})()")).await;
        let text = got.as_str().unwrap_or_default();
        // It is the page's own origin: it may read that it is refused, and nothing else.
        let refused = ["nothing", ""].contains(&text) || text.contains("Misdirected");
        assert!(refused, "{name}: {got}");
    }
    assert_eq!(taken(&daemon), 0);
}
