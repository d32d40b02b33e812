//! What a service wants sent: the content, which is scrubbed, and what is added behind the scrub. Making the bytes of it is here, sending
//! them is `chat`'s.

use serde_json::Value;
use tidings_core::{Scrub, SendError};
use tidings_render::scrubbed;
use url::Url;

use crate::form::Form;

/// One request in parts.
#[derive(Default)]
pub(crate) struct Order {
    /// What the message says.
    pub(crate) content: Value,
    /// Keys, addresses and credentials: the scrub would take them for what a message must not hold, or cannot tell them apart.
    pub(crate) added: Vec<(&'static str, Value)>,
    /// What follows the service's base.
    pub(crate) path: Vec<String>,
    /// What follows the path.
    pub(crate) query: Option<&'static str>,
    /// How the body is written.
    pub(crate) form: Form,
    /// A header with a credential.
    pub(crate) header: Option<(&'static str, String)>,
}

impl Order {
    /// An order of this content alone, to the base itself.
    pub(crate) fn of(content: Value) -> Self {
        Self { content, ..Self::default() }
    }

    /// The same order to this path below the base.
    pub(crate) fn path(mut self, path: &[&str]) -> Self {
        self.path = path.iter().map(|&step| step.to_owned()).collect();
        self
    }

    /// Adds this behind the scrub.
    pub(crate) fn add(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.added.push((key, value.into()));
        self
    }

    /// Sends this header along.
    pub(crate) fn header(mut self, name: &'static str, value: String) -> Self {
        self.header = Some((name, value));
        self
    }

    /// The final bytes.
    pub(crate) fn body(self, scrub: &dyn Scrub) -> Result<Vec<u8>, SendError> {
        let mut body = scrubbed::object(self.content, scrub)?;
        body.extend(self.added.into_iter().map(|(key, value)| (key.to_owned(), value)));
        Ok(self.form.write(body))
    }

    /// Where the order goes, given the service's base.
    pub(crate) fn url(&self, base: &Url) -> Url {
        let mut url = base.clone();
        if self.path.is_empty() {
            return url;
        }
        // Only what has no host has no path either, and the guard lets none of that pass.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(&self.path);
        }
        url.set_query(self.query);
        url
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use serde_json::json;
    use tidings_core::KeepAll;

    use super::*;

    /// Leaves this of everything.
    #[derive(Debug)]
    struct Leaves(&'static str);

    impl Scrub for Leaves {
        fn scrub<'a>(&self, _: &'a [u8]) -> Cow<'a, [u8]> {
            Cow::Owned(self.0.as_bytes().to_vec())
        }
    }

    #[test]
    fn what_is_added_is_neither_scrubbed_nor_lost() {
        let order = || Order::of(json!({"text": "a"})).add("token", "hunter2");
        assert_eq!(order().body(&KeepAll).unwrap(), br#"{"text":"a","token":"hunter2"}"#);
        assert_eq!(order().body(&Leaves(r#"{"text":"b"}"#)).unwrap(), br#"{"text":"b","token":"hunter2"}"#);
    }

    #[test]
    fn paths_follow_the_base() {
        let check = |base: &str, path: &[&str], expected: &str| {
            let url = Order::default().path(path).url(&Url::parse(base).unwrap());
            assert_eq!(url.as_str(), expected);
        };
        check("https://a.example", &["bot1:x", "sendMessage"], "https://a.example/bot1:x/sendMessage");
        check("https://a.example/", &["message"], "https://a.example/message");
        check("https://a.example/push/", &["message"], "https://a.example/push/message");
        check("https://a.example/push?key=1", &[], "https://a.example/push?key=1");
        check("https://a.example", &["a\\b@c"], "https://a.example/a%5Cb@c");
        check("https://a.example", &["a/b?c#d é"], "https://a.example/a%2Fb%3Fc%23d%20%C3%A9");
    }
}
