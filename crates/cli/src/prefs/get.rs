//! `prefs get`: what people wish, where they are reached, and who decides on each channel.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tidings::{Profile, explain::utc, policy::Preferences};

use super::{
    people::{Everybody, Stamp},
    view::Wishes,
};
use crate::{
    Exit,
    args::{GetPrefs, Output},
    output,
};

/// Tells of one person or of all.
pub(crate) async fn get(get: &GetPrefs, output: &Output) -> anyhow::Result<Exit> {
    let everybody = Everybody::to_read(&get.config).await?;
    let asked: Vec<&str> = match &get.user {
        Some(user) => vec![user],
        None => everybody.people().users().ids().collect(),
    };
    let found = asked.into_iter().map(|user| Found::of(&everybody, user)).collect::<anyhow::Result<Vec<_>>>()?;
    if output.json {
        let mut told: Vec<Value> = found.iter().map(Found::to_json).collect();
        let told = if get.user.is_some() { told.pop().unwrap_or_default() } else { json!({"users": told}) };
        output::json(&told);
        return Ok(Exit::Done);
    }
    everybody.note_source();
    if found.is_empty() {
        output::note("there is nobody yet: add `users:` to the configuration");
    }
    found.iter().for_each(Found::tell);
    Ok(Exit::Done)
}

/// A person, and who changed the profile last.
struct Found<'a> {
    user: &'a str,
    profile: Profile,
    stamp: Option<&'a Stamp>,
    operator: &'a Preferences,
    channels: Vec<String>,
    source: &'static str,
}

impl<'a> Found<'a> {
    fn of(everybody: &'a Everybody, user: &'a str) -> anyhow::Result<Self> {
        Ok(Self {
            user,
            profile: everybody.profile(user).ok_or_else(|| everybody.unknown(user))?,
            stamp: everybody.stamp(user),
            operator: everybody.people().operator(),
            channels: everybody.plan().channels.keys().cloned().collect(),
            source: everybody.source(),
        })
    }

    fn wishes(&self) -> Wishes<'_> {
        Wishes { operator: self.operator, user: self.profile.preferences.as_ref() }
    }

    fn to_json(&self) -> Value {
        let wishes = self.wishes();
        let of_agent = |agent| (agent, wishes.channels(Some(agent), &self.channels));
        let agents: BTreeMap<_, _> = wishes.agents().into_iter().map(of_agent).collect();
        let contacts = self.profile.contacts.iter().map(|(channel, address)| (channel, address.to_string()));
        json!({
            "user": self.user,
            "source": self.source,
            "version": self.stamp.map(|stamp| stamp.version),
            "author": self.stamp.map(|stamp| &stamp.author),
            "at": self.stamp.map(|stamp| stamp.at),
            "timezone": self.profile.timezone,
            "contacts": contacts.collect::<BTreeMap<_, _>>(),
            "preferences": self.profile.preferences,
            "channels": wishes.channels(None, &self.channels),
            "agents": agents,
        })
    }

    fn tell(&self) {
        let stamp = self.stamp.map_or_else(
            || "as the configuration says".to_owned(),
            |stamp| format!("version {} by {}, {} UTC", stamp.version, stamp.author, utc(stamp.at)),
        );
        line(0, self.user, &stamp);
        line(2, "time zone", self.profile.timezone.as_deref().unwrap_or("UTC, since none is set"));
        for (channel, address) in &self.profile.contacts {
            line(2, "contact", &format!("{channel}: {address}"));
        }
        let own = self.profile.preferences.as_ref().and_then(|own| serde_json::to_string(own).ok());
        line(2, "wishes", own.as_deref().unwrap_or("none of their own"));
        self.tell_channels();
    }

    fn tell_channels(&self) {
        let wishes = self.wishes();
        let told = wishes.channels(None, &self.channels);
        told.iter().for_each(|view| line(2, &view.channel, &view.told()));
        for agent in wishes.agents() {
            let views = wishes.channels(Some(agent), &self.channels);
            // What is as for every agent needs no second line.
            for view in views.iter().filter(|view| !told.contains(view)) {
                line(2, &view.channel, &format!("for agent {agent} {}", view.told()));
            }
        }
    }
}

/// A word in a column, and what is to be said of it. Names come from outside.
fn line(indent: usize, word: &str, text: &str) {
    let word = output::plain(word);
    output::line(format_args!("{:indent$}{word:<12} {}", "", output::plain(text)));
}
