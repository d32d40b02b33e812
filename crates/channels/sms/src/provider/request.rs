//! What both providers share: the job of one attempt, and the scrub that keeps our own credentials and the receiver's number out of
//! what is kept of an answer.

use std::{borrow::Cow, fmt};

use tidings_core::{Envelope, Receipt, Scrub, SendError};

use super::Outgoing;
use crate::Segments;

/// One attempt: the text, and what was counted of it.
pub(crate) struct Job<'a> {
    pub(crate) envelope: &'a Envelope,
    pub(crate) outgoing: Outgoing<'a>,
    pub(crate) segments: Segments,
}

/// What came of an attempt that was answered.
pub(crate) struct Answered {
    pub(crate) result: Result<Receipt, SendError>,
    /// The receiver said STOP to the provider.
    pub(crate) opted_out: bool,
}

/// The scrub of an attempt, and beside it what a provider knows and may repeat.
pub(crate) struct OwnSecrets<'a> {
    inner: &'a dyn Scrub,
    secrets: Vec<&'a str>,
}

impl<'a> OwnSecrets<'a> {
    /// Takes out these credentials, and the job's number with and without its `+`.
    pub(crate) fn of(job: &Job<'a>, credentials: impl IntoIterator<Item = &'a str>) -> Self {
        let number = job.outgoing.to;
        let all = credentials.into_iter().chain([number, number.trim_start_matches('+')]);
        let mut secrets: Vec<&str> = all.filter(|secret| !secret.is_empty()).collect();
        // The longest first, so that no part of a longer one is left standing.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { inner: job.envelope.scrub.as_ref(), secrets }
    }
}

impl Scrub for OwnSecrets<'_> {
    fn scrub<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let text = String::from_utf8_lossy(bytes);
        if !self.secrets.iter().any(|secret| text.contains(secret)) {
            return self.inner.scrub(bytes);
        }
        let mask = |text: String, secret: &&str| text.replace(secret, "[REDACTED:own]");
        let masked = self.secrets.iter().fold(text.into_owned(), mask);
        Cow::Owned(self.inner.scrub(masked.as_bytes()).into_owned())
    }
}

impl fmt::Debug for OwnSecrets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnSecrets").field("inner", &self.inner).finish_non_exhaustive()
    }
}
