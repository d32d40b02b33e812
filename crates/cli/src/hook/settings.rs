//! What to paste into an assistant's settings so that it calls the hook.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::meaning::Assistant;
use crate::{args::HookCall, kept, output};

/// What Claude Code is asked to report: whose turn it is, what failed, what waits for somebody. Every other hook works too.
const REPORTED: [&str; 6] =
    ["SessionStart", "UserPromptSubmit", "PostToolUseFailure", "Notification", "Stop", "SessionEnd"];

/// How long Claude Code waits for it, in seconds: longer than it ever takes.
const PATIENCE: u32 = 5;

/// Prints the snippet.
pub(super) fn print(assistant: Assistant, call: &HookCall) {
    let words = words(assistant, call);
    match assistant {
        Assistant::ClaudeCode => output::line(claude_code(&words)),
        Assistant::Codex => output::line(codex(&words)),
    }
}

/// The call, word by word.
fn words(assistant: Assistant, call: &HookCall) -> Vec<String> {
    let own = std::env::current_exe().ok().and_then(|path| path.to_str().map(str::to_owned));
    let mut words = vec![own.unwrap_or_else(|| "tidings".to_owned()), "hook".to_owned(), assistant.name().to_owned()];
    let path = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string();
    // What a configuration names is named from the folder that the daemon was started in.
    let is_configured = call.at.url.is_none() && kept::configuration(&call.at.config).is_some();
    let here = call.at.directory.clone().or_else(|| is_configured.then(|| PathBuf::from(".")));
    let options = [
        ("--agent", call.agent.clone()),
        ("--include", call.include.map(|_| "content".to_owned())),
        ("--directory", here.as_deref().map(path)),
        ("--config", call.at.config.config.as_deref().map(path)),
        ("--agent-file", call.at.config.agent_file.as_deref().map(path)),
        ("--url", call.at.url.clone()),
    ];
    let given = options.into_iter().filter_map(|(name, value)| Some([name.to_owned(), value?]));
    words.extend(given.flatten());
    words
}

/// For `settings.json`.
fn claude_code(words: &[String]) -> String {
    let command: Vec<_> = words.iter().map(|word| quoted(word)).collect();
    let hook = json!([{"hooks": [{"type": "command", "command": command.join(" "), "timeout": PATIENCE}]}]);
    let hooks: Map<String, Value> = REPORTED.into_iter().map(|name| (name.to_owned(), hook.clone())).collect();
    serde_json::to_string_pretty(&json!({"hooks": hooks})).unwrap_or_default()
}

/// For `config.toml`. JSON's strings are strings of TOML as well.
fn codex(words: &[String]) -> String {
    let words: Vec<_> = words.iter().map(|word| json!(word).to_string()).collect();
    format!("notify = [{}]", words.join(", "))
}

/// A word as a shell reads it as one.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stays_one_word() {
        let check = |word: &str, expected: &str| assert_eq!(quoted(word), expected);
        check("/usr/bin/tidings", "/usr/bin/tidings");
        check("my agent", "'my agent'");
        check("it's $HOME", r"'it'\''s $HOME'");
        check("", "''");
        assert_eq!(codex(&["a b".to_owned(), "\"c\"".to_owned()]), r#"notify = ["a b", "\"c\""]"#);
    }
}
