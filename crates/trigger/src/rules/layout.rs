//! Which series, absences and states an agent needs: what its rules keep, each once, however many rules share it.

use std::collections::HashMap;

use super::RuleSpec;
use crate::{
    history::Reads,
    window::{AbsenceSpec, Keep, SeriesSpec},
};

/// The most series of one agent.
const SERIES_LIMIT: usize = 256;
/// The place of what is not kept.
const NOWHERE: u16 = u16::MAX;

/// What all rules together keep.
#[derive(Debug, Default)]
pub(super) struct Registry {
    /// The rule that a series was first seen in, and its number there.
    series: Vec<(usize, usize)>,
    /// What all rules that share a series read of it often.
    reads: Vec<Reads>,
    absences: Vec<(usize, usize)>,
    /// What each rule uses; `None` for one that keeps nothing. Empty where none keeps anything.
    rules: Vec<Option<Box<Uses>>>,
}

/// What one rule uses, in the order of its own numbers.
#[derive(Debug)]
struct Uses {
    series: Box<[usize]>,
    absences: Box<[usize]>,
    /// Whether it matters how far it is with an agent.
    stateful: bool,
}

impl Registry {
    pub(super) fn new(rules: &[RuleSpec]) -> Self {
        let mut registry = Self::default();
        let (mut series, mut absences) = (HashMap::new(), HashMap::new());
        for (position, rule) in rules.iter().enumerate() {
            let expression = rule.condition.expression();
            let ids = |known: &mut HashMap<Box<str>, usize>, list: &mut Vec<(usize, usize)>, keys: Vec<Box<str>>| {
                let id = |(number, key)| {
                    *known.entry(key).or_insert_with(|| {
                        list.push((position, number));
                        list.len() - 1
                    })
                };
                keys.into_iter().enumerate().map(id).collect::<Box<[usize]>>()
            };
            let series_keys = expression.series.iter().map(|spec| spec.key.clone()).collect();
            // Since when a thing is awaited depends on when the first agent of the pattern came: only rules of one share it.
            let of_pattern = |key: &str| format!("{:?} {key}", rule.agent_id).into();
            let absence_keys = expression.absences.iter().map(|spec| of_pattern(&spec.key)).collect();
            let uses = Uses {
                series: ids(&mut series, &mut registry.series, series_keys),
                absences: ids(&mut absences, &mut registry.absences, absence_keys),
                stateful: rule.condition.hold() > 0
                    || rule.condition.resolve().is_some()
                    || !expression.absences.is_empty(),
            };
            registry.reads.resize(registry.series.len(), Reads::default());
            for (id, spec) in uses.series.iter().zip(&expression.series) {
                registry.reads[*id] = registry.reads[*id].and(spec.reads);
            }
            let keeps = uses.stateful || !uses.series.is_empty();
            registry.rules.push(keeps.then(|| Box::new(uses)));
        }
        if registry.rules.iter().all(Option::is_none) {
            registry.rules.clear();
        }
        registry
    }

    /// Whether no rule keeps anything.
    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether a rule keeps anything of its agents.
    pub(super) fn keeps(&self, rule: usize) -> bool {
        self.rules.get(rule).is_some_and(Option::is_some)
    }

    /// Whether it matters to a rule how far it is with an agent.
    pub(super) fn is_stateful(&self, rule: usize) -> bool {
        matches!(self.rules.get(rule), Some(Some(uses)) if uses.stateful)
    }

    /// What an agent needs that these rules are about, in their order.
    pub(super) fn layout(&self, own: &[usize], rules: &[RuleSpec]) -> Layout {
        let mut layout = Layout::default();
        for (rule, uses) in own.iter().filter_map(|rule| Some((*rule, self.rules.get(*rule)?.as_ref()?))) {
            let state = uses.stateful.then_some(layout.states);
            layout.states += usize::from(uses.stateful);
            let series =
                uses.series.iter().map(|id| place(&mut layout.series, self.series[*id], SERIES_LIMIT)).collect();
            let absences =
                uses.absences.iter().map(|id| place(&mut layout.absences, self.absences[*id], usize::MAX)).collect();
            layout.rules.push(Tracked { rule, series, absences, state });
        }
        let reads = |source| self.series.iter().position(|other| other == source).map(|id| self.reads[id]);
        layout.reads = layout.series.iter().filter_map(reads).collect();
        let has_marks = layout.series(rules).any(|(_, spec)| matches!(spec.keep, Keep::Marks(_)));
        layout.has_marks = has_marks;
        layout
    }
}

/// The place of a source in a list, at the end if it is new there.
fn place(list: &mut Vec<(usize, usize)>, source: (usize, usize), limit: usize) -> u16 {
    let known = list.iter().position(|other| *other == source);
    let place = known.or_else(|| {
        let room = list.len() < limit;
        room.then(|| {
            list.push(source);
            list.len() - 1
        })
    });
    place.and_then(|place| u16::try_from(place).ok()).unwrap_or(NOWHERE)
}

/// What an agent needs. Agents with the same rules share one.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The rules that keep something, in their order.
    pub(super) rules: Vec<Tracked>,
    /// Where each series is defined: a rule, and its number there.
    series: Vec<(usize, usize)>,
    reads: Vec<Reads>,
    absences: Vec<(usize, usize)>,
    /// How many rules have a state.
    pub(super) states: usize,
    /// Whether a series notes when something held.
    pub(super) has_marks: bool,
}

/// One rule of an agent, and where what it uses is kept.
#[derive(Debug)]
pub(super) struct Tracked {
    pub(super) rule: usize,
    pub(super) series: Box<[u16]>,
    pub(super) absences: Box<[u16]>,
    pub(super) state: Option<usize>,
}

impl Layout {
    /// The place of a rule among those that keep something.
    pub(super) fn find(&self, rule: usize) -> Option<usize> {
        self.rules.binary_search_by_key(&rule, |tracked| tracked.rule).ok()
    }

    /// The series, each with the rule that defines it.
    pub(super) fn series<'r>(&self, rules: &'r [RuleSpec]) -> impl Iterator<Item = (&'r RuleSpec, &'r SeriesSpec)> {
        self.series.iter().filter_map(|(rule, number)| {
            let rule = rules.get(*rule)?;
            Some((rule, rule.condition.expression().series.get(*number)?))
        })
    }

    /// What is read often of each series.
    pub(super) fn reads(&self) -> impl Iterator<Item = Reads> {
        self.reads.iter().copied()
    }

    /// What is awaited, each with the rule that defines it.
    pub(super) fn absences<'r>(&self, rules: &'r [RuleSpec]) -> impl Iterator<Item = (&'r RuleSpec, &'r AbsenceSpec)> {
        self.absences.iter().filter_map(|(rule, number)| {
            let rule = rules.get(*rule)?;
            Some((rule, rule.condition.expression().absences.get(*number)?))
        })
    }
}
