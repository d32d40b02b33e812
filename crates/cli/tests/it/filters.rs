//! The verbs that answer: `eval`, `url-check`, `redact`, `verify`, each alone and with case files.

use serde_json::{Value, json};

use crate::{call, call_with_input, command};

fn cases(verb: &[&str], cases: &[Value]) -> Vec<Value> {
    let input: String = cases.iter().map(|case| format!("{case}\n")).collect();
    let called = call_with_input(&[verb, &["--cases", "-"]].concat(), input.as_bytes());
    assert_eq!(called.code, 0, "{}", called.err);
    called.lines()
}

#[test]
fn eval_tells_the_value_of_each_part() {
    let fired =
        call(&["eval", "error_rate > 0.05 && tool_calls >= 20", "--data", r#"{"error_rate": 0.2, "tool_calls": 25}"#]);
    assert_eq!(fired.code, 0);
    assert!(fired.out.starts_with("fire\n") && fired.out.contains("0.2"), "{}", fired.out);
    assert_eq!(call(&["eval", "1 + 1", "--json"]).json()["value"], 2);
    let wrong = call(&["eval", "x = 1"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("write `==`") && wrong.err.contains('^'), "{}", wrong.err);
    assert_eq!(call(&["eval", "x = 1", "--json"]).json()["reject"], "syntax");
}

#[test]
fn eval_knows_holds_ends_and_windows() {
    let check = |condition: &str, verdict: &str, part: &str| {
        let called = call(&["eval", condition, "--data", r#"{"load": 9}"#]);
        assert_eq!(called.code, 0, "{}", called.err);
        assert!(called.out.starts_with(verdict) && called.out.contains(part), "{condition}: {}", called.out);
    };
    check("load > 5 for 2m", "pending\n", "load > 5");
    check("load > 5 for 2m resolve when load < 2 for 1m", "pending\n", "load > 5");
    check("load > 5 resolve when load < 2", "fire\n", "load");
    check("count(5m) >= 1 && avg(load, 5m) > 8", "fire\n", "avg(load, 5m)");
    check("avg(load, 5m) + 1", "  ", "10");
    let wrong = call(&["eval", "load > 5 for 2 parrots", "--json"]);
    assert_eq!((wrong.code, wrong.json()["reject"].as_str()), (2, Some("syntax")));
}

#[test]
fn eval_tells_what_ends_a_firing_and_what_windows_take() {
    let called =
        call(&["eval", "load > 5 resolve when avg(load, 5m) < queue", "--data", r#"{"load": 9, "queue": 20}"#]);
    let lines: Vec<Vec<&str>> = called.out.lines().map(|line| line.trim().split("  ").collect()).collect();
    let parts: Vec<_> = lines.iter().map(|words| (words[0], words.last().unwrap().trim())).collect();
    let expected = [
        ("fire", "fire"),
        ("load > 5", "true"),
        ("load", "9"),
        ("resolve when", "resolve when"),
        ("avg(load, 5m) < queue", "true"),
        ("avg(load, 5m)", "9.0"),
        ("load", "9"),
        ("queue", "20"),
    ];
    assert_eq!(parts, expected);
    let json = call(&["eval", "--json", "load > 5 resolve when load < 2", "--data", r#"{"load": 9}"#]).json();
    assert_eq!(json["resolve"][0], json!({"depth": 0, "text": "load < 2", "value": false}));
}

#[test]
fn eval_says_why_a_value_is_no_verdict() {
    let called = call(&["eval", "load", "--data", r#"{"load": 9}"#]);
    assert!(called.out.starts_with("error: ") && called.out.contains("bool"), "{}", called.out);
    let json = call(&["eval", "--json", "load", "--data", r#"{"load": 9}"#]).json();
    assert!(json["reason"].as_str().unwrap().contains("bool"), "{json}");
}

#[test]
fn eval_answers_cases_in_order() {
    let answers = cases(
        &["eval"],
        &[
            json!({"id": 1, "expr": "a > 1", "data": {"a": 2}}),
            json!({"id": 2, "expr": "a > 1"}),
            json!({"id": 3, "expr": "a >"}),
            json!({"id": 4, "expr": "true", "rule": {"cooldown_seconds": 10},
            "events": [{"t": 0, "agent_id": "x"}, {"t": 9, "agent_id": "x"}, {"tick": 9.5}, {"t": 10, "agent_id": "x"}]}),
        ],
    );
    let verdicts: Vec<_> = answers.iter().map(|answer| answer["verdict"].clone()).collect();
    assert_eq!(verdicts[0], "fire");
    assert_eq!(verdicts[1], "missing");
    assert_eq!(verdicts[2], json!({"reject": "syntax"}));
    assert_eq!(verdicts[3], json!(["fire", "cooldown", "no", "fire"]));
    let suite = cases(
        &["eval", "--profile", "cel"],
        &[json!({"file": "f", "section": "s", "name": "n", "expr": "7 / 2", "bind": {}})],
    );
    assert_eq!(suite[0]["value"], json!({"k": "int64", "v": "3"}));
}

#[test]
fn url_check_judges_addresses() {
    let answers = cases(
        &["url-check"],
        &[
            json!({"id": "a", "url": "https://hooks.example.com/x", "resolves_to": ["93.184.216.34"]}),
            json!({"id": "b", "url": "https://hooks.example.com/x", "resolves_to": ["93.184.216.34", "10.0.0.1"]}),
            json!({"id": "c", "url": "http://2130706433/"}),
        ],
    );
    let verdicts: Vec<_> = answers.iter().map(|answer| answer["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["allow", "block", "block"]);
    let alone = call(&["url-check", "http://[::ffff:127.0.0.1]/", "--json"]);
    assert_eq!((alone.code, &alone.json()["verdicts"][0]["verdict"]), (1, &json!("block")));
}

#[test]
fn redact_cleans_text() {
    let answers = cases(&["redact"], &[json!({"id": 1, "text": "{\"password\": \"hunter2\"}", "form": "json"})]);
    assert!(!answers[0]["text"].as_str().unwrap().contains("hunter2"));
    let piped = call_with_input(&["redact"], b"api_key=sk-live-abcdef0123456789abcdef\nplain\n");
    assert!(!piped.out.contains("abcdef0123456789") && piped.out.ends_with("plain\n"), "{}", piped.out);
}

#[test]
fn verify_judges_signatures() {
    let header = "t=1700000000,v1=c6ef4734033cee2367414a0939385eca0397754aa7a59716da7463a9298b5146";
    let case = |now| json!({"id": now, "header": header, "body": "{}", "secret": "k", "now": now});
    let valid: Vec<_> = cases(&["verify"], &[case(1_700_000_300), case(1_700_000_301), json!({"id": 3})]);
    assert_eq!(valid.iter().map(|answer| answer["valid"].as_bool().unwrap()).collect::<Vec<_>>(), [true, false, false]);
    let old = command(&["verify", "--header", header]).env("WEBHOOK_SECRET", "k").output().unwrap();
    assert_eq!((old.status.code(), &old.stdout[..]), (Some(1), &b"not valid\n"[..]));
    assert_eq!(call(&["verify", "--header", header]).code, 2, "no secret");
}

#[test]
fn a_line_that_is_no_case_is_answered_in_its_place() {
    let called = call_with_input(
        &["eval", "--cases", "-"],
        b"\xef\xbb\xbf{\"id\": 1, \"expr\": \"true\"}\nnonsense\n\xff\n[]\n",
    );
    assert_eq!((called.code, called.lines().len()), (0, 4), "{}", called.out);
    assert_eq!(called.lines()[0]["verdict"], "fire", "a byte order mark is no part of a line");
    assert!(called.lines()[1]["error"].as_str().unwrap().starts_with("line 2 is not JSON"), "{}", called.out);
}
