//! `check` and `schema`: what a configuration may say, and what is wrong with one.

use std::path::PathBuf;

use anyhow::Context;
use serde_json::json;
use tidings::config::{self, Environment, Mode, Options, Problem, ProblemSeverity};

use crate::{
    Exit,
    args::{Check, Output, Schema},
    output,
};

/// Tells every problem of a configuration. Nothing is opened but the file and the secret files that it names.
pub(crate) fn check(check: &Check, output: &Output) -> anyhow::Result<Exit> {
    let (path, mode) = target(check)?;
    let variable = |name: &str| std::env::var(name).ok();
    let environment = if check.no_env { Environment::Untouched } else { Environment::Given(&variable) };
    let loaded = config::load_file(&path, &Options { mode, environment, ..Options::default() });
    let (good, problems) = match loaded {
        Ok((_, problems)) => (!check.strict || problems.is_empty(), problems),
        Err(problems) => (false, problems),
    };
    if output.json {
        output::json(&json!({"ok": good, "problems": problems}));
    } else {
        problems.iter().for_each(output::line);
        output::line(verdict(good, &problems));
    }
    Ok(if good { Exit::Done } else { Exit::Usage })
}

fn target(check: &Check) -> anyhow::Result<(PathBuf, Mode)> {
    let own = check.file.clone().or_else(|| check.config.config.clone());
    match (own, &check.config.agent_file) {
        (Some(path), _) => Ok((path, Mode::Own)),
        (None, Some(path)) => Ok((path.clone(), Mode::Agent)),
        (None, None) => {
            let path = PathBuf::from("tidings.yaml");
            path.exists().then_some((path, Mode::Own)).context("name a file: there is no tidings.yaml in this folder")
        }
    }
}

fn verdict(good: bool, problems: &[Problem]) -> String {
    let count = |severity| problems.iter().filter(|problem| problem.severity == severity).count();
    let counts = [
        (count(ProblemSeverity::Error), "error"),
        (count(ProblemSeverity::Warning), "warning"),
        (count(ProblemSeverity::Lint), "lint"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<_> =
        counts.map(|(count, word)| format!("{count} {word}{}", if count == 1 { "" } else { "s" })).collect();
    match (good, counts.is_empty()) {
        (true, true) => "good".to_owned(),
        (true, false) => format!("good, with {}", counts.join(", ")),
        (false, _) => format!("refused: {}", counts.join(", ")),
    }
}

/// Prints the JSON Schema, for editors.
pub(crate) fn schema(schema: &Schema, output: &Output) -> anyhow::Result<Exit> {
    let schema = if schema.tests { config::tests_file::schema() } else { config::schema() };
    if output.json {
        output::json(&schema);
    } else {
        output::line(serde_json::to_string_pretty(&schema)?);
    }
    Ok(Exit::Done)
}
