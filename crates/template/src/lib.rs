#![doc = include_str!("../README.md")]

mod context;
mod engine;
mod error;
mod filters;
mod growth;
mod sample;
mod scan;
mod template;

pub use context::{Context, RULE_NAMES, Values, WEBHOOK_NAMES, context_of};
pub use error::TemplateError;
pub use template::{OUTPUT_LIMIT, SOURCE_LIMIT, Template};
