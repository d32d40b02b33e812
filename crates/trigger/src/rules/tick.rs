//! What time alone does to the rules, all at once or piece by piece. When there is something to do the timers know.

use tidings_core::Timestamp;

use super::{Firing, RuleSet, Sight, timers::Due};
use crate::Verdict;

/// A piece of what has come due.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Tick {
    /// The rules that fire or are resolved.
    pub firings: Vec<Firing>,
    /// The rules that held and were quiet, since they were in their cooldown.
    pub rested: Vec<Rested>,
    /// How many rules of agents had come and were looked at: fewer than were asked for where none is left. Not each gives a firing.
    pub looked_at: usize,
}

/// A rule that held for an agent in its cooldown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rested {
    /// The rule, by its place.
    pub rule: usize,
    /// For whom.
    pub agent: Option<Box<str>>,
}

impl RuleSet {
    /// The rules that fire, or are resolved, because time has passed: holds that are over, and what is overdue. To be called with
    /// each [`RuleSet::next_due`] that has come, before the events that come after it.
    pub fn tick(&mut self, now: Timestamp) -> Vec<Firing> {
        self.tick_some(now, usize::MAX).firings
    }

    /// The same for so many rules of agents, and for what comes due with the last of them for the same agent: where thousands come
    /// due together, each piece can be kept with what [`RuleSet::changed`] tells of it. As long as the answer is a full piece, the next call is for the same moment, and goes
    /// on behind it; all pieces of a [`RuleSet::next_due`] together tell what one [`RuleSet::tick`] does.
    pub fn tick_some(&mut self, now: Timestamp, most: usize) -> Tick {
        let Self { rules, fleet, cooldowns, .. } = self;
        fleet.load(rules, now, cooldowns);
        cooldowns.see(now);
        let come = fleet.take_due(now, most.max(1));
        let mut rested = Vec::new();
        let firings = come.iter().filter_map(|due| self.come(due, now, &mut rested)).collect();
        Tick { firings, rested, looked_at: come.len() }
    }

    /// What a timer gives that has come.
    fn come(&mut self, due: &Due, now: Timestamp, rested: &mut Vec<Rested>) -> Option<Firing> {
        let Self { rules, fleet, cooldowns, accounts, .. } = self;
        let agent = fleet.agent_mut(due.agent)?;
        let position = agent.disarm(due.rule)?;
        let (rule, account) = (rules.get(position)?, accounts.get_mut(position)?);
        if !agent.is_due(due, rule, now) {
            fleet.arm(due.agent, rules, now, cooldowns);
            return None;
        }
        agent.come(due, now);
        let event = agent.speaks_of(due.rule, now);
        let agent_id = agent.id.clone();
        let sight = Sight { timed: true, ..Sight::of(&event, now) };
        let admit = || cooldowns.admit(position, agent_id.as_deref(), now);
        let (verdict, firing) = agent.judge(due.rule, rule, &sight, admit);
        if matches!(verdict, Verdict::Fire | Verdict::Resolve | Verdict::Cooldown) {
            account.count(verdict);
        }
        if verdict == Verdict::Cooldown {
            rested.push(Rested { rule: position, agent: agent_id });
        }
        fleet.arm(due.agent, rules, now, cooldowns);
        firing
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use serde_json::json;
    use tidings_core::Event;

    use super::*;
    use crate::{Condition, FiringKind, RuleSpec};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_secs(second)
    }

    /// A set that holds for so many agents, all due at 10 s.
    fn holding(condition: &str, agents: usize) -> RuleSet {
        let condition = Condition::compile(condition).unwrap();
        let agent_id = "*".parse().unwrap();
        let rule = RuleSpec { name: "r".to_owned(), agent_id, condition, cooldown: Duration::ZERO };
        let mut set = RuleSet::new(vec![rule]);
        set.changed();
        for agent in 0..agents {
            let event = Event::new("test").agent(agent.to_string()).at(at(0)).data(json!({"x": 2}));
            set.fire(&Arc::new(event), at(0));
        }
        assert_eq!(set.tick(at(5)), []);
        set.changed();
        set
    }

    #[test]
    fn pieces_tell_what_a_whole_tick_tells_each_with_its_states() {
        let check = |condition: &str, agents: usize, most: usize, expected: &[usize]| {
            let (mut whole, mut cut) = (holding(condition, agents), holding(condition, agents));
            let (mut told, mut sizes) = (Vec::new(), Vec::new());
            loop {
                let tick = cut.tick_some(at(10), most);
                assert_eq!(cut.changed().len(), tick.firings.len(), "{condition}");
                sizes.push(tick.looked_at);
                told.extend(tick.firings);
                if tick.looked_at < most {
                    break;
                }
            }
            assert_eq!((sizes.as_slice(), told), (expected, whole.tick(at(10))), "{condition}");
            assert_eq!(cut.next_due(), whole.next_due(), "{condition}");
        };
        check("x > 1 for 10s", 0, 4, &[0]);
        check("x > 1 for 10s", 3, 4, &[3]);
        check("x > 1 for 10s", 4, 4, &[4, 0]);
        check("x > 1 for 10s", 9, 4, &[4, 4, 1]);
        check("x > 1 for 10s", 3, 1, &[1, 1, 1, 0]);
        check("silent(10s)", 9, 4, &[4, 4, 1]);
        // What ends the firing of the first piece holds already: that comes due at the same moment, and behind all the others.
        check("silent(10s) resolve when silent(5s)", 9, 4, &[4, 4, 1]);
    }

    #[test]
    fn a_piece_that_nobody_went_on_from_holds_nothing_back() {
        let mut set = holding("x > 1 for 10s", 5);
        let told = set.tick_some(at(10), 3).firings;
        let event = Event::new("test").agent("0").at(at(11)).data(json!({"x": 0}));
        assert_eq!(set.fire(&Arc::new(event), at(11)), []);
        let rest = set.tick(at(12));
        assert!(told.iter().chain(&rest).all(|firing| firing.kind == FiringKind::Fire));
        assert_eq!((told.len(), rest.len(), set.next_due()), (3, 2, None));
    }
}
