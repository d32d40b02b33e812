//! A place in a user's sequence, as clients keep it: which stream of numbers, and how far. What follows it is the session's business.

use std::{fmt, str::FromStr};

/// A place that a client resumes from: `7`, or `9f1c02b4d5e6a783-7` where the numbers are those of one memory and begin anew with the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The stream that the number belongs to, where streams end.
    pub stream: Option<u64>,
    /// The last number that was seen.
    pub seq: u64,
}

/// A text is no position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a position must be the last `position` or `seq` that was seen, or 0 for everything that is kept")]
pub struct BadPosition;

impl From<u64> for Position {
    fn from(seq: u64) -> Self {
        Self { stream: None, seq }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.stream {
            Some(stream) => write!(f, "{stream:016x}-{}", self.seq),
            None => write!(f, "{}", self.seq),
        }
    }
}

impl FromStr for Position {
    type Err = BadPosition;

    fn from_str(text: &str) -> Result<Self, BadPosition> {
        match text.split_once('-') {
            Some((stream, seq)) => Ok(Self { stream: Some(stream_of(stream)?), seq: number(seq)? }),
            None => number(text).map(Self::from),
        }
    }
}

fn stream_of(text: &str) -> Result<u64, BadPosition> {
    let is_good = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_good { u64::from_str_radix(text, 16).map_err(|_| BadPosition) } else { Err(BadPosition) }
}

/// Digits only: a sign is no part of a number here.
fn number(text: &str) -> Result<u64, BadPosition> {
    let is_good = text.bytes().all(|byte| byte.is_ascii_digit());
    if is_good { text.parse().map_err(|_| BadPosition) } else { Err(BadPosition) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_positions_are_read() {
        let check = |text: &str, good: bool| assert_eq!(text.parse::<Position>().is_ok(), good, "{text:?}");
        for text in ["0", "7", "18446744073709551615", "00000000000000ff-7"] {
            check(text, true);
        }
        let bad = ["", "-", "-1", "+1", " 1", "1.0", "x", "18446744073709551616", "ff-7", "00000000000000ff-"];
        for text in
            bad.into_iter().chain(["00000000000000ff--7", "+0000000000000ff-7", "00000000000000ff-7-7", "\u{661}"])
        {
            check(text, false);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(stream in any::<Option<u64>>(), seq in any::<u64>()) {
            let position = Position { stream, seq };
            prop_assert_eq!(position.to_string().parse(), Ok(position));
        }

        #[test]
        fn no_text_is_too_much(text in any::<String>()) {
            prop_assert!(text.parse::<Position>().is_err() || text.contains(|c: char| c.is_ascii_digit()));
        }
    }
}
