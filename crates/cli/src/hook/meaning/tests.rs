use proptest::prelude::*;

use super::*;

fn told(assistant: Assistant, payload: Value, content: bool) -> Event {
    let Value::Object(payload) = payload else { panic!("{payload}") };
    let telling = Telling { agent: assistant.name().to_owned(), content };
    event(assistant, &payload, &telling, Timestamp::EPOCH).unwrap()
}

#[test]
fn hooks_mean_what_all_agents_mean() {
    let check = |payload: Value, expected: &str| {
        assert_eq!(told(Assistant::ClaudeCode, payload.clone(), false).event_type, expected, "{payload}");
    };
    check(json!({"hook_event_name": "SessionStart", "source": "startup"}), "process.started");
    check(json!({"hook_event_name": "SessionEnd", "reason": "logout"}), "process.stopped");
    check(json!({"hook_event_name": "UserPromptSubmit", "prompt": "hi"}), "invocation.start");
    check(json!({"hook_event_name": "Stop", "stop_hook_active": false}), "invocation.complete");
    check(json!({"hook_event_name": "PreToolUse", "tool_name": "Bash"}), "custom.claude_code.pre_tool_use");
    check(
        json!({"hook_event_name": "PostToolUse", "tool_response": {"success": true}}),
        "custom.claude_code.post_tool_use",
    );
    check(json!({"hook_event_name": "PostToolUse", "tool_response": {"success": false}}), "tool.error");
    check(json!({"hook_event_name": "PostToolUse", "tool_response": {"is_error": true}}), "tool.error");
    check(json!({"hook_event_name": "PostToolUse", "error": "no such file"}), "tool.error");
    check(json!({"hook_event_name": "PostToolUse", "tool_response": "error"}), "custom.claude_code.post_tool_use");
    check(json!({"hook_event_name": "PostToolUseFailure", "error": "x"}), "tool.error");
    check(json!({"hook_event_name": "Notification", "notification_type": "permission_prompt"}), "approval.requested");
    check(json!({"hook_event_name": "Notification", "message": "Claude needs your permission"}), "approval.requested");
    check(
        json!({"hook_event_name": "Notification", "notification_type": "idle_prompt"}),
        "custom.claude_code.notification",
    );
    check(json!({"hook_event_name": "PermissionRequest", "tool_name": "Bash"}), "approval.requested");
    check(json!({"hook_event_name": "SubagentStart"}), "custom.claude_code.subagent_start");
    check(json!({"hook_event_name": "SubagentStop"}), "custom.claude_code.subagent_stop");
    check(json!({"hook_event_name": "PreCompact", "trigger": "auto"}), "custom.claude_code.pre_compact");
    check(json!({"hook_event_name": "MCPServerGone"}), "custom.claude_code.mcpserver_gone");
    check(json!({"hook_event_name": "é\u{1b}[31m"}), "custom.claude_code.31m");
    check(json!({"hook_event_name": "…"}), "custom.claude_code.unknown");
    let codex = |payload| told(Assistant::Codex, payload, false);
    let turn =
        codex(json!({"type": "agent-turn-complete", "thread-id": "t1", "turn-id": "1", "cwd": "/home/ann/shop"}));
    assert_eq!((turn.event_type.as_str(), turn.session_id.as_deref()), ("invocation.complete", Some("t1")));
    assert_eq!((turn.agent_id.as_deref(), turn.data["project"].as_str()), (Some("codex"), Some("shop")));
    assert_eq!(codex(json!({"type": "something-new"})).event_type, "custom.codex.something_new");
    assert_eq!(codex(json!({"hook_event_name": "Stop", "session_id": "s"})).event_type, "invocation.complete");
}

#[test]
fn names_and_numbers_go_along_and_nothing_that_somebody_wrote() {
    let payload = json!({
        "session_id": "s1", "transcript_path": "/home/ann/.claude/x.jsonl", "cwd": "C:\\Users\\ann\\shop\\", "hook_event_name": "PostToolUseFailure",
        "tool_name": "Bash", "tool_input": {"command": "cat secret-plan.txt"}, "error": "secret-plan.txt: gone", "is_interrupt": false,
        "duration_ms": 12, "prompt": "secret-plan", "last_assistant_message": "secret-plan", "reason": "a secret-plan of ours",
    });
    let event = told(Assistant::ClaudeCode, payload, false);
    let expected = json!({"hook": "PostToolUseFailure", "tool": "Bash", "project": "shop", "duration_ms": 12, "interrupted": false});
    assert_eq!(Value::Object(event.data.clone()), expected);
    assert!(!format!("{event:?}").contains("secret-plan") && !format!("{event:?}").contains("ann"), "{event:?}");
    assert_eq!(event.session_id.as_deref(), Some("s1"));
}

#[test]
fn content_that_is_asked_for_is_redacted_and_cut() {
    let key = format!("sk-ant-api03-{}", "a1B2".repeat(23));
    let payload = json!({
        "hook_event_name": "PostToolUse", "tool_input": {"command": "deploy", "password": "hunter2", "to": "ann@example.com"},
        "tool_response": format!("{} {key}", "x".repeat(3980)), "prompt": "ä".repeat(5000),
    });
    let event = told(Assistant::ClaudeCode, payload, true);
    let text = Value::Object(event.data).to_string();
    for secret in ["hunter2", "ann@example.com", "sk-ant", "a1B2a1B2"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert!(text.contains("deploy") && text.contains(&format!("{}…", "ä".repeat(4000))), "{text}");
}

proptest! {
    #[test]
    fn whatever_comes_gives_an_event_or_a_reason(name in ".{0,200}", key in "[a-z_-]{0,20}", value in ".{0,300}") {
        let payload = Map::from_iter([("hook_event_name".to_owned(), json!(name)), (key, json!(value))]);
        let telling = Telling { agent: "a".to_owned(), content: true };
        if let Ok(event) = event(Assistant::ClaudeCode, &payload, &telling, Timestamp::EPOCH) {
            let dotted = event.event_type.split('.').all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
            prop_assert!(dotted && event.event_type.len() <= 200, "{}", event.event_type);
        }
    }
}
