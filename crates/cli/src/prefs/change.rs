//! `prefs set` and `prefs remove`: changes that other people's changes in between are not lost by.

use std::{collections::BTreeSet, io::Read, path::Path};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use tidings::{
    Profile,
    config::Plan,
    explain::utc,
    policy::{Preferences, time_zone},
};

use super::{
    merge,
    people::{Changed, Everybody},
};
use crate::{
    Exit,
    args::{Output, RemovePrefs, SetPrefs},
    author, lines, output,
};

/// The longest text of wishes, in bytes.
const LONGEST: u64 = 256 * 1024;

/// Changes one person.
pub(crate) async fn set(set: &SetPrefs, output: &Output) -> anyhow::Result<Exit> {
    let author = author::of(set.change.author.as_deref())?;
    let given = given(set)?;
    let everybody = Everybody::to_write(&set.config).await?;
    everybody.note_author(&set.change);
    let mut profile = match everybody.profile(&set.user) {
        Some(_) if is_only_new(set) => {
            bail!("{} is there already; say what is to be changed", output::plain(&set.user))
        }
        Some(profile) => profile,
        None if set.new => everybody.given(&set.user).unwrap_or_default(),
        None => bail!("{}; `--new` takes somebody in", everybody.unknown(&set.user)),
    };
    if let Some(wishes) = given {
        wish(everybody.plan(), &mut profile, wishes, set.merge)?;
    }
    reach(everybody.plan(), &mut profile, set)?;
    let changed = everybody.put(&set.user, &profile, set.change.expect, &author).await?;
    everybody.close();
    tell(&set.user, &changed, "stands", output)
}

/// Whether somebody is only to be taken in: whoever is there already must not become the author's by that.
fn is_only_new(set: &SetPrefs) -> bool {
    set.new && set.data.is_none() && set.file.is_none() && set.timezone.is_none() && set.contacts.is_empty()
}

/// Forgets one person.
pub(crate) async fn remove(remove: &RemovePrefs, output: &Output) -> anyhow::Result<Exit> {
    let author = author::of(remove.change.author.as_deref())?;
    let everybody = Everybody::to_write(&remove.config).await?;
    everybody.note_author(&remove.change);
    if everybody.profile(&remove.user).is_none() {
        return Err(everybody.unknown(&remove.user));
    }
    let changed = everybody.remove(&remove.user, remove.change.expect, &author).await?;
    everybody.close();
    if matches!(changed, Changed::Done { .. }) && everybody.plan().users.contains_key(&remove.user) {
        let user = output::plain(&remove.user);
        output::note(format_args!(
            "the configuration still names {user}, who stays removed: `prefs set {user} --new` takes {user} in again"
        ));
    }
    tell(&remove.user, &changed, "is removed", output)
}

/// The wishes that are given, read and not yet checked.
fn given(set: &SetPrefs) -> anyhow::Result<Option<Value>> {
    let (name, text) = match (&set.data, &set.file) {
        (Some(data), _) => ("--data".to_owned(), data.clone()),
        (None, Some(path)) => (path.display().to_string(), read(path)?),
        (None, None) => {
            ensure!(!set.merge, "--merge needs --data or --file: what is to be changed");
            return Ok(None);
        }
    };
    let value: Value =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).with_context(|| format!("{name} is not JSON"))?;
    ensure!(
        value.is_object() || value.is_null(),
        "{name}: expected an object such as {{\"default\": {{\"sms\": false}}}}, or null"
    );
    Ok(Some(value))
}

fn read(path: &Path) -> anyhow::Result<String> {
    let name = path.display();
    let mut text = String::new();
    lines::open(path)?.take(LONGEST + 1).read_to_string(&mut text).with_context(|| format!("{name} cannot be read"))?;
    ensure!(text.len() as u64 <= LONGEST, "{name} is longer than {LONGEST} bytes");
    Ok(text)
}

/// Puts the wishes into the profile. A channel that nobody knows is told, as in the file.
fn wish(plan: &Plan, profile: &mut Profile, wishes: Value, merge: bool) -> anyhow::Result<()> {
    let wishes = if merge { merge::over(&profile.preferences.clone().unwrap_or_default(), wishes) } else { wishes };
    let read = Preferences::read(&wishes).context("the preferences are wrong")?;
    let blocks = [&read.default].into_iter().chain(read.agents.values());
    let channels: BTreeSet<&String> = blocks.flat_map(|block| block.channels.keys()).collect();
    for problem in channels.into_iter().filter_map(|channel| plan.channel_problem(channel)) {
        output::note(format_args!("warning: {}", output::plain(&problem)));
    }
    profile.preferences = (read != Preferences::default()).then_some(read);
    Ok(())
}

/// Puts the time zone and the addresses into the profile.
fn reach(plan: &Plan, profile: &mut Profile, set: &SetPrefs) -> anyhow::Result<()> {
    if let Some(zone) = &set.timezone {
        if let Err(error) = time_zone(zone) {
            bail!("--timezone: {error}");
        }
        profile.timezone = Some(zone.clone());
    }
    for contact in &set.contacts {
        if let Some(address) = &contact.address
            && let Some(problem) = plan.address_problem(&contact.channel, address.as_str())
        {
            bail!("--contact {}: {problem}", output::plain(&contact.channel));
        }
        for channel in channels(plan, &contact.channel) {
            match &contact.address {
                Some(address) => drop(profile.contacts.insert(channel, address.clone())),
                None => drop(profile.contacts.remove(&channel)),
            }
        }
    }
    Ok(())
}

/// The channels that are meant, as in the file: the one of this name, else all of this type.
fn channels(plan: &Plan, name: &str) -> Vec<String> {
    let of_type = plan.channels.iter().filter(|(_, channel)| channel.type_name == name);
    let of_type: Vec<String> = of_type.map(|(channel, _)| channel.clone()).collect();
    if plan.channels.contains_key(name) || of_type.is_empty() { vec![name.to_owned()] } else { of_type }
}

/// Tells what became of a change.
fn tell(user: &str, changed: &Changed, word: &str, output: &Output) -> anyhow::Result<Exit> {
    let user_plain = output::plain(user);
    match changed {
        Changed::Done { version } => {
            if output.json {
                output::json(&json!({"user": user, "version": version}));
            } else {
                output::line(format_args!("{user_plain} {word} at version {version}"));
            }
            Ok(Exit::Done)
        }
        Changed::Conflict { stands } => {
            let whose = stands.as_ref().map_or_else(
                || "nobody of that id is there".to_owned(),
                |stamp| {
                    format!(
                        "version {} stands, by {} at {} UTC",
                        stamp.version,
                        output::plain(&stamp.author),
                        utc(stamp.at)
                    )
                },
            );
            let text = format!(
                "{user_plain} was changed meanwhile: {whose}; nothing was done. Look with `prefs get`, and expect that version"
            );
            if output.json {
                output::json(&json!({"error": text, "user": user, "conflict": stands}));
            }
            output::error(&text);
            Ok(Exit::Failed)
        }
    }
}
