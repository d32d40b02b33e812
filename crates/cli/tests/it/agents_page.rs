//! The page of the guide on agents shows what works.

use std::{io::Write, process::Stdio};

use serde_json::{Value, json};
use tidings_testkit::guide;

use crate::{Call, Folder, command, home::Home};

const PAGE: &str = "agents.md";

const RULES: &str = r#"triggers:
  - name: waits for you
    condition: event_type == "approval.requested"
    channels: [inbox]
    cooldown_seconds: 60
    title: "{{ agent_id }} waits for you in {{ data.project }}"
  - name: tools fail
    condition: event_type == "tool.error" && agent_id == "claude-code"
    channels: [inbox]
    title: "{{ data.tool }} fails in {{ data.project }}"
users: {me: {}}
"#;

const MCP: &str = r#"{
  "mcpServers": {
    "tidings": {
      "command": "tidings",
      "args": ["mcp", "--agent", "my-agent", "--url", "http://127.0.0.1:7171"],
      "env": {"TIDINGS_KEY": "the agent's key, where the daemon asks for one"}
    }
  }
}
"#;

#[test]
fn the_rules_tell_who_is_waited_for_and_what_fails() {
    guide::check(PAGE, "rules", RULES);
    let folder = Folder::new(&[("tidings.yaml", &format!("{RULES}store: {{path: tidings.db}}\n"))]);
    for payload in [
        json!({"hook_event_name": "Notification", "notification_type": "permission_prompt", "cwd": "/srv/shop"}),
        json!({"hook_event_name": "PostToolUseFailure", "tool_name": "Bash", "cwd": "/srv/shop"}),
    ] {
        let mut hook = command(&["hook", "claude-code"]);
        hook.current_dir(folder.path("")).env_remove("TIDINGS_URL");
        let mut child = hook.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(payload.to_string().as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }
    let mut run = command(&["run", "--events", "-", "--json"]);
    let ran: Call = run.current_dir(folder.path("")).stdin(Stdio::null()).output().unwrap().into();
    assert_eq!(ran.json()["notifications"]["planned"], 2, "{}", ran.err);
    let store = std::fs::read(folder.path("tidings.db")).unwrap();
    for title in ["claude-code waits for you in shop", "Bash fails in shop"] {
        assert!(store.windows(title.len()).any(|bytes| bytes == title.as_bytes()), "{title}");
    }
}

#[test]
fn the_settings_of_a_client_start_the_server() {
    guide::check(PAGE, "mcp", MCP);
    let settings: Value = serde_json::from_str(MCP).unwrap();
    let own = &settings["mcpServers"]["tidings"];
    let home = Home::up(RULES);
    let words: Vec<_> = own["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    let url = home.url();
    let words: Vec<_> =
        words.into_iter().map(|word| if word.starts_with("http") { url.as_str() } else { word }).collect();
    let mut child = home.command(&words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let hello =
        json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
    writeln!(input, "{}", json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello})).unwrap();
    writeln!(input, "{}", json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).unwrap();
    let event = json!({"name": "emit_event", "arguments": {"event_type": "tool.error"}});
    writeln!(input, "{}", json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": event})).unwrap();
    drop(input);
    let told: Call = child.wait_with_output().unwrap().into();
    assert!(told.code == 0 && told.out.contains("stored as"), "{}", told.out);
}
