//! What counts as the same message: a hash over its parts. How long it counts is the window's business.

use std::fmt::Write as _;

use tidings_core::id::derive;

/// The key of a message that names none: the same agent, rule, title and user.
///
/// `title_as_written` is the title before rendering, so that a changing figure in it does not make a new message; for a direct
/// notification it is the title. A missing agent or rule differs from an empty one.
#[must_use]
pub fn default_key(agent: Option<&str>, rule: Option<&str>, title_as_written: &str, user: &str) -> String {
    hex(derive("dedup.default", &[&optional(agent), &optional(rule), title_as_written.as_bytes(), user.as_bytes()]))
}

/// The key of a message whose rule or caller names one. The same name for two users makes two keys.
#[must_use]
pub fn explicit_key(key: &str, user: &str) -> String {
    hex(derive("dedup.explicit", &[key.as_bytes(), user.as_bytes()]))
}

/// A part that may be missing, so spelt that nothing and the empty text differ.
fn optional(part: Option<&str>) -> Vec<u8> {
    part.map_or_else(Vec::new, |text| [b"=", text.as_bytes()].concat())
}

fn hex(bytes: [u8; 16]) -> String {
    bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
        // Writing to a String cannot fail.
        _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn keys_are_stable_hex() {
        let key = default_key(Some("billing"), Some("errors"), "title", "ann");
        assert_eq!(key, default_key(Some("billing"), Some("errors"), "title", "ann"));
        assert_eq!(key.len(), 32);
        assert!(key.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
    }

    #[test]
    fn every_part_counts_and_none_runs_into_the_next() {
        let keys = [
            default_key(Some("ab"), Some("c"), "t", "u"),
            default_key(Some("a"), Some("bc"), "t", "u"),
            default_key(None, Some("c"), "t", "u"),
            default_key(Some(""), Some("c"), "t", "u"),
            default_key(Some("ab"), None, "t", "u"),
            default_key(Some("ab"), Some("c"), "tu", ""),
            default_key(Some("ab"), Some("c"), "", "tu"),
            explicit_key("k", "ann"),
            explicit_key("k", "bob"),
            explicit_key("ka", "nn"),
            explicit_key("", ""),
        ];
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
    }
}
