//! The header `X-Twilio-Signature`: base64 of HMAC-SHA1, keyed by the account's token, over the URL as Twilio was given it and the
//! sorted parameters of the form. Source: Twilio's pages on the security of webhooks.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};
use url::Url;

/// Whether this form was signed by one of the tokens: during a rotation there are two.
///
/// `url` is the one that Twilio was given, with its query and behind no proxy's rewriting. It is tried with and without its port, since
/// Twilio leaves it out or puts it in. Without tokens, and with an empty one, nothing is genuine. It takes the same time whichever
/// token or form of the URL fits.
#[must_use]
pub fn verify(tokens: &[SecretString], url: &str, params: &[(String, String)], signature: &str) -> bool {
    let mut sorted: Vec<&(String, String)> = params.iter().collect();
    sorted.sort();
    // A pair that comes twice is signed once.
    sorted.dedup();
    let text: String = sorted.iter().flat_map(|(name, value)| [name.as_str(), value]).collect();
    is_signed(tokens, url, &text, signature)
}

/// As [`verify`], for a request with a body of JSON: its hash stands in the URL as `bodySHA256`, and only the URL is signed.
#[must_use]
pub fn verify_json(tokens: &[SecretString], url: &str, body: &[u8], signature: &str) -> bool {
    let Some(told) = body_hash(url) else { return false };
    let hash: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    let same = hash.as_bytes().ct_eq(told.to_ascii_lowercase().as_bytes());
    (same & Choice::from(u8::from(is_signed(tokens, url, "", signature)))).into()
}

fn body_hash(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    url.query_pairs().find(|(name, _)| name == "bodySHA256").map(|(_, value)| value.into_owned())
}

fn is_signed(tokens: &[SecretString], url: &str, text: &str, signature: &str) -> bool {
    if tokens.iter().any(|token| token.expose_secret().is_empty()) {
        return false;
    }
    let mut found = Choice::from(0);
    for token in tokens {
        for url in [Cow::Borrowed(url), with_port(url), without_port(url)] {
            let expected = sign(token.expose_secret(), &url, text);
            found |= expected.as_bytes().ct_eq(signature.as_bytes());
        }
    }
    found.into()
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn sign(token: &str, url: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).expect("because HMAC takes a key of any length");
    mac.update(url.as_bytes());
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// The URL cut in three: up to its host, its port with the colon (maybe empty), and the rest. As text, since a parser would mend it, and
/// what is signed is what was written.
fn cut(url: &str) -> Option<(&str, &str, &str)> {
    let host = url.find("://")? + 3;
    let end = url.get(host..)?.find(['/', '?', '#']).map_or(url.len(), |end| host + end);
    let (before, rest) = url.split_at_checked(end)?;
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match before.rfind(':') {
        Some(colon) if colon >= host && before.get(colon + 1..).is_some_and(is_port) => {
            let (name, port) = before.split_at_checked(colon)?;
            Some((name, port, rest))
        }
        _ => Some((before, "", rest)),
    }
}

fn with_port(url: &str) -> Cow<'_, str> {
    match cut(url) {
        Some((name, "", rest)) => {
            let port = if name.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:")) { 443 } else { 80 };
            format!("{name}:{port}{rest}").into()
        }
        _ => Cow::Borrowed(url),
    }
}

fn without_port(url: &str) -> Cow<'_, str> {
    match cut(url) {
        Some((name, port, rest)) if !port.is_empty() => format!("{name}{rest}").into(),
        _ => Cow::Borrowed(url),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The signatures below were computed with another language's library.
    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn form() -> Vec<(String, String)> {
        pairs(&[
            ("MessageSid", "SM0123456789abcdef0123456789abcdef"),
            ("MessageStatus", "delivered"),
            ("To", "+15550101"),
            ("From", "+15550100"),
            ("ErrorCode", ""),
            ("Note", "grüße & +"),
        ])
    }

    fn is_genuine(url: &str, signature: &str) -> bool {
        verify(&[TOKEN.into()], url, &form(), signature)
    }

    #[test]
    fn the_documented_example_verifies() {
        let form = pairs(&[
            ("To", "+18005551212"),
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+12349013030"),
            ("Digits", "1234"),
            ("From", "+12349013030"),
        ]);
        let (url, signature) = ("https://mycompany.com/myapp.php?foo=1&bar=2", "0/KCTR6DLpKmkAf8muzZqo1nDgQ=");
        assert!(verify(&["12345".into()], url, &form, signature));
        assert!(verify(&["new".into(), "12345".into()], url, &form, signature));
        assert!(verify(&["12345".into()], url, &[form.clone(), form.clone()].concat(), signature));
        assert!(!verify(&["12346".into()], url, &form, signature));
        assert!(!verify(&["12345".into()], url, &form[1..], signature));
        assert!(!verify(&["12345".into()], &url.replace("bar=2", "bar=3"), &form, signature));
        assert!(!verify(&["12345".into(), "".into()], url, &form, signature));
        for bad in ["", "0/KCTR6DLpKmkAf8muzZqo1nDgQ", "0/kctr6dlpkmkaf8muzzqo1ndgq=", "\u{0}"] {
            assert!(!verify(&["12345".into()], url, &form, bad), "{bad}");
        }
        assert!(!verify(&[], url, &form, signature));
    }

    #[test]
    fn the_port_may_be_left_out_or_put_in() {
        let status = "https://alerts.example.com/v1/callbacks/twilio/status?delivery=1";
        let ported = status.replace("com/", "com:443/");
        for url in [status, &ported] {
            for signature in ["lbBFfuW1GdBTrgzbDWr6gUHLWmo=", "sF7KaSlezIvVLEr8D0+kq7akjQo="] {
                assert!(is_genuine(url, signature), "{url} {signature}");
            }
        }
        assert!(!is_genuine(&status.replace("com/", "com:444/"), "sF7KaSlezIvVLEr8D0+kq7akjQo="));
        assert!(is_genuine("http://alerts.example.com:8080/s", "acOvhhA8jjCgDel7K2N7iM+/eGQ="));
        assert!(is_genuine("http://alerts.example.com:8080/s", "iTCF7LB6MF2832jlF3DoyZ0GaMc="));
        for signature in ["7a3gUwYzYV+0qwl5GqsNOb9YfUQ=", "kLhTelME7QiIFiwji8QRg8Huc4c="] {
            assert!(is_genuine("https://[2001:db8::1]/x", signature), "{signature}");
            assert!(is_genuine("https://[2001:db8::1]:443/x", signature), "{signature}");
        }
        for signature in ["rJ+PD9S7qrM1tie+lSdnnVT1NwE=", "bOXUOKTHbZvvJc1Aons4CO5vIR4="] {
            assert!(is_genuine("https://user:pass@alerts.example.com/x", signature), "{signature}");
        }
    }

    #[test]
    fn a_json_body_is_bound_by_its_hash() {
        let hash = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";
        let url = format!("https://alerts.example.com/j?bodySHA256={hash}");
        let signature = "08BkLsGMi+Fc1tOUISIMpP3MVz0=";
        let verify = |url: &str, body: &[u8]| verify_json(&[TOKEN.into()], url, body, signature);
        assert!(verify(&url, br#"{"a":1}"#));
        assert!(!verify(&url, br#"{"a":2}"#));
        assert!(!verify("https://alerts.example.com/j", br#"{"a":1}"#));
        assert!(!verify(&url.replace("/j", "/k"), br#"{"a":1}"#));
    }

    proptest! {
        #[test]
        fn nothing_panics_and_nothing_else_is_genuine(url in "\\PC{0,40}", name in "\\PC{0,8}", signature in "\\PC{0,30}") {
            let form = vec![(name, String::new())];
            prop_assert!(!verify(&[TOKEN.into()], &url, &form, &signature));
            prop_assert!(verify(&[TOKEN.into()], &url, &form, &sign(TOKEN, &url, &form[0].0)));
        }

        #[test]
        fn what_was_signed_verifies_whatever_the_order(mut form in prop::collection::vec(("[a-zA-Z]{1,8}", "\\PC{0,8}"), 0..6)) {
            let url = "https://alerts.example.com/s";
            let text: String = { form.sort(); form.dedup(); form.iter().flat_map(|(name, value)| [name.as_str(), value]).collect() };
            let signature = sign(TOKEN, url, &text);
            form.reverse();
            prop_assert!(verify(&[TOKEN.into()], url, &form, &signature));
        }
    }
}
