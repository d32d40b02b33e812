//! Which settings are refused, and that no secret is told.

use tidings_testkit::Authority;

use super::*;

const FROM: &str = "Agents <agents@example.com>";

fn check(config: &EmailConfig, expected: &[&str]) {
    let problems = config.validate();
    let keys: Vec<_> = problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, expected, "{config:?}");
    assert!(!Problem::told(&problems).contains("hunter2"), "{problems:?}");
}

#[test]
fn every_problem_is_told_at_once() {
    let smtp = SmtpConfig::new("smtp example").port(0).username("ann").root("hunter2");
    let config = EmailConfig::smtp(smtp, "agents").timeout(Duration::ZERO);
    check(&config, &["smtp_host", "smtp_port", "password", "roots", "from", "timeout"]);
    check(&EmailConfig::folder("", FROM), &["folder"]);
    check(&EmailConfig::folder("mail", FROM), &[]);
}

#[test]
fn hosts_are_names_or_addresses() {
    for good in ["smtp.example.com", "localhost", "mail_1", "127.0.0.1", "::1", "smtp.example.com."] {
        check(&EmailConfig::smtp(SmtpConfig::new(good), FROM), &[]);
    }
    for wrong in ["", ".", "a..b", "smtp.example.com:25", "smtp://a.example", "a\r\nb", &"a".repeat(64)] {
        check(&EmailConfig::smtp(SmtpConfig::new(wrong), FROM), &["smtp_host"]);
    }
}

#[test]
fn a_password_goes_over_tls_or_stays_on_the_machine() {
    let with = |host: &str, tls| EmailConfig::smtp(SmtpConfig::new(host).tls(tls).password("hunter2"), FROM);
    check(&with("smtp.example.com", Tls::StartTls), &[]);
    check(&with("smtp.example.com", Tls::Implicit), &[]);
    check(&with("smtp.example.com", Tls::None), &["password"]);
    check(&with("10.0.0.1", Tls::None), &["password"]);
    for own in ["127.0.0.1", "::1", "localhost", "LOCALHOST"] {
        check(&with(own, Tls::None), &[]);
    }
}

#[test]
fn roots_are_certificates() {
    let with = |pem: &str| EmailConfig::smtp(SmtpConfig::new("a.example").root(pem), FROM);
    check(&with(Authority::generate().pem()), &[]);
    check(&with(""), &["roots"]);
    check(&with("-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----\n"), &["roots"]);
}

#[test]
fn debug_shows_no_secret() {
    let config = EmailConfig::smtp(SmtpConfig::new("a.example").username("hunter2").password("hunter2"), FROM);
    assert!(!format!("{config:?}").contains("hunter2"));
}
