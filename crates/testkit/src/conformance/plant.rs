//! A secret that is planted into a message, and the scrub that knows it.

use std::borrow::Cow;

use tidings_core::Scrub;

/// Two halves that stand apart in the message's values and meet only in its text.
pub(super) const HALVES: (&str, &str) = ("planted-hunter2-", "rosebud");

/// Takes out the planted secret where its halves have met.
#[derive(Debug)]
pub(super) struct Planted;

impl Scrub for Planted {
    fn scrub<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let whole = whole();
        let text = String::from_utf8_lossy(bytes);
        if text.contains(&whole) {
            Cow::Owned(text.replace(&whole, "[REDACTED:planted]").into_bytes())
        } else {
            Cow::Borrowed(bytes)
        }
    }
}

pub(super) fn whole() -> String {
    [HALVES.0, HALVES.1].concat()
}
