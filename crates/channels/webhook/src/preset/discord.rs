//! Discord: `content` of at most 2,000 characters, and no mention of anybody is allowed to ring.

use serde_json::{Value, json};

use super::message::{Message, clip};

/// UTF-16 units of the content: at most as many as characters, whichever way they are counted.
const CONTENT: usize = 2000;

pub(super) fn is_host(host: &str) -> bool {
    matches!(host, "discord.com" | "discordapp.com" | "ptb.discord.com" | "canary.discord.com")
}

/// Both paths of the API; `/slack` and `/github` behind them read other services' forms.
pub(super) fn is_address(host: &str, path: &str) -> bool {
    let path = path.trim_end_matches('/');
    let webhook = path.strip_prefix("/api/").is_some_and(|rest| {
        let versioned = rest.strip_prefix('v').map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
        rest.starts_with("webhooks/") || versioned.is_some_and(|rest| rest.starts_with("/webhooks/"))
    });
    is_host(host) && webhook && !path.ends_with("/slack") && !path.ends_with("/github")
}

pub(super) fn body(message: &Message) -> Value {
    let parts = [format!("**{}**", message.title.replace('*', "\\*")), message.text.clone(), message.facts_line()];
    let lines: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.trim().is_empty()).collect();
    json!({"content": fit(&lines.join("\n")), "allowed_mentions": {"parse": []}})
}

/// Clips until it fits however characters are counted: one beyond the basic plane may count as two.
fn fit(text: &str) -> String {
    let beyond = text.chars().take(CONTENT).filter(|character| character.len_utf16() > 1).count();
    clip(text, CONTENT - beyond.min(CONTENT / 2))
}
