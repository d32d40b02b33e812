//! The rules in their order, as one automaton that says which of them may find something. Each rule's own finding is left to its
//! pattern or its scanner.

use std::{
    ops::Range,
    sync::{LazyLock, OnceLock},
};

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use crate::{
    assignment, flag, pem, personal,
    span::{Claims, Span},
    url,
    vendors::{Edge, LATE, Row, TOKENS, WEBHOOKS},
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
type Scanner = fn(&str, &mut Vec<Span>);

enum Find {
    /// A pattern, and how a match must stand in the text.
    Pattern { kind: &'static str, pattern: &'static str, regex: OnceLock<Regex>, edge: Edge },
    /// Code of our own.
    Scanner(Scanner),
}

struct Rule {
    group: Group,
    /// What the text must match for the rule to look at all.
    hint: &'static str,
    find: Find,
}

/// All rules.
pub(crate) struct Rules {
    rules: Vec<Rule>,
    hints: RegexSet,
}

/// What is always looked for, and personal data.
pub(crate) static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::new(secrets_and_personal()));
/// Contact data has an automaton of its own: a time of day looks enough like an address to wake it.
pub(crate) static CONTACT: LazyLock<Rules> = LazyLock::new(|| Rules::new(contact()));

/// The hint for everything that goes by a secret's name; the scanners judge the whole name.
const NAMES: &str = concat!(
    r"(?i)(?:(?:pass(?:word|wd|phrase|code|wrd)?|pwd|pswd|mnemonic|cvv2?|cvc|otp|secret|token|jwt|bearer|authorization|cookie|credential|creds?",
    r"|pass(?:word|wd)?[^a-z0-9]{0,3}hash|(?:pass|seed)[^a-z0-9]{0,3}(?:phrase|word)|(?:recovery|backup|security|pin|pass)[^a-z0-9]{0,3}code",
    r"|secret[^a-z0-9]{0,3}id|conn(?:ection)?[^a-z0-9]{0,3}str(?:ing)?|access[^a-z0-9]{0,3}signature|auth(?:orization)?[^a-z0-9]{0,3}header",
    r"|(?:api|app|application|service|role|subscription|license|auth|integration|routing|ingest|write|deploy|consumer|access|account",
    r"|storage|shared|secret|signing|encryption|master|hmac|aes|crypto|decryption|private|priv|ssh|tls|ssl)[^a-z0-9]{0,3}key",
    r"(?:[^a-z0-9]{0,3}(?:id|base|pem))?|key[^a-z0-9]{0,3}pem)s?[^a-z:=,}>%]{0,12}",
    r"(?:[:=,}>]|%3[ad]|&(?:quot|apos|#))|(?:signature|credential|sig|hmac|keyid|accessid|sessid|[?&]code)(?:=|%3d))",
);

/// The longest text that only has something to find around punctuation, in bytes; a social security number has one more.
const SHORT: usize = 10;

impl Rules {
    fn new(rules: Vec<Rule>) -> Self {
        let hints = RegexSetBuilder::new(rules.iter().map(|rule| rule.hint))
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
                    if *edge == Edge::Glued || stands_free(text.as_bytes(), &range) {
                        found.push(Span::new(range, kind));
                    }
                }
            }
        }
    }
}

/// The rules in the order in which they claim.
fn secrets_and_personal() -> Vec<Rule> {
    let mut rules = vec![
        scanner(Group::Secret, r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY", pem::scan),
        scanner(Group::Secret, "://|jdbc:oracle", url::scan_userinfo),
    ];
    rules.extend(WEBHOOKS.iter().map(pattern));
    rules.extend(TOKENS.iter().map(pattern));
    rules.extend(LATE.iter().map(|&(kind, hint, full, edge)| hinted(kind, hint, full, edge)));
    rules.extend([
        pattern(&("jwt", r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{2,}(?:\.[A-Za-z0-9_-]*){1,3}", Edge::Glued)),
        scanner(Group::Secret, NAMES, assignment::scan),
        scanner(Group::Secret, r#"-(?:u|U|-user|-proxy-user|[A-Za-z0-9_-]*(?:pass|word|wd|phrase|pwd|secret|token|key|credentials?|cookie|bearer|authorization))["'\\,]{0,5}[ \t,]"#, flag::scan),
        pattern(&("authorization", r"(?i)\bbearer[ \t]+([A-Za-z0-9._~+/=-]{16,}|[A-Za-z._~+/=-]*[0-9][A-Za-z0-9._~+/=-]{6,})", Edge::Glued)),
        scanner(Group::Secret, r"(?i)\bbasic[ \t]+[A-Za-z0-9+/]{6,}", assignment::scan_basic),
        pattern(&("password", r"(?i)\blogin[ \t]+\S+\s+password[ \t]+(\S+)|\bsshpass[ \t]+-p[ \t]*(\S+)|\bmysql(?:dump|admin)?\b[^\n\x22|;]{0,200}?[ \t]-p([^\s\x22'\\]+)|\b(?:identified[ \t]+by|password)[ \t]+'([^'\n]{1,200})'", Edge::Glued)),
        scanner(Group::Personal, "@|%40", personal::scan_mail),
        scanner(Group::Personal, r"(?:\b|_|%[0-9A-Fa-f]{2})[A-Za-z]{2}[0-9]{2}[ -]?[A-Za-z0-9]{4}[ -]?[A-Za-z0-9]{4}[ -]?[A-Za-z0-9]{3}", personal::scan_iban),
        scanner(Group::Personal, r"[0-9]{13}|[0-9]{4}[ .-][0-9]{4}[ .-][0-9]{4}[ .-][0-9]|[0-9]{4}[ .-][0-9]{6}[ .-][0-9]{4}", personal::scan_card),
        scanner(Group::Personal, r"[0-9]{3}[ -][0-9]{2}[ -][0-9]{4}", personal::scan_ssn),
    ]);
    rules
}

fn contact() -> Vec<Rule> {
    vec![
        scanner(
            Group::Contact,
            r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:",
            personal::scan_ip,
        ),
        scanner(Group::Contact, r"\+[0-9]|\(?[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}", personal::scan_phone),
    ]
}

fn scanner(group: Group, hint: &'static str, scan: Scanner) -> Rule {
    Rule { group, hint, find: Find::Scanner(scan) }
}

fn pattern(&(kind, pattern, edge): &Row) -> Rule {
    hinted(kind, pattern, pattern, edge)
}

fn hinted(kind: &'static str, hint: &'static str, pattern: &'static str, edge: Edge) -> Rule {
    Rule { group: Group::Secret, hint, find: Find::Pattern { kind, pattern, regex: OnceLock::new(), edge } }
}

fn compile(pattern: &str) -> Regex {
    RegexBuilder::new(pattern).unicode(false).size_limit(8 << 20).build().expect("a test compiles every pattern")
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
    use super::*;

    #[test]
    fn the_hint_sees_every_listed_name() {
        for name in crate::keys::names() {
            for text in [
                format!("{name}=x"),
                format!("\"{}\": 1", name.to_uppercase()),
                format!("<{name}>x</"),
                format!("my {name}s: x"),
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
            compile(rule.hint);
            if let Find::Pattern { kind, .. } = rule.find {
                assert!(
                    kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit()),
                    "{kind}"
                );
            }
        }
        let kinds: std::collections::HashSet<_> = TOKENS.iter().chain(WEBHOOKS).map(|row| row.0).collect();
        assert!(kinds.len() >= 120, "{}", kinds.len());
    }
}
