//! One configuration of a replay. How it is counted is the engine's, how two of them differ too.

use std::{collections::BTreeSet, time::Duration};

use tidings::{
    Priority,
    config::Plan,
    replay::{Side, Tally},
};

use crate::{
    args::{Config, Output},
    setup,
};

/// Stands behind the name of a configuration that is not taken as it is.
const BARE: &str = "everything off";

/// Loads a configuration, and takes it as it is or with everything off; `None` where it is refused, which is told then.
pub(super) fn open(config: &Config, is_bare: bool, output: &Output) -> anyhow::Result<Option<Side>> {
    let Ok(plan) = setup::load_unsent(config, output.json) else { return Ok(None) };
    let name = name(config, plan.is_some());
    let critical = plan.iter().flat_map(critical_rules).collect();
    if !is_bare {
        let replay = setup::builder_unsent(plan)?.replay()?;
        return Ok(Some(Side::new(replay, Tally::of(name, critical))));
    }
    let builder = setup::builder_unsent(plan.map(Plan::bare))?;
    // Where there is no file, the defaults are off as well.
    let replay = builder.dedup_window(Duration::ZERO).storm_limit(None).replay()?;
    Ok(Some(Side::new(replay, Tally::of(format!("{name}, {BARE}"), critical))))
}

fn name(config: &Config, has_plan: bool) -> String {
    let default = if has_plan { setup::DEFAULT_FILE } else { "(defaults)" };
    let path = config.config.as_ref().or(config.agent_file.as_ref());
    path.map_or_else(|| default.to_owned(), |path| path.display().to_string())
}

fn critical_rules(plan: &Plan) -> BTreeSet<String> {
    let rules = plan.rules.iter().filter(|rule| rule.priority == Priority::Critical);
    rules.map(|rule| rule.name.clone()).collect()
}
