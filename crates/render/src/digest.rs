//! Many notifications as one: what a digest says is a function of its items and its window. What is put into one, and when it is sent, is
//! decided elsewhere.

use jiff::{Zoned, tz::TimeZone};
use serde_json::{Map, Value, json};
use tidings_core::{Notification, NotificationId, NotificationKind, Priority, Timestamp, id::derive};

use crate::message::{clean, clip};

/// The most lines of a digest; what is older is counted.
pub const LINES: usize = 100;
/// Characters of a line's title.
const TITLE: usize = 160;
/// Characters of an agent's and of a rule's name.
const NAME: usize = 80;

/// Whose digest it is, where it goes, and which time it tells of: from `from` on, up to but without `until`.
#[derive(Clone, Debug)]
pub struct Window {
    /// Whose.
    pub user: String,
    /// On which channel.
    pub channel: String,
    /// The beginning.
    pub from: Timestamp,
    /// The end; with user and channel it is what the digest's id is made of.
    pub until: Timestamp,
    /// The user's time zone, which times are told in.
    pub zone: TimeZone,
}

/// What one agent's rule said: the items, the newest first.
struct Group<'a> {
    name: String,
    items: Vec<&'a Notification>,
    /// How many there were, those beyond [`LINES`] too.
    all: usize,
}

/// The digest of these items, in any order, as a notification for the window's user: its id is the same however often it is made.
/// `None` where there is nothing to tell.
#[must_use]
pub fn digest(items: &[&Notification], window: &Window) -> Option<Notification> {
    let mut newest_first = items.to_vec();
    newest_first.sort_by_key(|item| (std::cmp::Reverse(item.created_at), item.notification_id));
    newest_first.dedup_by_key(|item| item.notification_id);
    let priority = newest_first.iter().map(|item| item.priority).max()?;
    let groups = groups(&newest_first);
    let notification_id = NotificationId::of_digest(&window.user, &window.channel, window.until);
    Some(Notification {
        notification_id,
        agent_id: only_agent(&newest_first),
        title: title(&newest_first),
        body: body(&newest_first, &groups, window),
        priority,
        channels: vec![window.channel.clone()],
        user_id: window.user.clone(),
        metadata: metadata(newest_first.len(), window),
        created_at: window.until,
        dedup_key: dedup_key(notification_id),
        rule: None,
        event: None,
        kind: NotificationKind::Firing,
        incident: None,
    })
}

/// No digest repeats another.
fn dedup_key(id: NotificationId) -> String {
    let key = derive("digest.key", &[id.as_bytes()]);
    NotificationId::from_bytes(key).to_string()
}

fn metadata(count: usize, window: &Window) -> Map<String, Value> {
    let told = json!({"count": count, "from": window.from, "until": window.until});
    Map::from_iter([("digest".to_owned(), told)])
}

/// The agent of all items, if they have one in common.
fn only_agent(items: &[&Notification]) -> Option<String> {
    let first = items.first()?.agent_id.clone()?;
    items.iter().all(|item| item.agent_id.as_deref() == Some(&first)).then_some(first)
}

fn title(items: &[&Notification]) -> String {
    let mut agents: Vec<_> = items.iter().map(|item| item.agent_id.as_deref()).collect();
    agents.sort_unstable();
    agents.dedup();
    let told = counted(items.len(), "notification");
    match agents.as_slice() {
        [Some(agent)] => format!("{told} from {}", clip(&one_line(agent), NAME)),
        [None] => told,
        many => format!("{told} from {}", counted(many.len(), "agent")),
    }
}

fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// Groups in the order of their newest item; lines beyond the limit are the oldest of all. What has no line is no group, so that there
/// are never more groups than lines.
fn groups<'a>(newest_first: &[&'a Notification]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for (place, item) in newest_first.iter().enumerate() {
        let name = name(item);
        let found = groups.iter_mut().find(|group| group.name == name);
        let line = Some(*item).filter(|_| place < LINES);
        match (found, line) {
            (Some(group), line) => {
                group.all += 1;
                group.items.extend(line);
            }
            (None, Some(line)) => groups.push(Group { name, items: vec![line], all: 1 }),
            (None, None) => {}
        }
    }
    groups
}

/// Agent and rule, as far as they are known.
fn name(item: &Notification) -> String {
    let rule = item.rule.as_deref().or_else(|| item.metadata.get("rule")?.as_str());
    let known = [item.agent_id.as_deref(), rule].into_iter().flatten();
    let parts: Vec<String> = known.map(|part| clip(&one_line(part), NAME)).collect();
    if parts.is_empty() { "other".to_owned() } else { parts.join(" · ") }
}

fn body(items: &[&Notification], groups: &[Group<'_>], window: &Window) -> String {
    let (from, until) = (local(window.from, window), local(window.until, window));
    let format = line_format(items, window);
    let mut text = format!("{}, {}\n", counted(items.len(), "notification"), span(&from, &until, window));
    for group in groups {
        text.push_str(&format!("\n{} ({})\n", group.name, group.all));
        for item in &group.items {
            text.push_str(&format!("  {}\n", line(item, window, format)));
        }
    }
    if items.len() > LINES {
        text.push_str(&format!("\nand {} more\n", items.len() - LINES));
    }
    text.truncate(text.trim_end().len());
    text
}

fn line(item: &Notification, window: &Window, format: &str) -> String {
    let at = local(item.created_at, window).strftime(format).to_string();
    let rank = match item.kind {
        NotificationKind::Firing if item.priority == Priority::Low => String::new(),
        NotificationKind::Firing => format!("[{}] ", item.priority.as_str().to_ascii_uppercase()),
        NotificationKind::Resolved => String::new(),
    };
    let again = item.metadata.get("suppressed").and_then(Value::as_u64).filter(|count| *count > 0);
    let again = again.map(|count| format!(" ({count} more suppressed)")).unwrap_or_default();
    format!("{at}  {rank}{}{again}", clip(&one_line(&item.title), TITLE))
}

/// The day stands in each line where the items are not all of one day.
fn line_format(items: &[&Notification], window: &Window) -> &'static str {
    let mut days = items.iter().map(|item| local(item.created_at, window).date());
    let first = days.next();
    if days.all(|day| Some(day) == first) { "%H:%M" } else { "%-d %b %H:%M" }
}

fn span(from: &Zoned, until: &Zoned, window: &Window) -> String {
    // A zone without a name is told by how far it is from UTC.
    let zone = window.zone.iana_name().map_or_else(|| from.strftime("UTC%:z").to_string(), str::to_owned);
    let day = |time: &Zoned| time.strftime("%-d %b %Y %H:%M").to_string();
    if from.date() == until.date() {
        format!("{} to {} ({zone})", day(from), until.strftime("%H:%M"))
    } else {
        format!("{} to {} ({zone})", day(from), day(until))
    }
}

fn local(at: Timestamp, window: &Window) -> Zoned {
    let nanos = i128::from(at.as_nanos());
    jiff::Timestamp::from_nanosecond(nanos).unwrap_or_default().to_zoned(window.zone.clone())
}

fn one_line(text: &str) -> String {
    clean(text).replace(['\n', '\t'], " ").trim().to_owned()
}

#[cfg(test)]
mod tests;
