//! Rules behind one automaton that says which of them may find something. Which rules there are is left to `order`, each one's
//! finding to its pattern or its scanner.

use std::{
    borrow::Cow,
    ops::Range,
    sync::{LazyLock, OnceLock},
};

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use crate::{
    order,
    span::{Claims, Span},
    vendors::{Edge, Row},
};

/// What a rule is about; groups can be switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// What opens doors. Always on.
    Secret,
    /// E-mail addresses, cards, bank accounts, social security numbers.
    Personal,
    /// Phone numbers and IP addresses.
    Contact,
}

/// Finds spans in a text.
pub(crate) type Scanner = fn(&str, &mut Vec<Span>);

enum Find {
    /// A pattern, and how a match must stand in the text.
    Pattern { kind: &'static str, pattern: Cow<'static, str>, regex: OnceLock<Regex>, edge: Edge },
    /// Code of our own.
    Scanner(Scanner),
}

pub(crate) struct Rule {
    group: Group,
    /// What the text must match for the rule to look at all.
    hint: Cow<'static, str>,
    find: Find,
}

/// All rules.
pub(crate) struct Rules {
    rules: Vec<Rule>,
    hints: RegexSet,
}

/// What is always looked for, and personal data.
pub(crate) static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::new(order::secrets_and_personal()));
/// Contact data has an automaton of its own: a time of day looks enough like an address to wake it.
pub(crate) static CONTACT: LazyLock<Rules> = LazyLock::new(|| Rules::new(order::contact()));

/// The longest text that only has something to find around punctuation, in bytes; a social security number has one more.
const SHORT: usize = 10;

impl Rules {
    fn new(rules: Vec<Rule>) -> Self {
        let hints = RegexSetBuilder::new(rules.iter().map(|rule| &rule.hint))
            .unicode(false)
            .size_limit(64 << 20)
            .dfa_size_limit(32 << 20)
            .build()
            .expect("a test compiles every pattern");
        Self { rules, hints }
    }

    /// Whether any rule at all may find something.
    pub(crate) fn may_match(&self, text: &[u8]) -> bool {
        // Most texts in events are single words: too short for a token, and without what stands before or around a secret.
        let may_be_short =
            |byte: &u8| matches!(byte, b':' | b'=' | b',' | b'}' | b'>' | b'%' | b'@' | b'-' | b'+' | b'.');
        (text.len() > SHORT || text.iter().any(may_be_short)) && self.hints.is_match(text)
    }

    /// What the rules of these groups find, in their order.
    pub(crate) fn claim(&self, text: &str, claims: &mut Claims, wanted: impl Fn(Group) -> bool) {
        let mut found = Vec::new();
        for index in self.hints.matches(text.as_bytes()) {
            let rule = &self.rules[index];
            if !wanted(rule.group) {
                continue;
            }
            rule.find(text, &mut found);
            for span in found.drain(..) {
                match rule.group {
                    Group::Secret => claims.claim(text, &span),
                    Group::Personal | Group::Contact => claims.claim_if_free(text, &span),
                }
            }
        }
    }
}

impl Rule {
    fn find(&self, text: &str, found: &mut Vec<Span>) {
        match &self.find {
            Find::Scanner(scan) => scan(text, found),
            Find::Pattern { kind, pattern, regex, edge } => {
                let regex = regex.get_or_init(|| compile(pattern));
                for captures in regex.captures_iter(text.as_bytes()) {
                    let whole = captures.iter().skip(1).flatten().next().or_else(|| captures.get(0));
                    let Some(range) = whole.map(|found| found.range()) else { continue };
                    if stands(text.as_bytes(), &range, *edge) {
                        found.push(Span::new(range, kind));
                    }
                }
            }
        }
    }
}

pub(crate) fn scanner(group: Group, hint: &'static str, scan: Scanner) -> Rule {
    Rule { group, hint: hint.into(), find: Find::Scanner(scan) }
}

pub(crate) fn pattern(&(kind, pattern, edge): &Row) -> Rule {
    hinted(kind, pattern, pattern, edge)
}

/// An address, plain or as URL encoding leaves it.
pub(crate) fn address(&(kind, pattern, edge): &Row) -> Rule {
    let pattern = pattern.replace("://", "(?::|%3[Aa])//").replace('/', "(?:/|%2[Ff])");
    secret(kind, pattern.clone().into(), pattern.into(), edge)
}

pub(crate) fn hinted(kind: &'static str, hint: &'static str, pattern: &'static str, edge: Edge) -> Rule {
    secret(kind, hint.into(), pattern.into(), edge)
}

const fn secret(kind: &'static str, hint: Cow<'static, str>, pattern: Cow<'static, str>, edge: Edge) -> Rule {
    Rule { group: Group::Secret, hint, find: Find::Pattern { kind, pattern, regex: OnceLock::new(), edge } }
}

fn compile(pattern: &str) -> Regex {
    RegexBuilder::new(pattern).unicode(false).size_limit(8 << 20).build().expect("a test compiles every pattern")
}

/// Whether a match stands in the text as its row wants.
fn stands(text: &[u8], range: &Range<usize>, edge: Edge) -> bool {
    let token = &text[range.clone()];
    let is_mixed = || token.iter().any(u8::is_ascii_uppercase) && token.iter().any(u8::is_ascii_digit);
    match edge {
        Edge::Glued => true,
        Edge::Free => stands_free(text, range),
        Edge::Strict => is_mixed() && stands_free(text, range),
        Edge::Mixed => stands_free(text, range) || is_mixed(),
    }
}

/// Whether no letter or digit stands before or behind a match, but for what an URL encoding or an escape leaves there.
pub(crate) fn stands_free(text: &[u8], range: &Range<usize>) -> bool {
    let behind = text.get(range.end).is_some_and(u8::is_ascii_alphanumeric);
    !behind && starts_free(text, range.start)
}

/// Whether no letter or digit stands before a position, but for an URL encoding or an escape.
pub(crate) fn starts_free(text: &[u8], start: usize) -> bool {
    let before = &text[..start];
    match before {
        [] => true,
        [.., b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => true,
        [.., b'\\', b'n' | b'r' | b't' | b'b' | b'f'] => true,
        [.., b'\\', b'u', _, _, _, _] => true,
        [.., last] => !last.is_ascii_alphanumeric(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::{
        strategy::{Strategy, ValueTree},
        string::string_regex,
        test_runner::TestRunner,
    };

    use super::*;
    use crate::{
        Redactor,
        addresses::WEBHOOKS,
        services::SERVICES,
        vendors::{LATE, TOKENS},
    };

    #[test]
    fn every_row_finds_its_own() {
        let mut runner = TestRunner::deterministic();
        let rows = TOKENS
            .iter()
            .chain(SERVICES)
            .map(|row| (row.0, row.1, row.2))
            .chain(LATE.iter().map(|row| (row.0, row.2, row.3)));
        for (kind, pattern, edge) in rows.filter(|(_, pattern, _)| !pattern.contains("\\b") && !pattern.contains('$')) {
            let tokens = string_regex(pattern).expect("the pattern compiles");
            for _ in 0..8 {
                let token = tokens.new_tree(&mut runner).expect("a token").current();
                if edge == Edge::Strict && !stands(token.as_bytes(), &(0..token.len()), edge) {
                    continue;
                }
                for text in [format!("a {token} b"), format!("x%3D{token}&y"), format!("\\n{token}")] {
                    let clean = Redactor::default().redact_text(&text).into_owned();
                    assert!(
                        !clean.contains(&token[2..]) && clean.contains("[REDACTED:"),
                        "{kind}: {text} gave {clean}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_hint_sees_every_listed_name() {
        for name in crate::keys::names() {
            for text in [
                format!("{name}=x"),
                format!("\"{}\": 1", name.to_uppercase()),
                format!("<{name}>x</"),
                format!("my {}s: x", name.strip_suffix('s').unwrap_or(name)),
                format!("{name}_2 = x"),
                format!("{name}%3Dx"),
            ] {
                assert!(RULES.may_match(text.as_bytes()), "{text}");
            }
        }
    }

    #[test]
    fn every_pattern_compiles_and_its_kind_fits_a_placeholder() {
        for rule in RULES.rules.iter().chain(&CONTACT.rules) {
            compile(&rule.hint);
            if let Find::Pattern { kind, .. } = rule.find {
                assert!(
                    kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit()),
                    "{kind}"
                );
            }
        }
        let kinds: std::collections::HashSet<_> =
            TOKENS.iter().chain(SERVICES).chain(WEBHOOKS).map(|row| row.0).collect();
        assert!(kinds.len() >= 190, "{}", kinds.len());
    }
}
