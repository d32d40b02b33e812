//! Hosts and ports as they are written. Whether a host may be reached is the HTTP crate's decision.

use std::net::{IpAddr, Ipv6Addr};

/// Whether the text is the name of a host, or an address without brackets.
pub(crate) fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        plain && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    text.parse::<IpAddr>().is_ok() || text.len() <= 253 && text.split('.').all(label)
}

/// Whether the host is this machine itself.
pub(crate) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Host and port of `host`, `host:port`, `[address]` or `[address]:port`; the host without brackets.
pub(crate) fn host_and_port(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, behind) = rest.split_once(']')?;
            host.parse::<Ipv6Addr>().ok()?;
            (host, if behind.is_empty() { None } else { Some(behind.strip_prefix(':')?) })
        }
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let port = match port {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(digits.parse().ok().filter(|n| *n > 0)?)
        }
        Some(_) => return None,
        None => None,
    };
    is_host(host).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, Option<u16>)>) {
        assert_eq!(host_and_port(text), expected, "{text}");
    }

    #[test]
    fn hosts_and_ports() {
        check("a.example", Some(("a.example", None)));
        check("a.example:25", Some(("a.example", Some(25))));
        check("127.0.0.1:4222", Some(("127.0.0.1", Some(4222))));
        check("[::1]:4222", Some(("::1", Some(4222))));
        check("[::1]", Some(("::1", None)));
        for bad in
            ["", ":25", "a:", "a:0", "a:65536", "a:+1", "a b", "[::1", "[a]", "[::1]x", "::1", "-a", "a..b", "a/b", "ä"]
        {
            check(bad, None);
        }
    }

    #[test]
    fn this_machine() {
        for (host, expected) in [
            ("localhost", true),
            ("LOCALHOST", true),
            ("127.8.0.1", true),
            ("::1", true),
            ("10.0.0.1", false),
            ("a", false),
        ] {
            assert_eq!(is_loopback(host), expected, "{host}");
        }
    }
}
