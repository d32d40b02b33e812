//! `prefs test`: what would become of a message for a person, asked of the same function that decides for the notifier.

use tidings::{
    Question, Timestamp,
    clock::system_now,
    explain::utc,
    policy::{Reason, Recent, Silence, Told, Why},
};
use tidings_server::views::{Asked, ChannelWord, Judged, Unanswerable, local};

use super::people::Everybody;
use crate::{
    Exit,
    args::{Output, TestPrefs},
    output,
    table::Table,
};

/// Asks for each channel, and tells.
pub(crate) async fn test(test: &TestPrefs, output: &Output) -> anyhow::Result<Exit> {
    let everybody = Everybody::to_read(&test.config).await?;
    let (plan, people) = (everybody.plan(), everybody.people());
    people.users().get(&test.user).ok_or_else(|| everybody.unknown(&test.user))?;
    let question = asked(test).question(plan, test.at.from(system_now())).map_err(told)?;
    let words = people.judge(&test.user, &question, Recent::default());
    let judged = Judged::of(plan, people, &test.user, (&question, &words), everybody.source());
    let judged = judged.ok_or_else(|| everybody.unknown(&test.user))?;
    if output.json {
        output::json(&judged.to_json());
    } else {
        everybody.note_source();
        tell(&judged);
    }
    Ok(Exit::Done)
}

fn asked(test: &TestPrefs) -> Asked {
    Asked {
        rule: test.rule.clone(),
        agent: test.agent.clone(),
        event_type: test.event_type.clone(),
        priority: test.priority,
        channels: test.channels.clone(),
        topic: test.topic.clone(),
    }
}

fn told(error: Unanswerable) -> anyhow::Error {
    match error {
        Unanswerable::NoChannel => anyhow::anyhow!("there is no channel to ask about: name one with `--channel NAME`"),
        error => anyhow::anyhow!(output::plain(&error.to_string())),
    }
}

fn tell(judged: &Judged<'_>) {
    let Question { rule, agent, priority, at, .. } = judged.question;
    let rule = rule.as_ref().map(|rule| format!(", rule {rule}")).unwrap_or_default();
    let agent = agent.as_ref().map(|agent| format!(", agent {agent}")).unwrap_or_default();
    let heading = format!("{priority} to {}{rule}{agent}, at {}", judged.user, both(judged, *at));
    output::line(output::plain(&heading));
    let mut table = Table::new(["channel", "decision", "by", "why", "until"]);
    for row in &judged.words {
        let Told { channel, layer, until, .. } = &row.told;
        let until = until.map(|until| both(judged, until)).unwrap_or_default();
        table.row([channel.clone(), decision(row), layer.to_string(), why(row), until]);
    }
    table.print();
}

/// A moment by the person's clock and in UTC.
fn both(judged: &Judged<'_>, at: Timestamp) -> String {
    let zone = judged.zone.iana_name().unwrap_or("UTC");
    match zone {
        "UTC" => format!("{} UTC", utc(at)),
        _ => format!("{} {zone} ({} UTC)", local(at, &judged.zone), utc(at)),
    }
}

fn decision(word: &ChannelWord<'_>) -> String {
    let digest = word.told.digest.as_ref().map(|channel| format!(" on {channel}")).unwrap_or_default();
    format!("{}{digest}", word.told.decision)
}

fn why(word: &ChannelWord<'_>) -> String {
    let why = match (word.told.why, word.silence) {
        (Some(Why::Not(Reason::Silenced)), Some(Silence { id, until, author, reason, .. })) => {
            format!("silenced until {} UTC by {author}: {reason} (silence {id})", utc(*until))
        }
        (Some(why), _) => why.to_string(),
        (None, _) => "nothing is against it".to_owned(),
    };
    if word.no_address { format!("{why}; but there is no address") } else { why }
}
