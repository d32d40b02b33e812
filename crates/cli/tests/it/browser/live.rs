//! What happens appears by itself, and each once: on the first page, and in an inbox whose daemon was killed.

use serde_json::json;

use super::{RULES, Tab, open, post, seen::OUT_OF_REACH, send};
use crate::process::Process;

#[tokio::test]
async fn the_first_event_appears_by_itself() {
    let Some((daemon, mut tab)) = open(RULES, "now").await else { return };
    tab.says("now-empty", &["No event in the last hour", &format!("curl http://{}/v1/events", daemon.address)]).await;
    send(&daemon, &json!({"event_type": "tool.error", "agent_id": "billing", "data": {"error": "no route"}}));
    tab.says("feed-event", &["tool.error", "billing"]).await;
    tab.says("feed-entry", &["delivered", "ann", "inbox"]).await;
    tab.says("now-events", &["1"]).await;
    tab.says("now-delivered", &["2"]).await;
    tab.says("agent", &["billing"]).await;
    tab.wait("document.querySelector('[data-test=\"now-empty\"]').hidden").await;
    assert_eq!(tab.count("feed-event", "tool.error").await, 1);
    assert!(tab.is_marked().await, "the page was loaded anew");
    tab.assert_calm(&[]).await;
}

/// Tells the user `me` something.
fn tell(daemon: &Process, title: &str) {
    let told = post(daemon, "/v1/notifications", &json!({"title": title, "users": ["me"], "channels": ["inbox"]}));
    assert_eq!(told["told"][0]["answer"], "planned", "{told}");
}

async fn await_inbox(tab: &mut Tab, state: &str) {
    tab.wait(&format!("document.querySelector('[data-test=\"inbox-state\"]').dataset.state === '{state}'")).await;
}

#[tokio::test]
async fn an_inbox_goes_on_after_its_daemon_was_killed() {
    let Some((mut daemon, mut tab)) = open(RULES, "inbox/me").await else { return };
    await_inbox(&mut tab, "live").await;
    tell(&daemon, "before it was killed");
    tab.says("inbox-message", &["before it was killed"]).await;
    daemon.kill();
    await_inbox(&mut tab, "again").await;
    // Who is cut off hears nothing of the next one until it is let back.
    tab.cut_off(true).await;
    daemon.restart();
    tell(&daemon, "while nobody looked");
    assert_eq!(tab.count("inbox-message", "while nobody looked").await, 0);
    tab.cut_off(false).await;
    tab.says("inbox-message", &["while nobody looked"]).await;
    await_inbox(&mut tab, "live").await;
    tell(&daemon, "after all that");
    tab.says("inbox-message", &["after all that"]).await;
    for title in ["before it was killed", "while nobody looked", "after all that"] {
        assert_eq!(tab.count("inbox-message", title).await, 1, "{title}");
    }
    tab.says("inbox-unread", &["3 unread"]).await;
    assert!(tab.is_marked().await, "the page was loaded anew");
    tab.assert_calm(&OUT_OF_REACH).await;
}

/// A daemon that stops as it is told, and comes back, needs nobody's hand on the first page either.
#[tokio::test]
async fn the_first_page_goes_on_after_a_restart() {
    let Some((mut daemon, mut tab)) = open(RULES, "now").await else { return };
    let live = "document.querySelector('[data-test=\"live\"]').dataset.state === 'live'";
    tab.wait(live).await;
    send(&daemon, &json!({"event_type": "mission.complete", "agent_id": "before"}));
    tab.says("feed-event", &["of before"]).await;
    daemon.terminate();
    tab.wait(&format!("!({live})")).await;
    daemon.restart();
    send(&daemon, &json!({"event_type": "mission.complete", "agent_id": "after"}));
    tab.click("[data-test=\"live\"]").await;
    tab.wait(live).await;
    tab.says("feed-event", &["of after"]).await;
    for agent in ["of before", "of after"] {
        assert_eq!(tab.count("feed-event", agent).await, 1, "{agent}");
    }
    assert!(tab.is_marked().await, "the page was loaded anew");
    tab.assert_calm(&OUT_OF_REACH).await;
}
