//! A stream's answer: where the message is stored, or why not. What that means for the delivery is `failure`'s business.

use serde_json::Value;

use super::{
    failure::Failure,
    wire::{Reply, broken},
};

/// Where a message is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) stream: String,
    pub(super) sequence: u64,
    /// Whether the stream had it already, by its id.
    pub(super) duplicate: bool,
}

impl Stored {
    /// Reads the answer. One that cannot be read confirms nothing.
    pub(super) fn read(reply: &Reply) -> Result<Self, Failure> {
        // The server itself answers where nobody listens, by a status in the headers.
        if reply.head.split_ascii_whitespace().nth(1) == Some("503") {
            return Err(Failure::NoStream);
        }
        let answer: Value = serde_json::from_slice(&reply.body).map_err(|_| unreadable())?;
        if let Some(error) = answer.get("error") {
            let code = error.get("code").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
            let words = error.get("description").and_then(Value::as_str).unwrap_or("it does not say why");
            return Err(Failure::NotStored { code: code.unwrap_or(500), words: words.to_owned() });
        }
        let stream = answer.get("stream").and_then(Value::as_str).ok_or_else(unreadable)?;
        Ok(Self {
            stream: stream.to_owned(),
            sequence: answer.get("seq").and_then(Value::as_u64).ok_or_else(unreadable)?,
            duplicate: answer.get("duplicate").and_then(Value::as_bool).unwrap_or(false),
        })
    }

    /// What a delivery log shows.
    pub(super) fn told(&self) -> String {
        let known = if self.duplicate { ", where it was already" } else { "" };
        format!("stored in {} as {}{known}", self.stream, self.sequence)
    }
}

fn unreadable() -> Failure {
    broken("the stream's answer cannot be read").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(head: &str, body: &str) -> String {
        let reply = Reply { subject: "i".into(), head: head.into(), body: body.into() };
        match Stored::read(&reply) {
            Ok(stored) => stored.told(),
            Err(Failure::NotStored { code, words }) => format!("{code} {words}"),
            Err(other) => format!("{other:?}").chars().take_while(char::is_ascii_alphabetic).collect(),
        }
    }

    #[test]
    fn answers_are_read() {
        let check = |head: &str, body: &str, expected: &str| assert_eq!(read(head, body), expected);
        check("", r#"{"stream":"S","seq":5}"#, "stored in S as 5");
        check("", r#"{"stream":"S","seq":5,"duplicate":true}"#, "stored in S as 5, where it was already");
        check("", r#"{"error":{"code":503,"description":"full"}}"#, "503 full");
        check("", r#"{"error":{"code":-1}}"#, "500 it does not say why");
        check("NATS/1.0 503\r\n\r\n", "", "NoStream");
        check("", r#"{"stream":"S"}"#, "Broken");
        check("", "hello", "Broken");
    }
}
