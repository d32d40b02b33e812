//! What looks like a secret and is none.

use super::*;

#[test]
fn look_alikes_stay() {
    for text in [
        "550e8400-e29b-41d4-a716-446655440000",
        "5d41402abc4b2a76b9719d911017c592",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "order 4532015112830367",
        "2f7d0c0d2b9b3c8e5a4f6d7e8c9b0a1f2e3d4c5b",
        "1700000000000",
        "1773568800.942",
        "0.4111111111111111",
        "+1 415 555 0100",
        "v1.2.3-rc.4",
        "task-5d41402abc4b2a76b9719d911017c592",
        "max_tokens: 4096",
        "author: Ann",
        "passed=12",
        "tokens: 512",
        "total_tokens=18",
        "password: true",
        "token_count: 7",
        "primary_key=42",
        "sort_key: abc",
        "000-12-3456",
        "666-12-3456",
        "900-12-3456",
        "123-00-4567",
        "icon@2x.png",
        "pkg@1.2.3",
        "@scope/name",
        "DE00 3704 0044 0532 0130 00",
        "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "http://127.0.0.1:8080/x",
        "12:30:45",
        "password=${DB_PASSWORD}",
        "Authorization required",
        "Basic economy",
        "bearer of news",
        "task-service-account-configuration-x",
        "linuxapp-deployment-production-east-1",
        "app-507f1f77bcf86cd799439011",
        "secret-my-app-production-database-credentials-v1",
        "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
    ] {
        stays(text);
    }
}

/// The recorded runs hold mail addresses of invented people, and nothing else to redact.
#[test]
fn real_runs_lose_their_mail_addresses_only() {
    let folder = std::env::var("TIDINGS_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").into());
    let Ok(data) = std::fs::read_to_string(format!("{folder}/airline-events.jsonl")) else {
        assert!(std::env::var_os("CI").is_none(), "the data folder is missing");
        eprintln!("SKIPPED: real_runs_lose_their_mail_addresses_only, no data folder");
        return;
    };
    let clean = Redactor::default().redact_text(&data).into_owned();
    let mails = regex::Regex::new(r"[a-z.0-9]+@example\.com").unwrap();
    assert_eq!(clean, mails.replace_all(&data, "[REDACTED:email]"));
}
