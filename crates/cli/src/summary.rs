//! The account at the end of a run: five levels, what was suppressed and why, and what did not get through.

use serde::Serialize;
use serde_json::{Map, Value};
use tidings::{Account, ChannelAccount, Notifier, explain::utc};

use crate::{args::Output, daemon::Totals, output};

/// How many undelivered messages are named.
const NAMED: usize = 10;

/// An account and more, as one object.
#[derive(Serialize)]
struct Beside<'a> {
    #[serde(flatten)]
    account: &'a Account,
    #[serde(flatten)]
    beside: Map<String, Value>,
}

/// Whether everything that should have been delivered was, and all of it is accounted for.
pub(crate) fn is_delivered(account: &Account) -> bool {
    account.events.shed + account.events.waiting + undelivered(account) == 0 && account.closes().is_ok()
}

/// How many messages did not get through.
fn undelivered(account: &Account) -> u64 {
    let sent = account.deliveries;
    let sinks = account.sinks.values().map(|sink| sink.dead + sink.shed + sink.waiting).sum::<u64>();
    sinks + sent.dead + sent.expired + sent.waiting
}

/// Tells the account, as JSON or for people.
pub(crate) async fn tell(notifier: &Notifier, account: &Account, output: &Output) {
    tell_beside(notifier, account, Map::new(), output).await;
}

/// Tells the account, and in the same JSON object what stands beside it.
pub(crate) async fn tell_beside(notifier: &Notifier, account: &Account, beside: Map<String, Value>, output: &Output) {
    if output.json {
        output::json(&Beside { account, beside });
    } else {
        let waiting = notifier.pending().await.map_or(account.deliveries.held, |pending| pending.held);
        output::line(text(account, waiting, notifier.channel_accounts().await.iter()));
    }
    tell_undelivered(notifier, account);
    tell_waiting(notifier, account).await;
    tell_unseen(notifier);
    if let Err(error) = account.closes() {
        output::error(&format!("{error}: this is a defect of this program"));
    }
}

/// Tells what became of something that a daemon was given, as [`tell_beside`] does.
pub(crate) fn tell_followed(totals: &Totals, beside: Map<String, Value>, output: &Output) {
    let account = &totals.account;
    if output.json {
        output::json(&Beside { account, beside });
    } else {
        output::line(text(account, account.deliveries.held, totals.channels.iter()));
    }
    if totals.undelivered.is_empty() {
        return;
    }
    output::note("not delivered:");
    for (delivery, why) in totals.undelivered.iter().take(NAMED) {
        output::note(format_args!("  {}: {}", output::plain(delivery), output::plain(why)));
    }
    let more = totals.undelivered.len().saturating_sub(NAMED);
    if more > 0 {
        output::note(format_args!("  and {more} more"));
    }
}

fn tell_undelivered(notifier: &Notifier, account: &Account) {
    let left = notifier.undelivered();
    if left.is_empty() {
        return;
    }
    output::note("not delivered:");
    for undelivered in left.iter().take(NAMED) {
        let delivery = undelivered.delivery.map(|id| format!(" ({id})")).unwrap_or_default();
        output::note(format_args!(
            "  {}: {}{delivery}: {}",
            undelivered.endpoint,
            output::plain(&undelivered.what),
            output::plain(&undelivered.reason)
        ));
    }
    // Only some are kept to be named; the account knows of all.
    let all = undelivered(account).max(left.len() as u64);
    let more = all.saturating_sub(left.len().min(NAMED) as u64);
    if more > 0 {
        output::note(format_args!("  and {more} more"));
    }
}

/// What a store keeps is not lost: it is told where it waits.
async fn tell_waiting(notifier: &Notifier, account: &Account) {
    let later = told_later(notifier).await;
    if !notifier.is_durable() {
        if let Some(later) = later {
            output::note(format_args!("gone with this process, since no `store` is configured: {later}"));
        }
        return;
    }
    let channels = notifier.channel_accounts().await;
    let sinks = account.sinks.iter().map(|(name, sink)| (name, sink.waiting));
    let waiting: Vec<_> = sinks
        .chain(channels.iter().map(|(name, sent)| (name, sent.waiting)))
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("  {name}: {count}"))
        .chain((account.events.waiting > 0).then(|| format!("  events for the rules: {}", account.events.waiting)))
        .chain(later.map(|later| format!("  told later: {later}")))
        .collect();
    if !waiting.is_empty() {
        output::note("waiting in the store; the next start goes on with it:");
        waiting.iter().for_each(output::note);
    }
}

/// What waits for its moment, if anything does.
async fn told_later(notifier: &Notifier) -> Option<String> {
    let pending = notifier.pending().await.ok()?;
    let next = pending.next?;
    let counts = [(pending.held, "held"), (pending.digested, "for digests")];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<_> = counts.map(|(count, word)| format!("{count} {word}")).collect();
    Some(format!("{}, due from {} UTC on", counts.join(", "), utc(next)))
}

/// A misspelt metric is told: its rule would stay silent for ever.
fn tell_unseen(notifier: &Notifier) {
    let unseen = notifier.unseen_metrics();
    for (rule, unseen) in unseen.iter().take(NAMED) {
        let nearest = unseen.nearest.as_ref().map(|name| format!("; nearest seen: `{}`", output::plain(name)));
        let (rule, metric) = (output::plain(rule), output::plain(&unseen.metric));
        output::note(format_args!("rule `{rule}` never saw metric `{metric}`{}", nearest.unwrap_or_default()));
    }
    if unseen.len() > NAMED {
        output::note(format_args!("and {} more metrics were never seen", unseen.len() - NAMED));
    }
}

/// The account for people: levels in the order of an event's way, only counts that say something. Of what was held, so many still wait.
fn text<'a>(
    account: &Account,
    waiting: u64,
    channels: impl Iterator<Item = (&'a String, &'a ChannelAccount)>,
) -> String {
    let mut table = Table::default();
    let events = account.events;
    table.row(
        "events",
        "",
        &[
            (events.offered, "offered"),
            (events.planned, "through the rules"),
            (events.duplicate, "sent before"),
            (events.refused, "not events"),
            (events.shed, "shed"),
            (events.waiting, "waiting"),
        ],
    );
    for (name, sink) in &account.sinks {
        let counts = [(sink.matched, "matched"), (sink.delivered, "delivered"), (sink.dead, "dead")];
        table.row("sink", name, &[&counts[..], &[(sink.shed, "shed"), (sink.waiting, "waiting")]].concat());
    }
    for (name, rule) in &account.rules {
        let counts = [(rule.evaluated, "evaluated"), (rule.fired, "fired"), (rule.cooldown, "in cooldown")];
        let rest = [(rule.no, "no"), (rule.missing, "missing"), (rule.error, "errors")];
        let held = [(rule.pending, "pending"), (rule.firing, "firing"), (rule.resolved, "resolved")];
        table.row("rule", name, &[&counts[..], &rest[..], &held[..]].concat());
    }
    let told = account.notifications;
    let reasons = [(told.duplicate, "duplicates"), (told.silenced, "silenced"), (told.denied, "not wanted")];
    table.row("notifications", "", &[&[(told.made, "made"), (told.planned, "sent on")][..], &reasons[..]].concat());
    table.row_of_some("told later", &not_at_once(account, waiting));
    for (name, sent) in channels {
        let counts = [(sent.delivered, "delivered"), (sent.dead, "dead")];
        table.row("channel", name, &[&counts[..], &[(sent.expired, "expired"), (sent.waiting, "waiting")]].concat());
    }
    table.0.trim_end().to_owned()
}

/// What was not told at once, and what of it will not be told at all.
fn not_at_once(account: &Account, waiting: u64) -> [(u64, &'static str); 3] {
    let sent = account.deliveries;
    let held = sent.held.min(waiting);
    [
        (held, "held for quiet hours or a snooze"),
        (sent.digested, "in digests"),
        (sent.held - held, "withdrawn, since nobody wants them any more"),
    ]
}

/// Rows of a level, a name and its counts.
#[derive(Default)]
struct Table(String);

impl Table {
    /// Only counts that are not zero; no row where all are.
    fn row_of_some(&mut self, level: &str, counts: &[(u64, &str)]) {
        let some: Vec<_> = counts.iter().filter(|(count, _)| *count > 0).copied().collect();
        if !some.is_empty() {
            self.row(level, "", &some);
        }
    }

    /// The first count always shows, the others where they are not zero.
    fn row(&mut self, level: &str, name: &str, counts: &[(u64, &str)]) {
        let shown = counts.iter().enumerate().filter(|(index, (count, _))| *index == 0 || *count > 0);
        let shown: Vec<_> = shown.map(|(_, (count, word))| format!("{count} {word}")).collect();
        self.0.push_str(&format!("{level:<14}{name:<26} {}\n", shown.join(", ")));
    }
}
