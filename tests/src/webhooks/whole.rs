//! A whole notifier as people set it up by YAML: a signed, redacted webhook sink, a log sink, rules, dedup, a user's webhook.

use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tidings::{Builder, Event, Notifier};

/// Room for all that a round emits.
const ROOM: usize = 100_000;

/// More is taken in once no more than so much waits: the bare client has what it sends at hand as well, and no backlog that has long
/// left the processor's caches. What a backlog costs is the storm's to measure.
const BACKLOG: u64 = 512;
/// Between two looks at it.
const LOOK: Duration = Duration::from_millis(1);

/// Where it remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In memory.
    InMemory,
    /// In an SQLite file.
    InAFile,
}

impl Kept {
    /// Both.
    pub const ALL: [Self; 2] = [Self::InMemory, Self::InAFile];
}

/// The notifier, and the folder of its store.
#[derive(Debug)]
pub struct Whole {
    notifier: Notifier,
    _folder: Option<TempDir>,
}

impl Whole {
    /// Starts one that sends events to the first URL and notifications to the second.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start([sink, user]: [&str; 2], kept: Kept) -> Self {
        let yaml = config(sink, user).to_string();
        let mut builder =
            Builder::from_yaml(&yaml).expect("the configuration is right").queue_size(ROOM).storm_limit(None);
        let mut folder = None;
        if kept == Kept::InAFile {
            let made = tempfile::tempdir().expect("a folder can be made");
            builder = builder.kept_in(made.path().join("tidings.db")).expect("the store can be opened");
            folder = Some(made);
        }
        let notifier = builder.build().expect("the parts fit").start().await.expect("it starts");
        Self { notifier, _folder: folder }
    }

    /// Takes events in, as a daemon does: in batches, each of them durable before the next one.
    ///
    /// # Panics
    /// If they are not taken.
    pub async fn accept(&self, events: Vec<Event>) {
        let mut events = events.into_iter();
        loop {
            let batch: Vec<_> = events.by_ref().take(256).collect();
            if batch.is_empty() {
                return;
            }
            self.notifier.accept(batch).await.expect("it runs");
            while self.backlog().await > BACKLOG {
                tokio::time::sleep(LOOK).await;
            }
        }
    }

    /// What was taken in and is not sent yet, in all places where it may wait.
    async fn backlog(&self) -> u64 {
        let account = self.notifier.account().await;
        let sinks: u64 = account.sinks.values().map(|sink| sink.waiting).sum();
        account.events.waiting + sinks + account.deliveries.waiting
    }

    /// Stops it.
    ///
    /// # Panics
    /// If anything was lost or failed, or nothing was a repetition.
    pub async fn stop(&self) {
        let account = self.notifier.stop().await;
        account.closes().expect("the accounts close");
        assert!(account.is_clean(), "{account:#?}");
        assert!(account.notifications.duplicate > 0 && account.deliveries.delivered > 0, "{account:#?}");
    }
}

/// JSON is YAML.
fn config(sink: &str, user: &str) -> Value {
    let webhook = |name: &str, url: &str| {
        json!({
            "type": "webhook", "name": name, "url": url, "secret": "a secret for this measurement",
            "allow_private_networks": true, "redact_sensitive": true,
        })
    };
    let mut desk = webhook("", user);
    drop(desk.as_object_mut().and_then(|desk| desk.remove("name")));
    json!({
        "events": {"sinks": [webhook("hook", sink), {"type": "log", "name": "lines", "events": ["tool.error"]}]},
        "triggers": [
            rule("alarm", "alarm == true", "{{ data.n }}"),
            rule("again", "alarm == true", "always the same"),
            rule("slow", "latency_ms > 2 * threshold_ms", "{{ agent_id }}"),
            rule("errors", "error_rate > 0.9 && tool_errors > 3", "{{ agent_id }}"),
            rule("often", "count(event_type == \"mission.failed\", 5m) >= 3", "{{ agent_id }}"),
        ],
        "channels": {"desk": desk},
        "users": {"lead": {"email": "lead@example.com"}},
        "preferences": {"default": {"desk": true}},
        "dedup": {"window": "5m"},
    })
}

fn rule(name: &str, condition: &str, dedup_key: &str) -> Value {
    json!({
        "name": name, "condition": condition, "channels": ["desk"], "priority": "high", "cooldown_seconds": 0,
        "title": "{{ agent_id }}: {{ data.tool }} failed", "body": "{{ data.error }} ({{ session_id }})",
        "dedup_key": dedup_key, "user_ids": ["lead"],
    })
}
