//! A daemon with keys asks for one on the page, works with it, and keeps it where it belongs.

use super::Tab;
use crate::daemon::Running;

/// The SHA-256 of `secret`, the operator's key, and of `hers`, a person's.
const YAML: &str = "
server:
  keys:
    - {name: ops, sha256: 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b}
    - {name: ann, sha256: 7282dc5a2015eca4afb897f24924b2a9c149287a5d3e755c52ec0ab7b81e7454, user: ann}
triggers:
  - {name: failing, condition: 'event_type == \"tool.error\"', channels: [inbox], cooldown_seconds: 0, title: '{{ data.error }}'}
users: {ann: {}, ben: {}}
";
const OPERATOR: &str = "Authorization: Bearer secret";
const EVENT: &str = r#"{"event_type": "tool.error", "agent_id": "batch", "data": {"error": "no route"}}"#;
/// What the browser itself says of an answer that asks for a key, or of one that a key may not have.
const REFUSED: [&str; 2] = ["status of 401", "status of 403"];

fn start() -> Running {
    Running::start(&[("tidings.yaml", YAML)], &[])
}

async fn give(tab: &mut Tab, key: &str) {
    tab.write("[data-test=\"key\"]", key).await;
    tab.click("[data-test=\"key-dialog\"] button[type=\"submit\"]").await;
}

#[tokio::test]
async fn a_key_is_asked_for_and_works() {
    let Some(mut tab) = Tab::open(&[]).await else { return };
    let running = start();
    let page = format!("http://{}/", running.address);
    tab.go(&page).await;
    tab.mark().await;
    tab.says("key-dialog", &["Who are you?", "server.keys"]).await;
    give(&mut tab, "wrong").await;
    tab.says("key-dialog", &["does not know the last one"]).await;
    give(&mut tab, "secret").await;
    tab.wait("document.querySelector('.now').dataset.ready === 'true'").await;
    tab.wait("document.querySelector('[data-test=\"live\"]').dataset.state === 'live'").await;
    tab.says("now-empty", &["Authorization: Bearer $TIDINGS_KEY"]).await;
    assert_eq!(running.ask("POST /v1/events", &[OPERATOR], EVENT).0, 200);
    tab.says("feed-event", &["tool.error"]).await;
    tab.turn("inbox/ben", "[data-test=\"inbox-state\"][data-state=\"live\"]").await;
    tab.says("inbox-message", &["no route"]).await;
    assert!(tab.is_marked().await, "the page was loaded anew");
    // It is in this tab's own memory, and nowhere else: not on the page, in no address, not where it would stay.
    let kept = "[document.documentElement.outerHTML, location.href, document.cookie, JSON.stringify(localStorage), \
                ...performance.getEntries().map((entry) => entry.name)].some((text) => text.includes('secret'))";
    assert_eq!(tab.eval(kept).await, false);
    tab.go(&page).await;
    tab.eval("location.reload()").await;
    tab.wait("document.querySelector('.now')?.dataset.ready === 'true'").await;
    tab.assert_calm(&REFUSED[..1]).await;
}

#[tokio::test]
async fn a_persons_key_opens_what_is_hers() {
    let Some(mut tab) = Tab::open(&[]).await else { return };
    let running = start();
    tab.go(&format!("http://{}/#/inbox/ann", running.address)).await;
    give(&mut tab, "hers").await;
    tab.wait("document.querySelector('[data-test=\"inbox-state\"]').dataset.state === 'live'").await;
    assert_eq!(running.ask("POST /v1/events", &[OPERATOR], EVENT).0, 200);
    tab.says("inbox-message", &["no route"]).await;
    tab.turn("preferences/ann", "[data-test=\"preferences-matrix\"]").await;
    tab.turn("now", "[data-test=\"empty\"]").await;
    tab.says("empty", &["This key does not open the overview"]).await;
    tab.wait("document.querySelector('[data-test=\"live\"]').dataset.state === 'live'").await;
    tab.turn("inbox/ben", "[data-test=\"failure\"]").await;
    assert_eq!(tab.count("inbox-message", "no route").await, 0, "another one's inbox is closed");
    tab.assert_calm(&REFUSED).await;
}
