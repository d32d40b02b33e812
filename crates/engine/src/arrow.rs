//! Tells the steps of a delivery's life that the store does not see, as trace events of the target `tidings::arrow`: a test may end
//! the process exactly there. The store tells its own.

/// Just before a channel is asked to send.
pub(crate) const SEND_BEGIN: &str = "send.begin";
/// The receiver has answered, and nothing of that is written down.
pub(crate) const SEND_ANSWERED: &str = "send.answered";
/// An in-process sink was called with a page of events, and its place is not noted.
pub(crate) const READ_CALLED: &str = "read.called";

/// Tells a step.
pub(crate) fn tell(step: &'static str) {
    tracing::trace!(target: "tidings::arrow", step);
}
