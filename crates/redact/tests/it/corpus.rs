//! Every line of the corpus, as it is and wrapped as texts travel: in JSON, in a log line, in an address.
//!
//! A line is `{text, expected}`; `expected` is `same` where nothing may change. `¦` in a text only keeps scanners for secrets off
//! the invented ones; it is taken out.

use std::{fmt::Write as _, path::Path};

use serde_json::{Value, json};
use tidings_redact::Redactor;

/// One line of the corpus.
pub(crate) struct Case {
    pub text: String,
    pub expected: String,
}

impl Case {
    fn of(line: &str) -> Self {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        let text = line["text"].as_str().expect("a line has a text").replace('¦', "");
        let expected = match line["expected"].as_str().expect("a line says what is expected") {
            "same" => text.clone(),
            expected => expected.to_owned(),
        };
        Self { text, expected }
    }

    fn is_look_alike(&self) -> bool {
        self.text == self.expected
    }

    /// What must go: the parts of the text that the expected one has placeholders for.
    pub(crate) fn secrets(&self) -> Vec<&str> {
        let placeholder = regex::Regex::new(r"\[REDACTED:[a-z0-9_]+\]").expect("it compiles");
        let (mut rest, mut secrets) = (self.text.as_str(), Vec::new());
        let mut kept = placeholder.split(&self.expected).peekable();
        while let Some(part) = kept.next() {
            // The last one stands at the end, where the secret may have its like before.
            let start = match kept.peek() {
                None => rest.len() - part.len(),
                Some(_) => rest.find(part).expect("kept parts stand in the text"),
            };
            secrets.push(&rest[..start]);
            rest = &rest[start + part.len()..];
        }
        secrets.retain(|secret| !secret.is_empty());
        secrets
    }
}

/// The lines of one file.
pub(crate) fn file(name: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(name);
    std::fs::read_to_string(path).expect("the corpus is there").lines().map(Case::of).collect()
}

fn corpus() -> Vec<Case> {
    ["vendors", "names_and_places", "near_misses", "look_alikes", "second_secrets", "second_look_alikes"]
        .iter()
        .flat_map(|name| file(&format!("{name}.jsonl")))
        .collect()
}

fn redact(text: &str) -> String {
    Redactor::default().redact_text(text).into_owned()
}

#[track_caller]
fn check_all(form: &str, cases: impl Iterator<Item = (String, String)>) {
    let wrong: Vec<_> = cases.map(|(text, expected)| (redact(&text), text, expected)).collect();
    let wrong: Vec<_> = wrong.iter().filter(|(got, _, expected)| got != expected).collect();
    assert!(wrong.is_empty(), "{form}: {} wrong, as (got, text, expected): {wrong:#?}", wrong.len());
}

#[test]
fn half_of_the_corpus_looks_alike_only() {
    let corpus = corpus();
    let look_alikes = corpus.iter().filter(|case| case.is_look_alike()).count();
    assert!(corpus.len() >= 1_700, "{}", corpus.len());
    assert!(look_alikes * 2 >= corpus.len(), "{look_alikes} of {}", corpus.len());
}

#[test]
fn every_line_as_it_is_and_twice() {
    check_all("as it is", corpus().into_iter().map(|case| (case.text, case.expected)));
    check_all("twice", corpus().into_iter().map(|case| (case.expected.clone(), case.expected)));
}

#[test]
fn every_line_in_json() {
    let wrap = |text: &str| json!({"note": text, "n": 1}).to_string();
    let parts = |text: &str| serde_json::from_str::<Value>(text).unwrap()["note"].clone();
    for case in corpus() {
        assert_eq!(parts(&redact(&wrap(&case.text))), case.expected, "{}", case.text);
    }
}

#[test]
fn every_line_in_a_log_line() {
    let wrap = |text: &str| format!("2026-11-21T14:26:47Z INFO worker{{id=7}} tool said > {text}");
    let plain = |case: &Case| !case.text.contains('\n') && !case.text.starts_with(['{', '[']);
    check_all(
        "log line",
        corpus().iter().filter(|case| plain(case)).map(|case| (wrap(&case.text), wrap(&case.expected))),
    );
}

#[test]
fn every_line_in_an_address() {
    let encode = |text: &str| {
        text.bytes().fold(String::new(), |mut encoded, byte| {
            let stays = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
            let written = if stays { write!(encoded, "{}", char::from(byte)) } else { write!(encoded, "%{byte:02X}") };
            written.expect("a string takes all");
            encoded
        })
    };
    let wrap = |text: &str| format!("https://example.com/search?q={}&page=2", encode(text));
    // Encoded names of resources, and of repositories behind a scheme, read as a secret and as a mail address.
    let is_known =
        |case: &Case| ["arn:aws:secretsmanager", "ssh://git@"].iter().any(|known| case.text.starts_with(known));
    let stay =
        ["near_misses", "look_alikes", "second_look_alikes"].iter().flat_map(|name| file(&format!("{name}.jsonl")));
    let stay = stay.filter(|case| !is_known(case));
    check_all("address", stay.map(|case| (wrap(&case.text), wrap(&case.text))));
    for case in file("vendors.jsonl") {
        let clean = redact(&wrap(&case.text));
        for secret in case
            .secrets()
            .iter()
            .filter(|secret| secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)))
        {
            assert!(!clean.contains(secret), "{} gave {clean}", case.text);
        }
    }
}
