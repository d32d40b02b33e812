//! The guard's refusal: a stable code for machines and a sentence that tells a person what to do. It never holds a URL's path
//! or query, which may be secret.

/// A destination that the guard refuses. The text says why and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Blocked {
    why: &'static str,
    sentence: String,
}

impl Blocked {
    pub(crate) fn new(why: &'static str, sentence: impl Into<String>) -> Self {
        Self { why, sentence: sentence.into() }
    }

    /// A stable code for logs, metrics and JSON: `blank`, `control`, `backslash`, `too_long`, `scheme`, `userinfo`, `invalid`,
    /// `host`, `local_name`, `reserved_name`, `metadata`, `port`, `unresolved`, or the [`crate::AddressClass`] by its name; of a
    /// case for `url-check` also `case` and `policy`, where these cannot be read.
    #[must_use]
    pub const fn why(&self) -> &'static str {
        self.why
    }
}
