use proptest::prelude::*;
use serde_json::json;

use super::*;

mod look_alikes;
mod places;

fn check(text: &str, expected: &str) {
    let redactor = Redactor::default();
    let once = redactor.redact_text(text).into_owned();
    assert_eq!(once, expected, "{text}");
    assert_eq!(redactor.redact_text(&once), once, "twice: {text}");
}

fn stays(text: &str) {
    check(text, text);
}

#[test]
fn names_in_text() {
    check("DB_PASSWORD=hunter2 next", "DB_PASSWORD=[REDACTED:password] next");
    check("password: hunter2, user: ann", "password: [REDACTED:password], user: ann");
    check("api key = 'a b c';", "api key = '[REDACTED:api_key]';");
    check(r#"config["secret_key"] = "x\"y" end"#, r#"config["secret_key"] = "[REDACTED:secret_key]" end"#);
    check(r#"log {\"token\":\"abc\",\"n\":1}"#, r#"log {\"token\":\"[REDACTED:token]\",\"n\":1}"#);
    check(r#"got {"pin": 1, "password": 123456}"#, r#"got {"pin": 1, "password": "[REDACTED:password]"}"#);
    check("https://x.io/a?token=abc&n=1#f", "https://x.io/a?token=[REDACTED:token]&n=1#f");
    check("next%3Fapi_key%3Dabc%26n%3D1", "next%3Fapi_key%3D[REDACTED:api_key]%26n%3D1");
    check("<password>hunter2</password>", "<password>[REDACTED:password]</password>");
    check("Server=x;Password=p w;User=y", "Server=x;Password=[REDACTED:password] w;User=y");
    check("AccountName=a;AccountKey=abc==;End=1", "AccountName=a;AccountKey=[REDACTED:access_key];End=1");
    check(
        "https://b.s3.amazonaws.com/k?X-Amz-Credential=ABC%2F2024&X-Amz-Signature=00ff&X-Amz-Expires=9",
        "https://b.s3.amazonaws.com/k?X-Amz-Credential=[REDACTED:signature]&X-Amz-Signature=[REDACTED:signature]&X-Amz-Expires=9",
    );
}

#[test]
fn names_in_odd_spellings() {
    check("Password = abc", "Password = [REDACTED:password]");
    check("PGPASSWORD=abc psql", "PGPASSWORD=[REDACTED:password] psql");
    check("password := \"abc\"", "password := \"[REDACTED:password]\"");
    check("'password' => 'abc'", "'password' => '[REDACTED:password]'");
    check("client secret = abc", "client secret = [REDACTED:secret]");
    check("&quot;password&quot;: &quot;a b&quot;", "&quot;password&quot;: &quot;[REDACTED:password]&quot;");
    check("password%3A%20abc", "password%3A%20[REDACTED:password]");
    check("?code=abcdefghijklmnopqrstuvwxyz&x", "?code=[REDACTED:signature]&x");
    check("CREATE USER a IDENTIFIED BY 'x y'", "CREATE USER a IDENTIFIED BY '[REDACTED:password]'");
    check("- name: DB_PASSWORD\n  value: hunter2\n", "- name: DB_PASSWORD\n  value: [REDACTED:secret]\n");
    check("<add key=\"ApiToken\" value=\"a b\"/>", "<add key=\"ApiToken\" value=\"[REDACTED:secret]\"/>");
    check("curl --user=ann:hunter2 x", "curl --user=ann:[REDACTED:password] x");
    check("mysqldump -h db -phunter2 x", "mysqldump -h db -p[REDACTED:password] x");
    check("login ann password hunter2", "login ann password [REDACTED:password]");
    stays("reset your password: https://x.io/reset");
    stays("Tests pass: 12, fail: 3; PWD=/home/ann; api_key: <your key>; secret: ***");
}

#[test]
fn headers_and_flags() {
    check("Authorization: Bearer abc.def", "Authorization: [REDACTED:authorization]");
    check("curl -H 'Authorization: Custom k=\"v\", s=\"t\"' x", "curl -H 'Authorization: [REDACTED:authorization]' x");
    check("Cookie: a=b; c=d\nHost: x", "Cookie: [REDACTED:cookie]\nHost: x");
    check("Set-Cookie: sid=abc; Path=/; HttpOnly", "Set-Cookie: [REDACTED:cookie]; Path=/; HttpOnly");
    check("got bearer abcdefgh12345678 here", "got bearer [REDACTED:authorization] here");
    check("Basic dXNlcjpwYXNz", "Basic [REDACTED:authorization]");
    check("mysql --password hunter2 --host db", "mysql --password [REDACTED:password] --host db");
    check("curl -u ann:hunter2 https://x.io", "curl -u ann:[REDACTED:password] https://x.io");
    check(r#"["run", "--api-key", "abc"]"#, r#"["run", "--api-key", "[REDACTED:api_key]"]"#);
    stays("curl -u $USER:$PASS x");
    stays("docker run -u 1000:1000 image");
}

#[test]
fn addresses() {
    check("postgres://app:p@ss@db:5432/x", "postgres://[REDACTED:userinfo]@db:5432/x");
    check("redis://:hunter2@cache", "redis://[REDACTED:userinfo]@cache");
    check("https://token@github.com/a", "https://[REDACTED:userinfo]@github.com/a");
    check("amqp://u:pa/ss@mq/v", "amqp://[REDACTED:userinfo]@mq/v");
    check(
        "https://hooks.slack.com/services/T000/B000/XXXX",
        "https://hooks.slack.com/services/[REDACTED:slack_webhook]",
    );
    stays("ssh://git@host/x and git@github.com:a/b and http://host:80/a@b");
}

#[test]
fn tokens() {
    for (prefix, length, kind) in [
        ("sk-ant-api03-", 90, "anthropic_key"),
        ("sk-proj-", 60, "openai_key"),
        ("ghp_", 36, "github_token"),
        ("glpat-", 20, "gitlab_token"),
        ("hf_", 34, "huggingface_token"),
        ("npm_", 36, "npm_token"),
        ("gsk_", 52, "groq_key"),
        ("sk_live_", 24, "stripe_key"),
        ("xoxb-", 40, "slack_token"),
        ("AIza", 35, "google_api_key"),
    ] {
        let token = format!("{prefix}{}", "aB3dE5gH".chars().cycle().take(length).collect::<String>());
        check(&format!("see {token}."), &format!("see [REDACTED:{kind}]."));
        check(&format!("q%3D{token}"), &format!("q%3D[REDACTED:{kind}]"));
        check(&format!("{{\"a\":\"\\n{token}\"}}"), &format!("{{\"a\":\"\\n[REDACTED:{kind}]\"}}"));
    }
    check("id AKIAIOSFODNN7EXAMPLE", "id [REDACTED:aws_access_key_id]");
    check("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_", "[REDACTED:jwt]");
    check("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_. Next", "jwt [REDACTED:jwt]. Next");
    check("a -----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- b", "a [REDACTED:private_key] b");
    check("-----BEGIN PRIVATE KEY-----\nabc\nmore", "[REDACTED:private_key]");
    stays("-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----");
}

#[test]
fn personal_data() {
    check("mail ann.b+c@mail.example.co.uk.", "mail [REDACTED:email].");
    check("q=ann%40example.com", "q=[REDACTED:email]");
    check("card 4111 1111 1111 1111 12/25", "card [REDACTED:card] 12/25");
    check("card 378282246310005, 5555-5555-5555-4444", "card [REDACTED:card], [REDACTED:card]");
    check("IBAN DE89 3704 0044 0532 0130 00 EUR", "IBAN [REDACTED:iban] EUR");
    check("GB82WEST12345698765432", "[REDACTED:iban]");
    check("ssn 536-22-8145", "ssn [REDACTED:ssn]");
    let kept = Redactor::new(Options { personal: false, contact: false });
    assert_eq!(kept.redact_text("ann@example.com password=x"), "ann@example.com password=[REDACTED:password]");
    let more = Redactor::new(Options { personal: true, contact: true });
    assert_eq!(more.redact_text("call +1 415 555 0100 from 10.0.0.7"), "call [REDACTED:phone] from [REDACTED:ip]");
}

#[test]
fn values() {
    let mut value = json!({
        "user_id": "ann@example.com", "password": 1234, "tokens": 12, "session_tokens": ["a", 5], "max_tokens": 4096, "note": "call ann@example.com",
        "credentials": {"login": "ann", "active": true, "none": null, "list": ["x", 2]}, "card": 4111111111111111_u64, "id": 4111111111111112_u64,
        "headers": [{"name": "Authorization", "value": "Bearer x"}, {"name": "Accept", "value": "*/*"}],
        "pairs": [["Cookie", "a=b"], ["Host", "x"]], "args": ["--token", "abc", "-v"], "required": ["password", "email"],
        "inner": "{\"api_key\": \"x\", \"n\": [1, 2]}", "ann@example.com": 1,
    });
    Redactor::default().redact_value(&mut value);
    let expected = json!({
        "user_id": "ann@example.com", "password": "[REDACTED:password]", "tokens": 12, "session_tokens": ["[REDACTED:token]", 5], "max_tokens": 4096,
        "note": "call [REDACTED:email]",
        "credentials": {"login": "[REDACTED:credentials]", "active": true, "none": null, "list": ["[REDACTED:credentials]", "[REDACTED:credentials]"]},
        "card": "[REDACTED:card]", "id": 4111111111111112_u64,
        "headers": [{"name": "Authorization", "value": "[REDACTED:authorization]"}, {"name": "Accept", "value": "*/*"}],
        "pairs": [["Cookie", "[REDACTED:cookie]"], ["Host", "x"]], "args": ["--token", "[REDACTED:token]", "-v"], "required": ["password", "email"],
        "inner": "{\"api_key\": \"[REDACTED:api_key]\", \"n\": [1, 2]}", "[REDACTED:email]": 1,
    });
    assert_eq!(value, expected);
}

#[test]
fn json_keeps_its_formatting() {
    check(
        "{ \"a\" : 1e3,\n \"password\":\t\"x\\\"y\", \"u\": \"\\u00e9\" }",
        "{ \"a\" : 1e3,\n \"password\":\t\"[REDACTED:password]\", \"u\": \"\\u00e9\" }",
    );
    check("{\"k\":\"\\u0070assword=abc\"}", "{\"k\":\"password=[REDACTED:password]\"}");
    check("{\"a\":1,\"a\":\"token=x\"}", "{\"a\":\"token=[REDACTED:token]\"}");
    check("{\"a\":1}\n{\"password\":5}\n", "{\"a\":1}\n{\"password\":\"[REDACTED:password]\"}\n");
}

#[test]
fn what_cannot_be_read_goes() {
    let redactor = Redactor::default();
    assert_eq!(*redactor.scrub(b"a\xff"), *b"[REDACTED:unreadable]");
    assert_eq!(redactor.redact_text(&"x".repeat(crate::INPUT_LIMIT + 1)), "[REDACTED:too_large]");
    let deep = format!("{}\"password=x\"{}", "[".repeat(3000), "]".repeat(3000));
    assert!(!redactor.redact_text(&deep).contains("=x"));
}

/// Texts made of what the rules look for.
fn fragments() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("password"),
        Just("=\""),
        Just("\": \""),
        Just("token: "),
        Just("[REDACTED:x]"),
        Just("[REDACTED:"),
        Just("]"),
        Just("://"),
        Just("user:pw@host"),
        Just("-----BEGIN PRIVATE KEY-----"),
        Just("Authorization: "),
        Just("Bearer "),
        Just("Cookie: a=b; "),
        Just("--secret "),
        Just("4111 1111 1111 1111"),
        Just("ann@example.com"),
        Just("ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        Just("{\"a\": "),
        Just("}"),
        Just("\\\""),
        Just("\\"),
        Just("\n"),
        Just("%3D"),
        Just("é"),
        Just(" "),
        Just(","),
        Just("<pwd>"),
        Just("x1"),
        Just("-u "),
        Just("&sig="),
        Just("DE89370400440532013000"),
        Just("536-22-8145"),
        Just("eyJhbGciOiJIUzI1.eyJzdWIi.abc"),
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn twice_is_once(text in fragments()) {
        let redactor = Redactor::default();
        let once = redactor.redact_text(&text).into_owned();
        prop_assert_eq!(redactor.redact_text(&once), once.as_str());
    }

    #[test]
    fn json_stays_json(text in fragments(), key in "[a-z_]{1,8}|password|token") {
        let body = json!({key: {"text": text, "n": [1, text]}}).to_string();
        let clean = Redactor::default().redact_text(&body).into_owned();
        prop_assert!(serde_json::from_str::<Value>(&clean).is_ok(), "{}", clean);
    }

    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), text in ".{0,80}") {
        _ = Redactor::default().scrub(&bytes);
        _ = Redactor::new(Options { personal: true, contact: true }).redact_text(&text);
    }

    #[test]
    fn a_planted_secret_goes(before in "[a-z ,.(\n]{0,20}", after in "[ ,.\n][a-z ]{0,20}", secret in "[A-Za-z0-9]{36}") {
        for planted in [format!("ghp_{secret}"), format!("password={secret}"), format!("\"client_secret\": \"{secret}\""), format!("https://u:{secret}@h/")] {
            let clean = Redactor::default().redact_text(&format!("{before} {planted}{after}")).into_owned();
            prop_assert!(!clean.contains(&secret), "{}", clean);
        }
    }
}

#[test]
fn the_type_of_an_event_is_read_for_secrets_too() {
    let token = ["ghp_", "0123456789abcdefghijABCDEFGHIJ012345"].concat();
    let clean = Redactor::default().redact_event(&tidings_core::Event::new(format!("custom.{token}")));
    assert_eq!(clean.event_type, "custom.[REDACTED:github_token]");
    assert_eq!(Redactor::default().redact_event(&tidings_core::Event::new("tool.error")).event_type, "tool.error");
}
