//! What happened within the last hour, counted minute by minute, and what needs a person. Pure: it is told of everything as it comes.

use std::collections::{HashMap, VecDeque};

use serde::Serialize;
use tidings::{
    Severity, Timestamp,
    store::{Entry, Step, StoredEvent},
};

/// How many minutes are counted.
pub(crate) const MINUTES: usize = 60;
/// How many agents are told apart; the one that has been silent longest gives way.
const AGENTS: usize = 1_000;
/// How many needs are kept.
const NEEDS: usize = 200;
/// How long something needs somebody.
const NEEDED: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

/// Counts of one minute, or of an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    /// Events that were accepted.
    pub(crate) events: u64,
    /// Notifications that somebody is told, now or later.
    pub(crate) notifications: u64,
    /// Deliveries that arrived.
    pub(crate) delivered: u64,
    /// What nobody was told: repeats, silences, cooldowns, wishes.
    pub(crate) suppressed: u64,
    /// Deliveries that were given up.
    pub(crate) failed: u64,
}

/// One kind of thing, a value a minute.
#[derive(Clone, Debug)]
struct Ring<T> {
    slots: [(i64, T); MINUTES],
}

impl<T: Copy + Default> Ring<T> {
    fn new() -> Self {
        Self { slots: [(i64::MIN, T::default()); MINUTES] }
    }

    /// The value of a minute, to be changed; `None` for one that is over since longer than an hour.
    fn at(&mut self, minute: i64) -> Option<&mut T> {
        let place = usize::try_from(minute.rem_euclid(MINUTES as i64)).unwrap_or_default();
        let slot = self.slots.get_mut(place)?;
        if slot.0 < minute {
            *slot = (minute, T::default());
        }
        (slot.0 == minute).then_some(&mut slot.1)
    }

    /// The values of the last hour, the oldest first.
    fn hour(&self, now: i64) -> impl Iterator<Item = T> + '_ {
        (now - MINUTES as i64 + 1..=now).map(|minute| {
            let place = usize::try_from(minute.rem_euclid(MINUTES as i64)).unwrap_or_default();
            self.slots.get(place).filter(|slot| slot.0 == minute).map(|slot| slot.1).unwrap_or_default()
        })
    }
}

/// What an agent did in a minute: how many events, and how bad the worst.
#[derive(Clone, Copy, Debug, Default)]
struct Doing {
    events: u32,
    worst: Option<Severity>,
}

#[derive(Clone, Debug)]
struct Agent {
    minutes: Ring<Doing>,
    last: Timestamp,
}

/// An agent of the last hour.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct AgentTold {
    pub(crate) agent: String,
    pub(crate) events: u64,
    pub(crate) per_minute: Vec<u32>,
    pub(crate) worst: Severity,
    pub(crate) last: Timestamp,
}

/// Something that needs a person.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Need {
    pub(crate) kind: &'static str,
    pub(crate) text: String,
    pub(crate) at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) endpoint: Option<String>,
}

/// How the last deliveries of an endpoint went.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Lately {
    /// What failed last; `None` once something arrived after it.
    pub(crate) error: Option<String>,
}

/// The counts of the last hour, and what needs a person.
#[derive(Debug)]
pub(crate) struct Tally {
    minutes: Ring<Counts>,
    agents: HashMap<String, Agent>,
    needs: VecDeque<Need>,
    endpoints: HashMap<String, Lately>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { minutes: Ring::new(), agents: HashMap::new(), needs: VecDeque::new(), endpoints: HashMap::new() }
    }
}

fn minute(at: Timestamp) -> i64 {
    at.as_secs().div_euclid(60)
}

impl Tally {
    /// An event was accepted.
    pub(crate) fn see_event(&mut self, kept: &StoredEvent) {
        let at = minute(kept.received);
        if let Some(counts) = self.minutes.at(at) {
            counts.events += 1;
        }
        let Some(name) = &kept.event.agent_id else { return };
        if !self.agents.contains_key(name) {
            self.make_room();
            self.agents.insert(name.clone(), Agent { minutes: Ring::new(), last: kept.received });
        }
        let Some(agent) = self.agents.get_mut(name) else { return };
        agent.last = agent.last.max(kept.received);
        if let Some(doing) = agent.minutes.at(at) {
            doing.events = doing.events.saturating_add(1);
            doing.worst = doing.worst.max(Some(kept.event.severity));
        }
    }

    /// So many events were accepted that nobody looked at one by one.
    pub(crate) fn see_events(&mut self, count: u64, at: Timestamp) {
        if let Some(counts) = self.minutes.at(minute(at)) {
            counts.events += count;
        }
    }

    fn make_room(&mut self) {
        if self.agents.len() < AGENTS {
            return;
        }
        let oldest = self.agents.iter().min_by_key(|(_, agent)| agent.last).map(|(name, _)| name.clone());
        oldest.iter().for_each(|name| _ = self.agents.remove(name));
    }

    /// Something was decided or done. The entry is to be without secrets.
    pub(crate) fn see_entry(&mut self, entry: &Entry) {
        self.count(entry);
        self.note_endpoint(entry);
        match entry.step {
            Step::Dead | Step::Expired | Step::Shed => self.add(dead(entry)),
            Step::Damaged => self.add(damaged(entry)),
            Step::Retry if entry.detail.contains_key("again") => {
                entry.delivery.iter().for_each(|id| self.forget(&id.to_string()));
            }
            _ => {}
        }
    }

    fn count(&mut self, entry: &Entry) {
        let Some(counts) = self.minutes.at(minute(entry.at)) else { return };
        match entry.step {
            Step::Planned => counts.notifications += 1,
            // Of a delivery it is told again and again.
            Step::Held | Step::Digested if entry.delivery.is_none() => counts.notifications += 1,
            Step::Denied if entry.delivery.is_none() => counts.suppressed += 1,
            Step::Duplicate | Step::Cooldown | Step::Silenced | Step::Untold => counts.suppressed += 1,
            Step::Delivered => counts.delivered += 1,
            Step::Dead | Step::Expired | Step::Shed => counts.failed += 1,
            _ => {}
        }
    }

    fn note_endpoint(&mut self, entry: &Entry) {
        let Some(endpoint) = &entry.endpoint else { return };
        let error = match entry.step {
            Step::Delivered => None,
            Step::Retry if entry.attempt == 0 => return,
            Step::Dead | Step::Retry => Some(reason(entry)),
            _ => return,
        };
        // There are as many as the configuration names; those of a former one go with the process.
        if self.endpoints.contains_key(endpoint) || self.endpoints.len() < AGENTS {
            self.endpoints.insert(endpoint.clone(), Lately { error });
        }
    }

    /// Something needs somebody.
    pub(crate) fn add(&mut self, need: Need) {
        if self.needs.len() == NEEDS {
            self.needs.pop_front();
        }
        self.needs.push_back(need);
    }

    /// What this id stands for needs nobody any more.
    pub(crate) fn forget(&mut self, id: &str) {
        self.needs.retain(|need| need.id.as_deref() != Some(id));
    }

    /// Whether what this id stands for needs somebody.
    pub(crate) fn is_needed(&self, id: &str) -> bool {
        self.needs.iter().any(|need| need.id.as_deref() == Some(id))
    }

    /// The counts of the last hour.
    pub(crate) fn last_hour(&self, now: Timestamp) -> Counts {
        self.minutes.hour(minute(now)).fold(Counts::default(), |sum, one| Counts {
            events: sum.events + one.events,
            notifications: sum.notifications + one.notifications,
            delivered: sum.delivered + one.delivered,
            suppressed: sum.suppressed + one.suppressed,
            failed: sum.failed + one.failed,
        })
    }

    /// The busiest agents of the last hour, at most so many.
    pub(crate) fn agents(&self, now: Timestamp, most: usize) -> Vec<AgentTold> {
        let told = self.agents.iter().filter_map(|(name, agent)| {
            let hour: Vec<Doing> = agent.minutes.hour(minute(now)).collect();
            let events = hour.iter().map(|doing| u64::from(doing.events)).sum();
            let worst = hour.iter().filter_map(|doing| doing.worst).max()?;
            let per_minute = hour.iter().map(|doing| doing.events).collect();
            Some(AgentTold { agent: name.clone(), events, per_minute, worst, last: agent.last })
        });
        let mut told: Vec<AgentTold> = told.collect();
        told.sort_by(|one, other| other.events.cmp(&one.events).then_with(|| one.agent.cmp(&other.agent)));
        told.truncate(most);
        told
    }

    /// What needs somebody, as far as the log tells.
    pub(crate) fn needs(&self, now: Timestamp) -> Vec<Need> {
        self.needs.iter().filter(|need| now.since(need.at) < NEEDED).cloned().collect()
    }

    /// What failed last on an endpoint, unless something arrived since.
    pub(crate) fn last_error(&self, endpoint: &str) -> Option<&str> {
        self.endpoints.get(endpoint)?.error.as_deref()
    }
}

fn reason(entry: &Entry) -> String {
    let word = |key: &str| entry.detail.get(key).and_then(|value| value.as_str());
    let text = word("text").or_else(|| word("kind")).unwrap_or(entry.step.as_str());
    text.chars().take(200).collect()
}

fn dead(entry: &Entry) -> Need {
    let on = entry.endpoint.as_deref().unwrap_or("an endpoint");
    let whom = entry.user.as_deref().or(entry.agent.as_deref()).map(|whom| format!(" for {whom}")).unwrap_or_default();
    let word = match entry.step {
        Step::Expired => "became too old",
        Step::Shed => "had no room",
        _ => "was given up",
    };
    Need {
        kind: "dead",
        text: format!("a delivery on {on}{whom} {word}: {}", reason(entry)),
        at: entry.at,
        id: entry.delivery.map(|id| id.to_string()),
        endpoint: entry.endpoint.clone(),
    }
}

fn damaged(entry: &Entry) -> Need {
    let table = entry.detail.get("table").and_then(|value| value.as_str()).unwrap_or("unknown");
    let text = format!("a row of the store (`{table}`) does not check and was set aside: see `tidings fsck`");
    Need { kind: "damaged", text, at: entry.at, id: None, endpoint: None }
}

#[cfg(test)]
mod tests;
