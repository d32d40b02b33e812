//! A replay for people: what is shown of its numbers, and what only one of two configurations tells. JSON is made of the same tally.

mod table;

use std::collections::BTreeMap;

use tidings::{Happening, What};

use super::{
    difference::{NAMED, Only},
    tally::{Counts, Moment, Tally},
};
use crate::output;
use table::Table;

/// One message as it goes out.
pub(super) fn list(side: usize, compares: bool, seen: &Happening<'_>) {
    let (What::Sent { channels, .. }, Some(told)) = (seen.what, seen.notification) else { return };
    let side = if compares { ["A ", "B "].get(side).copied().unwrap_or_default() } else { "" };
    let (at, user, title) = (Moment::of(seen.at), output::plain(&told.user_id), output::plain(&told.title));
    let channels = output::plain(&channels.join(", "));
    output::line(format_args!("{side}{at}  {user:<12}  {channels:<16}  {title}"));
}

/// All of it.
pub(super) fn tell(tallies: &[Tally], only: &Only) -> String {
    let mut text = String::new();
    for (tally, letter) in tallies.iter().zip(["A", "B"]) {
        let letter = if tallies.len() > 1 { format!("{letter}: ") } else { String::new() };
        put(&mut text, format_args!("{letter}{}: {}", output::plain(&tally.config), span(tally)));
    }
    let mut table = Table::of(tallies);
    totals(&mut table);
    mechanisms(&mut table);
    table.names("messages by rule", |tally| pick(&tally.rules));
    table.names("messages by user", |tally| pick(&tally.users));
    table.names("messages by channel", |tally| tally.channels.clone());
    table.names("messages by hour (UTC)", |tally| {
        pick(&tally.hours.iter().map(|(hour, counts)| (hour.to_string(), counts.clone())).collect())
    });
    text.push_str(&table.finish());
    if tallies.len() > 1 {
        only_one(&mut text, "A", only, 0);
        only_one(&mut text, "B", only, 1);
    }
    text.trim_end().to_owned()
}

fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.push_str(&line.to_string());
    text.push('\n');
}

fn span(tally: &Tally) -> String {
    let events = tally.events;
    let mut told = format!("{} events", events.replayed);
    for (count, word) in [(events.duplicate, "sent before"), (events.refused, "not events")] {
        if count > 0 {
            told.push_str(&format!(", {count} {word}"));
        }
    }
    if let (Some(from), Some(until)) = (tally.from, tally.until) {
        told.push_str(&format!(", {from} to {until}"));
    }
    told
}

/// The messages under each name, where there are any.
fn pick(all: &BTreeMap<String, Counts>) -> BTreeMap<String, u64> {
    all.iter().map(|(name, counts)| (name.clone(), counts.messages)).filter(|(_, messages)| *messages > 0).collect()
}

fn totals(table: &mut Table<'_>) {
    table.heading("in all");
    table.row("firings", |tally| tally.total.fired);
    table.row("notifications made", |tally| tally.total.made);
    table.row("  sent at once", |tally| tally.total.at_once);
    table.row("  sent after a wait", |tally| tally.total.later);
    table.row("  told in digests", |tally| tally.total.gathered);
    table.row("  still waiting", |tally| tally.total.waiting);
    table.row("  kept back", |tally| tally.total.suppressed.notifications());
    table.row("messages sent", |tally| tally.total.messages);
    table.row("  of digests", |tally| tally.total.digests);
    table.row("critical made", |tally| tally.critical.made);
    table.row("critical told", |tally| tally.critical.told());
}

/// What each mechanism did.
fn mechanisms(table: &mut Table<'_>) {
    table.heading("by mechanism");
    table.row("cooldown (firings)", |tally| tally.total.suppressed.cooldown);
    table.row("duplicate", |tally| tally.total.suppressed.duplicate);
    table.row("end of what was not told", |tally| tally.total.suppressed.untold);
    table.row("silence", |tally| tally.total.suppressed.silenced);
    let all = table.tallies().iter().flat_map(|tally| tally.total.suppressed.denied.keys());
    let reasons: std::collections::BTreeSet<String> = all.cloned().collect();
    for reason in reasons {
        let count = |tally: &Tally| tally.total.suppressed.denied.get(&reason).copied().unwrap_or_default();
        table.row(&format!("not wanted: {}", reason.replace('_', " ")), count);
    }
    table.row("held", |tally| tally.total.held);
    table.row("put into digests", |tally| tally.total.digested);
    table.row("summed up", |tally| tally.total.summed_up);
    table.row("over before its digest", |tally| tally.total.suppressed.dropped);
    table.row("not wanted any more", |tally| tally.total.suppressed.withdrawn);
}

fn only_one(text: &mut String, letter: &str, only: &Only, side: usize) {
    let count = only.count(side);
    if count == 0 {
        return;
    }
    put(text, format_args!("\nonly {letter} tells {count}"));
    let first = only.first(side);
    for told in &first {
        let (user, title) = (output::plain(&told.user), output::plain(&told.title));
        put(text, format_args!("  {}  {user:<12}  {:<8}  {title}", told.at, told.priority.as_str()));
    }
    let more = count.saturating_sub(first.len().min(NAMED) as u64);
    if more > 0 {
        put(text, format_args!("  and {more} more"));
    }
}
