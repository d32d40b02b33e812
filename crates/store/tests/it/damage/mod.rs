//! What survives of a damaged store: every kind of harm to every part of the file, and the account of what was lost.

pub(crate) mod harm;
pub(crate) mod life;
pub(crate) mod trial;

#[cfg(test)]
mod matrix;
