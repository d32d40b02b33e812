//! The engine from outside: what happens to events when sinks misbehave, queues are full, and the notifier stops.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed, and says where")]

mod backlog;
mod explain;
mod isolation;
mod judged;
mod later;
mod letters;
mod lifecycle;
mod mixture;
mod moody;
mod people;
mod pieces;
mod reload;
mod renewals;
mod rules;
mod silences;
mod stopping;
mod stress;
mod time;
mod unsettled;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tidings_core::{Event, Severity, Timestamp};
use tidings_engine::{Account, Builder, Notifier, Sink};

/// Keeps the types of the events that reached a closure.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn sink(&self, name: &str) -> Sink {
        let seen = self.clone();
        Sink::callback(name, move |event| seen.0.lock().unwrap().push(event.event_type.clone()))
    }

    fn types(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

fn event(event_type: &str, severity: Severity) -> Event {
    Event::new(event_type).agent("a").severity(severity).at(Timestamp::from_secs(1))
}

fn info(event_type: &str) -> Event {
    event(event_type, Severity::Info)
}

async fn start(builder: Builder) -> Notifier {
    builder.shutdown_timeout(Duration::from_secs(5)).build().unwrap().start().await.unwrap()
}

/// Stops and checks that all accounts close.
async fn stop(notifier: &Notifier) -> Account {
    let account = notifier.stop().await;
    account.closes().unwrap_or_else(|error| panic!("{error}\n{account:#?}"));
    account
}
