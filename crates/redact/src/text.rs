//! The text pass, and its choice of the key-aware walk where the text is JSON. What the walk does with values is left to `walk`.

use std::borrow::Cow;

use serde_json::Value;

use crate::{
    Options,
    rules::{CONTACT, Group, RULES},
    span::{self, Claims},
    splice,
    walk::Walk,
};

/// The longest text that is scanned, in bytes; a longer one is replaced as a whole.
pub const INPUT_LIMIT: usize = 4 * 1024 * 1024;
/// How often the rules are asked again about what they left, until they find nothing more.
const PASSES: usize = 6;

/// How a text is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    pub options: Options,
    /// How many levels of JSON inside of JSON strings are still read as values.
    pub nesting: u8,
}

impl Reading {
    /// With secrets only: for ids of users and agents.
    pub(crate) const fn secrets_only(self) -> Self {
        Self { options: Options { personal: false, contact: false }, ..self }
    }

    const fn wants(self, group: Group) -> bool {
        match group {
            Group::Secret => true,
            Group::Personal => self.options.personal,
            Group::Contact => self.options.contact,
        }
    }

    /// The text without what must go.
    pub(crate) fn clean(self, text: &str) -> Cow<'_, str> {
        if text.len() > INPUT_LIMIT {
            span::count("too_large");
            return Cow::Owned(span::placeholder("too_large"));
        }
        let mut clean = self.pass(text);
        // A placeholder may bring two parts together that now read as a name and its value.
        for _ in 1..PASSES {
            let Cow::Owned(again) = self.pass(&clean) else { break };
            clean = Cow::Owned(again);
        }
        clean
    }

    /// One pass; borrowed where nothing had to go.
    fn pass(self, text: &str) -> Cow<'_, str> {
        let json = if looks_like_json(text) { self.clean_json(text) } else { None };
        let lines = || if text.contains('\n') { self.clean_lines(text) } else { None };
        json.or_else(lines).unwrap_or_else(|| self.clean_plain(text))
    }

    /// By the rules alone.
    fn clean_plain(self, text: &str) -> Cow<'_, str> {
        if !self.may_match(text) {
            return Cow::Borrowed(text);
        }
        let mut claims = Claims::on(text);
        RULES.claim(text, &mut claims, |group| self.wants(group));
        if self.options.contact {
            CONTACT.claim(text, &mut claims, |group| self.wants(group));
        }
        claims.apply(text)
    }

    /// Whether any rule may find something.
    pub(crate) fn may_match(self, text: &str) -> bool {
        RULES.may_match(text.as_bytes()) || (self.options.contact && CONTACT.may_match(text.as_bytes()))
    }

    /// As a value, in its own formatting; `None` if it is no JSON or nested too deep.
    fn clean_json(self, text: &str) -> Option<Cow<'_, str>> {
        // Without an escape, every text in it stands there as it is, and the hints see all of it.
        if !text.contains('\\') && !self.may_match(text) {
            return Some(Cow::Borrowed(text));
        }
        let nesting = self.nesting.checked_sub(1)?;
        let mut value: Value = serde_json::from_str(text).ok()?;
        if !Walk::new(Self { nesting, ..self }).value(&mut value) {
            return Some(Cow::Borrowed(text));
        }
        Some(Cow::Owned(splice::splice(text, &value).unwrap_or_else(|| value.to_string())))
    }

    /// Line by line, if at least one line is JSON on its own: NDJSON and logs.
    fn clean_lines(self, text: &str) -> Option<Cow<'_, str>> {
        if self.nesting == 0 || !text.lines().any(looks_like_json) || text.contains("-----BEGIN") {
            return None;
        }
        if !text.contains('\\') && !self.may_match(text) {
            return Some(Cow::Borrowed(text));
        }
        let mut clean = String::with_capacity(text.len());
        for line in text.split_inclusive('\n') {
            let json = if looks_like_json(line) { self.clean_json(line) } else { None };
            clean.push_str(&json.unwrap_or_else(|| self.clean_plain(line)));
        }
        Some(if clean == text { Cow::Borrowed(text) } else { Cow::Owned(clean) })
    }
}

fn looks_like_json(text: &str) -> bool {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    (text.starts_with('{') && text.ends_with('}')) || (text.starts_with('[') && text.ends_with(']'))
}
