//! The signature verifier as a filter: one JSON case in, one JSON answer out, for `verify`. Times come with the case.

use serde_json::{Value, json};
use tidings_core::Timestamp;

use crate::signature::{SignedMessage, verify_promptise, verify_standard};

/// Answers one case: `{id, headers: {name: value}, body, secrets: [..] | secret, now}` becomes `{id, valid, why}`.
///
/// `headers` holds `X-Promptise-Signature`, or the three of Standard Webhooks, or both forms, which must both be valid; names
/// in any case. `header` may stand for the first one alone. `body` is text, `now` Unix seconds. `why` is `ok`, `signature`
/// (does not verify), `unsigned`, or `case` where something is missing or of a wrong type.
#[must_use]
pub fn answer(case: &Value) -> Value {
    let why = judge(case).unwrap_or("case");
    json!({"id": case.get("id").cloned().unwrap_or_default(), "valid": why == "ok", "why": why})
}

/// What came of the case; `None` where it is not one.
fn judge(case: &Value) -> Option<&'static str> {
    let body = case.get("body")?.as_str()?.as_bytes();
    let now = Timestamp::from_secs_f64(case.get("now")?.as_f64()?)?;
    let secrets = secrets(case)?;
    let promptise = case.get("header").or_else(|| header(case, "x-promptise-signature"));
    let promptise = promptise.map(|header| verify_promptise(header.as_str().unwrap_or_default(), body, &secrets, now));
    let standard = header(case, "webhook-signature").map(|signatures| {
        let text = |name| header(case, name).and_then(Value::as_str).unwrap_or_default();
        let signatures = signatures.as_str().unwrap_or_default();
        let message = SignedMessage { id: text("webhook-id"), timestamp: text("webhook-timestamp"), signatures, body };
        verify_standard(&message, &secrets, now)
    });
    Some(match (promptise, standard) {
        (None, None) => "unsigned",
        (Some(false), _) | (_, Some(false)) => "signature",
        _ => "ok",
    })
}

fn secrets(case: &Value) -> Option<Vec<&str>> {
    match case.get("secrets") {
        Some(secrets) => secrets.as_array()?.iter().map(Value::as_str).collect(),
        None => Some(vec![case.get("secret")?.as_str()?]),
    }
}

fn header<'a>(case: &'a Value, name: &str) -> Option<&'a Value> {
    let mut headers = case.get("headers")?.as_object()?.iter();
    headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(case: &Value, expected: &str) {
        assert_eq!(answer(case)["why"], expected, "{case}");
        assert_eq!(answer(case)["valid"], expected == "ok");
    }

    #[test]
    fn cases_of_both_forms() {
        let v1 = "t=1700000000,v1=c6ef4734033cee2367414a0939385eca0397754aa7a59716da7463a9298b5146";
        check(&json!({"id": 1, "header": v1, "body": "{}", "secret": "k", "now": 1_700_000_300}), "ok");
        check(&json!({"id": 1, "header": v1, "body": "{}", "secret": "k", "now": 1_700_000_300.5}), "signature");
        check(
            &json!({"headers": {"X-Promptise-Signature": v1}, "body": "{}", "secrets": ["a", "k"], "now": 1_700_000_000}),
            "ok",
        );
        let standard = json!({
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "Webhook-Timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        });
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let case = |now| json!({"headers": standard, "body": "{\"test\": 2432232314}", "secret": secret, "now": now});
        check(&case(1_614_265_330), "ok");
        check(&case(1_614_265_631), "signature");
    }

    #[test]
    fn what_is_no_case_is_not_valid() {
        check(&json!({"body": "", "secret": "k", "now": 1}), "unsigned");
        check(&json!({"header": 3, "body": "", "secret": "k", "now": 1}), "signature");
        for case in [
            json!(null),
            json!([]),
            json!({"header": ""}),
            json!({"body": "", "now": 1}),
            json!({"body": "", "secrets": [3], "now": 1}),
        ] {
            check(&case, "case");
        }
    }
}
