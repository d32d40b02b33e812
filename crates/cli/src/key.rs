//! `key new`: a key for the daemon's API, shown once, and the entry of the configuration that knows it by its hash.

use serde::Serialize;
use serde_json::json;
use tidings_server::NewKey;

use crate::{
    Exit,
    args::{self, Key, KeyAction, Output},
    output,
};

/// An entry of `server.keys`.
#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    sha256: String,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    agents: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
}

/// Makes a key.
pub(crate) fn key(key: &Key, output: &Output) -> anyhow::Result<Exit> {
    let KeyAction::New(new) = &key.action;
    check(new)?;
    let made = NewKey::make()?;
    let entry = Entry { name: &new.name, sha256: made.sha256(), agents: &new.agents, user: new.user.as_deref() };
    if output.json {
        output::json(&json!({"key": made.text(), "entry": entry}));
        return Ok(Exit::Done);
    }
    output::line(made.text());
    output::note("this is the key: it is shown once, and stored nowhere. Senders say `Authorization: Bearer KEY`.");
    output::note(format_args!("put this under `server: keys:`\n\n  - {}\n", serde_json::to_string(&entry)?));
    Ok(Exit::Done)
}

/// Every word becomes part of a file that people read.
fn check(new: &args::NewKey) -> anyhow::Result<()> {
    let words = new.agents.iter().chain(&new.user).chain([&new.name]);
    for word in words {
        let is_good = !word.trim().is_empty() && !word.chars().any(char::is_control);
        anyhow::ensure!(is_good, "names, agents and users are text without control characters, and not empty");
    }
    Ok(())
}
