//! What a message says, whom it is for, and what is kept back.

use std::{borrow::Cow, sync::Arc};

use serde_json::Value;
use tidings_core::{Address, Scrub};
use tidings_testkit::samples;

use super::*;

fn read(envelope: &Envelope) -> Value {
    serde_json::from_str(new_message(envelope, None).unwrap().content.as_str()).unwrap()
}

#[test]
fn a_notification_keeps_its_names() {
    let envelope = samples::titled("High error rate");
    let told = read(&envelope);
    let keys: Vec<_> = told.as_object().unwrap().keys().cloned().collect();
    let expected = "id delivery_id title body priority agent_id kind incident rule user_id created_at";
    assert_eq!(keys.join(" "), expected);
    assert_eq!(told["delivery_id"], envelope.delivery.to_string());
    assert_eq!((&told["title"], &told["user_id"]), (&"High error rate".into(), &"u1".into()));
}

#[test]
fn an_event_needs_a_user() {
    let event = |user: Option<&str>| {
        let mut event = samples::event();
        event.user_id = user.map(str::to_owned);
        samples::envelope("event", Payload::Event(Arc::new(event)))
    };
    let told = read(&event(Some("ann")));
    assert_eq!(
        (&told["title"], &told["kind"], &told["priority"]),
        (&"tool.error".into(), &"event".into(), &"high".into())
    );
    assert_eq!(new_message(&event(None), None).unwrap_err().kind(), ErrorKind::NoAddress);
    let mut addressed = event(None);
    addressed.to = Some(Address::new("bob"));
    assert_eq!(new_message(&addressed, None).unwrap().user, "bob");
    for bad in ["", "  ", "a\nb", &"x".repeat(257)] {
        addressed.to = Some(Address::new(bad));
        assert_eq!(new_message(&addressed, None).unwrap_err().kind(), ErrorKind::NoAddress, "{bad:?}");
    }
}

#[test]
fn hostile_titles_stay_short_and_on_one_line() {
    for title in samples::hostile_titles() {
        let told = read(&samples::titled(&title));
        let title = told["title"].as_str().unwrap();
        assert!(title.chars().count() <= TITLE && !title.contains(char::is_control), "{title:?}");
    }
}

/// Leaves no JSON.
#[derive(Debug)]
struct Drops;

impl Scrub for Drops {
    fn scrub<'a>(&self, _: &'a [u8]) -> Cow<'a, [u8]> {
        Cow::Borrowed(b"[REDACTED:unreadable]")
    }
}

#[test]
fn what_is_no_json_without_its_secrets_is_kept_back() {
    let mut envelope = samples::titled("x");
    envelope.scrub = Arc::new(Drops);
    assert_eq!(new_message(&envelope, None).unwrap_err().kind(), ErrorKind::Render);
}
