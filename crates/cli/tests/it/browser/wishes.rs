//! A wish that is made on the page counts for the next message, and one that was made elsewhere meanwhile is not overwritten.

use serde_json::{Value, json};

use super::{get, open, post, send};
use crate::{client::Client, daemon::eventually, process::Process};

const RULES: &str = "
triggers:
  - {name: failing, condition: 'event_type == \"tool.error\"', channels: [inbox], cooldown_seconds: 0, user_ids: [ann], title: '{{ data.error }}', dedup_key: '{{ data.error }}'}
users: {ann: {timezone: Europe/Zurich}}
";

/// Sends an event of this agent, and gives what the log has as its last word on it.
fn outcome(daemon: &Process, agent: &str, error: &str) -> Value {
    let id = send(daemon, &json!({"event_type": "tool.error", "agent_id": agent, "data": {"error": error}}));
    eventually(|| {
        let log = get(daemon, &format!("/v1/deliveries?event={id}&step=delivered&step=denied"));
        log["entries"].as_array().and_then(|entries| entries.first().cloned())
    })
}

const OFF: &str = "[role=\"radiogroup\"][aria-label=\"inbox for batch\"] input[value=\"off\"]";

#[tokio::test]
async fn a_wish_counts_for_the_next_event() {
    let Some((daemon, mut tab)) = open(RULES, "preferences/ann").await else { return };
    assert_eq!(outcome(&daemon, "batch", "the first")["step"], "delivered");
    tab.write("[data-test=\"preferences-agent\"]", "batch").await;
    tab.click("[data-test=\"preferences-add-agent\"]").await;
    tab.click(OFF).await;
    tab.says("preferences-bar", &["1 change not saved", "inbox for batch"]).await;
    assert_eq!(outcome(&daemon, "batch", "the second")["step"], "delivered", "nothing is saved yet");
    tab.click("[data-test=\"preferences-save\"]").await;
    tab.says("toast", &["Saved"]).await;
    let denied = outcome(&daemon, "batch", "the third");
    assert_eq!(denied["step"], "denied", "{denied}");
    let muted = &denied["detail"]["muted"][0];
    assert_eq!((&muted["channel"], &muted["layer"]), (&json!("inbox"), &json!("user_agent")), "{denied}");
    assert_eq!(outcome(&daemon, "other", "the fourth")["step"], "delivered", "another agent is told of");
    tab.click("[data-test=\"preferences-ask\"]").await;
    tab.says("preferences-answer", &["inbox", "told at once"]).await;
    tab.write("[data-test=\"preferences-ask-agent\"]", "batch").await;
    tab.click("[data-test=\"preferences-ask\"]").await;
    tab.says("preferences-answer", &["inbox", "not told", "the channel is off"]).await;
    tab.turn("inbox/ann", "[data-test=\"inbox-state\"][data-state=\"live\"]").await;
    tab.says("inbox-message", &["the fourth"]).await;
    for (error, times) in [("the first", 1), ("the second", 1), ("the third", 0), ("the fourth", 1)] {
        assert_eq!(tab.count("inbox-message", error).await, times, "{error}");
    }
    assert!(tab.is_marked().await, "the page was loaded anew");
    tab.assert_calm(&[]).await;
}

/// Somebody else changes the same person's wishes while the page is open: both changes stand in the end.
#[tokio::test]
async fn what_others_changed_meanwhile_stays() {
    let Some((daemon, mut tab)) = open(RULES, "preferences/ann").await else { return };
    tab.write("[data-test=\"preferences-agent\"]", "batch").await;
    tab.click("[data-test=\"preferences-add-agent\"]").await;
    tab.click(OFF).await;
    let path = "/v1/users/ann/preferences";
    let other = json!({"default": {"push": false}}).to_string();
    let (status, answer) = Client::new(daemon.address).ask("PUT", path, &other).unwrap();
    assert_eq!(status, 200, "{answer}");
    tab.click("[data-test=\"preferences-save\"]").await;
    tab.says("preferences-meanwhile", &["changed meanwhile", "fit with theirs"]).await;
    tab.click("[data-test=\"preferences-save\"]").await;
    tab.says("toast", &["Saved"]).await;
    let stands = get(&daemon, path);
    let expected = json!({"default": {"push": false}, "agents": {"batch": {"inbox": false}}});
    assert_eq!(stands["preferences"], expected, "{stands}");
    // What is told of the test goes by what stands now.
    let told = post(&daemon, "/v1/users/ann/test", &json!({"agent": "batch", "channels": ["inbox", "push"]}));
    let decisions: Vec<_> = told["channels"].as_array().unwrap().iter().map(|one| &one["decision"]).collect();
    assert_eq!(decisions, ["deny", "deny"], "{told}");
    tab.assert_calm(&["status of 412"]).await;
}
