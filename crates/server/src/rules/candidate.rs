//! A rule that somebody thinks of, read by the configuration's own loader: what is wrong with it is told in the file's words, and under its
//! keys. Whether it is a good one is for the backtest to tell.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tidings::{
    People,
    config::{self, Environment, Options, Plan, Problem, ProblemSeverity, RulePlan},
};

use crate::problem::Refusal;

/// Where the loader finds the rule, before its keys.
const PATH: &str = "triggers[0]";
/// Keys that the file calls otherwise.
const RENAMED: [(&str, &str); 3] = [("agent", "agent_id"), ("cooldown", "cooldown_seconds"), ("users", "user_ids")];

/// A rule as JSON, with the keys of `GET /v1/rules` or those of the file.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Candidate(Map<String, Value>);

impl Candidate {
    /// The rule.
    ///
    /// # Errors
    /// Every problem, with the key where it is.
    pub(super) fn read(self, plan: &Plan, people: &People) -> Result<RulePlan, Refusal> {
        let channels: Vec<&str> = plan.channels.keys().map(String::as_str).collect();
        let none = |_: &str| None;
        let options = Options {
            file_name: "rule",
            environment: Environment::Given(&none),
            code_channels: &channels,
            ..Options::default()
        };
        let users: Map<String, Value> = people.users().ids().map(|id| (id.to_owned(), json!({}))).collect();
        let file = json!({"triggers": [self.into_file()], "users": users});
        let (mut read, _) = config::load(&file.to_string(), &options).map_err(|problems| refused(&problems))?;
        read.rules.pop().ok_or_else(|| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "there is no rule in it"))
    }

    fn into_file(self) -> Map<String, Value> {
        let named = |(key, value): (String, Value)| {
            let renamed = RENAMED.into_iter().find(|(ours, _)| *ours == key);
            (renamed.map_or(key, |(_, file)| file.to_owned()), value)
        };
        // What is not set is left out; all users are what the file leaves out.
        let is_unset = |key: &str, value: &Value| value.is_null() || (key == "user_ids" && value == "all");
        self.0.into_iter().map(named).filter(|(key, value)| !is_unset(key, value)).collect()
    }
}

fn refused(problems: &[Problem]) -> Refusal {
    let errors: Vec<_> = problems.iter().filter(|problem| problem.severity == ProblemSeverity::Error).collect();
    let told: Vec<_> = errors.iter().map(|problem| tell(problem)).collect();
    let detail = errors.first().map_or_else(String::new, |first| format!("the rule is wrong: {}", text(first)));
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, detail).problems(told)
}

/// A problem under the key that was sent.
fn tell(problem: &Problem) -> Value {
    let key = problem.path.split_once(PATH).map_or(problem.path.as_str(), |(_, rest)| rest.trim_start_matches('.'));
    let end = key.find(['.', '[']).unwrap_or(key.len());
    let (name, rest) = key.split_at_checked(end).unwrap_or((key, ""));
    let name = RENAMED.into_iter().find(|(_, file)| *file == name).map_or(name, |(ours, _)| ours);
    json!({"path": format!("{name}{rest}"), "message": text(problem)})
}

fn text(problem: &Problem) -> String {
    let help = problem.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    format!("{}{help}", problem.message)
}
