//! What ours finds and damages in the corpus of the tests.

use std::path::Path;

use serde_json::Value;
use tidings_redact::Redactor;

/// Prints how many of the lines with secrets lose all of them and nothing else, and how many look-alikes are damaged.
pub(crate) fn report(redactor: &Redactor) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let (mut secrets, mut found, mut look_alikes, mut damaged) = (0, 0, 0, 0);
    for entry in std::fs::read_dir(folder).expect("the corpus is there").flatten() {
        for line in std::fs::read_to_string(entry.path()).expect("it can be read").lines() {
            let line: Value = serde_json::from_str(line).expect("every line is JSON");
            let text = line["text"].as_str().unwrap_or_default().replace('¦', "");
            let (clean, expected) = (redactor.redact_text(&text), line["expected"].as_str().unwrap_or_default());
            if expected == "same" {
                (look_alikes, damaged) = (look_alikes + 1, damaged + usize::from(clean != text));
            } else {
                (secrets, found) = (secrets + 1, found + usize::from(clean == expected));
            }
        }
    }
    println!("corpus: {found} of {secrets} lines with secrets right, {damaged} of {look_alikes} look-alikes damaged");
}
