//! The contract of every store, as tests.
