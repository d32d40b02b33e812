//! `key new`: a key, and an entry that the configuration takes.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::call;

#[test]
fn the_entry_knows_the_key_by_its_hash() {
    let made = call(&["key", "new", "billing", "--agent", "billing-*", "--agent", "refunds", "--json"]);
    let told = made.json();
    let key = told["key"].as_str().unwrap();
    let hash: String = Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(told["entry"], json!({"name": "billing", "sha256": hash, "agents": ["billing-*", "refunds"]}));
    assert!(!made.err.contains(key), "{}", made.err);
}

#[test]
fn the_key_stands_alone_on_standard_output() {
    let made = call(&["key", "new", "ann's", "--user", "ann"]);
    assert_eq!((made.code, made.out.lines().count()), (0, 1), "{}", made.out);
    assert!(!made.err.contains(made.out.trim()), "{}", made.err);
    let entry = made.err.lines().find_map(|line| line.trim().strip_prefix("- ")).unwrap();
    let yaml = format!(
        "server:\n  keys:\n    - {entry}\ntriggers: [{{name: a, condition: x > 1, channels: [inbox]}}]\nusers: {{ann: {{}}}}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tidings.yaml");
    std::fs::write(&file, yaml).unwrap();
    let checked = call(&["check", file.to_str().unwrap()]);
    assert_eq!(checked.code, 0, "{}", checked.err);
}

#[test]
fn a_key_is_of_agents_or_of_a_person() {
    assert_eq!(call(&["key", "new", "x", "--agent", "a", "--user", "u"]).code, 2);
    assert_eq!(call(&["key", "new", "\n"]).code, 2);
    assert_eq!(call(&["key", "new"]).code, 2);
}
