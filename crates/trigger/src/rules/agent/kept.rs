//! What of an agent outlives the process: how far its rules are, and what is awaited of it that no event of late says. Its series
//! are rebuilt from events, by whoever has them.

use std::sync::Arc;

use tidings_core::Timestamp;

use super::Agent;
use crate::{
    explain,
    past::Basis,
    path::Frame,
    rules::{
        RuleSpec,
        progress::{Note, Phase, Progress},
        sight::Sight,
        state::{Kept, KeptAbsence},
        timers::Due,
    },
    window::Awaited,
};

impl Agent {
    /// How far one of its rules is, in the form that is kept.
    pub(in crate::rules) fn kept(&self, number: usize, rule: &RuleSpec) -> Option<Kept> {
        let tracked = self.layout.rules.get(number)?;
        let phase = self.progress.get(tracked.state?)?.phase().clone();
        let absences = tracked.absences.iter().zip(&rule.condition.expression().absences);
        let kept = absences.filter_map(|(place, spec)| {
            let absence = self.absences.get(usize::from(*place))?;
            // An answer may have come untold; who waits for one for long is told to be overdue.
            let known = absence.basis.is_kept() || !matches!(spec.awaited, Awaited::Answer(_));
            let since = absence.since.filter(|_| known)?;
            Some(KeptAbsence { key: spec.key.clone(), since, basis: absence.basis })
        });
        let newest = (!self.is_unseen()).then(|| Timestamp::from_nanos(self.newest));
        Some(Kept { phase, awaited: kept.collect(), newest })
    }

    /// Goes on from what was kept of one of its rules; `same` where its condition is what it was.
    pub(in crate::rules) fn put_back(&mut self, number: usize, rule: &RuleSpec, kept: Kept, same: bool) {
        self.see_newest(kept.newest);
        let Some(tracked) = self.layout.rules.get(number) else { return };
        for awaited in &kept.awaited {
            let mut places = tracked.absences.iter().zip(&rule.condition.expression().absences);
            let place = places.find(|(_, spec)| spec.key == awaited.key).map(|(place, _)| usize::from(*place));
            if let Some(absence) = place.and_then(|place| self.absences.get_mut(place)) {
                // What another condition made of it says nothing about this one.
                let anew = !same && awaited.basis == Basis::Come;
                absence.put_back(awaited.since, if anew { Basis::Begun } else { awaited.basis });
            }
        }
        if self.last.is_none() && kept.newest.is_some() && !self.absences.is_empty() {
            self.last = kept.phase.event().map(Arc::clone);
        }
        if let Some(progress) = tracked.state.and_then(|state| self.progress.get_mut(state)) {
            progress.put_back(if same { kept.phase } else { kept.phase.under_another(&rule.condition) });
            progress.note.told = true;
            progress.note.changed |= !same;
        }
    }

    /// Its windows end no sooner than they did.
    fn see_newest(&mut self, newest: Option<Timestamp>) {
        let newest = newest.map_or(i64::MIN, Timestamp::as_nanos);
        if newest > self.newest {
            self.newest = newest;
            self.series.iter_mut().for_each(|series| series.advance(newest));
        }
    }

    /// When time alone changes one of its rules, be it in the past, where nobody was there to look; `rested` is the end of its
    /// cooldown.
    pub(in crate::rules) fn left_due(&self, number: usize, rule: &RuleSpec, rested: Timestamp) -> Option<Timestamp> {
        let tracked = self.layout.rules.get(number)?;
        let progress = self.progress.get(tracked.state?)?;
        let absences = tracked.absences.iter().filter_map(|place| self.absences.get(usize::from(*place)));
        let awaited = absences.filter(|absence| absence.basis != Basis::Come).filter_map(|absence| absence.due());
        awaited.chain(progress.left_due(&rule.condition, rested)).min()
    }

    /// Takes note that what a rule awaits has become overdue.
    pub(in crate::rules) fn come(&mut self, timer: &Due, now: Timestamp) {
        let Some(tracked) = self.layout.rules.get(timer.rule) else { return };
        let mut come = false;
        for place in &tracked.absences {
            let Some(absence) = self.absences.get_mut(usize::from(*place)) else { continue };
            if let Some(due) = absence.due().filter(|due| *due <= now) {
                come |= due >= timer.at || absence.basis != Basis::Come;
                absence.basis = Basis::Come;
            }
        }
        if let Some(progress) = tracked.state.and_then(|state| self.progress.get_mut(state)) {
            progress.note.changed |= come;
        }
    }

    /// Takes note that what is awaited has begun, or has moved away from what was kept, for all rules that await it.
    pub(super) fn note_awaited(&mut self, places: &[u16]) {
        if places.is_empty() {
            return;
        }
        for tracked in &self.layout.rules {
            let concerned = tracked.absences.iter().any(|place| places.contains(place));
            if let Some(progress) = tracked.state.and_then(|state| self.progress.get_mut(state)) {
                progress.note.changed |= concerned;
            }
        }
    }

    /// What whoever keeps a rule of it has heard of that.
    pub(in crate::rules) fn note_mut(&mut self, number: usize) -> Option<&mut Note> {
        let state = self.layout.rules.get(number)?.state?;
        Some(&mut self.progress.get_mut(state)?.note)
    }

    /// How far one of its rules is.
    pub(in crate::rules) fn progress_of(&self, number: usize) -> Option<&Progress> {
        self.progress.get(self.layout.rules.get(number)?.state?)
    }

    /// A rule's condition with the values that it reads beside an event that is in all series.
    pub(in crate::rules) fn summary(&self, number: usize, rule: &RuleSpec, sight: &Sight<'_>) -> String {
        let frame = sight.frame(&rule.condition);
        let tracked = self.layout.rules.get(number);
        let past = tracked.map(|tracked| tracked.past((&self.series, &self.absences), self.newest, sight));
        explain::summary(rule.condition.expression(), &Frame { past: past.as_ref(), ..frame })
    }
}

impl Phase {
    /// Whether it says nothing.
    pub(in crate::rules) const fn is_idle(&self) -> bool {
        matches!(self, Self::Idle)
    }
}
