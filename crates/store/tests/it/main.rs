//! The store in a file from outside.

mod opening;
mod surviving;
