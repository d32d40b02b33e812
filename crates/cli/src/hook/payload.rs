//! What a hook is given: one JSON object, as an argument or on standard input. What it means is `meaning`'s.

use std::io::Read;

use anyhow::{Context, bail, ensure};
use serde_json::{Map, Value};

/// The longest payload that is read, in bytes: outputs of tools come along, wanted or not.
const LIMIT: u64 = 32 * 1024 * 1024;

/// Reads it, and waits for it.
///
/// # Errors
/// If it is no JSON object; what it is instead is not repeated.
pub(super) fn read(argument: Option<String>) -> anyhow::Result<Map<String, Value>> {
    let text = argument.map_or_else(from_input, |text| Ok(text.into_bytes()))?;
    parse(&text)
}

fn from_input() -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    std::io::stdin().lock().take(LIMIT + 1).read_to_end(&mut text).context("standard input cannot be read")?;
    ensure!(text.len() as u64 <= LIMIT, "the hook's JSON is longer than {LIMIT} bytes");
    Ok(text)
}

fn parse(text: &[u8]) -> anyhow::Result<Map<String, Value>> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    ensure!(!text.trim_ascii().is_empty(), "the hook was given nothing: its JSON comes on standard input");
    match serde_json::from_slice(text) {
        Ok(Value::Object(payload)) => Ok(payload),
        Ok(_) => bail!("the hook's JSON is not an object"),
        Err(error) => bail!("the hook was given no JSON, by line {} column {}", error.line(), error.column()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_object_is_refused_and_not_repeated() {
        let check = |text: &[u8], part: &str| {
            let told = parse(text).unwrap_err().to_string();
            assert!(told.contains(part) && !told.contains("hunter2"), "{told}");
        };
        check(b"", "given nothing");
        check(b" \n", "given nothing");
        check(b"hunter2", "given no JSON, by line 1");
        check(b"\"hunter2\"", "not an object");
        check(b"{\"hunter2\": \xff}", "given no JSON");
        check("[".repeat(100_000).as_bytes(), "given no JSON");
        assert!(parse(b"\xef\xbb\xbf{}\n").unwrap().is_empty());
    }
}
