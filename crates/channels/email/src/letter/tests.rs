//! What stands in the headers, and that nothing from elsewhere does.

use std::sync::Arc;

use mail_parser::MessageParser;
use proptest::prelude::*;
use tidings_core::{Address as UserAddress, NotificationKind, Scrub};
use tidings_testkit::{samples, smtp::Mail};

use super::*;

fn style() -> Style {
    let from = address::sender("Agents <agents@example.com>").unwrap();
    Style { from, text: None, unsubscribe: None, redact: true }
}

fn to_ann(mut envelope: Envelope) -> Envelope {
    envelope.to = Some(UserAddress::new("ann@example.com"));
    envelope
}

fn written(style: &Style, envelope: &Envelope) -> Mail {
    Mail { raw: style.write(envelope).unwrap().bytes, ..Mail::default() }
}

#[test]
fn an_incident_is_one_conversation() {
    let fired = samples::notification("too many errors");
    let mut over = fired.clone();
    over.title = "Resolved: too many errors".to_owned();
    over.kind = NotificationKind::Resolved;
    let [first, last] = [(fired, "first"), (over, "last")].map(|(notification, label)| {
        let envelope = samples::envelope(label, Payload::Notification(Arc::new(notification)));
        written(&style(), &to_ann(envelope))
    });
    assert_eq!(first.subject(), "[HIGH] too many errors");
    assert_eq!(last.subject(), "[RESOLVED] too many errors");
    assert_ne!(first.header("Message-ID"), last.header("Message-ID"));
    let thread = first.header("References").unwrap();
    assert!(thread.starts_with("<incident-") && thread.ends_with("@example.com>"), "{thread}");
    for mail in [&first, &last] {
        assert_eq!(mail.header("In-Reply-To").as_ref(), Some(&thread));
        assert_eq!(mail.header("References").as_ref(), Some(&thread));
        assert_eq!(mail.header("Auto-Submitted").as_deref(), Some("auto-generated"));
    }
}

#[test]
fn every_attempt_has_the_same_id_and_its_own_date() {
    let mut envelope = to_ann(samples::titled("t"));
    let first = written(&style(), &envelope);
    envelope.attempt = 2;
    envelope.now = Timestamp::from_secs(1_700_000_060);
    let second = written(&style(), &envelope);
    let id = format!("<{}@example.com>", envelope.delivery);
    assert_eq!(first.header("Message-ID").as_ref(), Some(&id));
    assert_eq!(second.header("Message-ID").as_ref(), Some(&id));
    assert_eq!(first.header("Date").as_deref(), Some("Tue, 14 Nov 2023 22:13:20 +0000"));
    assert_eq!(second.header("Date").as_deref(), Some("Tue, 14 Nov 2023 22:14:20 +0000"));
    for now in [Timestamp::from_nanos(i64::MIN), Timestamp::MAX] {
        envelope.now = now;
        assert!(written(&style(), &envelope).header("Date").is_some());
    }
}

#[test]
fn an_event_has_no_thread() {
    let envelope = samples::envelope("e", Payload::Event(Arc::new(samples::event())));
    let mail = written(&style(), &to_ann(envelope));
    assert_eq!(mail.subject(), "[ERROR] tool.error");
    assert_eq!((mail.header("In-Reply-To"), mail.header("References")), (None, None));
    assert_eq!(mail.plain(), "[ERROR] tool.error\n\nerror_rate: 0.2\n\nagent: billing\n");
}

#[test]
fn whoever_may_leave_is_told_how() {
    let link = Unsubscribe::new(|_| Some("https://tidings.example.com/u?token=abc".to_owned()));
    let style = Style { unsubscribe: Some(link), ..style() };
    let mail = written(&style, &to_ann(samples::titled("t")));
    assert_eq!(mail.header("List-Unsubscribe").as_deref(), Some("<https://tidings.example.com/u?token=abc>"));
    assert_eq!(mail.header("List-Unsubscribe-Post").as_deref(), Some("List-Unsubscribe=One-Click"));
    let mut notification = samples::notification("t");
    notification.metadata.insert("mandatory".to_owned(), true.into());
    let envelope = to_ann(samples::envelope("m", Payload::Notification(Arc::new(notification))));
    let mail = written(&style, &envelope);
    assert_eq!((mail.header("List-Unsubscribe"), mail.header("List-Unsubscribe-Post")), (None, None));
}

#[test]
fn a_digest_is_left_by_a_link_and_belongs_to_no_incident() {
    let link = Unsubscribe::new(|digest| Some(format!("https://tidings.example.com/u/{}", digest.user_id)));
    let mut digest = samples::notification("3 notifications from billing");
    digest.metadata.insert("digest".to_owned(), serde_json::json!({"count": 3}));
    (digest.incident, digest.rule, digest.event) = (None, None, None);
    let envelope = to_ann(samples::envelope("d", Payload::Notification(Arc::new(digest))));
    let mail = written(&Style { unsubscribe: Some(link), ..style() }, &envelope);
    assert_eq!(mail.header("List-Unsubscribe").as_deref(), Some("<https://tidings.example.com/u/u1>"));
    assert_eq!(mail.header("List-Unsubscribe-Post").as_deref(), Some("List-Unsubscribe=One-Click"));
    assert_eq!((mail.header("In-Reply-To"), mail.header("References")), (None, None));
}

#[test]
fn nobody_without_an_address_gets_mail() {
    let check = |to: Option<&str>| {
        let mut envelope = samples::titled("t");
        envelope.to = to.map(UserAddress::new);
        let error = style().write(&envelope).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoAddress);
        assert!(!to.is_some_and(|to| error.to_string().contains(to)), "{error}");
    };
    check(None);
    check(Some("nobody at all"));
    check(Some("ann@example.com\r\nRCPT TO:<eve@example.com>"));
}

/// Knows one secret, wherever it stands in the text it is shown.
#[derive(Debug)]
struct Knows(&'static str);

impl Scrub for Knows {
    fn scrub<'a>(&self, bytes: &'a [u8]) -> std::borrow::Cow<'a, [u8]> {
        String::from_utf8_lossy(bytes).replace(self.0, "[REDACTED:test]").into_bytes().into()
    }
}

#[test]
fn a_secret_is_found_where_html_would_hide_it_and_where_a_cut_would_split_it() {
    let check = |secret: &'static str, title: String| {
        let mut envelope = to_ann(samples::titled(&title));
        envelope.scrub = Arc::new(Knows(secret));
        let mail = written(&style(), &envelope);
        let head = secret.split(['&', 'r']).next().unwrap();
        assert!(!mail.text().contains(head), "{}", mail.text());
        let open = Style { redact: false, ..style() };
        assert!(written(&open, &envelope).text().contains(head));
    };
    check("hunter&2<rosebud", "it is hunter&2<rosebud".to_owned());
    check("hunter2rosebud", format!("{}hunter2rosebud", "x".repeat(SUBJECT - 17)));
}

#[test]
fn hostile_titles_stay_in_their_header() {
    let long = ["ä ".repeat(5000), "=?utf-8?b?WC1JbmplY3RlZDogeWVz?=".to_owned(), "😀".repeat(400)];
    for title in samples::hostile_titles().into_iter().chain(long) {
        let mail = written(&style(), &to_ann(samples::titled(&title)));
        let name: String = title.chars().take(20).collect();
        assert_eq!(mail.header("X-Injected"), None, "{name:?}");
        assert!(mail.subject().chars().count() <= SUBJECT + 2 && mail.subject().starts_with("[HIGH]"), "{name:?}");
        assert!(!mail.subject().contains("X-Injected: yes\n") && !mail.subject().contains('\u{202e}'), "{name:?}");
        assert!(mail.raw.split(|byte| *byte == b'\n').all(|line| line.len() <= 998), "{name:?}");
        assert!(mail.raw.is_ascii() && !mail.html().contains("<script"), "{name:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_arrives_as_two_parts(title in ".{0,200}", body in any::<String>(), name in any::<String>()) {
        let from = address::sender(&format!("{name} <agents@example.com>")).unwrap();
        let mut notification = samples::notification(&title);
        notification.body = format!("{body}\r\n--=_\r\n.\r\n{body}");
        let envelope = to_ann(samples::envelope("p", Payload::Notification(Arc::new(notification))));
        let bytes = Style { from, ..style() }.write(&envelope).unwrap().bytes;
        let message = MessageParser::default().parse(&bytes).unwrap();
        prop_assert_eq!(message.parts.len(), 3);
        prop_assert_eq!(message.headers().len(), 10);
        let message = Message::of(&envelope.payload);
        let expected = page::plain(&Message { title: address::one_line(&message.title), ..message });
        let text = Mail { raw: bytes.clone(), ..Mail::default() }.plain();
        prop_assert_eq!(text, expected);
    }
}
