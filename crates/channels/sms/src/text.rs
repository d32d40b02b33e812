//! What a text says: title and body, or what the caller words, in the fewest parts, within the cap. What is said otherwise is `tidings_render`'s business.

use std::borrow::Cow;

use tidings_core::{ErrorKind, Payload, Scrub, SendError};
use tidings_render::{Message, Text};

use crate::segments::{self, Segments};

/// A text as it leaves, and what it costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// What is said.
    pub text: String,
    /// Its parts.
    pub segments: Segments,
}

/// Writes texts as a channel does, without any provider: shows what would leave before anything is set up or sent.
#[derive(Clone, Debug)]
pub struct Writer {
    own: Option<Text>,
    max_parts: usize,
}

impl Writer {
    /// Title and body, in at most this many parts.
    #[must_use]
    pub const fn new(max_parts: usize) -> Self {
        Self { own: None, max_parts }
    }

    /// Gives the whole text; see [`crate::SmsConfig::text`].
    #[must_use]
    pub fn text(mut self, text: Text) -> Self {
        self.own = Some(text);
        self
    }

    /// The most parts of a text.
    #[must_use]
    pub const fn max_parts(&self) -> usize {
        self.max_parts
    }

    /// The text of this payload, cleaned by `scrub`. One of our own is cut to the cap, from its end: the title stays as long as it fits.
    ///
    /// # Errors
    /// If the caller's text cannot be had or has more parts than the cap: what somebody worded is not cut behind their back.
    pub fn write(&self, payload: &Payload, scrub: &dyn Scrub) -> Result<Preview, SendError> {
        let whole = self.whole(payload)?;
        let preview = economical(&whole, scrub);
        if self.own.is_some() || preview.segments.parts <= self.max_parts {
            return self.capped(preview);
        }
        self.cut(&whole, scrub)
    }

    /// As [`Writer::write`], for a message that a person has just worded: title and body are not cut either.
    ///
    /// # Errors
    /// If the text cannot be had or has more parts than the cap.
    pub fn write_uncut(&self, payload: &Payload, scrub: &dyn Scrub) -> Result<Preview, SendError> {
        self.capped(economical(&self.whole(payload)?, scrub))
    }

    /// The caller's text as it is, or title and body.
    fn whole(&self, payload: &Payload) -> Result<String, SendError> {
        let Message { title, text, .. } = Message::with(payload, self.own.as_ref())?;
        match (&self.own, text.trim()) {
            (Some(_), "") => {
                Err(SendError::permanent(ErrorKind::Render, "the text is empty: there is nothing to send"))
            }
            (Some(_), text) => Ok(text.to_owned()),
            (None, "") => Ok(title),
            (None, text) => Ok(format!("{title}\n{text}")),
        }
    }

    fn cut(&self, whole: &str, scrub: &dyn Scrub) -> Result<Preview, SendError> {
        let plain = clean(&segments::spell_out(whole), scrub);
        let (fitted, _) = segments::fit(&plain, self.max_parts);
        // The final text is what was scrubbed, whatever a cut has made of it.
        let text = clean(&fitted, scrub);
        self.capped(Preview { segments: segments::count(&text), text })
    }

    /// The text, if it is within the cap.
    fn capped(&self, preview: Preview) -> Result<Preview, SendError> {
        let Preview { segments, .. } = preview;
        if segments.parts <= self.max_parts {
            return Ok(preview);
        }
        let cap = self.max_parts;
        let text = format!("the text takes {segments}, and max_parts is {cap}: shorten it, or raise the cap");
        Err(SendError::permanent(ErrorKind::Render, text))
    }
}

/// The whole text in the fewest parts. Spelling out may put a secret together, so the scrub comes behind it.
fn economical(whole: &str, scrub: &dyn Scrub) -> Preview {
    let text = clean(&segments::economical(whole), scrub);
    Preview { segments: segments::count(&text), text }
}

fn clean(text: &str, scrub: &dyn Scrub) -> String {
    match scrub.scrub(text.as_bytes()) {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use tidings_core::{KeepAll, Notification};
    use tidings_testkit::samples::{hostile_titles, notification};

    use super::*;
    use crate::Encoding;

    fn payload(title: &str, body: &str) -> Payload {
        Payload::Notification(Arc::new(Notification { body: body.to_owned(), ..notification(title) }))
    }

    fn write(title: &str, body: &str, max_parts: usize) -> Preview {
        Writer::new(max_parts).write(&payload(title, body), &KeepAll).unwrap()
    }

    fn check(title: &str, body: &str, expected: &str) {
        assert_eq!(write(title, body, 1).text, expected);
    }

    #[test]
    fn the_title_is_kept_and_the_body_is_cut() {
        check("error rate", "0.2 > 0.05", "[HIGH] error rate\n0.2 > 0.05");
        check("no body", " \n", "[HIGH] no body");
        check("it’s – “late”…", "", "[HIGH] it's - \"late\"...");
        // The brackets take two units each.
        check("a", &"b".repeat(200), &format!("[HIGH] a\n{}...", "b".repeat(146)));
        // A body that needs UCS-2 does not cost the title: 140 characters do not fit into 70.
        let title = "t".repeat(140);
        check(&title, "😀 smile", &format!("[HIGH] {title}..."));
        check(&format!("– {title}"), "😀 smile", &format!("[HIGH] - {title}..."));
        check(&"t".repeat(200), "body", &format!("[HIGH] {}...", "t".repeat(148)));
        assert_eq!(write("Störung", "ж", 2).segments, Segments { encoding: Encoding::Ucs2, units: 16, parts: 1 });
    }

    #[test]
    fn a_text_of_the_caller_s_is_refused_beyond_the_cap() {
        let writer = |text: String| Writer::new(2).text(Text::new(move |_| Ok(text.clone())));
        let fits = writer("x".repeat(306)).write(&payload("a", ""), &KeepAll).unwrap();
        assert_eq!((fits.text, fits.segments.parts), ("x".repeat(306), 2));
        let empty = writer(" \u{202e}\n".to_owned()).write(&payload("a", ""), &KeepAll).unwrap_err();
        assert_eq!(empty.kind(), ErrorKind::Render);
        let error = writer("x".repeat(307)).write(&payload("a", ""), &KeepAll).unwrap_err();
        assert_eq!((error.kind(), error.verdict()), (ErrorKind::Render, tidings_core::Verdict::Permanent));
        assert_eq!(
            error.message(),
            "the text takes 3 parts (GSM-7, 307 of 459), and max_parts is 2: shorten it, or raise the cap"
        );
    }

    #[test]
    fn what_a_person_worded_is_refused_and_not_cut() {
        let uncut = |body: &str| Writer::new(2).write_uncut(&payload("a", body), &KeepAll);
        let fits = "b".repeat(306 - "[HIGH] a\n".len() - 2);
        assert_eq!(uncut(&fits).unwrap(), write("a", &fits, 2));
        let error = uncut(&format!("{fits}b")).unwrap_err();
        assert_eq!((error.kind(), error.verdict()), (ErrorKind::Render, tidings_core::Verdict::Permanent));
        assert!(error.message().contains("3 parts (GSM-7, 307 of 459)"), "{error}");
        assert_eq!(write("a", &format!("{fits}b"), 2).segments.parts, 2);
    }

    /// Makes every text longer, as placeholders do.
    #[derive(Debug)]
    struct Longer;

    impl Scrub for Longer {
        fn scrub<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
            let text = String::from_utf8_lossy(bytes);
            Cow::Owned(text.replace("b", "[REDACTED:secret]").into_bytes())
        }
    }

    #[test]
    fn placeholders_count_too() {
        let preview = Writer::new(1).write(&payload("a", &"b ".repeat(60)), &Longer).unwrap();
        assert!(preview.segments.parts == 1 && !preview.text.contains('b'), "{preview:?}");
    }

    #[test]
    fn hostile_titles_stay_within_the_cap() {
        for title in hostile_titles() {
            let preview = write(&title, &"body ".repeat(1000), 2);
            assert!(preview.segments.parts <= 2 && preview.text.starts_with("[HIGH] "), "{preview:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_leaves_beyond_the_cap(title in "\\PC{0,120}", body in "(\\PC|😀|…|€|a){0,400}", max_parts in 1_usize..=10) {
            let preview = write(&title, &body, max_parts);
            prop_assert!(preview.segments.parts <= max_parts);
            prop_assert_eq!(preview.segments, segments::count(&preview.text));
        }
    }
}
