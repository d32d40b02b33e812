//! Which rules are not as they were told to whoever keeps them. Nothing is remembered before somebody asks for the first time.

use super::Fleet;
use crate::rules::{
    RuleSpec,
    progress::Note,
    state::{Fingerprint, Kept, RuleState, Subject, fingerprint, stand_in},
};

/// What is to be told.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// One for each rule; `None` before somebody asked.
    fingerprints: Option<Box<[Fingerprint]>>,
    /// Places of agents and the numbers of their rules, each once.
    listed: Vec<(usize, usize)>,
    /// What was told and is no more.
    gone: Vec<RuleState>,
}

impl Changes {
    /// Puts a rule of an agent on the list, unless it is as it was told.
    pub(super) fn list(&mut self, place: (usize, usize), note: &mut Note) {
        if note.changed && !note.listed && self.fingerprints.is_some() {
            note.listed = true;
            self.listed.push(place);
        }
    }

    /// Whether somebody keeps what is told.
    pub(super) const fn is_told(&self) -> bool {
        self.fingerprints.is_some()
    }

    /// What another one had to strike is to be struck still.
    pub(super) fn take_over(&mut self, before: &mut Self) {
        self.gone.append(&mut before.gone);
    }

    /// Strikes off the places of agents that are gone, which are sorted.
    pub(super) fn forget(&mut self, places: &[usize]) {
        self.listed.retain(|(place, _)| places.binary_search(place).is_err());
    }

    /// The fingerprint of a rule; that of nothing before somebody asked.
    pub(super) fn fingerprint(&self, rule: usize) -> Fingerprint {
        self.fingerprints.as_ref().and_then(|all| all.get(rule)).copied().unwrap_or_default()
    }

    /// What was kept of a rule and an agent is no more.
    pub(super) fn strike(&mut self, rule: &RuleSpec, subject: Subject, condition: Fingerprint) {
        self.gone.push(RuleState { rule: rule.name.as_str().into(), subject, condition, kept: Kept::default() });
    }
}

impl Fleet {
    /// From now on remembers what changes; says whether it did not before.
    pub(super) fn track(&mut self, rules: &[RuleSpec]) -> bool {
        if self.changes.fingerprints.is_some() {
            return false;
        }
        let of = |(position, rule)| {
            if self.registry.is_stateful(position) { fingerprint(rule) } else { Fingerprint::default() }
        };
        self.changes.fingerprints = Some(rules.iter().enumerate().map(of).collect());
        true
    }

    /// What is not as it was told; all there is at the first time.
    pub(in crate::rules) fn changed(&mut self, rules: &[RuleSpec]) -> Vec<RuleState> {
        if self.track(rules) {
            self.list_all();
        }
        let mut told = std::mem::take(&mut self.changes.gone);
        for (place, number) in std::mem::take(&mut self.changes.listed) {
            let state = self.state(place, number, rules);
            let agent = self.agents.get_mut(place);
            let Some((state, note)) = state.zip(agent.and_then(|agent| agent.note_mut(number))) else { continue };
            let news = note.changed && (note.told || !state.is_empty());
            *note = Note { told: !state.is_empty(), ..Note::default() };
            told.extend(news.then_some(state));
        }
        told
    }

    fn list_all(&mut self) {
        for (place, agent) in self.agents.iter_mut().enumerate() {
            for number in 0..agent.layout.rules.len() {
                if let Some(note) = agent.note_mut(number) {
                    note.changed = true;
                    self.changes.list((place, number), note);
                }
            }
        }
    }

    fn state(&self, place: usize, number: usize, rules: &[RuleSpec]) -> Option<RuleState> {
        let agent = self.agents.get(place)?;
        let position = agent.layout.rules.get(number)?.rule;
        let rule = rules.get(position)?;
        let kept = agent.kept(number, rule)?;
        let condition = self.changes.fingerprint(position);
        Some(RuleState { rule: rule.name.as_str().into(), subject: self.subject(place, rule)?, condition, kept })
    }

    /// Whom a place is of, to a rule of its.
    fn subject(&self, place: usize, rule: &RuleSpec) -> Option<Subject> {
        match &self.agents.get(place)?.id {
            Some(id) => Some(Subject::Agent(id.clone())),
            None if self.nameless == Some(place) => Some(Subject::Nameless),
            None => stand_in(rule),
        }
    }

    /// What was told of the agent of a place that is freed is no more.
    pub(super) fn note_gone(&mut self, place: usize, rules: &[RuleSpec]) {
        let Some(agent) = self.agents.get(place) else { return };
        let told = (0..agent.layout.rules.len())
            .filter(|number| agent.progress_of(*number).is_some_and(|progress| progress.note.told));
        let numbers: Vec<usize> = told.collect();
        for number in numbers {
            let position = self.agents.get(place).and_then(|agent| Some(agent.layout.rules.get(number)?.rule));
            let Some((position, rule)) = position.and_then(|position| Some((position, rules.get(position)?))) else {
                continue;
            };
            if let Some(subject) = self.subject(place, rule) {
                let condition = self.changes.fingerprint(position);
                self.changes.strike(rule, subject, condition);
            }
        }
    }
}
