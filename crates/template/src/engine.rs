//! The template library, set up with our limits, and a writer that stops at one. What is refused beforehand is decided by `growth`.

use std::{io, sync::OnceLock};

use minijinja::{
    AutoEscape, Environment, Error, Output, State, UndefinedBehavior, Value, escape_formatter, value::ValueKind,
};

use crate::{OUTPUT_LIMIT, filters};

/// How many steps a template may take; printing one value takes about three.
const FUEL: u64 = 50_000;
/// How deep calls may nest.
const RECURSION_LIMIT: usize = 50;

/// An environment without templates; a clone shares what it holds.
pub(crate) fn environment() -> Environment<'static> {
    static SHARED: OnceLock<Environment<'static>> = OnceLock::new();
    SHARED.get_or_init(set_up).clone()
}

fn set_up() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_formatter(write_value);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION_LIMIT);
    // Both reach beyond one expression: one prints all there is, the other lets a loop build on itself.
    environment.remove_global("debug");
    environment.remove_global("namespace");
    filters::install(&mut environment);
    environment
}

/// Booleans and null as JSON writes them, all else as the library does.
fn write_value(output: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Bool => Ok(output.write_str(if value.is_true() { "true" } else { "false" })?),
        ValueKind::None => Ok(output.write_str("null")?),
        _ => escape_formatter(output, state, value),
    }
}

/// Takes text up to [`OUTPUT_LIMIT`] and then refuses more.
#[derive(Debug, Default)]
pub(crate) struct Bounded {
    pub written: Vec<u8>,
    pub overflowed: bool,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.written.len() + bytes.len() > OUTPUT_LIMIT {
            self.overflowed = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
