//! `prefs get`: what people wish, where they are reached, and who decides on each channel.

use serde_json::{Value, json};
use tidings::explain::utc;
use tidings_server::views::PersonView;

use super::people::Everybody;
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
    let found = asked.into_iter().map(|user| find(&everybody, user)).collect::<anyhow::Result<Vec<_>>>()?;
    if output.json {
        let mut told: Vec<Value> = found.iter().map(PersonView::to_json).collect();
        let told = if get.user.is_some() { told.pop().unwrap_or_default() } else { json!({"users": told}) };
        output::json(&told);
        return Ok(Exit::Done);
    }
    everybody.note_source();
    if found.is_empty() {
        output::note("there is nobody yet: add `users:` to the configuration");
    }
    found.iter().for_each(tell);
    Ok(Exit::Done)
}

fn find<'a>(everybody: &'a Everybody, user: &'a str) -> anyhow::Result<PersonView<'a>> {
    Ok(PersonView {
        user,
        profile: everybody.profile(user).ok_or_else(|| everybody.unknown(user))?,
        stamp: everybody.stamp(user).cloned(),
        operator: everybody.people().operator(),
        channels: everybody.plan().channels.keys().cloned().collect(),
        source: everybody.source(),
    })
}

fn tell(person: &PersonView<'_>) {
    let stamp = person.stamp.as_ref().map_or_else(
        || "as the configuration says".to_owned(),
        |stamp| format!("version {} by {}, {} UTC", stamp.version, stamp.author, utc(stamp.at)),
    );
    line(0, person.user, &stamp);
    line(2, "time zone", person.profile.timezone.as_deref().unwrap_or("UTC, since none is set"));
    for (channel, address) in &person.profile.contacts {
        line(2, "contact", &format!("{channel}: {address}"));
    }
    let own = person.profile.preferences.as_ref().and_then(|own| serde_json::to_string(own).ok());
    line(2, "wishes", own.as_deref().unwrap_or("none of their own"));
    tell_channels(person);
}

fn tell_channels(person: &PersonView<'_>) {
    let wishes = person.wishes();
    let told = wishes.channels(None, &person.channels);
    told.iter().for_each(|view| line(2, &view.channel, &view.told()));
    for agent in wishes.agents() {
        let views = wishes.channels(Some(agent), &person.channels);
        // What is as for every agent needs no second line.
        for view in views.iter().filter(|view| !told.contains(view)) {
            line(2, &view.channel, &format!("for agent {agent} {}", view.told()));
        }
    }
}

/// A word in a column, and what is to be said of it. Names come from outside.
fn line(indent: usize, word: &str, text: &str) {
    let word = output::plain(word);
    output::line(format_args!("{:indent$}{word:<12} {}", "", output::plain(text)));
}
