//! `log`: what was decided and done, newest first, a page at a time.

use std::io::{IsTerminal, stdout};

use serde_json::{Value, json};
use tidings::{
    Timestamp,
    clock::system_now,
    explain::utc,
    store::{Entry, LogFilter, Page, Step, Store},
};

use crate::{
    Exit,
    args::{Log, LogWords, Output},
    kept, output,
};

/// The longest value in a line, in characters.
const VALUE: usize = 120;

/// Tells a page of the log.
pub(crate) async fn log(log: &Log, output: &Output) -> anyhow::Result<Exit> {
    let store = kept::to_read(&log.store)?;
    let limit = usize::from(log.limit);
    let entries = store.log_query(&filter(log), Page::Before { number: log.before, limit }).await?;
    let next = entries.last().map(|entry| entry.number).filter(|number| entries.len() == limit && *number > 1);
    if output.json {
        output::json(&json!({"entries": entries, "next": next}));
        return Ok(Exit::Done);
    }
    let width = entries.first().map_or(0, |entry| entry.number.to_string().len());
    let colours = stdout().is_terminal();
    entries.iter().for_each(|entry| output::line(line(entry, width, colours)));
    if let Some(next) = next {
        output::note(format_args!("older entries: --before {next}"));
    }
    Ok(Exit::Done)
}

fn filter(log: &Log) -> LogFilter {
    let now = system_now();
    LogFilter {
        since: log.since.map(|since| since.from(now)),
        until: log.until.map(|until| until.from(now)),
        ..of(&log.words)
    }
}

/// What the words ask for, at any time.
pub(crate) fn of(words: &LogWords) -> LogFilter {
    let LogWords { event, notification, delivery, rule, agent, user, endpoint, steps } = words.clone();
    LogFilter { steps, event, notification, delivery, rule, agent, user, endpoint, since: None, until: None }
}

/// Number, time and step in columns, then whom and what it is about.
pub(crate) fn line(entry: &Entry, width: usize, colours: bool) -> String {
    let step = format!("{:<10}", entry.step.as_str());
    let step = if colours { format!("{}{step}\x1b[0m", colour(entry.step)) } else { step };
    format!("{:>width$}  {:<23}  {step}  {}", entry.number, utc(entry.at), output::plain(&about(entry)))
}

fn about(entry: &Entry) -> String {
    let named = [("rule", &entry.rule), ("agent", &entry.agent), ("user", &entry.user), ("on", &entry.endpoint)];
    let mut parts: Vec<String> =
        named.into_iter().filter_map(|(word, value)| Some(format!("{word} {}", value.as_ref()?))).collect();
    if entry.attempt > 0 {
        parts.push(format!("attempt {}", entry.attempt));
    }
    parts.extend(detail(entry));
    // The most special id leads on to the whole story.
    let delivery = entry.delivery.map(|id| format!("delivery {id}"));
    let notification = || entry.notification.map(|id| format!("notification {id}"));
    let event = || entry.event.map(|id| format!("event {id}"));
    parts.extend(delivery.or_else(notification).or_else(event));
    parts.join("  ")
}

/// The values that say most of the step.
fn detail(entry: &Entry) -> Option<String> {
    let key = match entry.step {
        Step::Held | Step::Digested => return Some(short(&put_off(entry))).filter(|text| !text.is_empty()),
        Step::Silenced | Step::Denied if entry.detail.contains_key("silence") => {
            return Some(short(&silenced(entry))).filter(|text| !text.is_empty());
        }
        Step::Gathered => return text(entry, "into").map(|into| format!("into {into}")),
        Step::Fired | Step::Resolved => "condition",
        Step::Duplicate => "of",
        Step::Denied | Step::Muted | Step::Resumed if names_channels(entry) => "muted",
        Step::Planned | Step::Denied | Step::Muted | Step::Untold | Step::Resumed | Step::Dropped => "title",
        Step::Damaged => "table",
        Step::Fallback => "after",
        _ if entry.detail.contains_key("text") => "text",
        _ => "code",
    };
    let text = match entry.detail.get(key)? {
        Value::String(of) if entry.step == Step::Duplicate => format!("of {of}"),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().filter_map(item).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    Some(short(&text))
}

/// A text without its secrets, cut to what a line has room for.
fn short(text: &str) -> String {
    let text = tidings::redact::Redactor::default().redact_text(text).into_owned();
    let short: String = text.chars().take(VALUE).collect();
    if short.len() < text.len() { format!("{short}...") } else { short }
}

fn names_channels(entry: &Entry) -> bool {
    entry.detail.get("muted").and_then(Value::as_array).is_some_and(|muted| !muted.is_empty())
}

fn text<'e>(entry: &'e Entry, key: &str) -> Option<&'e str> {
    entry.detail.get(key).and_then(Value::as_str)
}

fn time(entry: &Entry, key: &str) -> Option<String> {
    entry.detail.get(key).and_then(Value::as_f64).and_then(Timestamp::from_secs_f64).map(utc)
}

/// Until when it waits, why, and whose word that was.
fn put_off(entry: &Entry) -> String {
    let until = time(entry, "until").or_else(|| time(entry, "due"));
    let channel = text(entry, "channel").map(|channel| format!("on {channel} ")).unwrap_or_default();
    let word = if entry.step == Step::Held { "until" } else { "at" };
    let when = until.map(|until| format!("{channel}{word} {until}")).unwrap_or_else(|| channel.trim_end().to_owned());
    let by = text(entry, "layer").map(|layer| format!(" by {layer}")).unwrap_or_default();
    let why = text(entry, "why").map(|why| format!(": {why}{by}")).unwrap_or_default();
    format!("{when}{why}")
}

/// Who silenced it, until when and why.
fn silenced(entry: &Entry) -> String {
    let by = text(entry, "author").map(|author| format!("by {author}"));
    let until = time(entry, "until").map(|until| format!("until {until}"));
    let told = by.into_iter().chain(until).collect::<Vec<_>>().join(" ");
    let reason = text(entry, "reason").map(|reason| format!(": {reason}")).unwrap_or_default();
    // What was to be told later says that it is not.
    let word = if entry.step == Step::Silenced { "" } else { "silenced " };
    format!("{word}{told}{reason}")
}

/// One of a list: a word, or a channel that is not used, with its reason and who said so. A silence is nobody's preference.
fn item(value: &Value) -> Option<String> {
    let word = |key: &str| value.get(key).and_then(Value::as_str);
    if let Value::String(text) = value {
        return Some(text.clone());
    }
    let (channel, reason, layer) = (word("channel")?, word("reason")?, word("layer")?);
    let by = if reason == "silenced" { String::new() } else { format!(" by {layer}") };
    Some(format!("not on {channel}: {reason}{by}"))
}

const fn colour(step: Step) -> &'static str {
    match step {
        Step::Dead | Step::Expired | Step::Failed | Step::Incomplete | Step::Disabled | Step::Damaged | Step::Shed => {
            "\x1b[31m"
        }
        Step::Retry | Step::Fallback | Step::Late | Step::Held | Step::Digested => "\x1b[33m",
        Step::Delivered | Step::Complete | Step::Resolved | Step::Enabled | Step::Gathered => "\x1b[32m",
        Step::Fired | Step::Planned | Step::Resumed => "\x1b[36m",
        _ => "\x1b[2m",
    }
}
