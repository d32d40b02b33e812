//! Case files: JSON lines in, JSON lines out, in order. What a case means is its verb's business.

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};

use anyhow::Context;
use serde_json::{Value, json};

use crate::output;

/// Reads the cases of a file, or of standard input for `-`. A line that is not JSON is answered in its place with an `error`.
pub(crate) fn read(path: &Path) -> anyhow::Result<impl Iterator<Item = anyhow::Result<Result<Value, Value>>>> {
    let name = path.display().to_string();
    let source: Box<dyn BufRead> = if path.as_os_str() == "-" {
        Box::new(BufReader::new(io::stdin()))
    } else {
        Box::new(BufReader::new(File::open(path).with_context(|| format!("{name} cannot be read"))?))
    };
    let lines = source.split(b'\n').enumerate().filter_map(move |(index, line)| match line {
        Err(error) => Some(Err(anyhow::Error::from(error).context(format!("{name} cannot be read")))),
        Ok(line) if line.iter().all(u8::is_ascii_whitespace) => None,
        Ok(line) => Some(Ok(serde_json::from_slice(without_mark(index, &line))
            .map_err(|error| json!({"id": null, "error": format!("line {} is not JSON: {error}", index + 1)})))),
    });
    Ok(lines)
}

/// A byte order mark at the start of a file is no part of its first line.
fn without_mark(index: usize, line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\xef\xbb\xbf").filter(|_| index == 0).unwrap_or(line)
}

/// Answers every case with a function.
pub(crate) fn answer(path: &Path, answer: impl Fn(&Value) -> Value) -> anyhow::Result<()> {
    for case in read(path)? {
        output::json(&case?.map_or_else(|problem| problem, |case| answer(&case)));
    }
    Ok(())
}
