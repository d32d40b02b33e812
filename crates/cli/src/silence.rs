//! `silence`: for a while, nobody is told what somebody knows already. What a silence covers is decided by the policy; where it is kept is
//! the engine's knowledge.

mod through;
mod unknown;

use serde_json::json;
use tidings::{
    Kept, Records, SilenceError, Timestamp,
    clock::system_now,
    explain::utc,
    policy::{self, Matcher},
};
use tidings_server::views::{self, silence_state};

use crate::{
    Exit,
    args::{AddSilence, EndSilence, ListSilences, Output, Silence, SilenceAction, StoreFile},
    author,
    daemon::Daemon,
    kept, output,
    table::Table,
};

/// Does what is asked.
pub(crate) async fn silence(silence: &Silence, output: &Output) -> anyhow::Result<Exit> {
    match &silence.action {
        SilenceAction::Add(add) => self::add(add, output).await,
        SilenceAction::List(list) => self::list(list, output).await,
        SilenceAction::End(end) => self::end(end, output).await,
    }
}

async fn add(add: &AddSilence, output: &Output) -> anyhow::Result<Exit> {
    let author = author::of(add.author.as_deref())?;
    let now = system_now();
    let from = add.from.from(now);
    let until = add.span.map_or(from, |span| from + span);
    let until = add.until.map_or(until, |until| until.from(now));
    let matcher = Matcher {
        agent: add.agent.clone(),
        rule: add.rule.clone(),
        event_type: add.event_type.clone(),
        user: add.user.clone(),
    };
    let wanted = policy::Silence { id: String::new(), matcher, from, until, author, reason: add.reason.clone() };
    let (silence, unknown) = match Daemon::holding(&kept::path(&add.store)?)? {
        Some(daemon) => through::add(&daemon, &add.store, &wanted).await?,
        None => begin(&add.store, &wanted, now).await?,
    };
    let matcher = &silence.matcher;
    if output.json {
        output::json(&views::silence(&silence, now));
    } else {
        output::line(&silence.id);
        output::note(output::plain(&format!("{} is silenced {}", what(matcher), when(&silence, now))));
    }
    for problem in unknown {
        output::note(format_args!("warning: {}", output::plain(&problem)));
    }
    Ok(Exit::Done)
}

/// The silence as it stands, and what it names that nobody knows.
type Begun = (policy::Silence, Vec<String>);

async fn begin(named: &StoreFile, wanted: &policy::Silence, now: Timestamp) -> anyhow::Result<Begun> {
    let policy::Silence { matcher, from, until, author, reason, .. } = wanted;
    let store = kept::to_begin(named)?;
    let added = Records::of(&store, now).add_silence(matcher, (*from, *until), author, reason).await;
    let unknown = unknown::named(named, &store, matcher).await;
    store.close();
    Ok((added?, unknown?))
}

/// From when to when, as far as somebody must know it.
fn when(silence: &policy::Silence, now: Timestamp) -> String {
    let (from, until) = (utc(silence.from), utc(silence.until));
    match silence_state(silence, now) {
        "over" => format!("from {from} until {until} UTC, which is over: only a run over past events goes by it"),
        "to come" => format!("from {from} until {until} UTC"),
        _ => format!("until {until} UTC"),
    }
}

async fn list(list: &ListSilences, output: &Output) -> anyhow::Result<Exit> {
    let store = kept::to_read(&list.store)?;
    let now = system_now();
    let silences = Records::of(&store, now).silences().await?;
    let asked: Vec<_> = silences.iter().filter(|kept| list.all || now < kept.value.until).collect();
    if output.json {
        let told: Vec<_> = asked.iter().map(|kept| views::silence(&kept.value, now)).collect();
        output::json(&json!({"silences": told}));
        return Ok(Exit::Done);
    }
    if asked.is_empty() {
        let over = if silences.is_empty() { "" } else { "; `--all` tells those that are over" };
        output::note(format_args!("nothing is silenced{over}"));
        return Ok(Exit::Done);
    }
    let mut table = Table::new(["id", "state", "what", "until", "by", "why"]);
    for Kept { value: silence, .. } in asked {
        let until = format!("{} UTC", utc(silence.until));
        let by = silence.author.clone();
        table.row([silence.id.clone(), state(silence, now), what(&silence.matcher), until, by, silence.reason.clone()]);
    }
    table.print();
    Ok(Exit::Done)
}

async fn end(end: &EndSilence, output: &Output) -> anyhow::Result<Exit> {
    let author = author::of(end.author.as_deref())?;
    let now = system_now();
    let ended = match Daemon::holding(&kept::existing(&end.store)?)? {
        Some(daemon) => {
            author::note_of_daemon(end.author.as_deref());
            through::end(&daemon, &end.id).await?
        }
        None => {
            let store = kept::to_write(&end.store)?;
            let ended = Records::of(&store, now).end_silence(&end.id, &author).await;
            store.close();
            ended
        }
    };
    match ended {
        Ok(silence) if output.json => output::json(&views::silence(&silence, now)),
        Ok(silence) if silence.until < now => {
            output::line(format_args!("{} was over already, at {} UTC", silence.id, utc(silence.until)));
        }
        Ok(silence) => output::line(format_args!("{} is over", silence.id)),
        Err(error @ SilenceError::Unknown { .. }) => {
            let text = output::plain(&error.to_string());
            if output.json {
                output::json(&json!({"error": text}));
            }
            output::error(&text);
            return Ok(Exit::Failed);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Exit::Done)
}

fn state(silence: &policy::Silence, now: Timestamp) -> String {
    match silence_state(silence, now) {
        "to come" => format!("from {} UTC", utc(silence.from)),
        word => word.to_owned(),
    }
}

/// What it matches: all of it must fit.
fn what(matcher: &Matcher) -> String {
    let named =
        [("agent", &matcher.agent), ("rule", &matcher.rule), ("type", &matcher.event_type), ("user", &matcher.user)];
    let named = named.into_iter().filter_map(|(word, value)| Some(format!("{word} {}", value.as_ref()?)));
    named.collect::<Vec<_>>().join(", ")
}
