//! What a daemon runs: the configuration, and what a daemon always has beside it: a store, the channels that its page shows, and a rule where
//! nobody wrote one.

use std::{net::SocketAddr, sync::Arc};

use tidings::config::{self, ChannelKind, ChannelPlan, Environment, Options, Plan, Problem, ProblemSeverity};
use tidings_server::{Loader, name_callbacks};

use crate::{
    args::{Config, Output},
    kept, setup,
};

/// The plan of this configuration, or of none; `None` if it is wrong, which is told.
///
/// # Errors
/// If the system gives no randomness for a secret.
pub(super) fn load(config: &Config, output: &Output) -> anyhow::Result<Option<Plan>> {
    let Ok(plan) = setup::load(config, output.json) else { return Ok(None) };
    let mut plan = complete(plan)?;
    setup::make_secrets(&mut plan, true)?;
    Ok(Some(plan))
}

/// What loads this configuration anew for a daemon that runs, with the address that was named for it. It prints nothing: whoever asks is told.
pub(super) fn loader(config: Config, listen: Option<SocketAddr>) -> Loader {
    Arc::new(move |running| {
        let mut plan = complete(read(&config)?).map_err(|error| broken(&error))?;
        plan.inherit_secrets(running);
        setup::make_secrets(&mut plan, false).map_err(|error| broken(&error))?;
        name_callbacks(&mut plan);
        plan.server.listen = listen.unwrap_or(plan.server.listen);
        Ok(plan)
    })
}

/// What the file says at this moment; `None` where there is none.
fn read(config: &Config) -> Result<Option<Plan>, Vec<Problem>> {
    let Some((file, mode)) = kept::configuration(config) else { return Ok(None) };
    let variable = |name: &str| std::env::var(name).ok();
    let options = Options { mode, environment: Environment::Given(&variable), ..Options::default() };
    Ok(Some(config::load_file(&file, &options)?.0))
}

/// What stands in the way beside the file.
fn broken(error: &anyhow::Error) -> Vec<Problem> {
    vec![Problem {
        file: "tidings".into(),
        severity: ProblemSeverity::Error,
        line: 1,
        column: 1,
        path: String::new(),
        message: format!("{error:#}"),
        help: None,
    }]
}

/// What runs where nothing is configured.
fn defaults() -> anyhow::Result<Plan> {
    parse("up.yaml", include_str!("../up.yaml"))
}

/// A plan of a configuration that is part of this program.
pub(super) fn parse(file_name: &str, text: &str) -> anyhow::Result<Plan> {
    let none = |_: &str| None;
    let options = Options { file_name, environment: Environment::Given(&none), ..Options::default() };
    let (plan, _) = config::load(text, &options)
        .map_err(|problems| anyhow::anyhow!("our own configuration is wrong: {problems:?}"))?;
    Ok(plan)
}

/// The plan with what a daemon always has.
pub(super) fn complete(plan: Option<Plan>) -> anyhow::Result<Plan> {
    let defaults = defaults()?;
    let Some(mut plan) = plan else { return Ok(with_doors(defaults)) };
    plan.store = plan.store.or(defaults.store);
    if plan.rules.is_empty() {
        plan.rules = defaults.rules;
        for (id, user) in defaults.users {
            plan.users.entry(id).or_insert(user);
        }
    }
    Ok(with_doors(plan))
}

/// The page shows an inbox, and people connect to it, whatever rules name.
fn with_doors(mut plan: Plan) -> Plan {
    for (name, kind) in [("inbox", ChannelKind::Inbox), ("push", ChannelKind::Push)] {
        plan.channels.entry(name.to_owned()).or_insert_with(|| ChannelPlan {
            type_name: name.to_owned(),
            kind,
            to: None,
            retry: None,
            timeout: None,
            redact_sensitive: true,
            redact_personal: true,
        });
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> Plan {
        complete(Some(parse("test.yaml", text).unwrap())).unwrap()
    }

    fn shown(plan: &Plan) -> (Vec<&str>, Vec<&str>, Vec<&str>, String) {
        (
            plan.rules.iter().map(|rule| rule.name.as_str()).collect(),
            plan.channels.keys().map(String::as_str).collect(),
            plan.users.keys().map(String::as_str).collect(),
            plan.store.as_ref().map(|store| store.path.display().to_string()).unwrap_or_default(),
        )
    }

    #[test]
    fn a_daemon_has_a_store_an_inbox_and_a_rule() {
        let default = "warnings and worse";
        let store = "tidings.db".to_owned();
        let on_nothing = complete(None).unwrap();
        assert_eq!(shown(&on_nothing), (vec![default], vec!["inbox", "push"], vec!["me"], store.clone()));
        let sinks = plan("events: {sinks: [{type: log}]}");
        assert_eq!(shown(&sinks), (vec![default], vec!["inbox", "push"], vec!["me"], store));
        let own =
            plan("triggers: [{name: a, condition: x > 1, channels: [log]}]\nusers: {ann: {}}\nstore: {path: a.db}");
        assert_eq!(shown(&own), (vec!["a"], vec!["inbox", "log", "push"], vec!["ann"], "a.db".to_owned()));
    }
}
