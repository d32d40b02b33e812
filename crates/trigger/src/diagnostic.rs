//! What is wrong with a condition, where, and what to write instead. Drawing it with a caret is left to the command line.

use std::ops::Range;

use serde_json::{Value, json};

/// What kind of problem it is: a stable name for JSON, tests and documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// The text is not in the language's grammar.
    Syntax,
    /// An operand, argument or the whole condition has a type that cannot work.
    Type,
    /// A number that its type cannot hold.
    IntRange,
    /// A pattern that is not a regular expression.
    Regex,
    /// A function or method that does not exist.
    UnknownFunction,
    /// A name that looks like a misspelt one; only a warning, since data is open.
    UnknownName,
    /// A severity that is not on the scale.
    SeverityLiteral,
    /// More nesting than the language allows.
    TooDeep,
    /// A longer source, more nodes or a longer list than the language allows.
    TooLong,
    /// The worst case of an evaluation is too expensive.
    Cost,
    /// A part that has the same value for every event; a warning.
    Constant,
    /// Thresholds that no value can meet; a warning.
    Contradiction,
    /// An exact comparison with a fraction; a warning.
    DoubleEquality,
    /// A rule whose `resolve when` can hold at the moment at which it fires; a warning.
    Overlap,
}

impl Code {
    /// The stable name, in lower case with hyphens.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Type => "type",
            Self::IntRange => "int-range",
            Self::Regex => "regex",
            Self::UnknownFunction => "unknown-function",
            Self::UnknownName => "unknown-name",
            Self::SeverityLiteral => "severity-literal",
            Self::TooDeep => "too-deep",
            Self::TooLong => "too-long",
            Self::Cost => "cost",
            Self::Constant => "constant",
            Self::Contradiction => "contradiction",
            Self::DoubleEquality => "double-equality",
            Self::Overlap => "resolve-overlaps",
        }
    }
}

/// Whether a problem stops the condition from being used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The condition is refused.
    Error,
    /// The condition works, but probably not as meant.
    Warning,
}

/// The longest piece of a source in a message, in characters.
const SHOWN_LIMIT: usize = 40;

/// One problem of one condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of problem it is.
    pub code: Code,
    /// Whether it stops the condition from being used.
    pub severity: Level,
    /// Where it is: a range of bytes in the source, never outside of it.
    pub span: Range<usize>,
    /// What is wrong, in a few words: lower case, no full stop.
    pub label: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    pub(crate) fn error(code: Code, span: Span, label: impl Into<String>) -> Self {
        Self { code, severity: Level::Error, span: span.range(), label: label.into(), help: None }
    }

    pub(crate) fn warning(code: Code, span: Span, label: impl Into<String>) -> Self {
        Self { severity: Level::Warning, ..Self::error(code, span, label) }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Whether it stops the condition from being used.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Level::Error
    }

    /// The JSON form: `code`, `severity`, `span` (`[start, end]` in bytes), `label`, and `help` where there is one.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let severity = if self.is_error() { "error" } else { "warning" };
        let mut json = json!({
            "code": self.code.as_str(),
            "severity": severity,
            "span": [self.span.start, self.span.end],
            "label": self.label,
        });
        if let Some(help) = &self.help {
            json["help"] = Value::from(help.as_str());
        }
        json
    }
}

/// A range of bytes in a source of at most 4 KiB: small, so that every node of a tree can carry one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    pub(crate) fn new(start: usize, end: usize) -> Self {
        let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: narrow(start), end: narrow(end) }
    }

    pub(crate) const fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end }
    }

    pub(crate) const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The text that this span covers.
    pub(crate) fn of(self, source: &str) -> &str {
        source.get(self.range()).unwrap_or_default()
    }
}

/// A piece of a source as a message shows it: short, and without characters that cannot be seen.
pub(crate) fn shown(text: &str) -> String {
    let printable = |c: char| if c.escape_debug().len() > 2 || c.is_control() { '\u{fffd}' } else { c };
    let mut shown: String = text.chars().take(SHOWN_LIMIT).map(printable).collect();
    if text.chars().nth(SHOWN_LIMIT).is_some() {
        shown.push_str("...");
    }
    shown
}

/// The name among `known` that `wrong` was probably meant to be: at most two slips away, but fewer where
/// both are short, or a name that it begins.
pub(crate) fn nearest<'n>(wrong: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let begins =
        |name: &str| wrong.len() >= 3 && name.get(..wrong.len()).is_some_and(|head| head.eq_ignore_ascii_case(wrong));
    let letters_of_wrong = letters(wrong);
    let lower = wrong.to_lowercase();
    let distance = |name: &str| match begins(name) {
        true => 1,
        // Cheaper than the distance itself: a slip changes at most two of the letters that occur.
        false if (letters(name) ^ letters_of_wrong).count_ones() > 4 => usize::MAX,
        false if out_of_reach(&lower, name) => usize::MAX,
        false => strsim::osa_distance(&name.to_lowercase(), &lower),
    };
    known
        .into_iter()
        .map(|name| (distance(name), name))
        .filter(|(distance, name)| *distance <= 2 && *distance * 2 <= wrong.len().max(name.len()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Whether more than two letters of an ASCII text have none like them within two places in a name: each of them is a slip.
pub(crate) fn out_of_reach(text: &str, name: &str) -> bool {
    let near = |place: usize, letter: u8| {
        let window = name.as_bytes().get(place.saturating_sub(2)..).unwrap_or_default();
        // The window is shorter where the name begins.
        window.iter().take(place.min(2) + 3).any(|other| other.eq_ignore_ascii_case(&letter))
    };
    let apart = text.bytes().enumerate().filter(|(place, letter)| !near(*place, *letter));
    text.is_ascii() && name.is_ascii() && apart.take(3).count() == 3
}

/// Which letters occur in a text, as bits; both cases of a letter fall together.
pub(crate) const fn letters(text: &str) -> u32 {
    let mut rest = text.as_bytes();
    let mut seen = 0;
    while let [byte, behind @ ..] = rest {
        seen |= 1 << (*byte & 31);
        rest = behind;
    }
    seen
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_out_of_reach_is_more_than_two_slips_away(a in "[abc]{0,8}", b in "[abc]{0,8}") {
            prop_assert!(!out_of_reach(&a, &b) || strsim::osa_distance(&a, &b) > 2);
        }
    }

    #[test]
    fn the_nearest_name_is_at_most_two_slips_away() {
        let check = |wrong, expected| assert_eq!(nearest(wrong, ["startsWith", "size", "error"]), expected, "{wrong}");
        check("startWith", Some("startsWith"));
        check("startswith", Some("startsWith"));
        check("eror", Some("error"));
        check("siz", Some("size"));
        check("start", Some("startsWith"));
        check("zz", None);
        check("sixx", Some("size"));
        check("sox", None);
        check("sz", Some("size"));
        check("frobnicate", None);
    }

    #[test]
    fn the_json_form_leaves_out_what_is_not_there() {
        let plain = Diagnostic::error(Code::IntRange, Span::new(1, 3), "too large");
        assert_eq!(
            plain.to_json().to_string(),
            r#"{"code":"int-range","severity":"error","span":[1,3],"label":"too large"}"#
        );
        assert_eq!(plain.help("smaller").to_json()["help"], "smaller");
    }
}
