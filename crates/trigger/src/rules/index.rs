//! The rules by what an event must hold for them to fire, so that an event touches only those that it can fire: by agent, then by
//! equality, then by sorted thresholds. Judging what is touched, and cooldowns, are left to the rule set.

mod access;
mod catalog;
mod layout;
mod number;
mod readings;
mod shelf;

use std::ops::Range;

use tidings_core::Event;

use super::{RuleAccount, groups::Groups};
use crate::{agents::AgentPattern, node::Node, path::Path};

use access::Operands;
use catalog::Catalog;
use layout::{Home, Layout, Member};
use readings::Readings;
use shelf::{Shelf, Visit};

/// What a touched rule still needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Touch {
    /// Its condition holds.
    Certain,
    /// Its condition may hold.
    Evaluate,
}

/// A rule that an event touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Touched {
    rule: u32,
    pub(super) touch: Touch,
}

impl Touched {
    /// The rule's position.
    pub(super) const fn rule(self) -> usize {
        self.rule as usize
    }
}

/// The rules of an index that is not yet made.
#[derive(Debug, Default)]
pub(super) struct IndexBuilder {
    catalog: Catalog,
    groups: Groups,
    /// Each rule with its group.
    rules: Vec<(u32, usize, Operands)>,
}

/// The index, with what it counts of the rules that it does not touch.
#[derive(Debug)]
pub(super) struct RuleIndex {
    catalog: Catalog,
    groups: Groups,
    /// One for each group.
    shelves: Box<[Shelf]>,
    standings: Box<[Standing]>,
    homes: Box<[Home]>,
    counters: Box<[u64]>,
    readings: Readings,
    touched: Vec<Touched>,
}

/// Where a rule's counters are.
#[derive(Clone, Debug, Default)]
struct Standing {
    /// The events of its agents.
    events: usize,
    /// Its homes.
    homes: Range<usize>,
}

impl IndexBuilder {
    /// Takes in a rule. Without a condition every event of its agents touches it: the way of rules that must see them all, and of
    /// those in CEL's profile, where missing values are errors. `paths` are those of the condition's slots.
    pub(super) fn insert(&mut self, rule: usize, pattern: &AgentPattern, condition: Option<&Node>, paths: &[Path]) {
        let Ok(rule) = u32::try_from(rule) else { return };
        let operands = match condition {
            Some(condition) => Operands::of(condition, paths, &mut self.catalog),
            None => Operands { count: 1, decidable: Vec::new() },
        };
        self.rules.push((rule, self.groups.of(pattern), operands));
    }

    /// The index of the rules so far.
    pub(super) fn finish(self) -> RuleIndex {
        let Self { catalog, mut groups, rules } = self;
        groups.finish();
        let mut members = vec![Vec::new(); groups.count()];
        for (rule, group, operands) in &rules {
            members.get_mut(*group).into_iter().for_each(|members| members.push(Member::new(*rule, operands)));
        }
        let mut layout = Layout::default();
        let shelves: Box<[Shelf]> = members.into_iter().map(|members| layout.shelf(members, 0)).collect();
        let Layout { counters, mut homes } = layout;
        homes.sort_by_key(|(rule, _)| *rule);
        RuleIndex {
            standings: standings(&rules, &shelves, &homes),
            homes: homes.into_iter().map(|(_, home)| home).collect(),
            counters: vec![0; counters].into(),
            readings: Readings::new(catalog.paths()),
            touched: Vec::new(),
            catalog,
            groups,
            shelves,
        }
    }
}

/// `homes` are in the order of their rules.
fn standings(rules: &[(u32, usize, Operands)], shelves: &[Shelf], homes: &[(u32, Home)]) -> Box<[Standing]> {
    let length = rules.iter().map(|(rule, ..)| *rule as usize + 1).max().unwrap_or_default();
    let mut standings = vec![Standing::default(); length];
    for (rule, group, _) in rules {
        let start = homes.partition_point(|(other, _)| other < rule);
        let own = homes.iter().skip(start).take_while(|(other, _)| other == rule).count();
        let events = shelves.get(*group).map_or(0, |shelf| shelf.counters);
        if let Some(standing) = standings.get_mut(*rule as usize) {
            *standing = Standing { events, homes: start..start + own };
        }
    }
    standings.into()
}

impl RuleIndex {
    /// The rules that an event can fire, each once, in their order. All others certainly do not hold for it. Allocates nothing
    /// once it has seen the like.
    pub(super) fn touch(&mut self, event: &Event) -> &[Touched] {
        let Self { catalog, groups, shelves, counters, readings, touched, .. } = self;
        readings.start();
        touched.clear();
        let mut visit = Visit { event, catalog, readings, counters, touched };
        groups.visit(event.agent_id.as_deref(), |group| {
            shelves.get(group).into_iter().for_each(|shelf| visit.shelf(shelf));
        });
        // In steps that are mostly sorted already; and each rule stands in one place at most.
        self.touched.sort_unstable();
        &self.touched
    }

    /// The account of a rule, from that of the events that touched it and from what was counted of the others.
    pub(super) fn account(&self, rule: usize, touched: RuleAccount) -> RuleAccount {
        let Some(standing) = self.standings.get(rule) else { return touched };
        let count = |counter: usize| self.counters.get(counter).copied().unwrap_or_default();
        let homes = self.homes.get(standing.homes.clone()).unwrap_or_default();
        let (mut missing, mut error) = (0, 0);
        for home in homes {
            let wrong = count(home.slot + 1);
            missing += count(home.visits) - count(home.slot) - wrong;
            error += wrong;
        }
        // What is left was decided by an operand that is false. Nothing is left of a rule that time alone moves: every event
        // touches it, and the moments at which it was moved are counted beside its events.
        let no = count(standing.events).saturating_sub(touched.evaluated + missing + error);
        RuleAccount {
            evaluated: touched.evaluated + missing + error + no,
            no: touched.no + no,
            missing: touched.missing + missing,
            error: touched.error + error,
            ..touched
        }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
