//! What stands behind the condition of a rule: `for 2m`, `resolve when ... for 1m`.

use super::Parser;
use crate::{
    diagnostic::{Code, Diagnostic, Span},
    lexer::{Symbol, Token},
    syntax::{Resolve, Suffix},
};

/// The longest hold: 31 days.
pub(crate) const HOLD_LIMIT: i64 = 31 * 86_400 * 1_000_000_000;

impl<'s> Parser<'s> {
    pub(super) fn suffix(&mut self) -> Suffix<'s> {
        let hold = self.hold();
        let resolve = self.accept(Symbol::Resolve).then(|| {
            if !self.accept(Symbol::When) {
                self.fail(self.span(), "expected `when`", "write `resolve when error_rate < 0.01`");
            }
            let when = self.conditional();
            Box::new(Resolve { when, hold: self.hold() })
        });
        Suffix { hold, resolve }
    }

    /// `for` and how long, in nanoseconds.
    fn hold(&mut self) -> Option<i64> {
        if !self.accept(Symbol::For) {
            return None;
        }
        let span = self.span();
        match self.current {
            Token::Duration(_) => {
                let hold = self.length();
                if hold > HOLD_LIMIT {
                    let problem = Diagnostic::error(Code::TooLong, span, "a hold of more than 31 days");
                    self.report(problem.help("write a shorter one, e.g. `for 12h`"));
                }
                return Some(hold);
            }
            Token::Int(number) => {
                self.fail(span, "a duration needs a unit", &format!("write `{number}s` or `{number}m`"));
                self.advance();
            }
            _ => self.fail(span, "expected a duration after `for`", "write how long, e.g. `for 2m`"),
        }
        None
    }

    /// A duration of one part or of several with blanks between them: `1h 30m`.
    fn length(&mut self) -> i64 {
        let mut length = 0_i64;
        while let Token::Duration(part) = self.current {
            self.advance();
            length = length.saturating_add(part);
        }
        length
    }

    /// Reports a word of a rule that stands where it cannot.
    pub(super) fn refuse_word(&mut self, span: Span) {
        let help = "the order is: condition, `for`, `resolve when`, `for`; for a metric of that name write `data.name`";
        let help = if self.chains { "leave out this part" } else { help };
        self.fail(span, "a word of the language in the wrong place", help);
    }
}
