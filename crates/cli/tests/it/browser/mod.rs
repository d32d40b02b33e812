//! The page in a real browser, on a real daemon: what a person sees and does, and what a page of another origin gets.

mod chromium;
mod foreign;

use serde_json::Value;

use crate::{client::Client, process::Process};

pub(crate) use chromium::Tab;

/// Rules by which the pages of these tests live.
const RULES: &str = "
triggers:
  - {name: tool error, condition: 'event_type == \"tool.error\"', channels: [inbox], priority: high, cooldown_seconds: 10m, title: '{{ agent_id }}: {{ data.error }}'}
users: {me: {}, ann: {email: ann@example.com, timezone: Europe/Zurich}}
";

/// A daemon and a browser, or nothing where there is no browser.
async fn open() -> Option<(Process, Tab)> {
    let tab = Tab::open(&[]).await?;
    Some((Process::daemon(RULES), tab))
}

/// Sends one event, as any agent would; gives its id.
fn send(daemon: &Process, event: &Value) -> String {
    let answer = Client::new(daemon.address).post("/v1/events", &event.to_string());
    let answer: Value = serde_json::from_str(&answer).unwrap();
    answer["results"][0]["id"].as_str().unwrap().to_owned()
}
