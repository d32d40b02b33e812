//! What an answer means, and how it is quoted.

use tidings_core::{KeepAll, Verdict};

use super::*;

fn quoted(text: &str) -> String {
    let secrets = ["hunter2", "aHVudGVyMg=="].map(SecretString::from);
    Quote { scrub: &KeepAll, secrets: &secrets, recipient: "ann@example.com" }.line(text, ERROR)
}

#[test]
fn answers_are_quoted_in_one_short_line_without_what_we_sent() {
    let check = |text: &str, expected: &str| assert_eq!(quoted(text), expected);
    check("", "");
    check("5.1.1 no such user\r\n\u{2028}here\0", "5.1.1 no such user   here");
    check("login hunter2 as aHVudGVyMg==", "login [REDACTED:echo] as [REDACTED:echo]");
    check("<Ann@Example.COM>: unknown", "<an***********om>: unknown");
    check(&"x".repeat(5000), &"x".repeat(ERROR));
    check(&"ä".repeat(5000), &"ä".repeat(ERROR / 2));
}

#[test]
fn codes_and_steps_decide() {
    let soon = Verdict::Transient { retry_after: None };
    let check = |failure: Failure, verdict, kind| {
        let quote = Quote { scrub: &KeepAll, secrets: &[], recipient: "ann@example.com" };
        let error = failure.told(&quote);
        assert_eq!((error.verdict(), error.kind()), (verdict, kind), "{error}");
    };
    let refused = |step, code| Failure::Refused { step, code, text: "no".to_owned() };
    let broken = |step| Failure::Broken { step, text: "broken".to_owned() };
    check(refused(Step::Connect, 421), soon, ErrorKind::Status(421));
    check(refused(Step::Connect, 554), Verdict::Permanent, ErrorKind::Status(554));
    check(refused(Step::Login, 454), soon, ErrorKind::Status(454));
    check(refused(Step::Login, 535), Verdict::Permanent, ErrorKind::Status(535));
    check(refused(Step::Recipient, 450), soon, ErrorKind::Status(450));
    check(refused(Step::Recipient, 550), Verdict::Permanent, ErrorKind::Status(550));
    check(refused(Step::Message, 452), soon, ErrorKind::Status(452));
    check(broken(Step::Connect), soon, ErrorKind::Connect);
    check(broken(Step::Data), soon, ErrorKind::Connect);
    check(broken(Step::Message), Verdict::Unknown, ErrorKind::Reset);
    check(Failure::Silent(Step::Connect), soon, ErrorKind::Timeout);
    check(Failure::Silent(Step::Data), soon, ErrorKind::Timeout);
    check(Failure::Silent(Step::Message), Verdict::Unknown, ErrorKind::Timeout);
    check(Failure::Senseless(Step::Data), soon, ErrorKind::Other);
    check(Failure::Senseless(Step::Message), Verdict::Unknown, ErrorKind::Other);
    check(Failure::ForeignAddress, Verdict::Permanent, ErrorKind::NoAddress);
    check(Failure::NoStartTls, soon, ErrorKind::Connect);
}

#[test]
fn what_an_operator_can_do_is_told() {
    let check = |failure: Failure, advice: &str| {
        let quote = Quote { scrub: &KeepAll, secrets: &[], recipient: "ann@example.com" };
        let error = failure.told(&quote).to_string();
        assert!(error.contains(advice), "{error}");
    };
    let insecure = |error: rustls::Error| Failure::broken(Step::Connect, &io::Error::other(error));
    check(insecure(rustls::CertificateError::UnknownIssuer.into()), "`smtp_host`");
    check(insecure(rustls::InvalidMessage::InvalidContentType.into()), "`implicit` has 465");
    check(Failure::broken(Step::Connect, &io::ErrorKind::ConnectionRefused.into()), "connection refused");
    check(Failure::Silent(Step::Connect), "port 465 wants `implicit`");
    check(Failure::NoStartTls, "`tls: implicit`");
}

#[test]
fn a_connection_outlives_only_what_is_the_messages_own() {
    let check = |failure: Failure, keeps| assert_eq!(failure.keeps_connection(), keeps, "{failure:?}");
    let refused = |step, code| Failure::Refused { step, code, text: String::new() };
    check(refused(Step::Recipient, 550), true);
    check(refused(Step::Message, 452), true);
    check(Failure::ForeignAddress, true);
    check(refused(Step::Recipient, 421), false);
    check(refused(Step::Login, 535), false);
    check(Failure::Senseless(Step::Data), false);
    check(Failure::Silent(Step::Message), false);
}
