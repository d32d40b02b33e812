//! Secrets of every kind in random surroundings: neither they nor a telling part of them come through.

use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};
use tidings_core::Scrub;
use tidings_redact::Redactor;

use crate::corpus;

/// How much of a secret tells it, as a part of its length.
const TELLING: usize = 2;

fn planted() -> Vec<String> {
    let cases = corpus::file("vendors.jsonl");
    cases.iter().flat_map(|case| case.secrets().into_iter().map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn survives(clean: &str, secret: &str) -> bool {
    let part = secret.len() / TELLING;
    (0..=secret.len() - part).filter_map(|start| secret.get(start..start + part)).any(|part| clean.contains(part))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_telling_part_survives(
        index in any::<Index>(), before in "([ -~äж日\n]{0,30}[ ,;\"'(<>=&?/\n\t])?", after in "([ ,;\"')<&\n\t][ -~äж日\n]{0,30})?",
    ) {
        let secrets = planted();
        let secret = index.get(&secrets);
        let clean = Redactor::default().redact_text(&format!("{before}{secret}{after}")).into_owned();
        prop_assert!(!survives(&clean, secret), "{} gave {}", secret, clean);
    }

    #[test]
    fn json_stays_json(index in any::<Index>(), key in "[ -~é]{0,12}", before in "[ -~é\\\\\"]{0,20}") {
        let secrets = planted();
        let body = json!({key: [format!("{before} {}", index.get(&secrets)), {"n": 1}]}).to_string();
        let clean = Redactor::default().scrub(body.as_bytes()).into_owned();
        prop_assert!(serde_json::from_slice::<Value>(&clean).is_ok());
        let again = Redactor::default().scrub(&clean).into_owned();
        prop_assert_eq!(again, clean);
    }
}

/// What once took time by the square of its length, long enough to be noticed if it does so again.
#[test]
fn hostile_texts_take_no_long_time() {
    for piece in [
        "jdbc:oracle:thin:",
        "token:\t",
        "token:|",
        "--token=",
        "-u=a",
        "token=https://",
        "token=[[",
        "PWD=/",
        "basic aaaaaaa basic/",
        "a@a@a@",
        "-----BEGIN ",
        "eyJ",
        "key=key=",
        "BEGIN          ",
    ] {
        let text = piece.repeat(60_000 / piece.len());
        assert!(!Redactor::default().redact_text(&text).is_empty(), "{piece}");
    }
    let keys: serde_json::Map<_, _> = (0..5_000).map(|n| (format!("a{n}@example.com"), Value::from(n))).collect();
    let mut value = Value::Object(keys);
    Redactor::default().redact_value(&mut value);
    assert_eq!(value.as_object().unwrap().len(), 5_000);
    assert_eq!(value["[REDACTED:email]_3"], 2);
}
