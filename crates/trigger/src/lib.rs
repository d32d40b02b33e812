#![doc = include_str!("../README.md")]

mod agents;
mod arithmetic;
pub mod cases;
mod compare;
mod condition;
mod diagnostic;
mod evaluate;
mod explain;
mod expression;
mod fault;
mod frame;
mod functions;
mod history;
mod kind;
mod lexer;
mod lint;
mod lower;
mod moment;
mod node;
mod parser;
mod past;
mod path;
mod print;
mod rules;
mod sample;
mod syntax;
mod times;
mod value;
mod window;

pub use agents::AgentPattern;
pub use condition::{Condition, Verdict};
pub use diagnostic::{Code, Diagnostic, Level};
pub use explain::Step;
pub use expression::{Answer, Expression};
pub use frame::ConditionFrame;
pub use rules::{
    BadState, Firing, FiringKind, HistoryAccount, Judgement, LookBack, Rested, RuleAccount, RuleSet, RuleSpec,
    RuleState, Tick, UnseenMetric,
};

/// Which language a source is read in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Profile {
    /// The condition language: checked, with missing values.
    #[default]
    Tidings,
    /// CEL as its conformance suite has it: unchecked, errors are values, whole division of ints, no mixing of ints and doubles.
    Cel,
}
