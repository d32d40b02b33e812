//! Text literals: plain, raw and triple-quoted, with CEL's escapes.

use std::borrow::Cow;

use super::{Lexer, Token};
use crate::diagnostic::{Code, Diagnostic, Span};

/// Whether a typographic quote is a single one; `None` for every other character.
pub(super) const fn typographic(c: char) -> Option<bool> {
    match c {
        '“' | '”' | '„' | '‟' | '«' | '»' | '＂' | '「' | '」' => Some(false),
        '‘' | '’' | '‚' | '‛' | '‹' | '›' | '＇' | '´' => Some(true),
        _ => None,
    }
}

impl<'s> Lexer<'s> {
    /// Reads a text that starts here with its quote.
    pub(super) fn text(&mut self, raw: bool) -> Token {
        let start = self.position;
        let rest = self.rest();
        let fences = if rest.starts_with('"') { ["\"\"\"", "\""] } else { ["'''", "'"] };
        let triple = rest.starts_with(fences[0]);
        let fence = fences[usize::from(!triple)];
        self.position += fence.len();
        let mut text = Cow::Borrowed("");
        loop {
            text += self.plain_text(fence, raw);
            if self.rest().starts_with(fence) {
                self.position += fence.len();
                break;
            }
            match self.peek() {
                Some('\\') => self.escape(text.to_mut()),
                Some(quote @ ('"' | '\'')) => {
                    self.bump();
                    text.to_mut().push(quote);
                }
                _ => {
                    self.unterminated(Span::new(start, start + fence.len()), fence, &text);
                    break;
                }
            }
        }
        self.text = text;
        Token::Text
    }

    /// Skips what stands for itself, up to what may end the text.
    fn plain_text(&mut self, fence: &str, raw: bool) -> &'s str {
        let start = self.position;
        self.skip_bytes(|byte| match byte {
            b'"' | b'\'' => !fence.as_bytes().contains(&byte),
            b'\n' | b'\r' => fence.len() > 1,
            b'\\' => raw,
            _ => true,
        });
        &self.source[start..self.position]
    }

    /// Reports a text that has no end, at its opening quote.
    fn unterminated(&mut self, opening: Span, fence: &str, text: &str) {
        let before = self.source[..opening.range().start].chars().next_back();
        let help = if let Some(quote) = text.chars().find(|c| typographic(*c) == Some(fence == "'")) {
            format!("close it with `{fence}`: `{quote}` is another character")
        } else if fence == "'" && before.is_some_and(char::is_alphanumeric) {
            "an apostrophe inside of '...' is written `\\'`".to_owned()
        } else {
            format!("close it with `{fence}`")
        };
        self.report(Diagnostic::error(Code::Syntax, opening, "unterminated string").help(help));
    }

    /// Reads a text in typographic quotes, single ones or double ones, as the plain one that was meant.
    pub(super) fn typographic_text(&mut self, single: bool) -> Token {
        let start = self.position;
        self.bump();
        let inner = self.position;
        let straight = if single { '\'' } else { '"' };
        self.skip_while(|c| c != straight && c != '\n' && c != '\r' && typographic(c) != Some(single));
        self.text = Cow::Borrowed(&self.source[inner..self.position]);
        if self.peek().is_some_and(|c| c != '\n' && c != '\r') {
            self.bump();
        }
        let span = Span::new(start, self.position);
        let problem = Diagnostic::error(Code::Syntax, span, "typographic quotes");
        self.report(problem.help("use straight quotes: \"...\""));
        Token::Text
    }

    fn escape(&mut self, text: &mut String) {
        let start = self.position;
        self.bump();
        // A line that ends is told of as a text that has no end.
        let Some(kind) = self.peek().filter(|kind| !matches!(kind, '\n' | '\r')) else { return };
        self.bump();
        let meant = match kind {
            'a' => Some('\u{7}'),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'v' => Some('\u{b}'),
            '\\' | '?' | '"' | '\'' | '`' => Some(kind),
            'x' | 'X' => self.code_point(2, 16),
            'u' => self.code_point(4, 16),
            'U' => self.code_point(8, 16),
            '0'..='3' => {
                self.position -= 1;
                self.code_point(3, 8)
            }
            _ => None,
        };
        match meant {
            Some(meant) => text.push(meant),
            None => self.refuse_escape(start),
        }
    }

    fn code_point(&mut self, digits: usize, radix: u32) -> Option<char> {
        let code = self.rest().get(..digits).filter(|code| code.chars().all(|c| c.is_digit(radix)))?;
        self.position += digits;
        u32::from_str_radix(code, radix).ok().and_then(char::from_u32)
    }

    fn refuse_escape(&mut self, start: usize) {
        let span = Span::new(start, self.position);
        let problem = Diagnostic::error(Code::Syntax, span, "not an escape");
        self.report(problem.help("write `\\\\` for a backslash, or a raw string r\"...\" for a pattern"));
    }
}
