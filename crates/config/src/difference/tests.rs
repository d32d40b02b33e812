use super::*;
use crate::{Environment, Options, load};

const BASE: &str = r#"
triggers:
  - {name: slow, condition: x > 5, channels: [team]}
  - {name: hot, condition: y > 5, channels: [log]}
channels: {team: {type: slack, url: "https://hooks.slack.com/services/T0/B0/hushhush"}}
users: {ann: {email: ann@example.com}}
"#;

fn plan(text: &str) -> Plan {
    let options = Options { environment: Environment::default(), ..Options::default() };
    load(text, &options).unwrap_or_else(|problems| panic!("{problems:#?}")).0
}

#[test]
fn each_part_is_told_by_its_name_alone() {
    let check = |from: &str, to: &str, expected: &[(&str, &str, &str)]| {
        let text = BASE.replace(from, to);
        assert!(from.is_empty() || text != BASE, "{from}");
        let found = serde_json::to_value(difference(&plan(BASE), &plan(&text))).unwrap();
        assert_eq!(found["changed"], !expected.is_empty());
        for (part, what, name) in expected {
            assert_eq!(found[part][what], serde_json::json!([name]), "{found:#}");
        }
        assert!(!found.to_string().contains("hush"), "{found:#}");
    };
    check("", "", &[]);
    check("x > 5", "x > 6", &[("rules", "changed", "slow")]);
    check("name: hot", "name: cold", &[("rules", "added", "cold"), ("rules", "removed", "hot")]);
    check("B0/hushhush", "B0/hushhush2", &[("channels", "changed", "team")]);
    check("ann@example.com", "ann@example.org", &[("users", "changed", "ann")]);
    check("users: {", "users: {bob: {}, ", &[("users", "added", "bob")]);
}

#[test]
fn what_takes_a_restart_is_told_apart() {
    let mut after = plan(BASE);
    after.server.listen.set_port(9);
    after.dedup_window += std::time::Duration::from_secs(1);
    after.delivery.retry.push(std::time::Duration::from_secs(1));
    let found = difference(&plan(BASE), &after);
    assert_eq!((found.settings, found.restart), (vec!["dedup.window", "delivery.retry"], vec!["server.listen"]));
    assert_eq!(found.channels.changed, ["log", "team"], "they go by it");
}

#[test]
fn what_takes_a_restart_stays_as_it_runs_and_is_told_until_then() {
    let key = |name: &str| format!("{{name: {name}, sha256: {}}}", "0".repeat(64));
    let text = |server: &str, store: &str| {
        plan(&format!("{BASE}server: {{{server}}}\nstore: {{path: {store}, retention: 3d}}\n"))
    };
    let before = text(&format!("public_url: \"https://one.example\", keys: [{}]", key("ops")), "one.db");
    let mut after = text("hosts: [two.example], listen: \"127.0.0.1:9\"", "two.db");
    after.max_queue_size += 1;
    after.dedup_window += std::time::Duration::from_secs(1);
    let restart = difference(&before, &after).restart;
    let expected =
        ["server.listen", "server.hosts", "server.public_url", "server.keys", "store.path", "events.max_queue_size"];
    assert_eq!(restart, expected);
    let mut standing = after.clone();
    standing.keep_until_restart(&before);
    assert_eq!(difference(&before, &standing).settings, ["dedup.window"]);
    assert_eq!(difference(&before, &standing).restart, Vec::<&str>::new());
    assert_eq!(difference(&standing, &after).restart, expected);
}
