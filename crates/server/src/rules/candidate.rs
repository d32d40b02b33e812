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
/// So many people the loader is told of who are not named.
const SHOWN: usize = 1_000;
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
        let rule = self.into_file();
        let file = json!({"users": users(&rule, people), "triggers": [rule]});
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

/// The people whom the rule names, as far as they are there, and some others that may have been meant: all of them may be more than the
/// loader reads.
fn users(rule: &Map<String, Value>, people: &People) -> Map<String, Value> {
    let named = rule.get("user_ids").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let named = named.filter(|id| people.users().get(id).is_some());
    people.users().ids().take(SHOWN).chain(named).map(|id| (id.to_owned(), json!({}))).collect()
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

#[cfg(test)]
mod tests {
    use tidings::{User, Users, policy::Preferences};

    use super::*;

    #[test]
    fn more_people_than_a_file_may_name_keep_no_rule_out() {
        let mut users = Users::default();
        (0..60_000).for_each(|number| users.insert(format!("person-{number:030}"), User::default()));
        let rules = "triggers: [{name: b, condition: x > 1, channels: [log]}]\nusers: {ann: {}}";
        let (plan, _) = config::load(rules, &Options::default()).unwrap();
        let people = People::given(Preferences::default(), users);
        let last = format!("person-{:030}", 59_999);
        let candidate = |user: &str| {
            let rule = json!({"name": "a", "condition": "x > 1", "channels": ["log"], "users": [user]});
            Candidate(rule.as_object().cloned().unwrap()).read(&plan, &people)
        };
        candidate(&last).unwrap();
        let unknown = candidate("person-x").unwrap_err();
        assert_eq!(unknown.problems[0]["path"], "users[0]", "{unknown:?}");
        assert!(unknown.detail.len() < 2_000, "{unknown:?}");
    }
}
