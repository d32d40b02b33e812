//! From the command line's configuration to a notifier: loading, telling what is wrong, defaults where there is no file.

use std::path::{Path, PathBuf};

use anyhow::Context;
use secrecy::ExposeSecret;
use tidings::{
    Builder,
    config::{self, Environment, Mode, Options, Plan, Problem, ProblemSeverity, SinkKind, WebhookPlan},
};

use crate::{args::Config, default_rule, output};

/// The file that is read where none is named.
pub(crate) const DEFAULT_FILE: &str = "tidings.yaml";

/// A configuration that was refused; its problems are told already.
#[derive(Debug)]
pub(crate) struct Refused;

/// The plan of the configuration, with its problems told; `None` for the defaults.
pub(crate) fn load(config: &Config, json: bool) -> Result<Option<Plan>, Refused> {
    let variable = |name: &str| std::env::var(name).ok();
    load_in(config, Environment::Given(&variable), json, |_| true)
}

/// [`load`] for a replay: what only channels need may be missing, since nothing is sent.
pub(crate) fn load_unsent(config: &Config, json: bool) -> Result<Option<Plan>, Refused> {
    let variable = |name: &str| std::env::var(name).ok();
    let matters = |problem: &Problem| !problem.path.starts_with("channels");
    load_in(config, Environment::Sparse(&variable), json, matters)
}

fn load_in(
    config: &Config,
    environment: Environment<'_>,
    json: bool,
    matters: impl Fn(&Problem) -> bool,
) -> Result<Option<Plan>, Refused> {
    let (path, mode) = match (&config.config, &config.agent_file) {
        (Some(path), _) => (path.clone(), Mode::Own),
        (None, Some(path)) => (path.clone(), Mode::Agent),
        (None, None) if Path::new(DEFAULT_FILE).exists() => (PathBuf::from(DEFAULT_FILE), Mode::Own),
        (None, None) => return Ok(None),
    };
    let options = Options { mode, environment, ..Options::default() };
    match config::load_file(&path, &options) {
        Ok((plan, problems)) => {
            // Lints are for `check`: a run tells what will not work.
            let told = |problem: &&Problem| problem.severity == ProblemSeverity::Warning && matters(problem);
            problems.iter().filter(told).for_each(output::note);
            Ok(Some(plan))
        }
        Err(problems) => {
            tell(&problems, json);
            Err(Refused)
        }
    }
}

/// Tells problems, one on a line, and how many there are.
pub(crate) fn tell(problems: &[Problem], json: bool) {
    if json {
        return output::json(&serde_json::json!({"ok": false, "problems": problems}));
    }
    problems.iter().for_each(output::note);
    let errors = problems.iter().filter(|problem| problem.severity == ProblemSeverity::Error).count();
    if errors > 0 {
        output::note(format_args!("{errors} {}; nothing was sent", if errors == 1 { "error" } else { "errors" }));
    }
}

/// Gives every webhook without a secret one that is made now, and tells it once where that is wanted and somebody looks.
pub(crate) fn make_secrets(plan: &mut Plan, tell: bool) -> anyhow::Result<()> {
    let tell = tell && std::io::IsTerminal::is_terminal(&std::io::stderr());
    for (name, webhook) in webhooks(plan) {
        if webhook.secret.is_none() {
            let secret = tidings::webhook::generate_secret().context("the system gives no randomness for a secret")?;
            if tell {
                output::note(format_args!(
                    "{name}: no secret is set; this run signs with\n  {}\n  It changes at every start: set `secret:` to keep one",
                    secret.expose_secret()
                ));
            }
            webhook.secret = Some(secret);
        }
    }
    Ok(())
}

/// Every webhook of a plan with the name of its sink or channel.
pub(crate) fn webhooks(plan: &mut Plan) -> impl Iterator<Item = (&str, &mut WebhookPlan)> {
    let sinks = plan.sinks.iter_mut().filter_map(|sink| match &mut sink.kind {
        SinkKind::Webhook(webhook) => Some((sink.name.as_str(), &mut **webhook)),
        _ => None,
    });
    let channels = plan.channels.iter_mut().filter_map(|(name, channel)| match &mut channel.kind {
        config::ChannelKind::Webhook(webhook) => Some((name.as_str(), &mut **webhook)),
        _ => None,
    });
    sinks.chain(channels)
}

/// A builder from the plan. Without any rule, warnings and worse are told to the user `me` by the log.
pub(crate) fn builder(plan: Option<Plan>) -> anyhow::Result<Builder> {
    with_rules(plan, |plan| Ok(Builder::from_plan(plan)?))
}

/// [`builder`] for a replay: it opens nothing.
pub(crate) fn builder_unsent(plan: Option<Plan>) -> anyhow::Result<Builder> {
    with_rules(plan, |plan| Ok(Builder::for_replay(plan)))
}

fn with_rules(plan: Option<Plan>, build: impl FnOnce(Plan) -> anyhow::Result<Builder>) -> anyhow::Result<Builder> {
    let has_rules = plan.as_ref().is_some_and(|plan| !plan.rules.is_empty());
    let builder = plan.map_or_else(|| Ok(Builder::default()), build)?;
    if has_rules { Ok(builder) } else { default_rule::add(builder) }
}
