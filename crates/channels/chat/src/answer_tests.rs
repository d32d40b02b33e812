//! Answers as the services give them, and what they mean.

use proptest::prelude::*;

use super::*;

fn telegram() -> Target {
    Target::Telegram { token: "1:x".into(), chat_id: Some("1".to_owned()) }
}

fn slack() -> Target {
    Target::Slack { url: "".into() }
}

fn discord() -> Target {
    Target::Discord { url: "".into() }
}

fn teams_target() -> Target {
    Target::Teams { url: "".into() }
}

fn good(said: &str) -> Exchange {
    let outcome = Ok(Receipt { code: Some(200), detail: Some(said.to_owned()) });
    Exchange { outcome, body: said.as_bytes().to_vec() }
}

fn bad(verdict: Verdict, kind: ErrorKind, said: &str) -> Exchange {
    Exchange { outcome: Err(SendError::new(verdict, kind, "cleaned")), body: said.as_bytes().to_vec() }
}

fn soon(milliseconds: u64) -> Verdict {
    Verdict::Transient { retry_after: Some(Duration::from_millis(milliseconds)) }
}

const SOMETIME: Verdict = Verdict::Transient { retry_after: None };

#[test]
fn failures_behind_a_2xx_are_failures() {
    let check = |target: &Target, said: &str, expected: (Verdict, ErrorKind)| {
        let error = judge(target, good(said)).unwrap_err();
        assert_eq!((error.verdict(), error.kind()), expected, "{said}");
    };
    let said = |status: u16| {
        format!("{TEAMS_FAILED} with error: Microsoft Teams endpoint returned HTTP error {status} with x")
    };
    check(&teams_target(), &said(429), (SOMETIME, ErrorKind::RateLimited));
    check(&teams_target(), &said(503), (SOMETIME, ErrorKind::Status(503)));
    check(&teams_target(), &said(413), (Verdict::Permanent, ErrorKind::Status(413)));
    check(&teams_target(), &format!("{TEAMS_FAILED} with error: no contact"), (SOMETIME, ErrorKind::Other));
    check(&telegram(), r#"{"ok": false, "error_code": 403}"#, (Verdict::Permanent, ErrorKind::Status(403)));
    let slow = r#"{"ok":false,"error_code":429,"parameters":{"retry_after":5}}"#;
    check(&telegram(), slow, (soon(5000), ErrorKind::RateLimited));
    check(&telegram(), r#"{"ok":false,"error_code":70000}"#, (Verdict::Permanent, ErrorKind::Other));
    check(&slack(), r#"{"ok":false,"error":"invalid_auth"}"#, (Verdict::Permanent, ErrorKind::Other));
    let pushover = Target::Pushover { token: "x".into(), user_key: None };
    check(&pushover, r#"{"user":"invalid","status":0}"#, (Verdict::Permanent, ErrorKind::Other));
}

#[test]
fn good_answers_stay_and_name_no_person() {
    let check = |target: &Target, said: &str, expected: Option<&str>| {
        assert_eq!(judge(target, good(said)).unwrap().detail.as_deref(), expected);
    };
    check(&slack(), "ok", Some("ok"));
    check(&teams_target(), "1", Some("1"));
    let answer = r#"{"ok":true,"result":{"message_id":17,"chat":{"id":4242,"first_name":"Ann"}}}"#;
    check(&telegram(), answer, Some("message 17"));
    check(&telegram(), "{}", None);
    check(&telegram(), "", None);
}

#[test]
fn waits_in_bodies_count_where_the_header_is_missing() {
    let check = |target: &Target, given: Verdict, said: &str, expected: Verdict| {
        let error = judge(target, bad(given, ErrorKind::RateLimited, said)).unwrap_err();
        assert_eq!((error.verdict(), error.message()), (expected, "cleaned"), "{said}");
    };
    let body = r#"{"ok":false,"parameters": {"retry_after" : 35}}"#;
    check(&telegram(), SOMETIME, body, soon(35_000));
    check(&telegram(), soon(7000), body, soon(7000));
    check(&slack(), SOMETIME, body, SOMETIME);
    check(&discord(), SOMETIME, r#"{"message": "slow", "retry_after": 0.5, "global": true}"#, soon(500));
    check(&discord(), SOMETIME, r#"{"retry_after": 99999999999999999999}"#, soon(86_400_000));
    for junk in [r#"{"retry_after": -1}"#, r#"{"retry_after": "5"}"#, r#"{"retry_after": 1.2.3}"#, "retry_after", ""] {
        check(&discord(), SOMETIME, junk, SOMETIME);
    }
}

#[test]
fn a_webhook_that_was_removed_is_gone() {
    let check = |target: &Target, said: &str, expected: ErrorKind| {
        let error = judge(target, bad(Verdict::Permanent, ErrorKind::Status(404), said)).unwrap_err();
        assert_eq!((error.kind(), error.verdict()), (expected, Verdict::Permanent), "{said}");
    };
    check(&discord(), r#"{"message": "Unknown Webhook", "code": 10015}"#, ErrorKind::Gone);
    check(&discord(), r#"{"message": "404: Not Found", "code": 0}"#, ErrorKind::Status(404));
    check(&discord(), "nothing here", ErrorKind::Status(404));
    check(&slack(), "no_service\n", ErrorKind::Gone);
    check(&slack(), "<html>no_service</html>", ErrorKind::Status(404));
    check(&telegram(), r#"{"ok":false,"error_code":404}"#, ErrorKind::Status(404));
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(said: String, number: f64) {
        let texts = [
            said.clone(),
            format!("{TEAMS_FAILED} HTTP error {said}"),
            format!("{{\"ok\":false,\"error_code\":{number},\"retry_after\":{number}}}"),
        ];
        for target in [telegram(), slack(), discord(), teams_target()] {
            for text in &texts {
                drop(judge(&target, good(text)));
                prop_assert!(judge(&target, bad(SOMETIME, ErrorKind::RateLimited, text)).is_err());
            }
        }
    }
}
