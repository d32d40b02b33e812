//! The notifier's accounts as metrics, drawn at each scrape: what came in and what became of it. They begin at zero with each process.

use tidings::{Account, Gate, Health};

use super::text::Text;
use crate::app::App;

/// Writes all of them.
pub(super) async fn write(app: &App, text: &mut Text) {
    let notifier = app.notifier();
    let account = notifier.account().await;
    events(&account, text);
    rules(&account, text);
    sinks(&account, text);
    notifications(&account, text);
    channels(app, text).await;
    breakers(app, text);
    text.gauge("tidings_queue_events", "Events between the door and the rules.").count(&[], notifier.queued());
    let sessions = notifier.hub().map_or(0, tidings::push::Hub::sessions);
    text.gauge("tidings_push_sessions", "Live push sessions.").count(&[], sessions as u64);
}

fn events(account: &Account, text: &mut Text) {
    let events = account.events;
    let mut metric = text.counter("tidings_events_total", "Events that were handed in, by what became of them.");
    let outcomes = [
        ("planned", events.planned),
        ("duplicate", events.duplicate),
        ("shed", events.shed),
        ("refused", events.refused),
    ];
    outcomes.iter().for_each(|(outcome, count)| metric.count(&[("outcome", outcome)], *count));
}

fn rules(account: &Account, text: &mut Text) {
    let help = "What each rule made of the events of its agents.";
    let mut metric = text.counter("tidings_rule_evaluations_total", help);
    for (rule, counts) in &account.rules {
        let outcomes = [
            ("fired", counts.fired),
            ("no", counts.no),
            ("missing", counts.missing),
            ("error", counts.error),
            ("pending", counts.pending),
            ("firing", counts.firing),
            ("cooldown", counts.cooldown),
            ("resolved", counts.resolved),
        ];
        outcomes.iter().for_each(|(outcome, count)| metric.count(&[("rule", rule), ("outcome", outcome)], *count));
    }
}

fn sinks(account: &Account, text: &mut Text) {
    let mut metric = text.counter("tidings_sink_events_total", "Events for each sink, by what became of them.");
    for (sink, counts) in &account.sinks {
        let outcomes = [("delivered", counts.delivered), ("dead", counts.dead), ("shed", counts.shed)];
        outcomes.iter().for_each(|(outcome, count)| metric.count(&[("sink", sink), ("outcome", outcome)], *count));
    }
    let mut metric = text.gauge("tidings_sink_waiting", "Events on the way to each sink.");
    account.sinks.iter().for_each(|(sink, counts)| metric.count(&[("sink", sink)], counts.waiting));
}

fn notifications(account: &Account, text: &mut Text) {
    let told = account.notifications;
    let mut metric = text.counter("tidings_notifications_total", "Notifications, by what was decided on them.");
    let outcomes = [
        ("planned", told.planned),
        ("duplicate", told.duplicate),
        ("silenced", told.silenced),
        ("denied", told.denied),
    ];
    outcomes.iter().for_each(|(outcome, count)| metric.count(&[("outcome", outcome)], *count));
    let sent = account.deliveries;
    let mut metric =
        text.gauge("tidings_notifications_put_off", "Notifications that are told later, or were left out then.");
    metric.count(&[("reason", "held")], sent.held);
    metric.count(&[("reason", "digested")], sent.digested);
}

async fn channels(app: &App, text: &mut Text) {
    let accounts = app.notifier().channel_accounts().await;
    let mut metric = text.counter("tidings_deliveries_total", "Deliveries on each channel, by how they ended.");
    for (channel, counts) in &accounts {
        let outcomes = [("delivered", counts.delivered), ("dead", counts.dead), ("expired", counts.expired)];
        outcomes
            .iter()
            .for_each(|(outcome, count)| metric.count(&[("channel", channel), ("outcome", outcome)], *count));
    }
    let mut metric = text.gauge("tidings_deliveries_waiting", "Deliveries on the way on each channel.");
    accounts.iter().for_each(|(channel, counts)| metric.count(&[("channel", channel)], counts.waiting));
}

fn breakers(app: &App, text: &mut Text) {
    let help = "Whether each sink's or channel's breaker lets deliveries through: 0 all, 1 a probe, 2 none.";
    let mut metric = text.gauge("tidings_breaker_state", help);
    for endpoint in app.notifier().health(app.now()) {
        let state = match (endpoint.health, endpoint.gate) {
            (Health::Up, _) => 0,
            (Health::Down, Gate::Open { .. }) => 2,
            (Health::Down, Gate::Closed | Gate::Probe) => 1,
        };
        metric.count(&[("endpoint", &endpoint.name)], state);
    }
}
