//! Preferences: read by the policy crate, and their problems told at their places. Wishes that
//! contradict themselves are told by `wishes`.

use serde_json::{Map, Value};
use tidings_policy::{Choices, PreferenceProblem, Preferences};

use crate::{
    build::{channels::Channels, people::People},
    plan::PreferencesPlan,
    problem::{Findings, Spot},
    raw::PreferenceTree,
    read::Given,
    suggest::shown,
};

/// What the operator and the users wish.
pub(crate) fn build(
    given: &Given<PreferenceTree>,
    channels: &Channels,
    people: &People,
    findings: &mut Findings<'_>,
) -> PreferencesPlan {
    let mut plan = PreferencesPlan::default();
    let Some(tree) = given.as_ref().and_then(|at| at.value.as_ref()) else { return plan };
    let mut section = Section { tree, channels, findings };
    let mut operator = tree.value.as_object().cloned().unwrap_or_default();
    let users = operator.remove("users").unwrap_or_default();
    plan.operator = section.read(&Value::Object(operator), &[]);
    for (id, wishes) in section.users(users) {
        let path = ["users".to_owned(), id.clone()];
        if let Some(help) = people.unknown(&id, section.findings) {
            let spot = section.place(&path).at_key();
            section.findings.error(&spot, format!("unknown user `{}`", shown(&id))).help(help);
        }
        let read = section.read(&wishes, &path);
        plan.users.insert(id, read);
    }
    plan
}

struct Section<'a, 'f> {
    tree: &'a PreferenceTree,
    channels: &'a Channels,
    findings: &'a mut Findings<'f>,
}

impl Section<'_, '_> {
    fn users(&mut self, users: Value) -> Map<String, Value> {
        match users {
            Value::Object(users) => users,
            Value::Null => Map::new(),
            _ => {
                let spot = self.place(&["users".to_owned()]);
                self.findings.error(&spot, "expected keys and values: the wishes by user id");
                Map::new()
            }
        }
    }

    fn read(&mut self, value: &Value, path: &[String]) -> Preferences {
        match Preferences::read(value) {
            Ok(preferences) => {
                self.look_over(&preferences, path);
                preferences
            }
            Err(problems) => {
                for problem in problems.0 {
                    let spot = self.place(&[path, &problem.path].concat());
                    self.tell(&spot, &problem);
                }
                Preferences::default()
            }
        }
    }

    fn tell(&mut self, spot: &Spot, problem: &PreferenceProblem) {
        let Some(key) = problem.path.last().filter(|_| !problem.known.is_empty()) else {
            self.findings.error(spot, problem.message.clone());
            return;
        };
        let help = self.findings.did_you_mean(key, problem.known.iter().copied());
        self.findings.error(&spot.at_key(), format!("unknown key `{}`", shown(key))).help(help);
    }

    /// Warns of channels that nobody declared.
    fn look_over(&mut self, preferences: &Preferences, path: &[String]) {
        let default = [path, &["default".to_owned()]].concat();
        self.block(&preferences.default, &default);
        for (agent, choices) in &preferences.agents {
            let path = [path, &["agents".to_owned(), agent.clone()]].concat();
            self.block(choices, &path);
        }
    }

    fn block(&mut self, choices: &Choices, path: &[String]) {
        for channel in choices.channels.keys().filter(|channel| !self.channels.knows(channel)) {
            let spot = self.place(&[path, std::slice::from_ref(channel)].concat()).at_key();
            let message = format!("no channel is called `{}`", shown(channel));
            self.findings.warn(&spot, message).help("declare it under `channels:`, or correct the name");
        }
    }

    fn place(&self, keys: &[String]) -> Spot {
        self.tree.place(keys).cloned().unwrap_or_else(Spot::file)
    }
}
