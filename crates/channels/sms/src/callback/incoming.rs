//! What a receiver answers: the words that stop texts and allow them again. Everything else a person writes is left to the program.

use std::io;

use tidings_core::Address;

use super::value;
use crate::{Suppressions, provider::twilio::answer::is_message_sid};

/// Words that stop texts, without blanks.
const STOP: [&str; 8] = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];
/// Words that allow them again.
const START: [&str; 3] = ["START", "UNSTOP", "YES"];
/// The longest answer that may be one of these words.
const LONGEST: usize = 64;

/// What an answer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Keyword {
    /// No more texts.
    Stop,
    /// Texts again.
    Start,
}

impl Keyword {
    /// Reads a whole answer, whatever its case, blanks, full stops and hyphens; `None` for any other text, also one that only holds such
    /// a word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let ignored = |c: char| c.is_whitespace() || c.is_control() || ".!-\"'“”‘’\u{200b}\u{feff}".contains(c);
        let word: String = text.chars().filter(|c| !ignored(*c)).collect::<String>().to_uppercase();
        if STOP.contains(&word.as_str()) {
            Some(Self::Stop)
        } else {
            START.contains(&word.as_str()).then_some(Self::Start)
        }
    }
}

/// An answer of a receiver. `Debug` masks the number; the text itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Who answered.
    pub from: Address,
    /// What it asks for.
    pub keyword: Option<Keyword>,
    /// The answer's own SID: the same where the call is repeated.
    pub message: Option<String>,
}

impl Incoming {
    /// Reads a form whose signature has been verified; `None` where it is no message of anybody.
    #[must_use]
    pub fn read(params: &[(String, String)]) -> Option<Self> {
        let from = Address::new(value(params, "From")?);
        // Where Twilio has words of the account's own, it says which kind it was.
        let told = value(params, "OptOutType").and_then(Keyword::parse);
        let keyword = told.or_else(|| Keyword::parse(value(params, "Body").unwrap_or_default()));
        let message = value(params, "MessageSid").filter(|sid| is_message_sid(sid)).map(str::to_owned);
        Some(Self { from, keyword, message })
    }

    /// Does what it asks for, and tells whether it asked for anything.
    ///
    /// # Errors
    /// If the list cannot be written, or the sender has no number in E.164: answer with an error, so that it comes again.
    pub fn apply(&self, suppressions: &dyn Suppressions) -> io::Result<bool> {
        match self.keyword {
            Some(Keyword::Stop) => suppressions.suppress(self.from.as_str())?,
            Some(Keyword::Start) => suppressions.lift(self.from.as_str())?,
            None => return Ok(false),
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemorySuppressions;

    #[test]
    fn words_are_known_however_they_are_written() {
        let check = |text: &str, expected: Option<Keyword>| assert_eq!(Keyword::parse(text), expected, "{text:?}");
        let stops =
            ["STOP", "stop", " Stop. ", "STOP ALL", "stopall", "Unsubscribe", "cancel", "end", "QUIT\n", "revoke"];
        for text in stops.into_iter().chain(["opt out", "OPT-OUT", "optout.", "“Stop”", "stop!"]) {
            check(text, Some(Keyword::Stop));
        }
        for text in ["start", "UNSTOP", "Yes.", " yes "] {
            check(text, Some(Keyword::Start));
        }
        for text in ["", ".", "please stop", "stopped", "the end", "yes, stop", "no", "стоп", &"stop ".repeat(50)] {
            check(text, None);
        }
    }

    #[test]
    fn an_answer_moves_the_list() {
        let list = MemorySuppressions::default();
        let answer = |pairs: &[(&str, &str)]| {
            let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Incoming::read(&pairs).map(|incoming| incoming.apply(&list))
        };
        assert!(answer(&[("From", "+15550101"), ("Body", "Stop.")]).unwrap().unwrap());
        assert!(list.is_suppressed("+15550101").unwrap());
        assert!(!answer(&[("From", "+15550101"), ("Body", "who is this?")]).unwrap().unwrap());
        assert!(list.is_suppressed("+15550101").unwrap());
        assert!(answer(&[("From", "+15550101"), ("Body", "Los!"), ("OptOutType", "START")]).unwrap().unwrap());
        assert!(!list.is_suppressed("+15550101").unwrap());
        assert!(answer(&[("From", "12345"), ("Body", "stop")]).unwrap().is_err());
        assert!(answer(&[("Body", "stop")]).is_none());
        let incoming = Incoming { from: Address::new("+15550101"), keyword: None, message: None };
        assert!(!format!("{incoming:?}").contains("+15550101"));
    }
}
