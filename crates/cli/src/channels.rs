//! `channels`: lets what a receiver called gone be sent to again.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tidings::{
    clock::system_now,
    explain::utc,
    store::{Entry, LogFilter, Page, Step, Store, StoreError, sqlite::SqliteStore},
};

use crate::{
    Exit,
    args::{ChannelAction, Channels, Enable, Output},
    kept, output,
};

/// How many entries of the log are looked through for what is disabled.
const LOOKED: usize = 1_000;

/// Does what is asked.
pub(crate) async fn channels(channels: &Channels, output: &Output) -> anyhow::Result<Exit> {
    match &channels.action {
        ChannelAction::Enable(enable) => self::enable(enable, output).await,
    }
}

async fn enable(enable: &Enable, output: &Output) -> anyhow::Result<Exit> {
    let store = kept::to_write(&enable.store)?;
    let was_disabled = store.enable(&enable.name, enable.address.as_deref(), system_now()).await?;
    let disabled = disabled(&store).await?;
    store.close();
    let name = output::plain(&enable.name);
    if output.json {
        let disabled: Vec<_> = disabled.iter().map(to_json).collect();
        output::json(&json!({"enabled": was_disabled, "disabled": disabled}));
    } else if was_disabled {
        output::line(format_args!("{name} is enabled"));
    }
    if was_disabled {
        return Ok(Exit::Done);
    }
    let address = enable.address.as_ref().map(|_| " for this address").unwrap_or_default();
    output::error(&format!("{name} is not disabled{address}"));
    if !disabled.is_empty() {
        output::note("disabled are:");
        disabled.iter().for_each(|entry| output::note(format_args!("  {}", text(entry))));
    }
    Ok(Exit::Failed)
}

/// What was disabled and not enabled since, by its last entry. The log names the user, never the address.
async fn disabled(store: &SqliteStore) -> Result<Vec<Entry>, StoreError> {
    let filter = LogFilter { steps: vec![Step::Disabled, Step::Enabled], ..LogFilter::default() };
    let mut entries = store.log_query(&filter, Page::Before { number: None, limit: LOOKED }).await?;
    entries.reverse();
    let mut disabled = BTreeMap::new();
    for entry in entries {
        let endpoint = entry.endpoint.clone().unwrap_or_default();
        match entry.step {
            Step::Disabled => drop(disabled.insert((endpoint, entry.user.clone()), entry)),
            // Which address was enabled is not told: with one left, the next try names it again.
            _ => disabled.retain(|(other, _), _| *other != endpoint),
        }
    }
    Ok(disabled.into_values().collect())
}

fn to_json(entry: &Entry) -> Value {
    json!({"endpoint": entry.endpoint, "user": entry.user, "since": entry.at})
}

fn text(entry: &Entry) -> String {
    let user = entry.user.as_ref().map(|user| format!(" for {user}, by its own address,")).unwrap_or_default();
    output::plain(&format!("{}{user} since {} UTC", entry.endpoint.as_deref().unwrap_or_default(), utc(entry.at)))
}
