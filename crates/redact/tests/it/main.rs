//! The redactor from outside: over a corpus of its own, and with secrets planted in random surroundings.

mod corpus;
mod planted;
