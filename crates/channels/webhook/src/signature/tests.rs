//! The vectors of spec/compat.md and what must fail.

use proptest::prelude::*;

use super::*;

const T: i64 = 1_700_000_000;
const SIGNED: &str = "c6ef4734033cee2367414a0939385eca0397754aa7a59716da7463a9298b5146";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(seconds)
}

#[test]
fn promptise_vectors() {
    let check = |secret, body: &[u8], expected| assert_eq!(sign_promptise(secret, T, body), expected);
    check("k", b"{}", SIGNED);
    check("k", b"", "5c2999a43333a6877f49c8003f235c4f6de40f85b1b7414b70bd470a8db53d97");
    let event = br#"{"event_type":"tool.error"}"#;
    check("whsec-test", event, "fae6d00059d81b990cd39d079355bd0881fd66ca597a2bc9f3f785a0ad68c9d9");
}

#[test]
fn promptise_headers_that_verify_and_that_do_not() {
    let check = |header: &str, expected: bool| {
        assert_eq!(verify_promptise(header, b"{}", &["old", "k"], at(T)), expected, "{header}");
    };
    let upper = SIGNED.to_uppercase();
    let good = [
        format!("t={T},v1={SIGNED}"),
        format!(" t={T} , v1={SIGNED} "),
        format!("v1={SIGNED},t={T}"),
        format!("t=1,v1={SIGNED},t={T}"),
        format!("t={T},v1=00,v1={SIGNED},v0=zz,,x,é=é"),
        promptise_header(["k", "next"], T, b"{}"),
        promptise_header(["next", "k"], T, b"{}"),
    ];
    good.iter().for_each(|header| check(header, true));
    let bad = [
        String::new(),
        format!("t={T}"),
        format!("v1={SIGNED}"),
        format!("t={T},v1="),
        format!("t={T},v1"),
        format!("t={T},v1={upper}"),
        format!("t={T},v1={}", &SIGNED[..63]),
        format!("t={T},v1={SIGNED}0"),
        format!("t={T},v1={SIGNED},t=junk"),
        format!("t={T},v1={SIGNED},t=1"),
        format!("t=+{T},v1={SIGNED}"),
        format!("t=-{T},v1={SIGNED}"),
        format!("t={T}.0,v1={SIGNED}"),
        format!("t=1_700_000_000,v1={SIGNED}"),
        format!("t=99999999999999999999999,v1={SIGNED}"),
        format!("t=١٧,v1={SIGNED}"),
        format!("t={T},v1=é"),
        format!("t={T},v2={SIGNED}"),
        format!("t={T};v1={SIGNED}"),
        format!("T={T},V1={SIGNED}"),
    ];
    bad.iter().for_each(|header| check(header, false));
}

#[test]
fn promptise_time_and_secrets_have_limits() {
    let header = format!("t={T},v1={SIGNED}");
    let check = |secrets: &[&str], now, expected| assert_eq!(verify_promptise(&header, b"{}", secrets, now), expected);
    check(&["k"], at(T + 300), true);
    check(&["k"], at(T - 300), true);
    check(&["k"], at(T + 301), false);
    check(&["k"], at(T - 301), false);
    check(&["k"], Timestamp::from_nanos(at(T + 300).as_nanos() + 1), false);
    check(&["k"], Timestamp::MAX, false);
    check(&[], at(T), false);
    check(&[""], at(T), false);
    check(&["", "k"], at(T), false);
    check(&["other"], at(T), false);
    let empty = promptise_header([""], T, b"{}");
    assert!(!verify_promptise(&empty, b"{}", &[""], at(T)));
}

const VECTORS: [(&str, &str, i64, &[u8], &str); 2] = [
    (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1_614_265_330,
        br#"{"test": 2432232314}"#,
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ),
    (
        "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        1_649_367_553,
        br#"{"email":"test@example.com","username":"test_user"}"#,
        "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
    ),
];

#[test]
fn standard_vectors_with_and_without_the_prefix() {
    for (secret, id, t, body, expected) in VECTORS {
        for secret in [secret, &secret[6..]] {
            let key = StandardKey::parse(secret).unwrap();
            assert_eq!(sign_standard(&key, id, t, body), expected);
        }
    }
}

#[test]
fn standard_signatures_that_verify_and_that_do_not() {
    let (secret, id, t, body, signature) = VECTORS[0];
    let check = |signatures: &str, expected: bool| {
        let message = SignedMessage { id, timestamp: &t.to_string(), signatures, body };
        assert_eq!(verify_standard(&message, &["plain", secret], at(t)), expected, "{signatures}");
    };
    check(signature, true);
    check(&format!("v1,AAAA v1a,x {signature}"), true);
    check(&format!("{signature} v1,é"), true);
    check(&signature.replace("OE=", "OF="), false);
    check(&signature.replace("OE=", "OA="), false);
    check("v1,", false);
    check("", false);
    check("v1", false);
    check(&signature[..20], false);
    check(&signature.replace("v1,", "v2,"), false);
    check(&signature.replace("v1,", ""), false);
    check(&signature.replace('=', ""), false);
    check(&signature.replace(',', ", "), false);
}

#[test]
fn standard_time_id_and_secrets_have_limits() {
    let (secret, id, t, body, signatures) = VECTORS[0];
    let check = |id, timestamp: &str, secrets: &[&str], now, expected| {
        let message = SignedMessage { id, timestamp, signatures, body };
        assert_eq!(verify_standard(&message, secrets, at(now)), expected, "{id} {timestamp} {now}");
    };
    check(id, "1614265330", &[secret], t + 300, true);
    check(id, "1614265330", &[secret], t - 300, true);
    check(id, "1614265330", &[secret], t + 301, false);
    check(id, "1614265330", &[secret], t - 301, false);
    check("msg_other", "1614265330", &[secret], t, false);
    for junk in ["", "+1614265330", "1614265330.0", " 1614265330", "0x60", "-1"] {
        check(id, junk, &[secret], t, false);
    }
    for secrets in [&[][..], &[""], &["", secret], &["whsec_"], &["whsec_AAAA"], &["not base64!"]] {
        check(id, "1614265330", secrets, t, false);
    }
}

proptest! {
    #[test]
    fn what_is_signed_verifies_and_a_changed_byte_does_not(
        secret in ".{1,40}", body: Vec<u8>, t in 0..4_000_000_000_i64, place: usize, skew in -300..=300_i64,
    ) {
        let header = promptise_header([secret.as_str()], t, &body);
        prop_assert!(verify_promptise(&header, &body, &[&secret], at(t + skew)));
        if !body.is_empty() {
            let mut other = body.clone();
            other[place % body.len()] ^= 1;
            prop_assert!(!verify_promptise(&header, &other, &[&secret], at(t)));
        }
    }

    #[test]
    fn no_header_makes_a_verifier_panic(header: String, other: String, body: Vec<u8>) {
        prop_assert!(!verify_promptise(&header, &body, &["k"], at(T)));
        let fresh = format!("t={T},v1={header}");
        prop_assert!(!verify_promptise(&fresh, &body, &["k"], at(T)));
        let message = SignedMessage { id: &other, timestamp: &header, signatures: &other, body: &body };
        prop_assert!(!verify_standard(&message, &[VECTORS[0].0], at(T)));
    }
}
