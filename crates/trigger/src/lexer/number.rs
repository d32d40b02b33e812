//! Numbers and durations: `42`, `0x2a`, `.5`, `1e-3`, `1h30m`.

use unicode_ident::is_xid_continue;

use super::{Lexer, Token, symbol::narrow};
use crate::{
    diagnostic::{Code, Diagnostic, Span, shown},
    times,
};

/// The units of a duration literal; a longer one goes before its prefix.
const UNITS: [&str; 5] = ["ms", "s", "m", "h", "d"];

impl<'s> Lexer<'s> {
    pub(super) fn number(&mut self) -> Token {
        let start = self.position;
        if self.rest().starts_with("0x") || self.rest().starts_with("0X") {
            return self.hexadecimal();
        }
        if let Some(length) = duration_length(self.rest()) {
            self.position += length;
            return self.duration(start);
        }
        let whole = self.decimal();
        let digits = &self.source[start..self.position];
        // A whole number too large for any integer keeps the largest magnitude, which no sign makes fit.
        let kind = if whole {
            Token::Int(digits.parse().unwrap_or(u64::MAX))
        } else {
            Token::Double(digits.parse().unwrap_or(f64::INFINITY))
        };
        if kind == Token::Double(f64::INFINITY) {
            let span = Span::new(start, self.position);
            self.report(Diagnostic::error(Code::IntRange, span, "a number beyond the range of a double"));
        }
        self.refuse_suffix(start);
        kind
    }

    fn hexadecimal(&mut self) -> Token {
        let start = self.position;
        self.position += 2;
        self.skip_while(|c| c.is_ascii_hexdigit());
        let digits = &self.source[start + 2..self.position];
        if digits.is_empty() {
            let span = Span::new(start, self.position);
            self.report(Diagnostic::error(Code::Syntax, span, "a hexadecimal number without digits"));
        }
        self.refuse_suffix(start);
        Token::Int(u64::from_str_radix(digits, 16).unwrap_or(if digits.is_empty() { 0 } else { u64::MAX }))
    }

    /// Skips a decimal number; true if it is a whole one.
    fn decimal(&mut self) -> bool {
        let rest = self.rest();
        let mut length = digits_length(rest);
        let mut whole = true;
        let fraction = rest[length..].strip_prefix('.').map_or(0, digits_length);
        if fraction > 0 {
            length += 1 + fraction;
            whole = false;
        }
        if let Some(exponent) = rest[length..].strip_prefix(['e', 'E']) {
            let sign = usize::from(exponent.starts_with(['+', '-']));
            let digits = digits_length(&exponent[sign..]);
            if digits > 0 {
                length += 1 + sign + digits;
                whole = false;
            }
        }
        self.position += length;
        whole
    }

    fn duration(&mut self, start: usize) -> Token {
        let span = Span::new(start, self.position);
        let nanoseconds = times::parse_duration(span.of(self.source), true);
        if nanoseconds.is_none() {
            self.report(Diagnostic::error(Code::IntRange, span, "a duration beyond 292 years"));
        }
        Token::Duration(nanoseconds.unwrap_or(0))
    }

    /// Reads a number in full-width digits, with its unit, as the plain one that was meant.
    pub(super) fn full_width_number(&mut self) -> Token {
        let start = self.position;
        self.skip_while(|c| is_xid_continue(c) || matches!(c, '.' | '．'));
        let span = Span::new(start, self.position);
        let meant: String = span.of(self.source).chars().map(narrow).collect();
        let problem = Diagnostic::error(Code::Syntax, span, "full-width digits");
        self.report(problem.help(format!("write `{}`", shown(&meant))));
        let duration = || times::parse_duration(&meant, true).map(Token::Duration);
        let whole = meant.parse().ok().map(Token::Int);
        whole.or_else(duration).unwrap_or_else(|| Token::Double(meant.parse().unwrap_or_default()))
    }

    /// A name must not follow a number without a blank: `5x`, `3u`.
    fn refuse_suffix(&mut self, start: usize) {
        let end = self.position;
        self.skip_while(is_xid_continue);
        if self.position == end {
            return;
        }
        let suffix = &self.source[end..self.position];
        let problem = Diagnostic::error(Code::Syntax, Span::new(start, self.position), "a number runs into a name");
        let help = match suffix {
            _ if suffix.chars().any(|c| narrow(c).is_ascii_digit() && !c.is_ascii()) => {
                let plain: String = self.source[start..self.position].chars().map(narrow).collect();
                format!("full-width digits: write `{}`", shown(&plain))
            }
            _ if suffix.starts_with('_') => "digits stand together: `1000`, not `1_000`".to_owned(),
            "u" | "U" => "unsigned numbers are not in the language; leave out the `u`".to_owned(),
            _ => format!("`{}` is no unit: durations take ms, s, m, h, d", shown(suffix)),
        };
        self.report(problem.help(help));
    }
}

fn digits_length(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// How long the duration is that the text begins with; `None` if it does not begin with one.
fn duration_length(text: &str) -> Option<usize> {
    let mut length = 0;
    loop {
        let rest = &text[length..];
        let mut number = digits_length(rest);
        let fraction = rest[number..].strip_prefix('.').map_or(0, digits_length);
        number += if fraction > 0 { 1 + fraction } else { 0 };
        let unit = UNITS.into_iter().find(|unit| rest[number..].starts_with(unit))?;
        if number == 0 {
            return None;
        }
        length += number + unit.len();
        match text[length..].chars().next() {
            Some(next) if next.is_ascii_digit() => {}
            Some(next) if is_xid_continue(next) => return None,
            _ => return Some(length),
        }
    }
}
