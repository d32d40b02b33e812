//! How long a rule stays quiet for an agent after it has fired for it.

use std::{collections::HashMap, time::Duration};

use tidings_core::Timestamp;

use super::succession::Succession;

/// The most cooldowns that are remembered.
const LIMIT: usize = 1 << 18;

/// When each rule last fired for each agent, as long as that matters.
#[derive(Debug, Default)]
pub(super) struct Cooldowns {
    rules: Vec<Rule>,
    remembered: usize,
    limit: usize,
    /// Calls of `see` since it last looked at all of them.
    calls: usize,
    evicted: u64,
}

#[derive(Debug)]
struct Rule {
    cooldown: Duration,
    last: HashMap<Box<str>, Timestamp>,
}

impl Cooldowns {
    pub(super) fn new(cooldowns: impl Iterator<Item = Duration>) -> Self {
        // None is longer than the time that can be told: else its end would come before it does.
        let longest = Duration::from_nanos(i64::MAX as u64);
        let rules = cooldowns.map(|cooldown| Rule { cooldown: cooldown.min(longest), last: HashMap::new() }).collect();
        Self { rules, limit: LIMIT, ..Self::default() }
    }

    /// How many were forgotten before they ran out.
    pub(super) const fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Whether a rule may fire for an agent now; if it may, its cooldown starts.
    pub(super) fn admit(&mut self, rule: usize, agent: Option<&str>, now: Timestamp) -> bool {
        let agent = agent.unwrap_or_default();
        let Some(state) = self.rules.get_mut(rule) else { return false };
        if state.cooldown.is_zero() {
            return true;
        }
        if let Some(last) = state.last.get_mut(agent) {
            // A clock that was set back would otherwise block for as long as it was set back.
            *last = (*last).min(now);
            if now.since(*last) < state.cooldown {
                return false;
            }
            *last = now;
            return true;
        }
        self.remember(rule, agent, now);
        true
    }

    /// Goes on with what another set remembers, by the names of the rules.
    pub(super) fn take_over(&mut self, mut before: Self, succession: &Succession) {
        for (position, rule) in self.rules.iter_mut().enumerate().filter(|(_, rule)| !rule.cooldown.is_zero()) {
            let then = succession.before(position).and_then(|place| before.rules.get_mut(place));
            // The other one knows better than whoever kept them.
            rule.last.extend(then.map(|then| std::mem::take(&mut then.last)).unwrap_or_default());
        }
        self.remembered = self.rules.iter().map(|rule| rule.last.len()).sum();
        self.evicted += before.evicted;
    }

    /// A rule has fired for an agent then, before this set was made. The later of two firings counts.
    pub(super) fn restore(&mut self, rule: usize, agent: Option<&str>, fired: Timestamp) {
        self.begin(rule, agent, |last| last.map_or(fired, |last| last.max(fired)));
    }

    /// The cooldown of a rule for an agent began then, whatever was thought of it.
    pub(super) fn correct(&mut self, rule: usize, agent: Option<&str>, began: Timestamp) {
        self.begin(rule, agent, |_| began);
    }

    fn begin(&mut self, rule: usize, agent: Option<&str>, began: impl FnOnce(Option<Timestamp>) -> Timestamp) {
        let agent = agent.unwrap_or_default();
        let Some(state) = self.rules.get_mut(rule).filter(|state| !state.cooldown.is_zero()) else { return };
        match state.last.get_mut(agent) {
            Some(last) => *last = began(Some(*last)),
            None => self.remember(rule, agent, began(None)),
        }
    }

    /// Adds a cooldown where there is none.
    fn remember(&mut self, rule: usize, agent: &str, began: Timestamp) {
        let Some(state) = self.rules.get_mut(rule) else { return };
        state.last.insert(agent.into(), began);
        self.remembered += 1;
        if self.remembered > self.limit {
            self.make_room(began);
        }
    }

    /// The end of the cooldown that a rule is in for an agent, or was in last.
    pub(super) fn end(&self, rule: usize, agent: Option<&str>) -> Timestamp {
        let state = self.rules.get(rule);
        let last = state.and_then(|state| Some((state.cooldown, *state.last.get(agent.unwrap_or_default())?)));
        last.map_or(Timestamp::from_nanos(i64::MIN), |(cooldown, last)| last + cooldown)
    }

    /// Forgets all that has run out; called with every tick, so that quiet agents cost nothing for long. Looks at all of them once
    /// in as many calls as there are: a call costs little, however many are still running.
    pub(super) fn see(&mut self, now: Timestamp) {
        self.calls += 1;
        if self.remembered > self.limit / 2 && self.calls >= self.remembered {
            self.calls = 0;
            self.drop_expired(now);
        }
    }

    /// Forgets what has run out, then the sixteenth that began longest ago: seldom enough to cost little for each firing.
    fn make_room(&mut self, now: Timestamp) {
        self.drop_expired(now);
        let excess = (self.remembered + self.limit / 16).saturating_sub(self.limit);
        if excess == 0 {
            return;
        }
        let mut starts: Vec<Timestamp> = self.rules.iter().flat_map(|rule| rule.last.values().copied()).collect();
        let border = *starts.select_nth_unstable(excess - 1).1;
        // Many may have begun at the same time: only so many of them go as must.
        let mut left = excess;
        self.retain(|_, last| {
            let goes = left > 0 && last <= border;
            left -= usize::from(goes);
            !goes
        });
        self.evicted += excess as u64;
    }

    fn drop_expired(&mut self, now: Timestamp) {
        self.retain(|cooldown, last| now.since(last) < cooldown);
    }

    fn retain(&mut self, mut keeps: impl FnMut(Duration, Timestamp) -> bool) {
        self.remembered = 0;
        for rule in &mut self.rules {
            rule.last.retain(|_, last| keeps(rule.cooldown, *last));
            rule.last.shrink_to(rule.last.len() * 2);
            self.remembered += rule.last.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(seconds)
    }

    fn one_rule(limit: usize) -> Cooldowns {
        Cooldowns { limit, ..Cooldowns::new([MINUTE].into_iter()) }
    }

    #[test]
    fn the_first_is_free_and_the_next_waits_exactly_the_cooldown() {
        let mut cooldowns = one_rule(100);
        let steps = [(0, true), (0, false), (59, false), (60, true), (61, false), (120, true)];
        for (second, admitted) in steps {
            assert_eq!(cooldowns.admit(0, Some("a"), at(second)), admitted, "{second}");
        }
        assert!(cooldowns.admit(0, Some("b"), at(121)));
    }

    #[test]
    fn a_clock_set_back_blocks_no_longer_than_the_cooldown() {
        let mut cooldowns = one_rule(100);
        assert!(cooldowns.admit(0, Some("a"), at(10_000)));
        assert!(!cooldowns.admit(0, Some("a"), at(6_400)));
        assert!(!cooldowns.admit(0, Some("a"), at(6_459)));
        assert!(cooldowns.admit(0, Some("a"), at(6_460)));
    }

    #[test]
    fn memory_is_bounded_and_live_cooldowns_that_go_are_counted() {
        let mut cooldowns = one_rule(64);
        for agent in 0..64 {
            assert!(cooldowns.admit(0, Some(&agent.to_string()), at(0)));
        }
        assert!(cooldowns.admit(0, Some("later"), at(60)));
        assert_eq!((cooldowns.remembered, cooldowns.evicted), (1, 0));
        for agent in 0..1_000 {
            assert!(cooldowns.admit(0, Some(&agent.to_string()), at(61 + agent / 100)));
            assert!(cooldowns.remembered <= 64);
        }
        assert!(cooldowns.evicted > 0);
    }

    #[test]
    fn what_ran_out_is_forgotten_after_so_many_looks() {
        let mut cooldowns = one_rule(64);
        for agent in 0..40 {
            assert!(cooldowns.admit(0, Some(&agent.to_string()), at(0)));
        }
        (0..40).for_each(|_| cooldowns.see(at(59)));
        assert_eq!(cooldowns.remembered, 40, "they still run");
        (0..39).for_each(|_| cooldowns.see(at(60)));
        assert_eq!(cooldowns.remembered, 40);
        cooldowns.see(at(60));
        assert_eq!((cooldowns.remembered, cooldowns.evicted), (0, 0));
    }

    #[test]
    fn of_many_that_began_together_only_some_go() {
        let mut cooldowns = one_rule(64);
        for agent in 0..65 {
            assert!(cooldowns.admit(0, Some(&agent.to_string()), at(0)));
        }
        assert_eq!((cooldowns.remembered, cooldowns.evicted), (60, 5));
    }
}
