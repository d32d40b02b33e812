//! Why nobody was told is on the page, in words: a cooldown, a duplicate, quiet hours, a wish, a silence.

use serde_json::json;

use super::{Tab, get, open, post, send};
use crate::{daemon::eventually, process::Process};

const RULES: &str = "
triggers:
  - {name: slow, condition: 'event_type == \"tool.slow\"', channels: [inbox], cooldown_seconds: 10m, user_ids: [me], title: 'slow {{ data.tool }}'}
  - {name: failing, condition: 'event_type == \"tool.error\"', channels: [inbox], cooldown_seconds: 0, user_ids: [me], title: always the same}
  - {name: night, condition: 'event_type == \"mission.failed\"', channels: [inbox], cooldown_seconds: 0, user_ids: [ann], title: a mission failed}
  - {name: unwanted, condition: 'event_type == \"cache.purged\"', channels: [inbox], cooldown_seconds: 0, user_ids: [ben], title: a cache is empty}
users: {me: {}, ann: {}, ben: {}}
preferences:
  users:
    ann: {quiet_hours: NOW}
    ben: {agents: {batch: {inbox: false}}}
";

/// The rules, with quiet hours that are open at this moment.
fn rules() -> String {
    let hour = (tidings::clock::system_now().as_secs_f64() / 3600.0) as u64;
    RULES.replace("NOW", &format!("{{from: '{:02}:00', to: '{:02}:00'}}", hour % 24, (hour + 3) % 24))
}

/// Sends an event, and waits until its story has this.
fn send_until(daemon: &Process, event_type: &str, word: &str) -> String {
    let id = send(daemon, &json!({"event_type": event_type, "agent_id": "batch", "data": {"tool": "search"}}));
    let word = json!(word).to_string();
    eventually(|| get(daemon, &format!("/v1/explain/{id}")).to_string().contains(&word).then_some(()));
    id
}

/// Opens an event's story from the page's own search.
async fn ask(tab: &mut Tab, id: &str) {
    tab.turn("explain", "[data-test=\"explain-search\"]").await;
    tab.write("[data-test=\"explain-search\"]", id).await;
    tab.click("[data-test=\"explain-go\"]").await;
    tab.says("explain-event-id", &[id]).await;
}

#[tokio::test]
async fn why_nobody_was_told_is_explained() {
    let Some((daemon, mut tab)) = open(&rules(), "explain").await else { return };
    for (event_type, first) in [("tool.slow", "delivered"), ("tool.error", "delivered")] {
        send_until(&daemon, event_type, first);
    }
    let cases = [
        ("tool.slow", "cooldown", "explain-rule", vec!["in cooldown", "slow", "event_type == \"tool.slow\"", "until"]),
        ("tool.error", "duplicate", "explain-decision", vec!["Not sent: a duplicate of another one", "told at"]),
        ("mission.failed", "held", "explain-later", vec!["held until", "quiet hours", "by the user’s preferences"]),
        (
            "cache.purged",
            "denied",
            "explain-reasons",
            vec!["wanted on no channel", "not on inbox: the channel is off, by the user’s preferences for this agent"],
        ),
    ];
    for (event_type, step, part, words) in cases {
        let id = send_until(&daemon, event_type, step);
        ask(&mut tab, &id).await;
        tab.says("explain-accepted", &["Accepted", &id]).await;
        tab.says(part, &words).await;
        // The short answer above the story says it, too.
        tab.wait("document.querySelector('[data-test=\"explain-outcome\"]').dataset.outcome !== 'told'").await;
    }
    assert!(tab.is_marked().await, "the page was loaded anew");
    tab.assert_calm(&[]).await;
}

#[tokio::test]
async fn a_silence_and_an_unknown_id_are_explained() {
    let Some((daemon, mut tab)) = open(&rules(), "explain").await else { return };
    post(
        &daemon,
        "/v1/silences",
        &json!({"matcher": {"rule": "failing"}, "for": "1h", "reason": "we know of it", "author": "ann"}),
    );
    let id = send_until(&daemon, "tool.error", "silenced");
    ask(&mut tab, &id).await;
    tab.says("explain-decision", &["Not sent: silenced by ann until", "we know of it"]).await;
    tab.says("explain-outcome", &["not told", "we know of it"]).await;
    tab.click("[data-test=\"explain-text\"]").await;
    tab.says("explain-raw", &["we know of it"]).await;
    tab.turn("explain/no-such-id", "[data-test=\"empty\"]").await;
    tab.says("empty", &["Nothing is known of this id"]).await;
    tab.assert_calm(&["status of 404"]).await;
}
