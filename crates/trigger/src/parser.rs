//! Turns tokens into a tree by precedence, and goes on after a mistake so that one run reports several. Names and types are
//! left to `lower`.

mod cursor;
mod primary;
mod suffix;

use crate::{
    Profile,
    diagnostic::{Code, Diagnostic, Span},
    lexer::{Lexer, Symbol, Token},
    syntax::{Arithmetic, Expr, ExprKind, Logic, Operator, Relation, Suffix, level},
};

/// The longest source in bytes.
pub(crate) const SOURCE_LIMIT: usize = 4096;
/// Room for as many operands as most chains have.
const CHAIN: usize = 4;

#[derive(Debug)]
pub(crate) struct Parsed<'s> {
    pub(crate) tree: Expr<'s>,
    /// What stands behind the condition, if it is a rule's.
    pub(crate) suffix: Suffix<'s>,
    pub(crate) problems: Vec<Diagnostic>,
}

/// Reads a source. The tree is whole only where there are no problems.
pub(crate) fn parse(source: &str, profile: Profile) -> Parsed<'_> {
    if source.len() > SOURCE_LIMIT {
        let span = Span::new(0, source.len());
        let problem = Diagnostic::error(Code::TooLong, span, format!("longer than {SOURCE_LIMIT} bytes"));
        let tree = Expr { kind: ExprKind::Broken, span };
        return Parsed { tree, suffix: Suffix::default(), problems: vec![problem] };
    }
    let mut lexer = Lexer::new(source);
    let current = lexer.next_token();
    let mut parser = Parser { source, chains: profile == Profile::Cel, lexer, current, nodes: 0, depth: 0 };
    let (tree, suffix) = parser.whole();
    Parsed { tree, suffix, problems: parser.lexer.problems }
}

struct Parser<'s> {
    source: &'s str,
    /// Whether relations chain, as in CEL.
    chains: bool,
    lexer: Lexer<'s>,
    /// The token that is looked at; those before it are gone.
    current: Token,
    nodes: usize,
    depth: usize,
}

enum Infix {
    Logic(Logic),
    Operator(Operator),
}

impl Infix {
    const fn level(&self) -> u8 {
        match self {
            Self::Logic(logic) => logic.level(),
            Self::Operator(operator) => operator.level(),
        }
    }
}

impl<'s> Parser<'s> {
    fn whole(&mut self) -> (Expr<'s>, Suffix<'s>) {
        // The whole is no nesting: only what stands inside of something is.
        let tree = self.conditional();
        let suffix = if self.chains { Suffix::default() } else { self.suffix() };
        while self.current != Token::End {
            self.refuse_rest();
            self.skip_to_boundary();
            self.advance();
            // What follows is read only for its problems.
            if self.current != Token::End {
                self.condition();
            }
        }
        (tree, suffix)
    }

    /// `or [ "?" or ":" condition ]`.
    fn condition(&mut self) -> Expr<'s> {
        if !self.enter(1) {
            return self.broken(self.span());
        }
        let tree = self.conditional();
        self.depth -= 1;
        tree
    }

    fn conditional(&mut self) -> Expr<'s> {
        let condition = self.operand(level::ANY);
        if !self.accept(Symbol::Question) {
            return condition;
        }
        let then = self.operand(level::ANY);
        if self.current == Token::Symbol(Symbol::Question) {
            self.fail(self.span(), "a second `?` before the first one's `:`", "put the inner one in parentheses");
        }
        self.expect(Symbol::Colon, "`:`");
        let otherwise = self.condition();
        let span = condition.span.to(otherwise.span);
        self.node(ExprKind::Conditional(Box::new([condition, then, otherwise])), span)
    }

    /// Reads an operand and every operator behind it that binds at least as tightly as `floor`.
    fn operand(&mut self, floor: u8) -> Expr<'s> {
        let mut left = if self.at(Symbol::NotWord) { self.not_word(floor) } else { self.unary() };
        let mut chain = None;
        let mut related = false;
        while let Some(infix) = self.infix() {
            if infix.level() < floor {
                break;
            }
            let at = self.advance();
            match infix {
                Infix::Logic(logic) => {
                    left = self.logic(logic, left, chain == Some(logic));
                    chain = Some(logic);
                }
                Infix::Operator(operator) => {
                    let relation = matches!(operator, Operator::Relation(_));
                    let chained = relation && related && !self.chains;
                    if chained {
                        self.fail(at, "comparisons do not chain", "write `a < b && b < c`");
                    }
                    related |= relation;
                    let right = self.operand(operator.level() + 1);
                    let span = left.span.to(right.span);
                    let kind =
                        if chained { ExprKind::Broken } else { ExprKind::Binary(operator, Box::new([left, right])) };
                    left = self.node(kind, span);
                    chain = None;
                }
            }
        }
        left
    }

    /// `not`, which takes a whole comparison: it cannot stand inside of one.
    fn not_word(&mut self, floor: u8) -> Expr<'s> {
        let start = self.advance();
        if floor > level::NOT_WORD {
            self.fail(start, "`not` inside of a comparison", "write `!`, or put it in parentheses");
        }
        if !self.enter(1) {
            return self.broken(start);
        }
        let operand = self.operand(level::NOT_WORD);
        self.depth -= 1;
        let span = start.to(operand.span);
        self.node(ExprKind::Not(Box::new(operand)), span)
    }

    /// A chain of one operator is one node, however long it is.
    fn logic(&mut self, logic: Logic, left: Expr<'s>, extend: bool) -> Expr<'s> {
        let right = self.operand(logic.level() + 1);
        let span = left.span.to(right.span);
        match left.kind {
            ExprKind::Logic(_, mut operands) if extend => {
                operands.push(right);
                Expr { kind: ExprKind::Logic(logic, operands), span }
            }
            kind => {
                let left = Expr { kind, span: left.span };
                let mut operands = Vec::with_capacity(CHAIN);
                operands.extend([left, right]);
                self.node(ExprKind::Logic(logic, operands), span)
            }
        }
    }

    fn infix(&self) -> Option<Infix> {
        let Token::Symbol(symbol) = self.current else { return None };
        let operator = match symbol {
            Symbol::And => return Some(Infix::Logic(Logic::All)),
            Symbol::Or => return Some(Infix::Logic(Logic::Any)),
            Symbol::Less => Operator::Relation(Relation::Less),
            Symbol::LessEqual => Operator::Relation(Relation::LessEqual),
            Symbol::Greater => Operator::Relation(Relation::Greater),
            Symbol::GreaterEqual => Operator::Relation(Relation::GreaterEqual),
            Symbol::Equal => Operator::Relation(Relation::Equal),
            Symbol::NotEqual => Operator::Relation(Relation::NotEqual),
            Symbol::In => Operator::Relation(Relation::In),
            Symbol::Coalesce => Operator::Coalesce,
            Symbol::Plus => Operator::Arithmetic(Arithmetic::Add),
            Symbol::Minus => Operator::Arithmetic(Arithmetic::Subtract),
            Symbol::Star => Operator::Arithmetic(Arithmetic::Multiply),
            Symbol::Slash => Operator::Arithmetic(Arithmetic::Divide),
            Symbol::Percent => Operator::Arithmetic(Arithmetic::Remainder),
            _ => return None,
        };
        Some(Infix::Operator(operator))
    }

    /// What stands behind a whole condition does not belong there.
    fn refuse_rest(&mut self) {
        let span = self.span();
        match self.current {
            Token::Symbol(Symbol::For | Symbol::Resolve | Symbol::When) => self.refuse_word(span),
            Token::Symbol(Symbol::Close | Symbol::CloseBracket | Symbol::CloseBrace) => {
                self.fail(span, "a closing bracket without an opening one", "remove it");
            }
            Token::Symbol(Symbol::Comma) => self.fail(span, "a comma outside of a call or list", "use `&&` or `||`"),
            // Anywhere else it would have been read as what it is.
            Token::Symbol(Symbol::And | Symbol::Or) => {
                self.fail(span, "`for` and `resolve when` are about the whole condition", "write `a && b for 2m`");
            }
            Token::Symbol(Symbol::NotWord) => {
                self.fail(span, "`not` stands before the whole comparison", "write `not x in [...]`");
            }
            Token::Name if span.of(self.source).eq_ignore_ascii_case("is") => {
                self.fail(span, "`is` is not an operator", "write `==`, or `!=` for `is not`");
            }
            _ => {
                let word = span.of(self.source).to_lowercase();
                let meant = ["and", "or", "not", "in", "for"].contains(&&*word);
                let help = format!("write `{word}`: words are in lower case or upper case");
                self.fail(span, "expected an operator", if meant { &help } else { "join two parts with `&&` or `||`" });
            }
        }
    }
}

#[cfg(test)]
mod tests;
