//! Why somebody was told, and why not.

pub(crate) mod version;
