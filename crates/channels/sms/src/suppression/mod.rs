//! Who has said STOP: numbers that get nothing more until they say START. Which words say so is `callback`'s business.

mod file;

use std::{
    collections::BTreeSet,
    fmt, io,
    sync::{Mutex, MutexGuard, PoisonError},
};

pub use self::file::FileSuppressions;
use crate::is_e164;

/// The list of numbers that must not be sent to. It stands for all senders alike. Callers may come from any thread, also from within
/// an async runtime: what it does must be short.
pub trait Suppressions: fmt::Debug + Send + Sync {
    /// Whether this number, in E.164, is on the list.
    ///
    /// # Errors
    /// If the list cannot be read: then nothing is sent.
    fn is_suppressed(&self, number: &str) -> io::Result<bool>;

    /// Puts the number on the list; once this returns, it stays there.
    ///
    /// # Errors
    /// If it cannot be written, or is no number in E.164.
    fn suppress(&self, number: &str) -> io::Result<()>;

    /// Takes the number off the list.
    ///
    /// # Errors
    /// As [`Suppressions::suppress`].
    fn lift(&self, number: &str) -> io::Result<()>;
}

/// A list in memory: a restart forgets it. Twilio keeps a list of its own, and a gateway may not.
#[derive(Default)]
pub struct MemorySuppressions {
    numbers: Mutex<BTreeSet<String>>,
}

impl MemorySuppressions {
    fn numbers(&self) -> MutexGuard<'_, BTreeSet<String>> {
        // A set is whole after every step.
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Suppressions for MemorySuppressions {
    fn is_suppressed(&self, number: &str) -> io::Result<bool> {
        Ok(self.numbers().contains(number))
    }

    fn suppress(&self, number: &str) -> io::Result<()> {
        self.numbers().insert(checked(number)?.to_owned());
        Ok(())
    }

    fn lift(&self, number: &str) -> io::Result<()> {
        self.numbers().remove(checked(number)?);
        Ok(())
    }
}

/// How many, never which.
impl fmt::Debug for MemorySuppressions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemorySuppressions").field("numbers", &self.numbers().len()).finish()
    }
}

/// The number, if it is one: a list must not grow by what could never be sent to.
fn checked(number: &str) -> io::Result<&str> {
    if is_e164(number) {
        return Ok(number);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "not a number in E.164: write + and the country code, then digits"))
}

#[cfg(test)]
mod tests;
