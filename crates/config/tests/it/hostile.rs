//! Files that were not written to be kind.

use proptest::prelude::*;
use tidings_config::{SIZE_LIMIT, load};

use crate::{RULE, loads, options, problems, refused};

#[test]
fn unreadable_text_is_told_at_its_place() {
    refused("events:\n\tsinks: []\n", "2:1: not readable as YAML: ");
    refused("events: {sinks: [", "1:");
    refused(
        "a: b: c",
        "1:5: not readable as YAML: mapping values are not allowed in this context; put a text with a colon in it in quotes",
    );
    refused(
        "events: {shutdown_timeout: ${WAIT}}",
        "1:29: not readable as YAML: did not find expected ',' or '}'; within braces and brackets, put ${NAME} in quotes",
    );
    refused(
        "a: *",
        "1:5: not readable as YAML: did not find expected alphabetic or numeric character; put a text that",
    );
    refused("a: @x", "1:4: not readable as YAML: found character that cannot start any token; put a text that");
    refused("a: !!int x", "1:4: not readable as YAML: a value is not what its tag says; take the tag away");
    refused("a: *nowhere", "1:");
    refused("--- a\n--- b\n", "2:1: a second document begins");
    refused(&format!("{RULE}---\n{RULE}"), "2:1: a second document begins");
    refused("a: \u{7}", "1:");
    refused("[1, 2]", "1:1: expected keys and values, not a list");
    refused("text", "1:1: expected keys and values, not text");
    refused("# nothing\n", "1:1: the file has no sink and no rule");
    refused("---\n...\n", "1:");
    refused("\0", "1:");
}

#[test]
fn marks_and_line_ends_shift_nothing() {
    let bad = "events:\r\n  sinks:\r\n    - {type: log, x: 1}\r\n";
    refused(bad, "3:19: events.sinks[0].x: ");
    refused(&format!("\u{feff}{bad}"), "3:19: events.sinks[0].x: ");
    refused("\u{feff}x: 1", "1:1: x: ");
    refused("events: {sinks: [{name: 'ää😀', x: 1, type: log}]}", "1:32: events.sinks[0].x: ");
    refused("events: {sinks: [{'ä': 1, type: log}]}", "1:19: events.sinks[0].ä: unknown key `ä`");
    loads(&format!("\u{feff}--- # first\r\n{RULE}...\r\n"));
}

#[test]
fn sections_of_the_wrong_kind() {
    for section in [
        "events",
        "triggers",
        "channels",
        "fallbacks",
        "users",
        "preferences",
        "dedup",
        "delivery",
        "store",
        "server",
        "allow_destinations",
        "proxy",
    ] {
        let alone = |value: &str| format!("{}{section}: {value}\n", if section == "triggers" { "" } else { RULE });
        assert_eq!(load(&alone(""), &options()).is_ok(), section != "triggers", "{section}");
        for bad in ["true", "[[]]", "{a: {b: {c: [d]}}}", "!tag {}", "1e400", "\"\\u0000\""] {
            assert!(load(&alone(bad), &options()).is_err(), "{section}: {bad}");
        }
    }
}

#[test]
fn keys_are_text() {
    refused(&format!("{RULE}users: {{1001: {{}}}}"), "2:9: users: a key that is not text; put the key in quotes");
    refused(&format!("{RULE}users: {{[a]: {{}}}}"), "2:9: users: a key that is not text");
    refused(&format!("{RULE}users: {{null: {{}}}}"), "2:9: users: a key that is not text");
    refused(&format!("{RULE}? {{a: b}}\n: c"), "2:3: a key that is not text");
    refused(
        &format!("{RULE}users: {{a: {{email: a@example.com, email: b@example.com}}}}"),
        "2:35: users.a.email: duplicate key",
    );
    refused(&format!("{RULE}users: {{a: {{}}, \"a\": {{}}}}"), "2:16: users.a: duplicate key");
    refused(&format!("{RULE}{}", RULE), "2:1: triggers: duplicate key `triggers`, first given in line 1");
}

#[test]
fn aliases_and_merges() {
    let (plan, _) = loads(
        "triggers:
- &base {name: a, condition: x > 1, channels: &c [log], user_ids: [u], priority: high}
- {<<: *base, name: b, condition: x > 2}
- {<<: [{name: c, priority: low}, *base], channels: *c}
",
    );
    let names: Vec<_> = plan.rules.iter().map(|rule| (rule.name.as_str(), rule.priority.as_str())).collect();
    assert_eq!(names, [("a", "high"), ("b", "high"), ("c", "low")]);
    // A problem in what an alias stands for is told where it is written.
    refused(
        "triggers:\n- {name: a, channels: &c [lgo], condition: x > 1, user_ids: [u]}\n- {name: b, channels: *c, condition: x > 1, user_ids: [u]}",
        "2:27: triggers[1].channels[0]: unknown channel `lgo`",
    );
    refused(&format!("{RULE}users: {{a: {{<<: b}}}}"), "2:17: users.a.<<: only keys and values can be merged");
    refused("a: &a [*a]", "1:");
}

#[test]
fn size_and_depth_are_bounded() {
    refused(&format!("# {}", "x".repeat(SIZE_LIMIT)), "1:1: the file is larger than 1048576 bytes");
    loads(&format!("{RULE}# {}", "x".repeat(SIZE_LIMIT - 200)));
    refused(&format!("a: {}{}", "[".repeat(65), "]".repeat(65)), "1:");
    refused(&"[".repeat(500_000), "1:");
    refused(&"- ".repeat(250_000), "1:");
    refused(&"{a: ".repeat(100_000), "1:");
    refused(&format!("a: &a {}\nb: [{}]", "x".repeat(100_000), vec!["*a"; 100_000].join(",")), "");
    refused(&format!("{RULE}x{}: 1", "y".repeat(1000)), "2:1: [\"x");
    assert!(problems(&format!("{RULE}x{}: 1", "y".repeat(1000)))[0].len() < 300);
}

/// Each of these took time by the square of its size.
#[test]
fn long_lists_and_lines_cost_no_more_than_their_size() {
    let names = |item: fn(usize) -> String| (0..8_000).map(item).collect::<Vec<_>>().join(", ");
    let channels = names(|index| format!("c{index}"));
    for kind in ["log", "lgo"] {
        let declared = (0..8_000).map(|index| format!(" c{index}: {{type: {kind}}}\n")).collect::<String>();
        problems(&format!("{RULE}channels:\n{declared}fallbacks: {{log: [{channels}]}}"));
        problems(&format!(
            "channels:\n{declared}triggers: [{{name: r, condition: x > 1, user_ids: [a], channels: [{channels}]}}]"
        ));
    }
    let users = names(|index| format!("ü{index}: {{email: \"${{X{index}}}\"}}"));
    assert_eq!(problems(&format!("{RULE}users: {{{users}}}")).len(), 8_000);
}

#[test]
fn thousands_of_problems_are_told() {
    let rules = "- {name: r, channels: [nowhere], condition: '', user_ids: [nobody]}\n".repeat(5000);
    let told = problems(&format!("users: {{ann: {{}}}}\ntriggers:\n{rules}"));
    assert!(told.len() >= 19_999, "{}", told.len());
}

/// A list of sinks in block or flow style, with text of many widths before the planted key; and where that key stands.
fn planted(names: &[String], target: usize, flow: bool) -> (String, usize, usize) {
    let (mut text, mut place) = ("# é\nevents:\n  sinks:\n".to_owned(), (0, 0));
    for (index, name) in names.iter().enumerate() {
        let line = text.matches('\n').count() + 1;
        let head = if flow {
            format!("    - {{type: log, name: '{name}', ")
        } else {
            format!("    - type: log\n      name: \"{name}\"\n      ")
        };
        if index == target {
            place = if flow { (line, head.chars().count() + 1) } else { (line + 2, 7) };
        }
        let key = if index == target { "planted: 1" } else { "events: ['*']" };
        text.push_str(&format!("{head}{key}{}\n", if flow { "}" } else { "" }));
    }
    (text, place.0, place.1)
}

proptest! {
    #[test]
    fn an_unknown_key_is_told_at_its_place(
        names in prop::collection::hash_set("[a-zé漢😀 :#-]{1,8}x", 1..8),
        target in 0usize..8,
        flow: bool,
    ) {
        let names: Vec<String> = names.into_iter().collect();
        let target = target % names.len();
        let (text, line, column) = planted(&names, target, flow);
        let problems = load(&text, &options()).expect_err(&text);
        let told: Vec<_> = problems.iter().map(|problem| (problem.line, problem.column, problem.path.clone())).collect();
        prop_assert_eq!(told, vec![(line, column, format!("events.sinks[{target}].planted"))], "{}", text);
    }

    #[test]
    fn any_text_loads_or_is_refused(text in "[-\\[\\]{}:,&*!|>'\"#?%@`~<$a1é\t\n ]{0,60}") {
        drop(load(&text, &options()));
    }

    #[test]
    fn any_values_under_known_keys_load_or_are_refused(
        section in "events|triggers|channels|users|preferences|fallbacks|delivery|dedup|store|server",
        key in "sinks|name|type|email|default|users|retry|window|path|listen|push|critical",
        value in "(\\[|\\{|)(a|1|-1|true|null|~|'|\"|: |, |\\$\\{X\\}|\\$\\{|\\*|&a |!t |[a-z]{1,3}){0,8}(\\]|\\}|)",
    ) {
        let text = format!("{section}: {{{key}: {value}}}");
        let result = load(&text, &options());
        if let Err(problems) = result {
            prop_assert!(!problems.is_empty());
            for problem in problems {
                prop_assert!(problem.line >= 1 && problem.column >= 1);
            }
        }
    }
}
