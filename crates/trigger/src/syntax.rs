//! The tree that the parser gives: what was written, before anything is known of types and paths. It borrows from the source.

use std::borrow::Cow;

use crate::diagnostic::Span;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expr<'s> {
    pub(crate) kind: ExprKind<'s>,
    pub(crate) span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ExprKind<'s> {
    /// A part that could not be read; its problem is already reported.
    Broken,
    Literal(Literal<'s>),
    Name(Cow<'s, str>),
    Select(Box<Expr<'s>>, &'s str),
    Index(Box<[Expr<'s>; 2]>),
    Call(Box<Call<'s>>),
    Not(Box<Expr<'s>>),
    Negate(Box<Expr<'s>>),
    Binary(Operator, Box<[Expr<'s>; 2]>),
    /// A chain of `&&` or of `||`, two operands or more.
    Logic(Logic, Vec<Expr<'s>>),
    Conditional(Box<[Expr<'s>; 3]>),
    List(Vec<Expr<'s>>),
    Map(Vec<(Expr<'s>, Expr<'s>)>),
}

/// What may stand behind the condition of a rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Suffix<'s> {
    /// How long it must hold, in nanoseconds.
    pub(crate) hold: Option<i64>,
    pub(crate) resolve: Option<Box<Resolve<'s>>>,
}

/// What ends a firing rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Resolve<'s> {
    pub(crate) when: Expr<'s>,
    /// How long that must hold, in nanoseconds.
    pub(crate) hold: Option<i64>,
}

/// A call of a function, a method or a macro: which of them is decided when it is compiled.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call<'s> {
    pub(crate) receiver: Option<Expr<'s>>,
    pub(crate) name: &'s str,
    pub(crate) name_span: Span,
    pub(crate) arguments: Vec<Expr<'s>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal<'s> {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    /// Nanoseconds.
    Duration(i64),
    Text(Cow<'s, str>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Logic {
    All,
    Any,
}

impl Logic {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::All => "&&",
            Self::Any => "||",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Relation(Relation),
    Coalesce,
    Arithmetic(Arithmetic),
}

impl Operator {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Relation(relation) => relation.as_str(),
            Self::Coalesce => "??",
            Self::Arithmetic(arithmetic) => arithmetic.as_str(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    In,
}

impl Relation {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::In => "in",
        }
    }

    pub(crate) const fn is_ordering(self) -> bool {
        matches!(self, Self::Less | Self::LessEqual | Self::Greater | Self::GreaterEqual)
    }

    /// The relation with its sides swapped; `in` has none and stays.
    pub(crate) const fn mirrored(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessEqual => Self::GreaterEqual,
            Self::Greater => Self::Less,
            Self::GreaterEqual => Self::LessEqual,
            same => same,
        }
    }

    /// The relation that is true where this one is false, and missing or wrong where this one is. NaN is missing, so that there
    /// is nothing between the two.
    pub(crate) const fn opposite(self) -> Option<Self> {
        Some(match self {
            Self::Less => Self::GreaterEqual,
            Self::LessEqual => Self::Greater,
            Self::Greater => Self::LessEqual,
            Self::GreaterEqual => Self::Less,
            Self::Equal => Self::NotEqual,
            Self::NotEqual => Self::Equal,
            Self::In => return None,
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Arithmetic {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

/// How tightly an operator binds; a higher level binds tighter.
pub(crate) mod level {
    pub(crate) const CONDITIONAL: u8 = 0;
    pub(crate) const ANY: u8 = 1;
    pub(crate) const ALL: u8 = 2;
    pub(crate) const NOT_WORD: u8 = 3;
    pub(crate) const RELATION: u8 = 4;
    pub(crate) const COALESCE: u8 = 5;
    pub(crate) const SUM: u8 = 6;
    pub(crate) const PRODUCT: u8 = 7;
    pub(crate) const UNARY: u8 = 8;
    pub(crate) const POSTFIX: u8 = 9;
}

impl Operator {
    pub(crate) const fn level(self) -> u8 {
        match self {
            Self::Relation(_) => level::RELATION,
            Self::Coalesce => level::COALESCE,
            Self::Arithmetic(Arithmetic::Add | Arithmetic::Subtract) => level::SUM,
            Self::Arithmetic(_) => level::PRODUCT,
        }
    }
}

impl Logic {
    pub(crate) const fn level(self) -> u8 {
        match self {
            Self::Any => level::ANY,
            Self::All => level::ALL,
        }
    }
}
