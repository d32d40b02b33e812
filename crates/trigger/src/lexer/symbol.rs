//! Operators, brackets and words of the language, with what people write instead of them.

use super::{Lexer, Token, text};
use crate::diagnostic::{Code, Diagnostic, Span};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Symbol {
    And,
    Or,
    /// `!`, which binds to the next operand only.
    Not,
    /// `not`, which takes a whole comparison.
    NotWord,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    In,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Coalesce,
    Question,
    Colon,
    Comma,
    Dot,
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    True,
    False,
    Null,
    For,
    Resolve,
    When,
}

impl Symbol {
    /// The symbol that a word stands for. Words are in lower case or in upper case.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        Some(match word {
            "and" | "AND" => Self::And,
            "or" | "OR" => Self::Or,
            "not" | "NOT" => Self::NotWord,
            "in" | "IN" => Self::In,
            "true" | "TRUE" => Self::True,
            "false" | "FALSE" => Self::False,
            "null" | "NULL" => Self::Null,
            "for" | "FOR" => Self::For,
            "resolve" | "RESOLVE" => Self::Resolve,
            "when" | "WHEN" => Self::When,
            _ => return None,
        })
    }
}

/// The spellings, longer ones first: the text, what it is, and for a wrong one how to write it.
const SPELLINGS: [(&str, Symbol, Option<&str>); 40] = [
    ("===", Symbol::Equal, Some("==")),
    ("!==", Symbol::NotEqual, Some("!=")),
    ("==", Symbol::Equal, None),
    ("=>", Symbol::GreaterEqual, Some(">=")),
    ("=<", Symbol::LessEqual, Some("<=")),
    ("!=", Symbol::NotEqual, None),
    ("<>", Symbol::NotEqual, Some("!=")),
    ("<=", Symbol::LessEqual, None),
    (">=", Symbol::GreaterEqual, None),
    ("&&", Symbol::And, None),
    ("||", Symbol::Or, None),
    ("??", Symbol::Coalesce, None),
    ("**", Symbol::Star, Some("*")),
    ("=", Symbol::Equal, Some("==")),
    ("&", Symbol::And, Some("&&")),
    ("|", Symbol::Or, Some("||")),
    ("<", Symbol::Less, None),
    (">", Symbol::Greater, None),
    ("!", Symbol::Not, None),
    ("+", Symbol::Plus, None),
    ("-", Symbol::Minus, None),
    ("*", Symbol::Star, None),
    ("/", Symbol::Slash, None),
    ("%", Symbol::Percent, None),
    ("?", Symbol::Question, None),
    (":", Symbol::Colon, None),
    (",", Symbol::Comma, None),
    (".", Symbol::Dot, None),
    ("(", Symbol::Open, None),
    (")", Symbol::Close, None),
    ("[", Symbol::OpenBracket, None),
    ("]", Symbol::CloseBracket, None),
    ("{", Symbol::OpenBrace, None),
    ("}", Symbol::CloseBrace, None),
    ("≥", Symbol::GreaterEqual, Some(">=")),
    ("≤", Symbol::LessEqual, Some("<=")),
    ("≠", Symbol::NotEqual, Some("!=")),
    ("−", Symbol::Minus, Some("-")),
    ("–", Symbol::Minus, Some("-")),
    ("¬", Symbol::Not, Some("!")),
];

/// The symbols that are almost all there is, by their bytes: the table is only asked where people wrote something else.
const fn plain(bytes: &[u8]) -> Option<(Symbol, usize)> {
    Some(match bytes {
        [b'&', b'&', ..] => (Symbol::And, 2),
        [b'|', b'|', ..] => (Symbol::Or, 2),
        [b'?', b'?', ..] => (Symbol::Coalesce, 2),
        [b'=' | b'!', b'=', b'=', ..] | [b'=' | b'<', b'>', ..] | [b'=', b'<', ..] | [b'*', b'*', ..] => return None,
        [b'=', b'=', ..] => (Symbol::Equal, 2),
        [b'!', b'=', ..] => (Symbol::NotEqual, 2),
        [b'<', b'=', ..] => (Symbol::LessEqual, 2),
        [b'>', b'=', ..] => (Symbol::GreaterEqual, 2),
        [single, ..] => match symbol_of(*single) {
            Some(symbol) => (symbol, 1),
            None => return None,
        },
        [] => return None,
    })
}

const fn symbol_of(byte: u8) -> Option<Symbol> {
    Some(match byte {
        b'<' => Symbol::Less,
        b'>' => Symbol::Greater,
        b'!' => Symbol::Not,
        b'+' => Symbol::Plus,
        b'-' => Symbol::Minus,
        b'*' => Symbol::Star,
        b'/' => Symbol::Slash,
        b'%' => Symbol::Percent,
        b'?' => Symbol::Question,
        b':' => Symbol::Colon,
        b',' => Symbol::Comma,
        b'.' => Symbol::Dot,
        b'(' => Symbol::Open,
        b')' => Symbol::Close,
        b'[' => Symbol::OpenBracket,
        b']' => Symbol::CloseBracket,
        b'{' => Symbol::OpenBrace,
        b'}' => Symbol::CloseBrace,
        _ => return None,
    })
}

/// The first byte of every full-width character.
const FULL_WIDTH: u8 = 0xef;

/// The ASCII form of a full-width character.
pub(super) fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

impl<'s> Lexer<'s> {
    /// Reads an operator or bracket. A wrong spelling is reported and read as what it was meant to be.
    pub(super) fn symbol(&mut self) -> Option<Token> {
        let start = self.position;
        let bytes = self.rest().as_bytes();
        // What follows may belong to it in full width, as in `>＝`: the table knows.
        if let Some((symbol, length)) = plain(bytes)
            && bytes.get(length) != Some(&FULL_WIDTH)
        {
            self.position += length;
            return Some(Token::Symbol(symbol));
        }
        let matches = |spelling: &str| {
            let mut characters = self.rest().chars().map(narrow);
            spelling.chars().all(|c| characters.next() == Some(c))
        };
        let Some(&(spelling, symbol, meant)) = SPELLINGS.iter().find(|(spelling, ..)| matches(spelling)) else {
            return self.stray();
        };
        for _ in spelling.chars() {
            self.bump();
        }
        let span = Span::new(start, self.position);
        if let Some(meant) = meant {
            let problem = Diagnostic::error(Code::Syntax, span, format!("`{spelling}` is not an operator here"));
            self.report(problem.help(format!("write `{meant}`")));
        } else if span.of(self.source) != spelling {
            let problem = Diagnostic::error(Code::Syntax, span, "a full-width character");
            self.report(problem.help(format!("write `{spelling}`")));
        }
        Some(Token::Symbol(symbol))
    }

    /// A character that means nothing: reported and skipped, unless it opens a text in typographic quotes or a number in
    /// full-width digits.
    fn stray(&mut self) -> Option<Token> {
        let start = self.position;
        let stray = self.peek()?;
        if let Some(family) = text::typographic(stray) {
            return Some(self.typographic_text(family));
        }
        if narrow(stray).is_ascii_digit() {
            return Some(self.full_width_number());
        }
        self.bump();
        let label = match stray {
            _ if stray.is_control() => "a control character".to_owned(),
            // What cannot be seen, or turns the line around, is told by its number.
            _ if stray.escape_debug().len() > 2 => format!("an invisible character, U+{:04X}", u32::from(stray)),
            _ => format!("unexpected character `{stray}`"),
        };
        let problem = Diagnostic::error(Code::Syntax, Span::new(start, self.position), label);
        self.report(match stray {
            ';' => problem.help("a condition is one expression; join parts with `&&`"),
            '~' => problem.help("to match a pattern write `text.matches(\"...\")`"),
            '$' | '@' | '#' => problem.help("a metric is a plain name, or data[\"...\"] for an odd key"),
            _ => problem,
        });
        None
    }
}
