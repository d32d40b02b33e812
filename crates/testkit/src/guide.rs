//! The pages of the guide: what they show of a message is held against what a receiver really got.

use std::{env, fs, ops::Range, path::PathBuf};

/// Set to anything, pages are written anew instead of being checked.
const WRITE: &str = "TIDINGS_WRITE_GUIDE";

/// Holds the block that stands on a page of `docs/guide` under the comment `<!-- shown: label -->` against what a receiver got.
///
/// With `TIDINGS_WRITE_GUIDE=1` in the environment the page is brought up to it instead.
///
/// # Panics
/// If they differ, telling what the page should show; or if there is no such page or no such block on it.
pub fn check(page: &str, label: &str, got: &str) {
    let path = path(page);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("no page {page}: {error}"));
    let block = block(&text, label).unwrap_or_else(|| panic!("{page} shows no block `{label}`"));
    let (shown, got) = (text[block.clone()].trim(), got.trim());
    if shown == got {
        return;
    }
    assert!(env::var_os(WRITE).is_some(), "{page} does not show `{label}` as it is:\n{got}\n\nbut as\n{shown}");
    let written = [&text[..block.start], got, "\n", &text[block.end..]].concat();
    fs::write(&path, written).unwrap_or_else(|error| panic!("{page} cannot be written: {error}"));
}

fn path(page: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "docs", "guide", page].iter().collect()
}

/// Where the block's text stands, without its fences.
fn block(text: &str, label: &str) -> Option<Range<usize>> {
    let comment = format!("<!-- shown: {label} -->\n");
    let fence = text.find(&comment)? + comment.len();
    let start = fence + text[fence..].strip_prefix("```")?.find('\n')? + 4;
    Some(start..start + text[start..].find("```")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_found_by_its_label() {
        let page = "text\n<!-- shown: one -->\n```json\n{\"a\": 1}\n```\nrest\n<!-- shown: two -->\n```\nx\n```\n";
        let check = |label, expected| assert_eq!(block(page, label).map(|found| &page[found]), expected);
        check("one", Some("{\"a\": 1}\n"));
        check("two", Some("x\n"));
        check("three", None);
    }
}
