//! A changed JSON value in the formatting that its text had: only what changed is written anew.

use serde_json::Value;

/// The text with the parts of `value` that differ from it. `None` where the two do not go side by side, as with a repeated key.
pub(crate) fn splice(text: &str, value: &Value) -> Option<String> {
    let mut splicer = Splicer { text, at: 0, out: String::with_capacity(text.len()) };
    splicer.value(value)?;
    splicer.out.push_str(&text[splicer.at..]);
    Some(splicer.out)
}

struct Splicer<'a> {
    text: &'a str,
    at: usize,
    out: String,
}

impl<'a> Splicer<'a> {
    fn value(&mut self, value: &Value) -> Option<()> {
        self.blanks();
        match (self.peek()?, value) {
            (b'{', Value::Object(fields)) => {
                let mut fields = fields.iter();
                self.members(b'}', |splicer| {
                    let (key, value) = fields.next()?;
                    splicer.blanks();
                    splicer.text_token(key)?;
                    splicer.blanks();
                    splicer.copy(1);
                    splicer.value(value)
                })?;
                fields.next().is_none().then_some(())
            }
            (b'[', Value::Array(items)) => {
                let mut items = items.iter();
                self.members(b']', |splicer| splicer.value(items.next()?))
            }
            (b'{' | b'[', replaced) => {
                let raw = self.container()?;
                self.at += raw.len();
                self.out.push_str(&replaced.to_string());
                Some(())
            }
            (b'"', Value::String(text)) => self.text_token(text),
            (_, value) => self.bare_token(value),
        }
    }

    /// The members of an object or an array, with all that stands between them.
    fn members(&mut self, closing: u8, mut member: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.copy(1);
        self.blanks();
        while self.peek()? != closing {
            member(self)?;
            self.blanks();
            if self.peek()? == b',' {
                self.copy(1);
                self.blanks();
            }
        }
        self.copy(1);
        Some(())
    }

    fn text_token(&mut self, now: &str) -> Option<()> {
        let raw = self.raw_text()?;
        let same = if raw.contains('\\') {
            serde_json::from_str::<String>(raw).ok()? == now
        } else {
            &raw[1..raw.len() - 1] == now
        };
        self.at += raw.len();
        if same {
            self.out.push_str(raw);
        } else {
            self.out.push_str(&Value::from(now).to_string());
        }
        Some(())
    }

    fn bare_token(&mut self, value: &Value) -> Option<()> {
        let rest = self.rest();
        let end = rest.find([',', '}', ']', ' ', '\t', '\r', '\n']).unwrap_or(rest.len());
        self.at += end;
        match value {
            Value::String(placeholder) => self.out.push_str(&Value::from(placeholder.as_str()).to_string()),
            _ => self.out.push_str(&rest[..end]),
        }
        Some(())
    }

    /// The text token that starts here, with its quotes.
    fn raw_text(&self) -> Option<&'a str> {
        let rest = self.rest();
        let mut escaped = false;
        for (position, byte) in rest.bytes().enumerate().skip(1) {
            if byte == b'"' && !escaped {
                return rest.get(..=position);
            }
            escaped = !escaped && byte == b'\\';
        }
        None
    }

    /// The whole object or array that starts here.
    fn container(&self) -> Option<&'a str> {
        let mut stream = serde_json::Deserializer::from_str(self.rest()).into_iter::<serde::de::IgnoredAny>();
        stream.next()?.ok()?;
        self.rest().get(..stream.byte_offset())
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn copy(&mut self, bytes: usize) {
        self.out.push_str(&self.text[self.at..self.at + bytes]);
        self.at += bytes;
    }

    fn blanks(&mut self) {
        let count = self.rest().bytes().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
        self.copy(count);
    }
}
