//! A message as a server received it, and how a test reads it. What it should say is the test's business.

use mail_parser::MessageParser;

/// A message and its envelope, as they came over the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mail {
    /// The address of `MAIL FROM`, without its brackets.
    pub from: String,
    /// The addresses of `RCPT TO`, without their brackets.
    pub to: Vec<String>,
    /// The message byte for byte, the dots of the wire taken back.
    pub raw: Vec<u8>,
    /// The ordinal of its connection, from 0.
    pub connection: usize,
    /// Whether it came over TLS.
    pub secured: bool,
}

impl Mail {
    /// The first header of this name, whatever its case, as one line; encoded words stay as they are.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let message = MessageParser::default().parse(&self.raw)?;
        let mut headers = message.headers_raw();
        let (_, value) = headers.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value.replace("\r\n", "").trim().to_owned())
    }

    /// The subject, decoded.
    #[must_use]
    pub fn subject(&self) -> String {
        let message = MessageParser::default().parse(&self.raw);
        message.as_ref().and_then(|message| message.subject()).unwrap_or_default().to_owned()
    }

    /// The text part, decoded; empty where there is none.
    #[must_use]
    pub fn plain(&self) -> String {
        let message = MessageParser::default().parse(&self.raw);
        let text = message.as_ref().and_then(|message| message.body_text(0));
        text.map(|text| text.replace("\r\n", "\n")).unwrap_or_default()
    }

    /// The HTML part, decoded; empty where there is none.
    #[must_use]
    pub fn html(&self) -> String {
        let message = MessageParser::default().parse(&self.raw);
        let html = message.as_ref().and_then(|message| message.body_html(0));
        html.map(|html| html.replace("\r\n", "\n")).unwrap_or_default()
    }

    /// Headers, subject and both parts, decoded, as one text to search in.
    #[must_use]
    pub fn text(&self) -> String {
        let raw = String::from_utf8_lossy(&self.raw);
        let head = raw.split_once("\r\n\r\n").map_or(&*raw, |(head, _)| head);
        format!("{head}\n\n{}\n\n{}\n\n{}", self.subject(), self.plain(), self.html())
    }
}
