//! Which groups of rules an agent's events concern: those of the agent, those of every agent, and those whose pattern matches.
//! What a group holds is left to `shelf`.

use std::{collections::HashMap, mem};

use super::hash::QuickMap;
use crate::agents::AgentPattern;

/// The most agents, and the most matches in all, that are remembered.
const AGENT_LIMIT: usize = 1 << 12;
const MATCH_LIMIT: usize = 1 << 16;
/// The longest agent id that is remembered.
const ID_LIMIT: usize = 256;

/// The groups by their patterns; one for each different pattern.
#[derive(Debug, Default)]
pub(super) struct Groups {
    exact: QuickMap<Box<str>, usize>,
    any: Option<usize>,
    globs: Vec<(AgentPattern, usize)>,
    /// The group of each glob, by its text; only of use while rules come in.
    named: HashMap<Box<str>, usize>,
    count: usize,
    matches: Matches,
}

impl Groups {
    /// The group of a pattern: a new one where the pattern is new.
    pub(super) fn of(&mut self, pattern: &AgentPattern) -> usize {
        let next = self.count;
        let group = match pattern {
            AgentPattern::Any => *self.any.get_or_insert(next),
            AgentPattern::Exact(id) => *self.exact.entry(id.as_str().into()).or_insert(next),
            AgentPattern::Glob(text) => *self.named.entry(text.as_str().into()).or_insert(next),
        };
        if group == next {
            self.count += 1;
            if matches!(pattern, AgentPattern::Glob(_)) {
                self.globs.push((pattern.clone(), group));
            }
        }
        group
    }

    /// No further rules come.
    pub(super) fn finish(&mut self) {
        self.named = HashMap::new();
    }

    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// Hands over each group that an event of this agent concerns.
    pub(super) fn visit(&mut self, agent_id: Option<&str>, mut visit: impl FnMut(usize)) {
        self.any.into_iter().for_each(&mut visit);
        let Some(agent_id) = agent_id else { return };
        self.exact.get(agent_id).copied().into_iter().for_each(&mut visit);
        if !self.globs.is_empty() {
            self.matches.visit(agent_id, &self.globs, visit);
        }
    }
}

/// Which globs matched which agent before. When it is full, the older half goes.
#[derive(Debug, Default)]
struct Matches {
    recent: HashMap<Box<str>, Box<[usize]>>,
    older: HashMap<Box<str>, Box<[usize]>>,
    /// All matches of the recent ones.
    recent_matches: usize,
}

impl Matches {
    fn visit(&mut self, agent_id: &str, globs: &[(AgentPattern, usize)], mut visit: impl FnMut(usize)) {
        if let Some(known) = self.recent.get(agent_id) {
            return known.iter().copied().for_each(visit);
        }
        let matching = globs.iter().filter(|(glob, _)| glob.matches(Some(agent_id))).map(|(_, group)| *group);
        if agent_id.len() > ID_LIMIT {
            return matching.for_each(visit);
        }
        let (id, found) = self.older.remove_entry(agent_id).unwrap_or_else(|| (agent_id.into(), matching.collect()));
        found.iter().copied().for_each(&mut visit);
        self.remember(id, found);
    }

    fn remember(&mut self, id: Box<str>, found: Box<[usize]>) {
        if self.recent.len() >= AGENT_LIMIT / 2 || self.recent_matches + found.len() > MATCH_LIMIT / 2 {
            self.older = mem::take(&mut self.recent);
            self.recent_matches = 0;
        }
        self.recent_matches += found.len();
        self.recent.insert(id, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(patterns: &[&str]) -> Groups {
        let mut groups = Groups::default();
        for pattern in patterns {
            groups.of(&pattern.parse().unwrap());
        }
        groups.finish();
        groups
    }

    fn visited(groups: &mut Groups, agent_id: Option<&str>) -> Vec<usize> {
        let mut visited = Vec::new();
        groups.visit(agent_id, |group| visited.push(group));
        visited.sort_unstable();
        visited
    }

    #[test]
    fn an_agent_concerns_its_own_group_and_those_that_match() {
        let mut groups = groups(&["a", "*", "b", "a*", "a", "?", "a*"]);
        assert_eq!(groups.count(), 5);
        for _ in 0..3 {
            assert_eq!(visited(&mut groups, Some("a")), [0, 1, 3, 4]);
            assert_eq!(visited(&mut groups, Some("b")), [1, 2, 4]);
            assert_eq!(visited(&mut groups, Some("abc")), [1, 3]);
            assert_eq!(visited(&mut groups, None), [1]);
        }
    }

    #[test]
    fn any_number_of_agents_is_remembered_within_bounds() {
        let mut groups = groups(&["a*", "*7"]);
        for round in 0..3 {
            for agent in 0..2 * AGENT_LIMIT {
                let expected: &[usize] = if agent % 10 == 7 { &[0, 1] } else { &[0] };
                assert_eq!(visited(&mut groups, Some(&format!("a{agent}"))), expected, "{round}");
                assert!(groups.matches.recent.len() + groups.matches.older.len() <= AGENT_LIMIT);
            }
        }
        visited(&mut groups, Some(&"a".repeat(ID_LIMIT + 1)));
        assert!(!groups.matches.recent.keys().any(|id| id.len() > ID_LIMIT));
    }
}
