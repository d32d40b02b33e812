//! Turns the source into tokens, and says what was meant where a character is not in the language. What a sequence of
//! tokens means is left to the parser.

mod number;
mod symbol;
mod text;

use std::borrow::Cow;

use unicode_ident::{is_xid_continue, is_xid_start};

use crate::diagnostic::{Code, Diagnostic, Span};

pub(crate) use symbol::Symbol;

/// The problems that one run reports at most; what follows is mostly noise.
pub(crate) const PROBLEM_LIMIT: usize = 16;

/// A token. It is as small as two words and is copied by whole words: a condition is mostly tokens that come and go.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(u64)]
pub(crate) enum Token {
    /// The magnitude of an integer; whether it fits is decided together with its sign.
    Int(u64),
    Double(f64),
    /// Nanoseconds.
    Duration(i64),
    /// A text, which the lexer holds.
    Text,
    Name,
    /// A key in back-quotes.
    Quoted,
    Symbol(Symbol),
    End,
}

/// Whether a text can stand as a name: what the language calls `ident`.
pub(crate) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(starts_name) && characters.all(is_xid_continue)
}

fn starts_name(c: char) -> bool {
    c == '_' || is_xid_start(c)
}

/// Reads a source token by token.
pub(crate) struct Lexer<'s> {
    source: &'s str,
    position: usize,
    /// Where the last token is.
    pub(crate) span: Span,
    /// What the last text says: a part of the source, unless it has escapes.
    pub(crate) text: Cow<'s, str>,
    /// What was found so far, by the lexer and by the parser.
    pub(crate) problems: Vec<Diagnostic>,
}

impl<'s> Lexer<'s> {
    pub(crate) fn new(source: &'s str) -> Self {
        Self { source, position: 0, span: Span::default(), text: Cow::Borrowed(""), problems: Vec::new() }
    }

    /// The next token. Behind the last one there is nothing but `End`.
    pub(crate) fn next_token(&mut self) -> Token {
        loop {
            self.skip_blanks();
            let start = self.position;
            let Some(next) = self.peek() else { break };
            if let Some(token) = self.token(next) {
                self.span = Span::new(start, self.position);
                return token;
            }
        }
        // What is missing is missing behind the last token, not behind the blanks and comments that follow it.
        self.span.start = self.span.end;
        Token::End
    }

    /// Whether there has been no token yet.
    pub(crate) const fn is_empty(&self) -> bool {
        self.span.end == 0
    }

    /// Whether a number follows.
    pub(crate) fn at_number(&mut self) -> bool {
        self.skip_blanks();
        let digit = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
        let rest = self.rest();
        digit(rest) || rest.strip_prefix('.').is_some_and(digit)
    }

    /// Reads no further.
    pub(crate) fn end(&mut self) -> Token {
        self.position = self.source.len();
        self.next_token()
    }

    fn rest(&self) -> &'s str {
        &self.source[self.position..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) {
        self.position += self.peek().map_or(0, char::len_utf8);
    }

    fn skip_while(&mut self, belongs: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&belongs) {
            self.bump();
        }
    }

    /// Skips bytes. Of a character beyond ASCII all belong, or none.
    fn skip_bytes(&mut self, belongs: impl Fn(u8) -> bool) {
        self.position += self.rest().bytes().take_while(|byte| belongs(*byte)).count();
    }

    /// Skips what continues a name: almost always ASCII, which needs no table.
    fn skip_name(&mut self) {
        self.skip_bytes(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if self.rest().bytes().next().is_some_and(|byte| !byte.is_ascii()) {
            self.skip_while(is_xid_continue);
        }
    }

    fn report(&mut self, problem: Diagnostic) {
        if self.problems.len() < PROBLEM_LIMIT {
            self.problems.push(problem);
        }
    }

    fn skip_blanks(&mut self) {
        self.skip_bytes(|byte| byte == b' ');
        // Seldom is there any other blank, and then it needs a table.
        if self.rest().bytes().next().is_none_or(|byte| byte.is_ascii_graphic() && byte != b'/') {
            return;
        }
        self.skip_while(char::is_whitespace);
        while self.rest().starts_with("//") {
            self.skip_while(|c| c != '\n');
            self.skip_while(char::is_whitespace);
        }
    }

    /// Reads one token, or skips a character that means nothing.
    fn token(&mut self, next: char) -> Option<Token> {
        let rest = self.rest();
        match next {
            '"' | '\'' => Some(self.text(false)),
            'r' | 'R' if rest[1..].starts_with(['"', '\'']) => {
                self.bump();
                Some(self.text(true))
            }
            '`' => Some(self.quoted_key()),
            '0'..='9' => Some(self.number()),
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => Some(self.number()),
            _ if starts_name(next) => Some(self.word()),
            _ => self.symbol(),
        }
    }

    fn word(&mut self) -> Token {
        let start = self.position;
        self.skip_name();
        let word = &self.source[start..self.position];
        if matches!(word, "b" | "B" | "br" | "rb") && self.rest().starts_with(['"', '\'']) {
            self.report(Diagnostic::error(
                Code::Syntax,
                Span::new(start, self.position),
                "bytes are not in the language",
            ));
            return self.text(false);
        }
        Symbol::of_word(word).map_or(Token::Name, Token::Symbol)
    }

    fn quoted_key(&mut self) -> Token {
        let start = self.position;
        self.bump();
        let inner = self.position;
        self.skip_while(|c| c != '`' && c != '\n');
        if self.peek() == Some('`') {
            self.bump();
        } else {
            let problem = Diagnostic::error(Code::Syntax, Span::new(start, inner), "unterminated back-quote");
            self.report(problem.help("close it with a back-quote on the same line"));
        }
        Token::Quoted
    }
}

#[cfg(test)]
mod tests;
