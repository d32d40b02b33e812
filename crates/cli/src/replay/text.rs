//! A replay for people: what is shown of its numbers, and what only one of two configurations tells. JSON is made of the same tally.

mod table;

use std::collections::{BTreeMap, BTreeSet};

use tidings::{
    Happening, What,
    replay::{Counts, Critical, Moment, NAMED, Only, Suppressed, Tally},
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
pub(super) fn tell(tallies: &[Tally], only: &Only, share: Option<f64>) -> String {
    let mut text = String::new();
    for (tally, letter) in tallies.iter().zip(["A", "B"]) {
        let letter = if tallies.len() > 1 { format!("{letter}: ") } else { String::new() };
        put(&mut text, format_args!("{letter}{}: {}", output::plain(&tally.config), span(tally)));
    }
    let mut table = Table::of(tallies);
    totals(&mut table);
    critical(&mut table);
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
    if let (Some(share), [a, b]) = (share, tallies) {
        let (sent, bare, percent) = (a.total.messages, b.total.messages, share * 100.0);
        put(&mut text, format_args!("\n{sent} of the {bare} messages that the rules alone would send: {percent:.1} %"));
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
}

/// What became of what is critical. That nothing of it is lost is said, not left out.
fn critical(table: &mut Table<'_>) {
    if table.tallies().iter().all(|tally| tally.critical_told == Critical::default()) {
        return;
    }
    table.heading("critical");
    table.row("notifications made", |tally| tally.critical_told.made);
    table.row("  told by themselves", |tally| tally.critical_told.alone);
    table.row("  told in digests", |tally| tally.critical_told.together);
    table.row("  told before (duplicate)", |tally| tally.critical_told.repeats);
    table.row("  end of what was not told", |tally| tally.critical_told.ends);
    table.row("  still waiting", |tally| tally.critical_told.waiting);
    table.always("  told to nobody", |tally| tally.critical_told.nobody);
    by_wish(table, "    ", |tally| &tally.critical.suppressed);
    table.always("firings in a cooldown", |tally| tally.critical_told.in_cooldown);
}

/// What each mechanism did.
fn mechanisms(table: &mut Table<'_>) {
    table.heading("by mechanism");
    table.row("cooldown (firings)", |tally| tally.total.suppressed.cooldown);
    table.row("duplicate", |tally| tally.total.suppressed.duplicate);
    table.row("end of what was not told", |tally| tally.total.suppressed.untold);
    by_wish(table, "", |tally| &tally.total.suppressed);
    table.row("held", |tally| tally.total.held);
    table.row("put into digests", |tally| tally.total.digested);
    table.row("summed up", |tally| tally.total.summed_up);
}

/// What nobody was told, by the reason.
fn by_wish(table: &mut Table<'_>, indent: &str, of: fn(&Tally) -> &Suppressed) {
    table.row(&format!("{indent}silence"), |tally| of(tally).silenced);
    let all = table.tallies().iter().flat_map(|tally| of(tally).denied.keys());
    let reasons: BTreeSet<String> = all.cloned().collect();
    for reason in reasons {
        let count = |tally: &Tally| of(tally).denied.get(&reason).copied().unwrap_or_default();
        table.row(&format!("{indent}not wanted: {}", reason.replace('_', " ")), count);
    }
    table.row(&format!("{indent}over before its digest"), |tally| of(tally).dropped);
    table.row(&format!("{indent}not wanted any more"), |tally| of(tally).withdrawn);
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
