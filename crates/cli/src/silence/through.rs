//! Silences begun and ended by the daemon that holds the store. It is told as the store has it then.

use anyhow::Context;
use serde_json::{Value, json};
use tidings::{Records, SilenceError, clock::system_now, policy::Silence};

use super::{Begun, unknown};
use crate::{
    args::StoreFile,
    daemon::{AskError, Daemon, Question, segment},
};

/// Begins a silence.
pub(super) async fn add(daemon: &Daemon, named: &StoreFile, wanted: &Silence) -> anyhow::Result<Begun> {
    let Silence { matcher, from, until, author, reason, .. } = wanted;
    let body = json!({"matcher": matcher, "from": from, "until": until, "reason": reason, "author": author});
    let answer = daemon.ask(Question::post("/v1/silences", &body)).await?;
    let id = answer.get("id").and_then(Value::as_str).context("the daemon's answer tells no id")?;
    let silence = find(daemon, id).await?;
    let unknown = unknown::named(named, &daemon.store()?, matcher).await?;
    Ok((silence, unknown))
}

/// Ends a silence.
pub(super) async fn end(daemon: &Daemon, id: &str) -> anyhow::Result<Result<Silence, SilenceError>> {
    let path = format!("/v1/silences/{}", segment(id));
    match daemon.ask(Question::delete(&path)).await {
        Ok(_) => Ok(Ok(find(daemon, id).await?)),
        Err(AskError::Refused { status: 404, .. }) => {
            let known = silences(daemon).await?.into_iter().filter(|silence| system_now() < silence.until);
            let known = known.map(|silence| silence.id).collect();
            Ok(Err(SilenceError::Unknown { id: id.to_owned(), known }))
        }
        Err(error) => Err(error.into()),
    }
}

async fn find(daemon: &Daemon, id: &str) -> anyhow::Result<Silence> {
    let all = silences(daemon).await?;
    all.into_iter().find(|silence| silence.id == id).context("the store does not know the silence")
}

async fn silences(daemon: &Daemon) -> anyhow::Result<Vec<Silence>> {
    let store = daemon.store()?;
    let all = Records::of(&store, system_now()).silences().await?;
    Ok(all.into_iter().map(|kept| kept.value).collect())
}
