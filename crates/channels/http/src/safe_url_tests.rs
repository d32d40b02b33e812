//! Hostile spellings of URLs, and that none makes the guard panic.

use proptest::prelude::*;

use super::*;

fn check(text: &str, expected: Result<&str, &str>) {
    let verdict = SafeUrl::parse(text, &Policy::default());
    let seen = verdict.as_ref().map(ToString::to_string).map_err(Blocked::why);
    assert_eq!(seen, expected.map(ToOwned::to_owned), "{text:?}");
}

#[test]
fn public_destinations_pass() {
    check("https://hooks.example.com/services/T0/B0/secret", Ok("https://hooks.example.com"));
    check("HTTPS://Hooks.Example.COM./x?y=z#w", Ok("https://hooks.example.com."));
    check("http://example.com:8080", Ok("http://example.com:8080"));
    check("http://example.com:/", Ok("http://example.com"));
    check("https://bücher.example/", Ok("https://xn--bcher-kva.example"));
    check("https://xn--bcher-kva.example/", Ok("https://xn--bcher-kva.example"));
    check("https://ex%61mple.com/a@b", Ok("https://example.com"));
    check("http://93.184.216.34/", Ok("http://93.184.216.34"));
    check("http://[2600::1]:443/", Ok("http://[2600::1]:443"));
}

#[test]
fn every_notation_of_loopback_is_loopback() {
    for host in [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "0x7f.0x0.0x0.0x1",
        "%31%32%37.0.0.1",
        "１２７.０.０.１",
        "127。0。0。1",
        "①②⑦.⓪.⓪.①",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:0:0:1]",
        "127.255.255.254",
    ] {
        check(&format!("http://{host}/"), Err("loopback"));
    }
    for (host, why) in [
        ("0", "unspecified"),
        ("0.0.0.0", "unspecified"),
        ("[::]", "unspecified"),
        ("0xA9FEA9FE", "metadata"),
        ("[fd00:ec2::254]", "metadata"),
        ("[::127.0.0.1]", "not_global"),
        ("[64:ff9b::7f00:1]", "tunnel"),
        ("[2002:7f00:1::]", "tunnel"),
        ("255.255.255.255", "multicast"),
        ("192.168.0.1", "private"),
    ] {
        check(&format!("http://{host}/"), Err(why));
    }
}

#[test]
fn spellings_on_which_parsers_differ_are_refused() {
    for (text, why) in [
        ("", "scheme"),
        ("example.com", "scheme"),
        ("//example.com", "scheme"),
        ("ftp://example.com", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://example.com", "scheme"),
        ("http:example.com", "scheme"),
        ("http:/example.com", "scheme"),
        ("http:///example.com", "scheme"),
        ("http://", "scheme"),
        ("http://?x", "scheme"),
        ("javascript://example.com", "scheme"),
        ("ws://example.com", "scheme"),
        ("x http://example.com", "scheme"),
        (" http://example.com", "blank"),
        ("http://example.com ", "blank"),
        ("http://example.com\u{a0}", "blank"),
        ("http://exa\tmple.com", "control"),
        ("http://example.com/\r\nX: y", "control"),
        ("ht\ntp://example.com", "control"),
        ("http://example.com\0", "control"),
        ("http://example.com\u{85}", "control"),
        ("http:\\\\example.com", "backslash"),
        ("http://a.com\\@127.0.0.1/", "backslash"),
        ("http://user@example.com", "userinfo"),
        ("http://u:p@example.com", "userinfo"),
        ("http://@example.com", "userinfo"),
        ("http://a.com@b.com@c.com/", "userinfo"),
        ("http://a%00b.com", "invalid"),
        ("http://a%2fb.com", "invalid"),
        ("http://a%40b.com/", "invalid"),
        ("http://[fe80::1%25eth0]/", "invalid"),
        ("http://[::1", "invalid"),
        ("http://1.2.3.4.5/", "invalid"),
        ("http://256.1.1.1/", "invalid"),
        ("http://a b.com/", "invalid"),
        ("http://example.com:99999/", "invalid"),
        ("http://example.com:x/", "invalid"),
        ("http://:80/", "invalid"),
        ("http://a..com/", "host"),
        ("http://example.com../", "host"),
        ("http://.example.com/", "host"),
        ("http://a!b.com/", "host"),
        ("http://a*.com/", "host"),
        ("http://~a.com/", "host"),
        ("http://localhost/", "local_name"),
        ("http://LOCALHOST./", "local_name"),
        ("http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "local_name"),
        ("http://localhost。/", "local_name"),
        ("http://a.localhost:8080/", "local_name"),
        ("http://intranet/", "local_name"),
        ("http://%6cocalhost/", "local_name"),
        ("http://kubernetes.default.svc.cluster.local/", "local_name"),
        ("http://x.onion/", "reserved_name"),
        ("http://metadata.google.internal/", "metadata"),
        ("http://example.com:0/", "port"),
        ("http://example.com:22/", "port"),
        ("https://example.com:6379/", "port"),
        ("http://example.com:000025/", "port"),
        ("http://93.184.216.34:5432/", "port"),
    ] {
        check(text, Err(why));
    }
    check(&format!("http://{}.com/", "a".repeat(64)), Err("host"));
    check(&format!("http://example.com/{}", "a".repeat(LIMIT)), Err("too_long"));
}

#[test]
fn debug_and_errors_show_no_secret() {
    let url =
        SafeUrl::parse("https://hooks.example.com/services/T0/hunter2?token=hunter2", &Policy::default()).unwrap();
    assert!(!format!("{url:?} {url}").contains("hunter2"));
    let blocked = SafeUrl::parse("https://me:hunter2@example.com/hunter2", &Policy::default()).unwrap_err();
    assert!(!format!("{blocked:?} {blocked}").contains("hunter2"));
}

#[test]
fn private_networks_let_local_names_pass_to_the_resolver() {
    let policy = Policy { private: true, ..Policy::default() };
    for good in [
        "http://localhost:8080/",
        "http://127.0.0.1:9000",
        "http://printer/",
        "http://10.0.0.1/",
        "http://nas.home.arpa/",
    ] {
        assert!(SafeUrl::parse(good, &policy).is_ok(), "{good}");
    }
    for bad in
        ["http://169.254.169.254/", "http://metadata.google.internal/", "http://x.onion/", "http://127.0.0.1:22/"]
    {
        assert!(SafeUrl::parse(bad, &policy).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_guard_panic(text in any::<String>()) {
        let _verdict = SafeUrl::parse(&text, &Policy::default());
        let _verdict = SafeUrl::parse(&format!("http://{text}"), &Policy::default());
    }

    #[test]
    fn an_ipv4_literal_passes_exactly_if_its_address_does(bits: u32, notation in 0..4) {
        let [a, b, c, d] = bits.to_be_bytes();
        let host = match notation {
            0 => format!("{a}.{b}.{c}.{d}"),
            1 => format!("{bits}"),
            2 => format!("{bits:#x}"),
            _ => format!("0{a:o}.{:#x}.{}", b, u32::from(c) << 8 | u32::from(d)),
        };
        let safe = SafeUrl::parse(&format!("http://{host}/"), &Policy::default()).is_ok();
        prop_assert_eq!(safe, crate::address::deny_v4(bits.into()).is_none());
    }

    #[test]
    fn what_passes_passes_again_and_holds_no_userinfo(host in "[a-zA-Z0-9.%@:\\[\\]_-]{1,24}") {
        if let Ok(url) = SafeUrl::parse(&format!("https://{host}/"), &Policy::default()) {
            prop_assert!(SafeUrl::parse(url.url().as_str(), &Policy::default()).is_ok());
            prop_assert!(url.url().username().is_empty());
        }
    }
}
