//! The types of channels, and which keys each takes. What the keys hold is left to the types' own files.

/// The keys of every channel.
pub(crate) const COMMON: [&str; 5] = ["type", "redact_sensitive", "redact_personal", "retry", "timeout"];
/// What every chat service takes.
const CHAT: [&str; 3] = ["url", "template", "allow_private_networks"];

/// The types, and the keys that each takes beyond the common ones.
pub(crate) const TYPES: [(&str, &[&str]); 19] = [
    ("push", &[]),
    ("inbox", &[]),
    ("log", &["logger_name"]),
    ("webhook", &["url", "headers", "secret", "secret_file", "template", "allow_private_networks"]),
    ("email", EMAIL),
    ("sms", SMS),
    ("bus", BUS),
    ("slack", &CHAT),
    ("discord", &CHAT),
    ("teams", &CHAT),
    ("mattermost", &CHAT),
    ("google_chat", &CHAT),
    ("telegram", &["token", "token_file", "chat_id", CHAT[0], CHAT[1], CHAT[2]]),
    ("pagerduty", &["routing_key", CHAT[0], CHAT[1], CHAT[2]]),
    ("opsgenie", &["api_key", CHAT[0], CHAT[1], CHAT[2]]),
    ("ntfy", &["topic", "token", "token_file", CHAT[0], CHAT[1], CHAT[2]]),
    ("gotify", &["token", "token_file", CHAT[0], CHAT[1], CHAT[2]]),
    ("pushover", &["token", "token_file", "user_key", CHAT[0], CHAT[1], CHAT[2]]),
    ("callback", &[]),
];

const EMAIL: &[&str] =
    &["smtp_host", "smtp_port", "tls", "username", "password", "password_file", "from", "to", "folder", "template"];
const SMS: &[&str] = &[
    "provider",
    "account_sid",
    "auth_token",
    "auth_token_file",
    "messaging_service_sid",
    "status_callback",
    "from",
    "to",
    "max_parts",
    "suppressions_file",
    "url",
    "headers",
    "template",
    "allow_private_networks",
];
const BUS: &[&str] = &["url", "topic", "username", "password", "password_file", "token", "token_file", "jetstream"];

/// The type of this name, and its keys.
pub(crate) fn of(name: &str) -> Option<(&'static str, &'static [&'static str])> {
    TYPES.into_iter().find(|(known, _)| *known == name)
}
