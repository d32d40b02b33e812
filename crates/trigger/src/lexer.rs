//! Turns the source into tokens, and says what was meant where a character is not in the language. What a sequence of
//! tokens means is left to the parser.

mod number;
mod symbol;
mod text;

use unicode_ident::{is_xid_continue, is_xid_start};

use crate::diagnostic::{Code, Diagnostic, Span};

pub(crate) use symbol::Symbol;

/// The problems that one run reports at most; what follows is mostly noise.
pub(crate) const PROBLEM_LIMIT: usize = 16;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind {
    /// The magnitude of an integer; whether it fits is decided together with its sign.
    Int(u64),
    Double(f64),
    /// Nanoseconds.
    Duration(i64),
    Text(Box<str>),
    Name,
    /// A key in back-quotes.
    Quoted(Box<str>),
    Symbol(Symbol),
    End,
}

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct Lexed {
    /// Never empty: the last token is `End`.
    pub(crate) tokens: Vec<Token>,
    pub(crate) problems: Vec<Diagnostic>,
}

/// Whether a text can stand as a name: what the language calls `ident`.
pub(crate) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(starts_name) && characters.all(is_xid_continue)
}

pub(crate) fn lex(source: &str) -> Lexed {
    let mut lexer = Lexer { source, position: 0, problems: Vec::new() };
    let mut tokens = Vec::with_capacity(source.len() / 3 + 2);
    while let Some(next) = lexer.peek() {
        let start = lexer.position;
        if let Some(kind) = lexer.token(next) {
            tokens.push(Token { kind, span: Span::new(start, lexer.position) });
        }
    }
    // What is missing is missing behind the last token, not behind the blanks and comments that follow it.
    let end = tokens.last().map_or(0, |token: &Token| token.span.range().end);
    tokens.push(Token { kind: TokenKind::End, span: Span::new(end, end) });
    Lexed { tokens, problems: lexer.problems }
}

fn starts_name(c: char) -> bool {
    c == '_' || is_xid_start(c)
}

struct Lexer<'s> {
    source: &'s str,
    position: usize,
    problems: Vec<Diagnostic>,
}

impl<'s> Lexer<'s> {
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

    /// Skips what continues a name: almost always ASCII, which needs no table.
    fn skip_name(&mut self) {
        let plain = self.rest().bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        self.position += plain;
        if self.rest().bytes().next().is_some_and(|byte| !byte.is_ascii()) {
            self.skip_while(is_xid_continue);
        }
    }

    fn report(&mut self, problem: Diagnostic) {
        if self.problems.len() < PROBLEM_LIMIT {
            self.problems.push(problem);
        }
    }

    /// Reads one token, or skips blanks, a comment or a character that means nothing.
    fn token(&mut self, next: char) -> Option<TokenKind> {
        let rest = self.rest();
        match next {
            _ if next.is_whitespace() => self.skip(char::is_whitespace),
            '/' if rest.starts_with("//") => self.skip(|c| c != '\n'),
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

    fn skip(&mut self, belongs: impl Fn(char) -> bool) -> Option<TokenKind> {
        self.skip_while(belongs);
        None
    }

    fn word(&mut self) -> TokenKind {
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
        Symbol::of_word(word).map_or(TokenKind::Name, TokenKind::Symbol)
    }

    fn quoted_key(&mut self) -> TokenKind {
        let start = self.position;
        self.bump();
        let inner = self.position;
        self.skip_while(|c| c != '`' && c != '\n');
        let key = &self.source[inner..self.position];
        if self.peek() == Some('`') {
            self.bump();
        } else {
            let problem = Diagnostic::error(Code::Syntax, Span::new(start, inner), "unterminated back-quote");
            self.report(problem.help("close it with a back-quote on the same line"));
        }
        TokenKind::Quoted(key.into())
    }
}

#[cfg(test)]
mod tests;
