//! What a daemon says when it is up: where its page is, how to send it something, and what it runs.

use std::net::SocketAddr;

use tidings::config::Plan;

use crate::{
    daemon::{KEY, from_here},
    output,
};

/// How many names are told of each kind.
const NAMED: usize = 12;

/// Tells that the daemon is up.
pub(super) fn greet(plan: &Plan, address: SocketAddr) {
    let page = format!("http://{}/", from_here(address));
    output::note(format_args!("Tidings {} is up: {page}\n", env!("CARGO_PKG_VERSION")));
    if !plan.server.keys.is_empty() {
        output::note(format_args!("It asks for a key. With one of yours in the variable {KEY}, send it an event:\n"));
    } else {
        output::note("Send it an event:\n");
    }
    output::note(format_args!("  {}\n", first_event(&page, !plan.server.keys.is_empty())));
    let rules = plan.rules.iter().map(|rule| rule.name.as_str());
    let store = plan
        .store
        .as_ref()
        .map_or_else(|| "in memory: it is gone with this process".to_owned(), |store| store.path.display().to_string());
    for (word, told) in [
        ("rules", names(rules)),
        ("channels", names(plan.channels.keys().map(String::as_str))),
        ("users", names(plan.users.keys().map(String::as_str))),
        ("store", store),
    ] {
        output::note(format_args!("  {word:<9} {told}"));
    }
    output::note("\nCtrl-C stops it, and lets nothing be lost that it has accepted.");
}

/// A call that shows something.
fn first_event(page: &str, with_key: bool) -> String {
    let key = if with_key { format!("-H \"Authorization: Bearer ${KEY}\" ") } else { String::new() };
    let event = r#"{"event_type": "tool.error", "agent_id": "billing", "data": {"error": "hello"}}"#;
    format!("curl {page}v1/events {key}-H 'Content-Type: application/json' -d '{event}'")
}

/// The first names, and how many more there are. They come from a file.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<_> = names.map(output::plain).collect();
    let shown = all.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match all.len() {
        0 => "none".to_owned(),
        count if count > NAMED => format!("{shown} and {} more", count - NAMED),
        _ => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_names_are_told() {
        let check = |given: &[&str], expected: &str| assert_eq!(names(given.iter().copied()), expected);
        check(&[], "none");
        check(&["a", "b\u{1b}"], "a, b ");
        check(&["x"; 14], "x, x, x, x, x, x, x, x, x, x, x, x and 2 more");
    }
}
