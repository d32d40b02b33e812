//! Runs one test through a replay and notes what comes of it. What was expected is not known here.

use std::{collections::BTreeMap, sync::Arc};

use tidings::{
    Builder, Clock, Happening, Timestamp, What,
    config::{
        Plan,
        tests_file::{Mechanism, Test},
    },
    policy::{Delay, Wait},
};

use super::words;
use crate::default_rule;

/// What came of a test.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Rules that fired.
    pub(super) firings: Vec<Fired>,
    /// Incidents that ended.
    pub(super) resolved: Vec<Fired>,
    /// Messages that went out.
    pub(super) messages: Vec<Message>,
    /// What was kept from people, or put off, and why.
    pub(super) kept: Vec<Kept>,
    /// How often each mechanism suppressed something.
    pub(super) suppressed: BTreeMap<Mechanism, u64>,
}

/// A rule that fired, or an incident of it that ended.
#[derive(Clone, Debug)]
pub(super) struct Fired {
    pub(super) rule: String,
    pub(super) agent: Option<String>,
    pub(super) at: Timestamp,
}

/// A message that went out.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) at: Timestamp,
    pub(super) user: String,
    pub(super) rule: Option<String>,
    pub(super) agent: Option<String>,
    /// In alphabetical order.
    pub(super) channels: Vec<String>,
    pub(super) title: String,
    pub(super) body: String,
    /// How many it tells of together; 0 where it tells of itself.
    pub(super) gathered: u64,
}

/// Something that kept a message from somebody, or a rule from firing.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) at: Timestamp,
    pub(super) rule: Option<String>,
    pub(super) agent: Option<String>,
    /// Nobody in particular, where a rule rested.
    pub(super) user: Option<String>,
    /// In words, as they stand behind "it".
    pub(super) why: String,
}

/// A clock that stands still behind a test's last moment: no event is ahead of it.
#[derive(Debug)]
struct Still(Timestamp);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// Runs the test.
pub(super) fn run(test: &Test, plan: &Plan) -> anyhow::Result<Seen> {
    let mut plan = plan.clone();
    plan.preferences.users.extend(test.preferences.clone());
    let has_rules = !plan.rules.is_empty();
    let builder = Builder::for_replay(plan).clock(Arc::new(Still(test.until)));
    let builder = if has_rules { builder } else { default_rule::add(builder)? };
    let mut replay = builder.replay()?;
    test.silences.iter().for_each(|silence| replay.silence(silence.clone()));
    let mut seen = Seen::default();
    let mut tell = |happening: Happening<'_>| seen.note(test, &happening);
    for event in test.events().into_iter().take_while(|event| event.timestamp <= test.until) {
        replay.feed(event, &mut tell);
    }
    replay.pass(test.until, &mut tell);
    Ok(seen)
}

impl Seen {
    fn note(&mut self, test: &Test, happening: &Happening<'_>) {
        match happening.what {
            What::Fired => self.firings.extend(fired(happening)),
            What::Resolved => self.resolved.extend(fired(happening)),
            What::Sent { channels, gathered, .. } => self.messages.extend(message(happening, channels, *gathered)),
            what => {
                if let Some(mechanism) = mechanism(what) {
                    *self.suppressed.entry(mechanism).or_default() += 1;
                }
                self.kept.extend(words::why(test, happening).map(|why| kept(happening, why)));
            }
        }
    }
}

fn fired(happening: &Happening<'_>) -> Option<Fired> {
    let agent = happening.agent.map(str::to_owned);
    Some(Fired { rule: happening.rule?.to_owned(), agent, at: happening.at })
}

fn message(happening: &Happening<'_>, channels: &[String], gathered: usize) -> Option<Message> {
    let told = happening.notification?;
    let mut channels = channels.to_vec();
    channels.sort();
    channels.dedup();
    Some(Message {
        at: happening.at,
        user: told.user_id.clone(),
        rule: told.rule.clone(),
        agent: told.agent_id.clone(),
        channels,
        title: told.title.clone(),
        body: told.body.clone(),
        gathered: gathered as u64,
    })
}

fn kept(happening: &Happening<'_>, why: String) -> Kept {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Kept {
        at: happening.at,
        rule: owned(happening.rule),
        agent: owned(happening.agent),
        user: owned(happening.user),
        why,
    }
}

/// What suppressed it; `None` for what only goes on waiting, or is told with others.
fn mechanism(what: &What) -> Option<Mechanism> {
    Some(match what {
        What::Cooldown => Mechanism::Cooldown,
        What::Duplicate { .. } => Mechanism::Duplicate,
        What::Silenced => Mechanism::Silenced,
        What::Denied(_) => Mechanism::Denied,
        What::Held(_) => Mechanism::Held,
        What::Digested(Wait { why: Delay::Storm, .. }) => Mechanism::SummedUp,
        What::Digested(_) => Mechanism::Digested,
        What::Dropped | What::Withdrawn => Mechanism::Dropped,
        _ => return None,
    })
}
