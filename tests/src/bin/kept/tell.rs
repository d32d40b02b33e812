//! Words to the parent, one on a line, each written at once: what is said is in the pipe before anything else happens.

use std::{error::Error, io::Write};

use tidings_tests::kept::protocol::Word;

/// Says a word. A parent that is gone hears nothing, and nobody minds.
pub(crate) fn tell(word: &Word) {
    let Ok(mut line) = serde_json::to_vec(word) else { return };
    line.push(b'\n');
    let mut out = std::io::stdout().lock();
    drop(out.write_all(&line).and_then(|()| out.flush()));
}

/// Says why there is no notifier.
pub(crate) fn failed(error: &(dyn Error + Send + Sync)) {
    tell(&Word::Failed { reason: error.to_string() });
}
