//! What both providers share: the job of one attempt, and the scrub that keeps our own credentials and the receiver's number out of
//! what is kept of an answer.

use tidings_core::{Envelope, OwnSecrets, Receipt, SendError};

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

impl<'a> Job<'a> {
    /// The scrub of what is kept: without these credentials, and the job's number with and without its `+`.
    pub(crate) fn scrub(&self, credentials: impl IntoIterator<Item = &'a str>) -> OwnSecrets<'a> {
        let number = self.outgoing.to;
        let all = credentials.into_iter().chain([number, number.trim_start_matches('+')]);
        OwnSecrets::new(self.envelope.scrub.as_ref(), all)
    }
}
