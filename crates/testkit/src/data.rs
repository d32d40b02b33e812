//! Where the data lies that tests share and the project does not hold: recorded agent runs, conformance cases. What is in it
//! is the tests' business.

use std::path::{Path, PathBuf};

/// A file of the shared test data, or `None` with a visible note where it is not there. In CI it must be.
///
/// The folder is named by `TIDINGS_DATA`; by default it is `shared/data` beside the checkout.
///
/// # Panics
/// In CI, if the file is not there.
#[must_use]
#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
pub fn data(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let path = std::env::var_os("TIDINGS_DATA").map_or_else(beside, PathBuf::from).join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("CI").is_none(), "{} is not there, and CI must have it", path.display());
    eprintln!("SKIPPED: {} is not there; set TIDINGS_DATA to the folder that holds it", path.display());
    None
}
