//! `channels`: tries one, and lets what a receiver called gone be sent to again.

mod probe;

use serde_json::{Value, json};
use tidings::{
    clock::system_now,
    explain::utc,
    store::{Store, StoreError, sqlite::SqliteStore},
};
use tidings_server::Gone;

use crate::{
    Exit,
    args::{ChannelAction, Channels, Enable, Output},
    daemon::{Daemon, Question, segment},
    kept, output,
};

/// Does what is asked.
pub(crate) async fn channels(channels: &Channels, output: &Output) -> anyhow::Result<Exit> {
    match &channels.action {
        ChannelAction::Enable(enable) => self::enable(enable, output).await,
        ChannelAction::Test(test) => probe::test(test, output).await,
    }
}

async fn enable(enable: &Enable, output: &Output) -> anyhow::Result<Exit> {
    let (asked, left) = match Daemon::holding(&kept::existing(&enable.store)?)? {
        Some(daemon) => through_daemon(&daemon, enable).await?,
        None => in_file(enable).await?,
    };
    if output.json {
        let told = |gone: &[Gone]| gone.iter().map(to_json).collect::<Vec<_>>();
        output::json(&json!({"enabled": !asked.is_empty(), "again": told(&asked), "disabled": told(&left)}));
    } else {
        asked.iter().for_each(|gone| output::line(format_args!("{} is enabled", name(gone))));
    }
    if !asked.is_empty() {
        return Ok(Exit::Done);
    }
    output::error(&format!("{} is not disabled{}", output::plain(&enable.name), of_whom(enable)));
    if !left.is_empty() {
        output::note("disabled are:");
        left.iter().for_each(|gone| output::note(format_args!("  {} since {} UTC", name(gone), utc(gone.row.since))));
    }
    Ok(Exit::Failed)
}

/// What was disabled and is asked for, and what was besides.
type Parted = (Vec<Gone>, Vec<Gone>);

async fn in_file(enable: &Enable) -> anyhow::Result<Parted> {
    let store = kept::to_write(&enable.store)?;
    let (asked, left) = parted(enable, &store).await?;
    for gone in &asked {
        store.enable(&gone.row.endpoint, gone.row.address.as_deref(), system_now()).await?;
    }
    store.close();
    Ok((asked, left))
}

async fn through_daemon(daemon: &Daemon, enable: &Enable) -> anyhow::Result<Parted> {
    let (asked, left) = parted(enable, &daemon.store()?).await?;
    if !asked.is_empty() {
        let body = json!({"user": enable.user, "address": enable.address});
        let path = format!("/v1/channels/{}/enable", segment(&enable.name));
        daemon.ask(Question::post(&path, &body)).await?;
    }
    Ok((asked, left))
}

async fn parted(enable: &Enable, store: &SqliteStore) -> Result<Parted, StoreError> {
    Ok(Gone::all(store).await?.into_iter().partition(|gone| is_asked(enable, gone)))
}

/// A name alone means all of it.
fn is_asked(enable: &Enable, gone: &Gone) -> bool {
    gone.row.endpoint == enable.name
        && (enable.address.is_none() || gone.row.address == enable.address)
        && (enable.user.is_none() || (gone.row.address.is_some() && gone.user == enable.user))
}

fn of_whom(enable: &Enable) -> String {
    match (&enable.address, &enable.user) {
        (Some(_), _) => " for this address".to_owned(),
        (_, Some(user)) => format!(" for {}", output::plain(user)),
        _ => String::new(),
    }
}

fn to_json(gone: &Gone) -> Value {
    json!({
        "endpoint": gone.row.endpoint,
        "user": gone.user,
        "whole": gone.row.address.is_none(),
        "since": gone.row.since,
    })
}

/// The sink or channel, and whose address of it.
fn name(gone: &Gone) -> String {
    let endpoint = &gone.row.endpoint;
    output::plain(&match (&gone.row.address, &gone.user) {
        (None, _) => endpoint.clone(),
        (Some(_), Some(user)) => format!("{endpoint} for {user}"),
        (Some(_), None) => format!("{endpoint} for an address of which the log no longer says whose it is"),
    })
}
