//! How many parts a text goes out in: GSM-7 where all of it is in that alphabet, UCS-2 otherwise. What a message says, and how many
//! parts it may have, is `text`'s and the configuration's business. Source: 3GPP TS 23.038 and, for the 6 octets that each part of
//! several loses to its header, TS 23.040.

mod alphabet;
mod fit;

use std::{borrow::Cow, fmt};

use self::alphabet::septets;
pub use self::{alphabet::spell_out, fit::fit};

/// How the characters of a message are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Septets: 160 in a single part, 153 in each of several.
    Gsm7,
    /// Units of UTF-16: 70 in a single part, 67 in each of several.
    Ucs2,
}

impl Encoding {
    /// The encoding that this text needs.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if text.chars().all(|character| septets(character).is_some()) { Self::Gsm7 } else { Self::Ucs2 }
    }

    /// Its name, as receipts show it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gsm7 => "GSM-7",
            Self::Ucs2 => "UCS-2",
        }
    }

    /// How many units a message of one part takes.
    #[must_use]
    pub const fn single(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// How many units each part takes where there are several.
    #[must_use]
    pub const fn joined(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    /// What the character takes of a part. What the alphabet does not have takes what `?` would.
    fn cost(self, character: char) -> usize {
        match self {
            Self::Gsm7 => septets(character).unwrap_or(1),
            Self::Ucs2 => character.len_utf16(),
        }
    }
}

/// What a text costs to send. `Display` tells it to a person, as `2 parts (GSM-7, 180 of 306)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Segments {
    /// The encoding.
    pub encoding: Encoding,
    /// How many units the text takes: septets, or units of UTF-16.
    pub units: usize,
    /// How many parts are sent and paid for; 1 for an empty text.
    pub parts: usize,
}

impl fmt::Display for Segments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.parts == 1 { "" } else { "s" };
        let (encoding, room) = (self.encoding.as_str(), self.room());
        write!(f, "{} part{plural} ({encoding}, {} of {room})", self.parts, self.units)
    }
}

impl Segments {
    /// How many units so many parts have room for. Where a pair was not split between two, fewer of them can be used.
    #[must_use]
    pub const fn room(&self) -> usize {
        if self.parts <= 1 { self.encoding.single() } else { self.parts * self.encoding.joined() }
    }
}

/// Counts the text as it is. An extension character takes two units, as a character beyond the basic plane does in UCS-2, and neither
/// is ever split: where one does not fit into the rest of a part, it opens the next one.
#[must_use]
pub fn count(text: &str) -> Segments {
    let encoding = Encoding::of(text);
    let mut packed = Packed::new(encoding);
    for character in text.chars() {
        packed.push(encoding.cost(character));
    }
    let parts = if packed.units <= encoding.single() { 1 } else { packed.parts };
    Segments { encoding, units: packed.units, parts }
}

/// The text as [`spell_out`] gives it where that makes it fit for GSM-7 and costs no part more; else as it is.
#[must_use]
pub fn economical(text: &str) -> Cow<'_, str> {
    let plain = spell_out(text);
    let segments = count(&plain);
    let saves = segments.encoding == Encoding::Gsm7 && segments.parts <= count(text).parts;
    if saves { plain } else { Cow::Borrowed(text) }
}

/// Parts of several, filled one character after the other.
#[derive(Clone, Copy)]
struct Packed {
    size: usize,
    parts: usize,
    /// Units used of the last part.
    used: usize,
    units: usize,
}

impl Packed {
    const fn new(encoding: Encoding) -> Self {
        Self { size: encoding.joined(), parts: 1, used: 0, units: 0 }
    }

    const fn push(&mut self, cost: usize) {
        if self.used + cost > self.size {
            self.parts += 1;
            self.used = 0;
        }
        self.used += cost;
        self.units += cost;
    }
}

#[cfg(test)]
mod tests;
