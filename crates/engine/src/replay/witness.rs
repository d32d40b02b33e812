//! Looks on while the worker settles what was decided, and keeps it until the replay tells it. A notifier that runs has none.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use tidings_core::{Notification, Timestamp};
use tidings_policy::Plan;
use tidings_store::{
    Admission, Deferred, Fate, Handed, Resumption, RuleOutcome, RulePlan, Step, UserOutcome, UserPlan,
};

use super::{Happening, What};
use crate::{
    planned::{Ended, Unsent},
    settle::is_granted,
};

/// Something that happened.
#[derive(Debug)]
pub(crate) struct Seen {
    at: Timestamp,
    about: About,
    pub(super) what: What,
}

/// What it happened to.
#[derive(Debug)]
enum About {
    Rule { name: Arc<str>, agent: Option<String> },
    Notification(Arc<Notification>),
}

impl Seen {
    pub(super) fn told(&self) -> Happening<'_> {
        let (at, what) = (self.at, &self.what);
        match &self.about {
            About::Rule { name, agent } => {
                Happening { at, agent: agent.as_deref(), rule: Some(name), user: None, notification: None, what }
            }
            About::Notification(told) => Happening {
                at,
                agent: told.agent_id.as_deref(),
                rule: told.rule.as_deref(),
                user: Some(&told.user_id),
                notification: Some(told),
                what,
            },
        }
    }

    fn rule(at: Timestamp, name: &Arc<str>, agent: Option<&str>, what: What) -> Self {
        let agent = agent.filter(|agent| !agent.is_empty()).map(str::to_owned);
        Self { at, about: About::Rule { name: Arc::clone(name), agent }, what }
    }

    fn notification(at: Timestamp, told: Arc<Notification>, what: What) -> Self {
        Self { at, about: About::Notification(told), what }
    }
}

/// The one that looks on, if there is one.
#[derive(Debug, Default)]
pub(crate) struct Witness(Option<Mutex<Vec<Seen>>>);

impl Witness {
    /// One that keeps what it sees.
    pub(crate) fn looking_on() -> Self {
        Self(Some(Mutex::default()))
    }

    /// What it has seen since it was last asked.
    pub(super) fn take(&self) -> Vec<Seen> {
        let open = |seen: &Mutex<Vec<Seen>>| std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
        self.0.as_ref().map(open).unwrap_or_default()
    }

    fn note(&self, look: impl FnOnce(&mut Vec<Seen>)) {
        if let Some(seen) = &self.0 {
            look(&mut seen.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// What an event gave, or time alone, with the store's word on it.
    pub(crate) fn see_plan(
        &self,
        at: Timestamp,
        plan: &RulePlan,
        outcome: &RuleOutcome,
        ended: Vec<(Option<usize>, Unsent)>,
    ) {
        self.note(|seen| {
            firings(seen, at, plan, outcome);
            for (_, unsent) in ended.into_iter().filter(|(claim, _)| is_granted(outcome, *claim)) {
                let Unsent { why, told, muted } = unsent;
                let what = match why {
                    Ended::Duplicate { of } => What::Duplicate { of },
                    Ended::Untold => What::Untold,
                    Ended::Silenced => What::Silenced,
                    Ended::Denied => What::Denied(muted),
                };
                seen.push(Seen::notification(at, Arc::new(told), what));
            }
            for (Handed { plan, .. }, outcome) in plan.told.iter().zip(&outcome.told) {
                seen.extend(handed(at, plan, *outcome));
            }
        });
    }

    /// What became of notifications that waited.
    pub(crate) fn see_resumed(&self, at: Timestamp, waiting: &[Deferred], batch: &Resumption, stood: &[bool]) {
        self.note(|seen| {
            let known: HashMap<_, _> =
                waiting.iter().map(|waits| (waits.notification.notification_id, &waits.notification)).collect();
            let mut told = HashSet::new();
            for (item, _) in batch.items.iter().zip(stood).filter(|(_, stood)| **stood) {
                let Some(notification) = known.get(&item.notification) else { continue };
                if let Fate::Gathered { into } = &item.fate {
                    told.insert(*into);
                }
                seen.push(Seen::notification(at, Arc::clone(notification), resumed(&item.fate, notification)));
            }
            for digest in batch.digests.iter().filter(|digest| told.contains(&digest.notification.notification_id)) {
                seen.push(Seen::notification(at, Arc::clone(&digest.notification), planned(digest)));
            }
        });
    }

    /// A rule held in its cooldown.
    pub(crate) fn see_cooldown(&self, at: Timestamp, rule: &Arc<str>, agent: Option<&str>) {
        self.note(|seen| seen.push(Seen::rule(at, rule, agent, What::Cooldown)));
    }

    /// What waits when the replay ends.
    pub(super) fn see_waiting(&self, at: Timestamp, waiting: Vec<Deferred>) {
        let waits = |waits: Deferred| Seen::notification(at, waits.notification, What::Waiting(waits.wait));
        self.note(|seen| seen.extend(waiting.into_iter().map(waits)));
    }
}

/// The rules that fired or were resolved, and those that the store knew to rest.
fn firings(seen: &mut Vec<Seen>, at: Timestamp, plan: &RulePlan, outcome: &RuleOutcome) {
    for entry in plan.trace.iter().filter(|entry| is_granted(outcome, entry.claim)) {
        let what = match entry.step {
            Step::Fired => What::Fired,
            Step::Resolved => What::Resolved,
            _ => continue,
        };
        seen.extend(entry.rule.as_ref().map(|rule| Seen::rule(at, rule, entry.agent.as_deref(), what)));
    }
    let rests = plan.firings.iter().zip(&outcome.fires).filter(|(_, fires)| **fires != Admission::Granted);
    seen.extend(rests.map(|(claim, _)| Seen::rule(at, &claim.rule, Some(&claim.agent), What::Cooldown)));
}

/// What became of a notification by the store's word; nothing of one that was never made.
fn handed(at: Timestamp, plan: &UserPlan, outcome: UserOutcome) -> Option<Seen> {
    let what = match outcome {
        UserOutcome::Planned => planned(plan),
        UserOutcome::Duplicate { of } => What::Duplicate { of },
        UserOutcome::Untold => What::Untold,
        UserOutcome::Overruled | UserOutcome::Known => return None,
    };
    Some(Seen::notification(at, Arc::clone(&plan.notification), what))
}

fn planned(plan: &UserPlan) -> What {
    match &plan.wait {
        Some(wait) if wait.digest.is_some() => What::Digested(wait.clone()),
        Some(wait) => What::Held(wait.clone()),
        None => sent(&plan.plan, &plan.notification, false),
    }
}

fn resumed(fate: &Fate, told: &Notification) -> What {
    match fate {
        Fate::Sent { plan, .. } => sent(plan, told, true),
        Fate::Waits(wait) => What::Delayed(wait.clone()),
        Fate::Gathered { into } => What::Gathered { into: *into },
        Fate::Dropped { untold: false } => What::Dropped,
        Fate::Dropped { untold: true } => What::Withdrawn,
    }
}

fn sent(plan: &Plan, told: &Notification, resumed: bool) -> What {
    let count = told.metadata.get("digest").and_then(|digest| digest.get("count")?.as_u64());
    let channels = plan.legs.iter().map(|leg| leg.channel.clone()).collect();
    let gathered = count.and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
    What::Sent { channels, gathered, resumed }
}
