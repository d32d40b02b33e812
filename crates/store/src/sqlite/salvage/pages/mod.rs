//! Reads a SQLite file and its log page by page, without SQLite, so that what survives of a damaged one can be found. What the
//! rows mean, and which of them are right, is told one floor up.
//!
//! Bound to what this store writes: UTF-8 and no reserved bytes at the end of a page. Nothing here panics or goes on without end
//! on any bytes, and memory stays below that of a list of the pages and the longest row.

mod bytes;
mod cell;
mod file;
mod image;
mod record;
mod shared;
mod tree;
mod wal;

pub(crate) use bytes::u32_at;
pub(crate) use cell::RawRow;
pub(crate) use file::beside;
pub(crate) use image::{Flaws, Image};
pub(crate) use tree::{Found, Numbers, Seen, carve, is_reachable, peek, rows_on, walk};

#[cfg(test)]
mod tests;
