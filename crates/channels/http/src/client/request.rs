//! One request as a channel hands it over: final bytes, signed already. It is sent once.

use std::fmt;

use http::HeaderMap;
use tidings_core::{Scrub, Timestamp};

use crate::SafeUrl;

/// A POST request to a guarded destination. `Debug` shows neither headers nor body.
pub struct Request<'a> {
    /// Where to.
    pub url: &'a SafeUrl,
    /// The headers; mark secret ones by `set_sensitive`, so that a receiver that echoes them does not bring them into a log.
    pub headers: HeaderMap,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// When the attempt starts: a date in `Retry-After` counts from here.
    pub now: Timestamp,
    /// Cleans what is kept of the answer.
    pub scrub: &'a dyn Scrub,
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("url", self.url).field("body_bytes", &self.body.len()).finish_non_exhaustive()
    }
}
