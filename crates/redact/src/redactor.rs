//! The face of the crate: one redactor for values, events, notifications and bytes. What it looks for stands in the other modules.

use std::borrow::Cow;

use serde_json::{Map, Value};
use tidings_core::{Event, Notification, Scrub};

use crate::{
    said::Said,
    span,
    text::{INPUT_LIMIT, Reading},
    walk::{DEPTH_LIMIT, Walk},
};

/// How many levels of JSON inside of JSON strings are read as values, the outermost included.
const NESTING: u8 = 2;

/// What is redacted beside secrets, which always are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Mail addresses, payment cards, IBANs and social security numbers. Default: true.
    pub personal: bool,
    /// Phone numbers and IP addresses. Default: false.
    pub contact: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { personal: true, contact: false }
    }
}

/// Replaces secrets and personal data by `[REDACTED:kind]`. Cheap to clone: all redactors share one set of rules, which is made
/// when the first text is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Redactor {
    options: Options,
}

impl Redactor {
    /// A redactor for secrets and what the options add.
    #[must_use]
    pub const fn new(options: Options) -> Self {
        Self { options }
    }

    /// The text without secrets, borrowed where nothing had to go. JSON, as a whole or by line, is read by its keys too and keeps
    /// its formatting; more than [`INPUT_LIMIT`](crate::INPUT_LIMIT) bytes give one placeholder.
    #[must_use]
    pub fn redact_text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.reading(NESTING).clean(text)
    }

    /// Redacts a value in place: by its keys, and every text in it. Values nested deeper than 128 go as a whole.
    pub fn redact_value(&self, value: &mut Value) {
        Walk::new(self.reading(NESTING - 1)).value(value);
    }

    /// Redacts an object in place, as [`Redactor::redact_value`] does.
    pub fn redact_map(&self, fields: &mut Map<String, Value>) {
        Walk::new(self.reading(NESTING - 1)).map(fields);
    }

    /// The event as it may leave the house. Its type and its ids are read for secrets only; its severity and time stay.
    #[must_use]
    pub fn redact_event(&self, event: &Event) -> Event {
        let mut clean = event.clone();
        self.redact_id(&mut clean.event_type);
        for id in [&mut clean.agent_id, &mut clean.user_id, &mut clean.session_id].into_iter().flatten() {
            self.redact_id(id);
        }
        self.redact_map(&mut clean.data);
        self.redact_map(&mut clean.metadata);
        clean
    }

    /// Whether this JSON, as a value and as a text, surely stays as it is: no rule has anything to look at in it. `false` says nothing.
    /// It costs one look at the bytes, so that a clean message need not be copied.
    #[must_use]
    pub fn surely_keeps(&self, json: &[u8]) -> bool {
        let Ok(text) = std::str::from_utf8(json) else { return false };
        // An escape hides what a value says; and what is nested too deep goes as a whole, whatever it says.
        let depth = json.iter().filter(|byte| matches!(byte, b'{' | b'[')).count();
        let is_read = !json.is_empty() && json.len() <= INPUT_LIMIT && depth <= DEPTH_LIMIT && !json.contains(&b'\\');
        is_read && !self.reading(NESTING).may_match(text)
    }

    /// [`Redactor::surely_keeps`] for a notification's own JSON, without a look at the ids in it that we have made.
    #[must_use]
    pub fn surely_keeps_notification(&self, notification: &Notification) -> bool {
        self.surely_keeps(&serde_json::to_vec(&Said::by(notification)).unwrap_or_default())
    }

    /// The notification as it may leave the house: title, body and metadata without secrets, its ids read for secrets only.
    #[must_use]
    pub fn redact_notification(&self, notification: &Notification) -> Notification {
        let mut clean = notification.clone();
        for text in [&mut clean.title, &mut clean.body] {
            if let Cow::Owned(shorter) = self.redact_text(text) {
                *text = shorter;
            }
        }
        self.redact_map(&mut clean.metadata);
        self.redact_id(&mut clean.user_id);
        if let Some(agent) = &mut clean.agent_id {
            self.redact_id(agent);
        }
        clean
    }

    fn redact_id(&self, id: &mut String) {
        if let Cow::Owned(clean) = self.reading(0).secrets_only().clean(id) {
            *id = clean;
        }
    }

    const fn reading(&self, nesting: u8) -> Reading {
        Reading { options: self.options, nesting }
    }
}

impl Scrub for Redactor {
    /// Final bytes without secrets. What is not UTF-8 is one placeholder.
    fn scrub<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        match std::str::from_utf8(bytes).map(|text| self.redact_text(text)) {
            Ok(Cow::Borrowed(text)) => Cow::Borrowed(text.as_bytes()),
            Ok(Cow::Owned(text)) => Cow::Owned(text.into_bytes()),
            Err(_) => {
                span::count("unreadable");
                Cow::Owned(span::placeholder("unreadable").into_bytes())
            }
        }
    }
}

#[cfg(test)]
mod tests;
