//! `test`: unit tests of rules, written in YAML. Events go in through a replay, with nothing sent and no clock read; what comes is held
//! against what is expected. How a file of tests is read is left to `config`.

mod compare;
mod nearest;
mod observe;
mod pairs;
mod tell;
mod words;

use std::path::{Path, PathBuf};

use tidings::config::{
    Environment, Mode, Options, Plan, Problem, ProblemSeverity, load_file,
    tests_file::{Test, TestsFile},
};

use crate::{
    Exit,
    args::{Config, Output, Test as Arguments},
    output,
};

/// A test and how it went.
#[derive(Debug)]
struct Outcome<'a> {
    file: &'a str,
    test: &'a Test,
    failures: Vec<compare::Failure>,
}

/// Files of tests that can be run, each with the config that it tests.
type Loaded = Vec<(TestsFile, Plan)>;

/// Runs every test of the files.
pub(crate) fn test(arguments: &Arguments, output: &Output) -> anyhow::Result<Exit> {
    let loaded = match load(arguments) {
        Ok(loaded) => loaded,
        Err(problems) => {
            tell::problems(&problems, output.json);
            return Ok(Exit::Usage);
        }
    };
    let mut outcomes = Vec::new();
    for (file, plan) in &loaded {
        for test in &file.tests {
            let seen = observe::run(test, plan)?;
            let failures = compare::failures(test, &seen, plan);
            outcomes.push(Outcome { file: &file.name, test, failures });
        }
    }
    tell::outcomes(&outcomes, output.json);
    let is_good = outcomes.iter().all(|outcome| outcome.failures.is_empty());
    Ok(if is_good { Exit::Done } else { Exit::Failed })
}

/// Reads all files, and tells the problems of all of them where one has any.
fn load(arguments: &Arguments) -> Result<Loaded, Vec<Problem>> {
    let (mut loaded, mut problems) = (Vec::new(), Vec::new());
    for path in &arguments.files {
        match load_one(path, &arguments.config) {
            Ok(one) => loaded.push(one),
            Err(more) => problems.extend(more),
        }
    }
    if problems.is_empty() { Ok(loaded) } else { Err(problems) }
}

fn load_one(path: &Path, named: &Config) -> Result<(TestsFile, Plan), Vec<Problem>> {
    let file = TestsFile::load(path)?;
    let (config, mode) = config_of(&file, path, named);
    let variable = |name: &str| std::env::var(name).ok();
    let options = Options { mode, environment: Environment::Sparse(&variable), ..Options::default() };
    let (plan, notes) = load_file(&config, &options)?;
    notes.iter().filter(|problem| problem.severity == ProblemSeverity::Warning).for_each(output::note);
    let unknown = file.unknown_names(&plan);
    if unknown.is_empty() { Ok((file, plan)) } else { Err(unknown) }
}

/// The config that is tested: what the call names, else what the file names, else `tidings.yaml` beside it.
fn config_of(file: &TestsFile, path: &Path, named: &Config) -> (PathBuf, Mode) {
    let beside = |config: &Path| path.parent().unwrap_or(Path::new("")).join(config);
    match (&named.config, &named.agent_file, &file.config) {
        (Some(config), ..) => (config.clone(), Mode::Own),
        (None, Some(agent), _) => (agent.clone(), Mode::Agent),
        (None, None, Some(config)) => (beside(config), Mode::Own),
        (None, None, None) => (beside(Path::new("tidings.yaml")), Mode::Own),
    }
}
