//! The page of the guide shows what is really sent.

use serde_json::Value;

use crate::{bodies::recorded, presets::ALL};

const PAGE: &str = include_str!("../../../../../docs/guide/chat.md");

/// The JSON blocks behind a service's heading, which names it in backquotes.
fn shown(name: &str) -> Vec<Value> {
    let heading = |section: &&str| section.lines().next().is_some_and(|line| line.contains(&format!("`{name}`")));
    let section = PAGE.split("\n## ").find(heading).unwrap_or_else(|| panic!("the page has no section on {name}"));
    let blocks = section.split("```json\n").skip(1).filter_map(|block| block.split("\n```").next());
    blocks.map(|block| serde_json::from_str(block).unwrap()).collect()
}

#[test]
fn the_page_shows_the_recorded_bodies() {
    for name in ALL {
        let (shown, recorded) = (shown(name), recorded(name));
        assert_eq!(shown.first(), Some(&recorded["firing"]["body"]), "{name}");
        if let Some(resolve) = shown.get(1) {
            assert_eq!(resolve, &recorded["resolve"]["body"], "{name}");
        }
    }
}

#[test]
fn the_page_names_every_setting() {
    for key in ["url", "token", "chat_id", "routing_key", "api_key", "topic", "user_key", "api_url", "template"] {
        assert!(PAGE.contains(&format!("`{key}`")), "{key}");
    }
}
