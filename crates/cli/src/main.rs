//! The command line tool `tidings`.
fn main() {}
