//! What an agent of one rule set leaves to the same agent of the next one.

use std::{collections::HashMap, sync::Arc};

use super::Agent;
use crate::{
    agents::AgentPattern,
    history::Series,
    past::{Absence, Basis},
    rules::{
        RuleSpec,
        progress::{Note, Progress},
        succession::Succession,
    },
};

impl Agent {
    /// Goes on from the same agent of the set before: what both keep is taken over as it is.
    pub(in crate::rules) fn take_over(
        &mut self,
        rules: &[RuleSpec],
        (before, old): (&mut Self, &[RuleSpec]),
        succession: &Succession,
    ) {
        self.newest = self.newest.max(before.newest);
        self.take_series(rules, before, old);
        self.take_absences(rules, (before, old), succession);
        if !self.absences.is_empty() {
            self.last = before.last.take().or(self.last.take());
        }
        let layout = Arc::clone(&self.layout);
        for tracked in &layout.rules {
            let then = succession.before(tracked.rule).and_then(|rule| before.layout.find(rule));
            let then = then.and_then(|number| before.layout.rules.get(number)?.state);
            let Some(progress) = then.and_then(|state| before.progress.get_mut(state)) else { continue };
            let own = tracked.state.and_then(|state| self.progress.get_mut(state));
            if let Some((own, rule)) = own.zip(rules.get(tracked.rule)) {
                *own = Progress::succeeding(progress, (!succession.is_same(tracked.rule)).then_some(&rule.condition));
            }
        }
    }

    fn take_series(&mut self, rules: &[RuleSpec], before: &mut Self, old: &[RuleSpec]) {
        let layout = Arc::clone(&before.layout);
        let kept = layout.series(old).map(|(_, spec)| &*spec.key).zip(std::mem::take(&mut before.series));
        let mut kept: HashMap<&str, Series> = kept.collect();
        for ((_, spec), series) in self.layout.series(rules).zip(&mut self.series) {
            match kept.remove(&*spec.key) {
                Some(known) => *series = known,
                None => series.advance(self.newest),
            }
        }
    }

    fn take_absences(&mut self, rules: &[RuleSpec], (before, old): (&Self, &[RuleSpec]), succession: &Succession) {
        let kept = before.layout.absences(old).zip(&before.absences);
        let kept: HashMap<(&AgentPattern, &str), Absence> =
            kept.map(|((rule, spec), absence)| ((&rule.agent_id, &*spec.key), *absence)).collect();
        let layout = Arc::clone(&self.layout);
        for (place, (absence, (rule, spec))) in (0..).zip(self.absences.iter_mut().zip(layout.absences(rules))) {
            let Some(known) = kept.get(&(&rule.agent_id, &*spec.key)) else { continue };
            *absence = *known;
            // What another condition made of it says nothing about this one.
            let mut users = layout.rules.iter().filter(|tracked| tracked.absences.contains(&place));
            if known.basis == Basis::Come && !users.any(|tracked| succession.is_same(tracked.rule)) {
                absence.basis = Basis::Begun;
            }
        }
    }

    /// The rules that fire for it.
    pub(in crate::rules) fn open_firings(&self) -> impl Iterator<Item = usize> {
        let fires =
            |state: Option<usize>| state.and_then(|state| self.progress.get(state)).is_some_and(Progress::is_firing);
        self.layout.rules.iter().filter(move |tracked| fires(tracked.state)).map(|tracked| tracked.rule)
    }

    /// The rules of which something was told that is kept somewhere.
    pub(in crate::rules) fn told(&self) -> impl Iterator<Item = usize> {
        let is_told =
            |state: Option<usize>| state.and_then(|state| self.progress.get(state)).is_some_and(|own| own.note.told);
        self.layout.rules.iter().filter(move |tracked| is_told(tracked.state)).map(|tracked| tracked.rule)
    }

    /// Whether it has a place for how far a rule is.
    pub(in crate::rules) fn has_state(&self, rule: usize) -> bool {
        self.layout.find(rule).and_then(|number| self.layout.rules.get(number)).is_some_and(|own| own.state.is_some())
    }
}

impl Progress {
    /// What a rule's progress becomes in the next set; with a condition where that is another one.
    fn succeeding(before: &mut Self, changed: Option<&crate::Condition>) -> Self {
        let Note { changed: untold, told, .. } = before.note;
        let phase = before.take_phase();
        let mut own = Self::default();
        own.put_back(match changed {
            Some(condition) => phase.under_another(condition),
            None => phase,
        });
        own.note = Note { changed: untold || changed.is_some(), told, ..Note::default() };
        own
    }
}
