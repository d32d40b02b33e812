//! Operands: literals, names, calls, lists, maps, and what stands before and behind them.

use super::Parser;
use crate::{
    diagnostic::{Code, Diagnostic, Span, shown},
    lexer::{Symbol, Token, is_name},
    syntax::{Call, Expr, ExprKind, Literal},
};

/// The longest list literal.
const LIST_LIMIT: usize = 1024;

impl<'s> Parser<'s> {
    /// `{ "!" | "-" } postfix`. Every prefix counts as nesting.
    pub(super) fn unary(&mut self) -> Expr<'s> {
        let negates = self.at(Symbol::Minus) && !self.lexer.at_number();
        if !negates && !self.at(Symbol::Not) {
            return self.postfix();
        }
        if !self.enter(1) {
            return self.broken(self.span());
        }
        let start = self.advance();
        let operand = Box::new(self.unary());
        self.depth -= 1;
        let span = start.to(operand.span);
        self.node(if negates { ExprKind::Negate(operand) } else { ExprKind::Not(operand) }, span)
    }

    fn postfix(&mut self) -> Expr<'s> {
        let mut base = self.primary();
        loop {
            if self.accept(Symbol::Dot) {
                base = self.member(base);
            } else if self.at(Symbol::OpenBracket) {
                self.advance();
                let index = self.condition();
                let span = base.span.to(self.expect(Symbol::CloseBracket, "`]`"));
                base = self.node(ExprKind::Index(Box::new([base, index])), span);
            } else {
                return base;
            }
        }
    }

    /// What follows a dot: a key, or a method with its arguments. Words of the language are plain names here.
    fn member(&mut self, base: Expr<'s>) -> Expr<'s> {
        let token = self.current;
        let place = self.advance();
        let span = base.span.to(place);
        let name = place.of(self.source);
        if token == Token::Quoted {
            return self.node(ExprKind::Select(Box::new(base), name.trim_matches('`')), span);
        }
        if token != Token::Name && !is_name(name) {
            self.fail(place, "expected a name after the dot", "reach an odd key with back-quotes or [\"...\"]");
            return base;
        }
        if self.accept(Symbol::Open) {
            return self.call(Some(base), name, place);
        }
        self.node(ExprKind::Select(Box::new(base), name), span)
    }

    fn call(&mut self, receiver: Option<Expr<'s>>, name: &'s str, name_span: Span) -> Expr<'s> {
        let (arguments, close) = self.items(Symbol::Close, "`)`", false);
        let span = receiver.as_ref().map_or(name_span, |receiver| receiver.span).to(close);
        self.node(ExprKind::Call(Box::new(Call { receiver, name, name_span, arguments })), span)
    }

    fn primary(&mut self) -> Expr<'s> {
        if self.at_boundary() {
            return self.refuse_operand(self.current, self.span());
        }
        let token = self.current;
        if token == Token::Text {
            return self.text();
        }
        let span = self.advance();
        let literal = match token {
            Token::Int(magnitude) => self.integer(magnitude, span),
            Token::Double(value) => Literal::Double(value),
            Token::Duration(nanoseconds) => Literal::Duration(nanoseconds),
            Token::Name => return self.name(span),
            Token::Symbol(Symbol::Minus) => return self.negative_number(span),
            Token::Symbol(Symbol::True) => Literal::Bool(true),
            Token::Symbol(Symbol::False) => Literal::Bool(false),
            Token::Symbol(Symbol::Null) => Literal::Null,
            Token::Symbol(Symbol::Dot) if self.chains && self.current == Token::Name => {
                return self.outermost_name(span);
            }
            Token::Symbol(Symbol::Open) => return self.parenthesised(span),
            Token::Symbol(Symbol::OpenBracket) => return self.list(span),
            Token::Symbol(Symbol::OpenBrace) => return self.map(span),
            _ => return self.refuse_operand(token, span),
        };
        self.node(ExprKind::Literal(literal), span)
    }

    fn text(&mut self) -> Expr<'s> {
        let text = std::mem::take(&mut self.lexer.text);
        let span = self.advance();
        self.node(ExprKind::Literal(Literal::Text(text)), span)
    }

    fn integer(&mut self, magnitude: u64, span: Span) -> Literal<'s> {
        Literal::Int(i64::try_from(magnitude).unwrap_or_else(|_| self.refuse_integer(span)))
    }

    fn refuse_integer(&mut self, span: Span) -> i64 {
        let problem = Diagnostic::error(Code::IntRange, span, "an integer beyond 64 bits");
        self.report(problem.help("write it as a double, with `.0`"));
        0
    }

    /// A minus before a number belongs to it, so that the smallest integer can be written.
    fn negative_number(&mut self, start: Span) -> Expr<'s> {
        let token = self.current;
        let span = start.to(self.advance());
        let literal = match token {
            Token::Int(magnitude) => {
                let value = 0_i64.checked_sub_unsigned(magnitude);
                Literal::Int(value.unwrap_or_else(|| self.refuse_integer(span)))
            }
            Token::Double(value) => Literal::Double(-value),
            Token::Duration(nanoseconds) => Literal::Duration(-nanoseconds),
            _ => return self.broken(span),
        };
        self.node(ExprKind::Literal(literal), span)
    }

    fn name(&mut self, span: Span) -> Expr<'s> {
        let name = span.of(self.source);
        if self.accept(Symbol::Open) {
            return self.call(None, name, span);
        }
        if self.at(Symbol::OpenBrace) {
            self.fail(self.span(), "a `{` behind a name", "messages are not in the language; join parts with `&&`");
        }
        // The article's conditions are written as in Python.
        let literal = match name {
            "True" if !self.chains => Some(true),
            "False" if !self.chains => Some(false),
            _ => None,
        };
        self.node(
            literal.map_or_else(|| ExprKind::Name(name.into()), |value| ExprKind::Literal(Literal::Bool(value))),
            span,
        )
    }

    /// `.x` in CEL's profile: a bound name, never a macro's variable. The dot stays a part of it, so that no variable is like it.
    fn outermost_name(&mut self, dot: Span) -> Expr<'s> {
        let name = self.advance();
        if self.accept(Symbol::Open) {
            return self.call(None, name.of(self.source), name);
        }
        let span = dot.to(name);
        self.node(ExprKind::Name(format!(".{}", name.of(self.source)).into()), span)
    }

    fn parenthesised(&mut self, start: Span) -> Expr<'s> {
        let inner = self.condition();
        let span = start.to(self.expect(Symbol::Close, "`)`"));
        Expr { kind: inner.kind, span }
    }

    fn list(&mut self, start: Span) -> Expr<'s> {
        let (items, close) = self.items(Symbol::CloseBracket, "`]`", true);
        if items.len() > LIST_LIMIT {
            let problem = Diagnostic::error(Code::TooLong, start.to(close), format!("more than {LIST_LIMIT} items"));
            self.report(problem);
        }
        self.node(ExprKind::List(items), start.to(close))
    }

    /// Items up to the closing bracket, which is taken too. A list literal may end with a comma.
    fn items(&mut self, close: Symbol, spelling: &str, literal: bool) -> (Vec<Expr<'s>>, Span) {
        let mut items = Vec::new();
        while !self.at(close) && self.current != Token::End {
            let item = self.condition();
            // Plain literals in a list are one constant, not nodes to walk.
            if literal && matches!(item.kind, ExprKind::Literal(_)) {
                self.nodes -= 1;
            }
            items.push(item);
            if !self.accept(Symbol::Comma) || (!literal && self.trailing_comma(close)) {
                break;
            }
        }
        let end = self.expect(close, spelling);
        (items, end)
    }

    fn trailing_comma(&mut self, close: Symbol) -> bool {
        let trailing = self.at(close);
        if trailing {
            self.fail(self.span(), "expected an argument after the comma", "remove the comma");
        }
        trailing
    }

    fn map(&mut self, start: Span) -> Expr<'s> {
        let mut entries = Vec::new();
        while !self.at(Symbol::CloseBrace) && self.current != Token::End {
            let key = self.condition();
            self.expect(Symbol::Colon, "`:`");
            entries.push((key, self.condition()));
            if !self.accept(Symbol::Comma) {
                break;
            }
        }
        let span = start.to(self.expect(Symbol::CloseBrace, "`}`"));
        self.node(ExprKind::Map(entries), span)
    }

    /// The help where a `%` was meant as percent: it stands before what is no operand.
    fn percent(&self, span: Span) -> &'static str {
        let before = self.source.get(..span.range().start).unwrap_or_default();
        if before.trim_end().ends_with('%') { "for 5 percent write `0.05`" } else { "" }
    }

    /// Reports what stands where a value should, and goes on at the next part.
    fn refuse_operand(&mut self, token: Token, span: Span) -> Expr<'s> {
        let text = shown(span.of(self.source));
        match token {
            Token::End if self.lexer.is_empty() => {
                self.fail(span, "an empty condition", "write one, e.g. `error_rate > 0.05`")
            }
            Token::End => self.fail(span, "the condition ends where a value should follow", self.percent(span)),
            Token::Quoted => self.fail(span, "a back-quoted key needs a base", &format!("write `data.{text}`")),
            Token::Symbol(Symbol::For | Symbol::Resolve | Symbol::When) => {
                self.fail(
                    span,
                    &format!("`{text}` is a word of the language"),
                    &format!("write `data.{text}` for a metric of that name"),
                );
            }
            _ => self.fail(span, &format!("expected a value, found `{text}`"), self.percent(span)),
        }
        self.skip_to_boundary();
        self.broken(span)
    }
}
