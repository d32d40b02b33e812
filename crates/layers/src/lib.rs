#![doc = include_str!("../README.md")]

mod rate_limit;
mod redact;
mod stack;
mod timeout;
mod trace;

pub use rate_limit::RateLimit;
pub use redact::RedactValues;
pub use stack::Stack;
pub use timeout::Timeout;
pub use trace::Trace;
