use proptest::prelude::*;

use super::*;

fn check(text: &str, expected: &str) {
    let shown = match text.parse::<Address>() {
        Ok(address) => address.to_string(),
        Err(error) => error.to_string(),
    };
    assert!(shown.starts_with(expected), "{text}: {shown}");
}

#[test]
fn addresses_are_printed_without_their_secrets() {
    check("slack://T/B/x", "slack://***");
    check("Tgram://1:a/2", "tgram://***");
    check("ntfy://topic", "ntfy://***");
    check("ntfys://t@n.example.com:8443/topic", "ntfys://n.example.com:8443/***");
    check("mailto://u:p@example.com:25", "mailto://example.com:25/***");
    check("mailto://u:p@gmail.com", "mailto://smtp.gmail.com/***");
    check("json://[2001:4860::1]:8080/a", "json://[2001:4860::1]:8080/***");
    check("workflows://h.example.com/w/s", "workflows://h.example.com/***");
}

#[test]
fn what_is_no_address_is_told() {
    check("", "not an address");
    check("://a", "not an address");
    check("slack:/T/B/x", "not an address");
    check("slack://T/B/ x", "the address holds a blank");
    check("slack://T/B/%0a", "the address holds an encoded control character");
    check("slack://T/B/%zz", "a `%` of the address begins no encoded character; write %25");
    check("slack://", "not an address of slack");
    check("slack://T/B/x?a=1&a=2", "the address has a parameter twice");
    check("slack://T/B/x?hunter2%2F", "an address of slack takes no parameter of this name");
    check("slack://T/B/x?verify=perhaps", "`verify` cannot be switched off");
    check("ntfy://u:p@n.example.com/t", "ntfy is entered by an access token");
    check("ntfy://n.example.com/a/b", "an address of ntfy has one receiver here");
    check("gotify://g.example.com", "not an address of gotify");
    check("gotify://g.example.com:99999/t", "the address of gotify has no good host and port");
    check("mailto://u:p/w@example.com", "the address of mailto has no good host and port");
    check("mailto://example.com", "not an address of mailto");
    check("mailto://u:p@example.com?mode=tls", "the mode is not known");
    check("pagerduty://k@a/source", "not an address of pagerduty");
    check("pagerduty://k?region=mars", "the region is not known");
    check("json://a.example.com?method=get", "a webhook is always sent by POST");
    check("smtp://u:p@example.com", "no channel has addresses that begin with `smtp://`; mailto://");
    check(&format!("slack://{}", "x".repeat(10_000)), "the address is longer than");
}

/// A secret that is no part of anything else in an address.
fn secret() -> impl Strategy<Value = String> {
    "[Q-Z]{6}[0-9]{6}"
}

proptest! {
    #[test]
    fn no_secret_is_printed(first in secret(), second in secret(), third in secret()) {
        let (a, b, c) = (&first, &second, &third);
        for text in [
            format!("slack://{a}/{b}/{c}"), format!("discord://{a}/{b}?thread={c}"), format!("msteams://team/{a}@{b}/{c}/x"),
            format!("workflows://h.example.com/{a}/{b}"), format!("mmosts://h.example.com/{a}/{b}"),
            format!("gchat://{a}/{b}/{c}"), format!("tgram://{a}:{b}/{c}"), format!("pagerduty://{a}@{b}"),
            format!("opsgenie://{a}"), format!("ntfy://{a}"), format!("ntfys://{a}@h.example.com/{b}"),
            format!("gotifys://h.example.com/{a}/{b}"), format!("pover://{a}@{b}"),
            format!("mailto://{a}:{b}@h.example.com?from={c}@example.com"), format!("twilio://{a}:{b}@{c}"),
            format!("jsons://{a}:{b}@h.example.com/{c}?+X={c}"),
            // Forms that are refused.
            format!("{a}://{b}/{c}"), format!("slack://{a}/{b}?{c}"), format!("slack://{a}/{b}/{c}?{c}=1"),
            format!("ntfy://{a}:{b}@{c}/x"), format!("mailto://{a}:{b}/{c}@h.example.com"), format!("json://{a} {b}/{c}"),
            format!("tgram://{a}@{b}/{c}"), format!("twilio://{a}@{b}/{c}"), format!("gotify://{a}:{b}/{c}"),
        ] {
            let shown = match text.parse::<Address>() {
                Ok(address) => format!("{address} {address:?}"),
                Err(error) => format!("{error} {error:?}"),
            };
            // An unknown scheme is no secret, whatever it is called.
            let secrets = if text.starts_with(a.as_str()) { vec![b, c] } else { vec![a, b, c] };
            prop_assert!(!secrets.into_iter().any(|secret| shown.contains(secret.as_str())), "{} of {}", shown, text);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(scheme in "slack|tgram|ntfys?|mailtos?|jsons?|twilio|workflows|[a-z]{1,8}", rest in any::<String>()) {
        drop(format!("{scheme}://{rest}").parse::<Address>());
        drop(rest.parse::<Address>());
    }

    #[test]
    fn any_likely_text_is_read_or_refused(text in "(slack|msteams|mmost|gotify|pover|mailto|json)://[a-b0-1:@/?&=%+.\\[\\]]{0,30}") {
        drop(text.parse::<Address>());
    }
}
