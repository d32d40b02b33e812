#![doc = include_str!("../README.md")]

mod addresses;
mod assignment;
mod block;
mod card;
pub mod cases;
mod code;
mod flag;
mod iban;
mod keys;
mod order;
mod pem;
mod personal;
mod plain;
mod redactor;
mod rules;
mod said;
mod services;
mod span;
mod splice;
mod text;
mod url;
mod value;
mod vendors;
mod walk;

pub use redactor::{Options, Redactor};
pub use text::INPUT_LIMIT;
