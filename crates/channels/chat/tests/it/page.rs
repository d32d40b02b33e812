//! The page of the guide shows what is really sent.

use serde_json::Value;
use tidings_testkit::guide;

use crate::{bodies::recorded, presets::ALL};

const PAGE: &str = include_str!("../../../../../docs/guide/chat.md");

/// A body as the page shows it: JSON over several lines, a form with a line for each field.
fn shown(body: &Value) -> String {
    match body.as_str() {
        Some(form) => form.replace('&', "\n&"),
        None => serde_json::to_string_pretty(body).unwrap(),
    }
}

#[test]
fn the_page_shows_the_recorded_bodies() {
    for name in ALL {
        guide::check("chat.md", name, &shown(&recorded(name)["firing"]["body"]));
    }
    for name in ["pagerduty", "opsgenie"] {
        guide::check("chat.md", &format!("{name} resolve"), &shown(&recorded(name)["resolve"]["body"]));
    }
}

#[test]
fn the_page_names_every_setting() {
    for key in ["url", "token", "chat_id", "routing_key", "api_key", "topic", "user_key", "template"] {
        assert!(PAGE.contains(&format!("`{key}`")), "{key}");
    }
}
