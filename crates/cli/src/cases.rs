//! Case files: JSON lines in, JSON lines out, in order. What a case means is its verb's business.

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    lines::{LineError, Lines, open},
    output,
};

/// The longest case in bytes.
const CASE_LIMIT: usize = 16 * 1024 * 1024;

/// Reads the cases of a file, or of standard input for `-`. A line that is not JSON gives its answer in its place; the reading ends
/// where nobody listens any more.
pub(crate) fn read(path: &Path) -> anyhow::Result<impl Iterator<Item = anyhow::Result<Result<Value, Value>>>> {
    let lines = Lines::new(open(path)?, CASE_LIMIT).take_while(|_| !output::is_closed());
    Ok(lines.map(|(number, line)| match line {
        Ok(line) => Ok(serde_json::from_slice(&line)
            .map_err(|error| json!({"id": null, "error": format!("line {number} is not JSON: {error}")}))),
        Err(LineError::TooLong) => {
            Ok(Err(json!({"id": null, "error": format!("line {number} is longer than {CASE_LIMIT} bytes")})))
        }
        Err(LineError::Broken(error)) => Err(anyhow::Error::from(error).context("the cases cannot be read further")),
    }))
}

/// Answers every case with a function.
pub(crate) fn answer(path: &Path, answer: impl Fn(&Value) -> Value) -> anyhow::Result<()> {
    for case in read(path)? {
        output::json(&case?.map_or_else(|problem| problem, |case| answer(&case)));
    }
    Ok(())
}
