//! The one-click way out of a kind of message. What the link does is the server's business.

use std::{fmt, sync::Arc};

use tidings_core::Notification;

/// The longest link: a header's line holds 998 characters.
const LONGEST: usize = 900;

type Give = dyn Fn(&Notification) -> Option<String> + Send + Sync;

/// Gives the HTTPS address that unsubscribes from messages like this one by a POST, or none (RFC 8058).
#[derive(Clone)]
pub struct Unsubscribe(Arc<Give>);

impl Unsubscribe {
    /// What this closure gives. A link that is not plain HTTPS of at most 900 characters is left out of the message.
    pub fn new(give: impl Fn(&Notification) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(give))
    }

    /// The link for this notification; none where it is mandatory: nobody may be offered to miss it.
    pub(crate) fn link(&self, notification: &Notification) -> Option<String> {
        if notification.metadata.get("mandatory").is_some_and(|value| value.as_bool() == Some(true)) {
            return None;
        }
        (self.0)(notification).filter(|link| is_plain(link))
    }
}

impl fmt::Debug for Unsubscribe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unsubscribe")
    }
}

/// Whether the link fits between angle brackets in a header and is one.
fn is_plain(link: &str) -> bool {
    let fits = link.len() <= LONGEST && link.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>,".contains(&byte));
    fits && url::Url::parse(link).is_ok_and(|url| url.scheme() == "https" && url.has_host())
}

#[cfg(test)]
mod tests {
    use tidings_testkit::samples;

    use super::*;

    fn check(link: &str, expected: bool) {
        let given = link.to_owned();
        let unsubscribe = Unsubscribe::new(move |_| Some(given.clone()));
        assert_eq!(unsubscribe.link(&samples::notification("t")).is_some(), expected, "{link:?}");
    }

    #[test]
    fn links_are_plain_https() {
        check("https://tidings.example.com/u?t=abc", true);
        check("http://tidings.example.com/u", false);
        check("https://a.example/>\r\nX-Injected: yes", false);
        check("https://a.example/ b", false);
        check("https://", false);
        check(&format!("https://a.example/{}", "x".repeat(900)), false);
    }

    #[test]
    fn what_is_mandatory_has_none() {
        let unsubscribe = Unsubscribe::new(|_| Some("https://a.example/u".to_owned()));
        let mut notification = samples::notification("t");
        for (value, expected) in [(true, false), (false, true)] {
            notification.metadata.insert("mandatory".to_owned(), value.into());
            assert_eq!(unsubscribe.link(&notification).is_some(), expected);
        }
    }
}
