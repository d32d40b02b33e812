//! How far one rule is with one agent: holding, firing, at rest. Pure: what the condition says and what time it is come in, what is
//! to be told goes out.

mod kept;

use std::sync::Arc;

use tidings_core::{Event, Timestamp};

pub(super) use self::kept::Note;
use crate::{Condition, Verdict};

/// How far one rule is with one agent.
#[derive(Debug, Default)]
pub(super) struct Progress {
    phase: Phase,
    /// When a timer looks at it next.
    pub(super) armed: Option<Timestamp>,
    /// What whoever keeps it does not know yet.
    pub(super) note: Note,
}

/// Where it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Phase {
    #[default]
    Idle,
    /// It holds, and has not fired for it or fires again after each cooldown.
    Holding {
        since: Timestamp,
        /// The last event for which it held.
        event: Arc<Event>,
        /// Whether it has fired: then time alone does not let it fire again.
        spent: bool,
    },
    /// It has fired and is not over.
    Firing {
        begun: Beginning,
        /// Since when that holds which ends it, and the event with which it began to.
        clearing: Option<(Timestamp, Arc<Event>)>,
    },
}

/// What an incident began with.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Beginning {
    /// When, by the clock of now.
    pub(super) since: Timestamp,
    /// When, by the clock of then: it names the incident, even if the clock was set back between two lives.
    pub(super) named_since: Timestamp,
    pub(super) origin: Arc<Event>,
}

/// What is known at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'s> {
    /// What the condition says; `Missing` where only time has passed and nothing was asked.
    pub(super) main: Verdict,
    /// What the condition says that ends a firing; `None` where it was not asked.
    pub(super) clears: Option<Verdict>,
    /// Since when something that the rule awaits is overdue.
    pub(super) overdue: Option<Timestamp>,
    pub(super) event: &'s Arc<Event>,
    pub(super) now: Timestamp,
    /// Whether only time has passed.
    pub(super) timed: bool,
}

impl Seen<'_> {
    /// Since when it is so: what is overdue began to be so when it was due, not when somebody looked.
    fn start(&self) -> Timestamp {
        if self.timed { self.overdue.unwrap_or(self.now).min(self.now) } else { self.now }
    }
}

/// What came of it.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    Rests(Verdict),
    Fires,
    /// The incident is over that began so.
    Resolves(Beginning),
}

impl Progress {
    pub(super) const fn is_firing(&self) -> bool {
        matches!(self.phase, Phase::Firing { .. })
    }

    /// Whether anything would be lost with it.
    pub(super) const fn is_idle(&self) -> bool {
        matches!(self.phase, Phase::Idle)
    }

    /// The event that it speaks of when only time passes.
    pub(super) const fn event(&self) -> Option<&Arc<Event>> {
        match &self.phase {
            Phase::Holding { event, .. } | Phase::Firing { clearing: Some((_, event)), .. } => Some(event),
            _ => None,
        }
    }

    /// What it is told to be when only time has passed.
    pub(super) fn standing(&self, condition: &Condition, now: Timestamp) -> Verdict {
        match &self.phase {
            Phase::Firing { .. } => Verdict::Firing,
            Phase::Holding { since, spent: false, .. } if now < after(*since, condition.hold()) => Verdict::Pending,
            Phase::Holding { spent: false, .. } => Verdict::Cooldown,
            _ => Verdict::No,
        }
    }

    /// When time alone may change it, awaited things aside; `rested` is the end of its cooldown.
    pub(super) fn next_due(&self, condition: &Condition, now: Timestamp, rested: Timestamp) -> Option<Timestamp> {
        match &self.phase {
            Phase::Holding { since, spent: false, .. } => {
                let due = after(*since, condition.hold());
                Some(if due > now { due } else { rested.max(now) })
            }
            Phase::Firing { clearing: Some((since, _)), .. } => Some(after(*since, condition.resolve_hold()).max(now)),
            _ => None,
        }
    }

    /// Whether it has held, or what ends its firing has, for as long as it must.
    pub(super) fn is_due(&self, condition: &Condition, now: Timestamp) -> bool {
        match &self.phase {
            Phase::Holding { since, spent: false, .. } => after(*since, condition.hold()) <= now,
            Phase::Firing { clearing: Some((since, _)), .. } => after(*since, condition.resolve_hold()) <= now,
            _ => false,
        }
    }

    /// What ends its firing holds already when it fires.
    pub(super) fn clear(&mut self, event: &Arc<Event>, now: Timestamp) {
        if let Phase::Firing { clearing, .. } = &mut self.phase {
            clearing.get_or_insert_with(|| (now, Arc::clone(event)));
        }
    }

    /// Takes in what is known now. `admit` is asked only where it would fire: whether the cooldown lets it.
    pub(super) fn advance(&mut self, condition: &Condition, seen: Seen<'_>, admit: impl FnOnce() -> bool) -> Step {
        match &mut self.phase {
            Phase::Firing { clearing, begun } if condition.resolve().is_some() => {
                match seen.clears {
                    Some(Verdict::Fire) => {
                        let start = seen.start().max(begun.since);
                        clearing.get_or_insert_with(|| (start, Arc::clone(seen.event)));
                    }
                    Some(Verdict::No) => *clearing = None,
                    _ => {}
                }
                let decided = seen.timed || seen.clears == Some(Verdict::Fire);
                let held = |(since, _): &(Timestamp, _)| seen.now >= after(*since, condition.resolve_hold());
                if decided && clearing.as_ref().is_some_and(held) { self.resolve() } else { firing(seen.main) }
            }
            Phase::Firing { .. } if !ends_absence(&seen) => firing(seen.main),
            Phase::Firing { .. } => {
                self.phase = Phase::Idle;
                self.open(condition, seen, admit)
            }
            _ => self.open(condition, seen, admit),
        }
    }

    fn resolve(&mut self) -> Step {
        match std::mem::take(&mut self.phase) {
            Phase::Firing { begun, .. } => Step::Resolves(begun),
            _ => Step::Rests(Verdict::No),
        }
    }

    /// A rule that does not fire: whether it holds, for how long, and whether it may.
    fn open(&mut self, condition: &Condition, seen: Seen<'_>, admit: impl FnOnce() -> bool) -> Step {
        // Time passes for what held at the last event, unless it was asked again and does not.
        let kept = seen.timed && seen.main != Verdict::No && matches!(self.phase, Phase::Holding { .. });
        if seen.main != Verdict::Fire && !kept {
            // Without a hold, what waits for the end of a cooldown is overdue: it waits no longer than it is.
            if seen.main == Verdict::No || condition.hold() == 0 && seen.overdue.is_none() {
                self.phase = Phase::Idle;
            }
            return Step::Rests(seen.main);
        }
        let (since, spent) = self.hold(&seen);
        if seen.now < after(since, condition.hold()) {
            return Step::Rests(Verdict::Pending);
        }
        if spent && seen.timed {
            return Step::Rests(Verdict::No);
        }
        if admit() { self.fire(condition, &seen) } else { self.rest(condition, &seen) }
    }

    /// Holds, from now on or from when it began, and gives since when, and whether it has fired for it.
    fn hold(&mut self, seen: &Seen<'_>) -> (Timestamp, bool) {
        match &mut self.phase {
            Phase::Holding { since, event, spent } => {
                // A clock that was set back must not make it wait for longer.
                *since = (*since).min(seen.now);
                *event = Arc::clone(seen.event);
                (*since, *spent)
            }
            phase => {
                let since = seen.start();
                *phase = Phase::Holding { since, event: Arc::clone(seen.event), spent: false };
                (since, false)
            }
        }
    }

    fn fire(&mut self, condition: &Condition, seen: &Seen<'_>) -> Step {
        if condition.resolve().is_some() || seen.overdue.is_some() {
            let begun = Beginning { since: seen.now, named_since: seen.now, origin: Arc::clone(seen.event) };
            self.phase = Phase::Firing { begun, clearing: None };
        } else if condition.hold() == 0 {
            self.phase = Phase::Idle;
        } else if let Phase::Holding { spent, .. } = &mut self.phase {
            *spent = true;
        }
        Step::Fires
    }

    /// Undoes a firing: what waits for time alone tries again when its cooldown is over, the rest waits for its next event.
    pub(super) fn take_back(&mut self, condition: &Condition, fired: Timestamp) {
        match &mut self.phase {
            Phase::Firing { begun, .. } if begun.since == fired => {
                let since = after(fired, -condition.hold());
                let waits = condition.hold() > 0 || !condition.expression().absences.is_empty();
                let held = Phase::Holding { since, event: Arc::clone(&begun.origin), spent: false };
                self.phase = if waits { held } else { Phase::Idle };
            }
            Phase::Holding { since, spent, .. } if *since <= fired => *spent = false,
            _ => {}
        }
    }

    /// Within its cooldown. What waits for time alone tries again after it; the rest waits for its next event.
    fn rest(&mut self, condition: &Condition, seen: &Seen<'_>) -> Step {
        if condition.hold() == 0 && seen.overdue.is_none() {
            self.phase = Phase::Idle;
        }
        Step::Rests(Verdict::Cooldown)
    }
}

/// Whether what was absent came, or the rule no longer holds: what else the condition says to it then does not matter.
const fn ends_absence(seen: &Seen<'_>) -> bool {
    matches!(seen.main, Verdict::No) || seen.overdue.is_none()
}

/// The verdict while it fires: that it does, where the condition had a value.
fn firing(main: Verdict) -> Step {
    Step::Rests(if matches!(main, Verdict::Missing | Verdict::Error) { main } else { Verdict::Firing })
}

/// A time so many nanoseconds later.
pub(super) const fn after(time: Timestamp, nanoseconds: i64) -> Timestamp {
    Timestamp::from_nanos(time.as_nanos().saturating_add(nanoseconds))
}
