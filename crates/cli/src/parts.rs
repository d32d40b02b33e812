//! The parts of text messages, told before anything is sent: each is paid for. How a text is written and counted is the SMS channel's
//! knowledge.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow};
use tidings::{
    Message, Notification, NotificationId, NotificationKind, clock,
    config::{ChannelPlan, Plan},
    preview_sms, sms,
};

use crate::{default_rule::ME, output};

/// How many parts each channel of type `sms` would send.
pub(crate) type Parts = BTreeMap<String, usize>;

/// Tells what each channel of type `sms` that the message names would send, and counts its parts. Where a template makes texts differ from
/// user to user, the longest is told.
///
/// # Errors
/// Where a text has more parts than its channel allows, or cannot be rendered: nothing is to be sent then.
pub(crate) fn show(plan: Option<&Plan>, message: &Message) -> anyhow::Result<Parts> {
    let mut parts = Parts::new();
    for (name, channel) in plan.into_iter().flat_map(|plan| &plan.channels) {
        if !message.channels.contains(name) {
            continue;
        }
        let users = plan.map(|plan| users(plan, message)).unwrap_or_default();
        if let Some(preview) = longest(channel, message, &users).with_context(|| refusal(name))? {
            tell(name, &preview);
            parts.insert(name.clone(), preview.segments.parts);
        }
    }
    Ok(parts)
}

fn refusal(name: &str) -> String {
    format!("{}: nothing was sent", output::plain(name))
}

/// Who would be told.
fn users<'a>(plan: &'a Plan, message: &'a Message) -> Vec<&'a str> {
    let all = plan.users.keys().map(String::as_str);
    let named: Vec<&str> =
        if message.user_ids.is_empty() { all.collect() } else { message.user_ids.iter().map(String::as_str).collect() };
    if named.is_empty() { vec![ME] } else { named }
}

/// The preview with the most parts; `None` where the channel is of another type.
fn longest(channel: &ChannelPlan, message: &Message, users: &[&str]) -> anyhow::Result<Option<sms::Preview>> {
    let mut longest: Option<sms::Preview> = None;
    for user in users {
        let Some(preview) = preview_sms(channel, &notification(message, user)) else { return Ok(None) };
        let preview = preview.map_err(|error| anyhow!(error))?;
        let units = |preview: &sms::Preview| (preview.segments.parts, preview.segments.units);
        if longest.as_ref().is_none_or(|longest| units(longest) < units(&preview)) {
            longest = Some(preview);
        }
    }
    Ok(longest)
}

/// The message as a user would be told it; it is not sent.
fn notification(message: &Message, user: &str) -> Notification {
    Notification {
        notification_id: NotificationId::from_bytes([0; 16]),
        agent_id: message.agent_id.clone(),
        title: message.title.clone(),
        body: message.body.clone(),
        priority: message.priority,
        channels: message.channels.clone(),
        user_id: user.to_owned(),
        metadata: serde_json::Map::new(),
        created_at: clock::system_now(),
        dedup_key: String::new(),
        rule: None,
        event: None,
        kind: NotificationKind::Firing,
        incident: None,
    }
}

/// The parts, and the text as it leaves.
fn tell(name: &str, preview: &sms::Preview) {
    output::note(format_args!("{}: {}", output::plain(name), preview.segments));
    preview.text.lines().for_each(|line| output::note(format_args!("  {}", output::plain(line))));
}
