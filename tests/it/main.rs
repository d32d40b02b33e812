//! Tests that belong to no crate alone.

mod airline;
mod architecture;
mod article;
mod isolation;
