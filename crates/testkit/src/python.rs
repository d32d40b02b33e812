//! The Python that has `promptise`, the live peer: where it is, and a program of it run to its end. What the programs say to one another is
//! the tests' business.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

/// The environment that `scripts/test` installs, below the user's cache.
const INSTALLED: &str = "tidings/promptise-1.10.1/bin/python";

/// The Python that has `promptise`, and with it the client of the Model Context Protocol; `None` with a visible note where it is not there.
/// `TIDINGS_PYTHON` names another one.
///
/// # Panics
/// In CI, if it is not there.
#[must_use]
#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
pub fn python() -> Option<PathBuf> {
    let named = std::env::var_os("TIDINGS_PYTHON").map(PathBuf::from);
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cache")));
    let found = named.or_else(|| Some(cache?.join(INSTALLED))).filter(|path| path.exists());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "there is no Python with promptise, and CI must have it");
        eprintln!("SKIPPED: no Python with promptise; scripts/test installs it, TIDINGS_PYTHON names another");
    }
    found
}

/// Runs a program on this input; gives the JSON that it prints.
///
/// # Panics
/// If the program fails or prints something else.
#[must_use]
pub fn run_python(python: &Path, program: &str, input: &Value) -> Value {
    let mut child = Command::new(python)
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("because python starts");
    let stdin = child.stdin.take().expect("because it is piped");
    serde_json::to_writer(stdin, input).expect("because python reads its input");
    let output = child.wait_with_output().expect("because python ends");
    assert!(output.status.success(), "python failed");
    serde_json::from_slice(&output.stdout).expect("because python answers with JSON")
}
