//! `reload`: the daemon takes its configuration up anew, and tells what changed. What a reload changes is the server's.

use anyhow::Context;
use serde_json::Value;

use crate::{
    Exit,
    args::{Output, Reload, StoreFile},
    daemon::{Daemon, Question},
    kept, output,
};

/// What a difference may name, each with what came, went and is another one.
const PARTS: [&str; 5] = ["rules", "channels", "sinks", "users", "fallbacks"];

/// Asks the daemon that holds the store.
pub(crate) async fn reload(reload: &Reload, output: &Output) -> anyhow::Result<Exit> {
    let daemon = find(&reload.store)?.context(
        "no daemon runs on this configuration's store: `tidings up` starts one; for another store name it with `--store FILE`",
    )?;
    let told = daemon.ask(Question::post("/v1/reload", &Value::Null)).await?;
    if output.json {
        output::json(&told);
    } else {
        lines(&told).iter().for_each(output::line);
    }
    Ok(Exit::Done)
}

/// The daemon that is meant. Its configuration may be wrong at this moment: it will say so itself.
fn find(store: &StoreFile) -> anyhow::Result<Option<Daemon>> {
    if let Some(path) = &store.path {
        return Daemon::holding(path);
    }
    let plan = kept::configuration(&store.config).and_then(|(file, mode)| kept::plan(&file, mode).ok());
    Daemon::of(&store.config, plan.as_ref())
}

/// What changed, a line for each part.
pub(crate) fn lines(told: &Value) -> Vec<String> {
    if told.get("changed") == Some(&Value::Bool(false)) {
        return vec!["nothing changed".to_owned()];
    }
    let mut lines: Vec<String> = PARTS.iter().filter_map(|part| part_of(told, part)).collect();
    for (key, word) in [("settings", "settings"), ("restart", "at restart")] {
        let named = names(told.get(key));
        lines.extend((!named.is_empty()).then(|| format!("{word:<10} {named}")));
    }
    for left in told.get("left_open").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| left.get(key).and_then(Value::as_str).unwrap_or("-");
        lines.push(format!(
            "left open  {} of {}: its rule is gone, so that nothing ends it",
            text("rule"),
            text("agent")
        ));
    }
    lines.iter().map(|line| output::plain(line)).collect()
}

/// One part: `rules      added a, b; changed c; 4 as they were`.
fn part_of(told: &Value, part: &str) -> Option<String> {
    let changes = told.get(part)?;
    let named = |word: &str| {
        let named = names(changes.get(word));
        (!named.is_empty()).then(|| format!("{word} {named}"))
    };
    let mut words: Vec<String> = ["added", "changed", "removed"].into_iter().filter_map(named).collect();
    if words.is_empty() {
        return None;
    }
    let kept = changes.get("kept").and_then(Value::as_u64).unwrap_or_default();
    words.extend((kept > 0).then(|| format!("{kept} as before")));
    Some(format!("{part:<10} {}", words.join("; ")))
}

fn names(list: Option<&Value>) -> String {
    let names = list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_part_that_changed_is_a_line() {
        let check = |told: Value, expected: &[&str]| assert_eq!(lines(&told), expected, "{told}");
        check(json!({"changed": false}), &["nothing changed"]);
        check(
            json!({
                "changed": true,
                "rules": {"added": ["a", "b"], "changed": [], "removed": ["c"], "kept": 4},
                "channels": {"added": [], "changed": [], "removed": [], "kept": 2},
                "settings": ["dedup.window"], "restart": ["store.path"],
                "left_open": [{"rule": "c", "agent": "billing"}],
            }),
            &[
                "rules      added a, b; removed c; 4 as before",
                "settings   dedup.window",
                "at restart store.path",
                "left open  c of billing: its rule is gone, so that nothing ends it",
            ],
        );
        check(json!({"changed": true, "rules": {"added": ["\u{1b}[31m"]}}), &["rules      added  [31m"]);
    }
}
