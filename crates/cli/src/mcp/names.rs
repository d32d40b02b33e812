//! What an agent may call a channel or a person: a name, never an address. An agent that was talked into telling somebody else must
//! have no way to say whom.

use std::net::{IpAddr, SocketAddr};

/// The longest name, in bytes.
pub(super) const LONGEST: usize = 256;

/// Schemes of addresses that need no `//`.
const SCHEMES: [&str; 12] =
    ["http", "https", "mailto", "tel", "sms", "callto", "sip", "sips", "xmpp", "whatsapp", "ftp", "ws"];

/// What kind of address the name looks like; `None` for a name.
pub(super) fn address(name: &str) -> Option<&'static str> {
    let name = name.trim().to_lowercase();
    if is_url(&name) {
        Some("a URL")
    } else if name.contains(['@', '＠', '﹫']) || name.contains("%40") {
        Some("an e-mail address")
    } else if is_phone(&name) {
        Some("a phone number")
    } else {
        None
    }
}

fn is_url(name: &str) -> bool {
    let has_scheme = name.split_once(':').is_some_and(|(scheme, _)| SCHEMES.contains(&scheme.trim()));
    let has_path = name.split_once(['/', '?']).is_some_and(|(host, _)| host.contains('.'));
    let has_port = name.rsplit_once(':').is_some_and(|(host, port)| {
        (host.contains('.') || host == "localhost")
            && !port.is_empty()
            && port.bytes().all(|byte| byte.is_ascii_digit())
    });
    let is_bare = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() || name.parse::<SocketAddr>().is_ok();
    name.contains("://")
        || name.starts_with("//")
        || name.starts_with("www.")
        || has_scheme
        || has_path
        || has_port
        || is_bare
}

/// A number that one could dial. Digits alone may as well be somebody's id: whoever that is, he is known by it or not at all.
fn is_phone(name: &str) -> bool {
    let digits = name.chars().filter(char::is_ascii_digit).count();
    let is_dialled = name.chars().all(|c| c.is_ascii_digit() || " +-().\u{a0}‑–".contains(c));
    let is_written = name.starts_with('+') || name.chars().any(|c| " ().-".contains(c));
    digits >= 7 && is_dialled && is_written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_an_address_is_none_of_an_agents_names() {
        let check = |name: &str, expected: Option<&str>| assert_eq!(address(name), expected, "{name}");
        for name in
            ["https://hooks.slack.com/services/T0/B0/x", "HTTP://a", "//a.example", "www.example.com", "mailto:a"]
        {
            check(name, Some("a URL"));
        }
        for name in
            ["hooks.slack.com/services", "10.0.0.1", "[::1]", "::1", "10.0.0.1:80", "localhost:8080", "tel:+1555"]
        {
            check(name, Some("a URL"));
        }
        for name in ["ann@example.com", " Ann <ann@example.com>", "ann%40example.com", "ann＠example.com"] {
            check(name, Some("an e-mail address"));
        }
        for name in ["+15550101", "+1 (555) 0101", "555-0101", "0041 79 555 01 01", "(555) 0101"] {
            check(name, Some("a phone number"));
        }
        for name in
            ["ann", "ops-chat", "admin-1", "ann.smith", "team/ops", "slack:U123", "1234567", "2024-01", "müller"]
        {
            check(name, None);
        }
    }
}
