//! What survives of a damaged store file.

pub(crate) mod pages;
