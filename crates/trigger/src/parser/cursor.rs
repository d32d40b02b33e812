//! The parser's place among the tokens, its limits, and how it goes on after a mistake.

use super::Parser;
use crate::{
    diagnostic::{Code, Diagnostic, Span},
    lexer::{PROBLEM_LIMIT, Symbol, Token},
    syntax::{Expr, ExprKind},
};

/// The most nodes of one tree.
const NODE_LIMIT: usize = 512;
/// The deepest nesting.
const DEPTH_LIMIT: usize = 64;

impl<'s> Parser<'s> {
    pub(super) fn at(&self, symbol: Symbol) -> bool {
        matches!(self.current, Token::Symbol(current) if current == symbol)
    }

    pub(super) fn span(&self) -> Span {
        self.lexer.span
    }

    /// Goes on to the next token and says where this one was; the last one stays.
    pub(super) fn advance(&mut self) -> Span {
        let span = self.lexer.span;
        self.current = self.lexer.next_token();
        span
    }

    pub(super) fn accept(&mut self, symbol: Symbol) -> bool {
        let found = self.at(symbol);
        if found {
            self.advance();
        }
        found
    }

    /// Takes the symbol, or reports that it is missing here.
    pub(super) fn expect(&mut self, symbol: Symbol, spelling: &str) -> Span {
        let span = self.span();
        if !self.accept(symbol) {
            self.fail(span, &format!("expected {spelling}"), "");
            self.skip_to_boundary();
            self.accept(symbol);
        }
        span
    }

    pub(super) fn fail(&mut self, span: Span, label: &str, help: &str) {
        let problem = Diagnostic::error(Code::Syntax, span, label);
        self.report(if help.is_empty() { problem } else { problem.help(help) });
    }

    pub(super) fn report(&mut self, problem: Diagnostic) {
        // Once the tokens are gone by a limit, everything else that seems to be missing is noise; so is a second complaint
        // about a misspelt token.
        let told = |other: &Diagnostic| other.code == Code::Syntax && other.span == problem.span;
        let problems = &self.lexer.problems;
        if problems.len() < PROBLEM_LIMIT && !self.halted() && !problems.iter().any(told) {
            self.lexer.problems.push(problem);
        }
    }

    pub(super) fn halted(&self) -> bool {
        self.lexer.problems.iter().any(|problem| matches!(problem.code, Code::TooDeep | Code::TooLong))
    }

    /// Stops reading: the rest would only cost time.
    pub(super) fn halt(&mut self, code: Code, label: String) {
        let problem = Diagnostic::error(code, self.span(), label);
        self.report(problem.help("split it into several rules"));
        self.current = self.lexer.end();
    }

    pub(super) fn enter(&mut self, levels: usize) -> bool {
        if self.depth + levels > DEPTH_LIMIT {
            self.halt(Code::TooDeep, format!("nested deeper than {DEPTH_LIMIT} levels"));
            return false;
        }
        self.depth += levels;
        true
    }

    pub(super) fn node(&mut self, kind: ExprKind<'s>, span: Span) -> Expr<'s> {
        self.nodes += 1;
        if self.nodes > NODE_LIMIT {
            self.halt(Code::TooLong, format!("more than {NODE_LIMIT} parts"));
        }
        Expr { kind, span }
    }

    pub(super) fn broken(&self, span: Span) -> Expr<'s> {
        Expr { kind: ExprKind::Broken, span }
    }

    /// Whether the next part probably begins here.
    pub(super) fn at_boundary(&self) -> bool {
        use Symbol::{And, Close, CloseBrace, CloseBracket, Comma, Or};
        match self.current {
            Token::End => true,
            Token::Symbol(symbol) => matches!(symbol, And | Or | Close | CloseBracket | CloseBrace | Comma),
            _ => false,
        }
    }

    /// Goes on after a mistake at a boundary.
    pub(super) fn skip_to_boundary(&mut self) {
        while !self.at_boundary() {
            self.advance();
        }
    }
}
