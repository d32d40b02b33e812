//! The agents that rules keep something of, found by their id, and the timers of their rules. Bounded: those that were unseen for
//! longest make room.

mod changes;
mod load;
mod restore;
mod room;
mod succession;

use std::{collections::HashMap, sync::Arc};

use foldhash::fast::RandomState;
use tidings_core::Timestamp;

use super::{
    HistoryAccount, RuleSpec,
    agent::Agent,
    cooldown::Cooldowns,
    groups::Groups,
    layout::{Layout, Registry},
    sight::Sight,
    timers::{Due, Timers},
};
use changes::Changes;
use room::Limits;

/// The most kinds of agents that are remembered: agents with the same rules are of one kind.
const LAYOUT_LIMIT: usize = 1 << 12;

/// All agents.
#[derive(Debug)]
pub(super) struct Fleet {
    registry: Registry,
    groups: Groups,
    /// For each group its rules that keep something.
    rules: Vec<Vec<usize>>,
    places: HashMap<Box<str>, usize, RandomState>,
    /// The place of those events that name no agent.
    nameless: Option<usize>,
    agents: Vec<Agent>,
    free: Vec<usize>,
    layouts: HashMap<Box<[usize]>, Arc<Layout>>,
    timers: Timers,
    /// Rules that await agents of which none has been seen, each with the place of a stand-in.
    awaiting: Vec<(usize, usize)>,
    /// When the first event or tick came.
    loaded: Option<Timestamp>,
    /// How many series there are.
    series: usize,
    /// How many states of rules and things awaited there are.
    states: usize,
    limits: Limits,
    /// Counts events, to know which agent was unseen for longest.
    uses: u64,
    /// The account of what made room.
    gone: HistoryAccount,
    changes: Changes,
}

impl Fleet {
    pub(super) fn new(rules: &[RuleSpec]) -> Self {
        let registry = Registry::new(rules);
        let mut groups = Groups::default();
        let mut by_group: Vec<Vec<usize>> = Vec::new();
        for (position, rule) in rules.iter().enumerate().filter(|(position, _)| registry.keeps(*position)) {
            let group = groups.of(&rule.agent_id);
            by_group.resize(groups.count(), Vec::new());
            by_group[group].push(position);
        }
        groups.finish();
        Self {
            registry,
            groups,
            rules: by_group,
            places: HashMap::default(),
            nameless: None,
            agents: Vec::new(),
            free: Vec::new(),
            layouts: HashMap::new(),
            timers: Timers::default(),
            awaiting: Vec::new(),
            loaded: None,
            series: 0,
            states: 0,
            limits: Limits::default(),
            uses: 0,
            gone: HistoryAccount::default(),
            changes: Changes::default(),
        }
    }

    /// How many agents lost their history to stay within bounds.
    pub(super) const fn evicted(&self) -> u64 {
        self.gone.evicted
    }

    /// What is kept of all agents, and what was not taken.
    pub(super) fn account(&self) -> HistoryAccount {
        let mut account = HistoryAccount { agents: self.agents.len() - self.free.len(), ..self.gone };
        for series in self.agents.iter().flat_map(|agent| &agent.series) {
            account.count(series);
        }
        account
    }

    /// Whether it matters to a rule how far it is with an agent.
    pub(super) fn is_stateful(&self, rule: usize) -> bool {
        self.registry.is_stateful(rule)
    }

    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.timers.next()
    }

    pub(super) fn take_due(&mut self, now: Timestamp, most: usize) -> Vec<Due> {
        self.timers.take(now, most)
    }

    pub(super) fn agent_mut(&mut self, place: usize) -> Option<&mut Agent> {
        self.agents.get_mut(place)
    }

    pub(super) fn agents(&self) -> impl Iterator<Item = &Agent> {
        self.agents.iter()
    }

    /// The place of an event's agent, with its samples taken; `None` where no rule keeps anything of it.
    pub(super) fn see(&mut self, rules: &[RuleSpec], sight: &Sight<'_>) -> Option<usize> {
        if self.registry.is_empty() {
            return None;
        }
        let id = sight.event.agent_id.as_deref();
        let place = self.find(id).or_else(|| self.settle(id, rules))?;
        self.uses += 1;
        if !self.awaiting.is_empty() && self.agents.get(place).is_some_and(Agent::is_unseen) {
            self.relieve(place, rules);
        }
        let agent = self.agents.get_mut(place)?;
        agent.used = self.uses;
        self.series += agent.open(rules);
        agent.take(rules, sight);
        self.make_room(rules);
        Some(place)
    }

    /// What is left to do for an agent when its event is judged.
    pub(super) fn leave(&mut self, place: usize, rules: &[RuleSpec], sight: &Sight<'_>, cooldowns: &Cooldowns) {
        let Some(agent) = self.agents.get_mut(place) else { return };
        if agent.layout.has_marks {
            agent.mark(rules, sight);
        }
        if agent.layout.states > 0 {
            self.arm(place, rules, sight.now, cooldowns);
        }
    }

    /// The place of an agent that is known.
    pub(super) fn find(&self, id: Option<&str>) -> Option<usize> {
        match id {
            Some(id) => self.places.get(id).copied(),
            None => self.nameless,
        }
    }

    /// Gives an agent a place; `None` if no rule keeps anything of it.
    fn settle(&mut self, id: Option<&str>, rules: &[RuleSpec]) -> Option<usize> {
        let mut own = Vec::new();
        self.groups.visit(id, |group| own.extend(&self.rules[group]));
        if own.is_empty() {
            return None;
        }
        own.sort_unstable();
        let place = self.occupy(id, &own, rules);
        match id {
            Some(id) => _ = self.places.insert(id.into(), place),
            None => self.nameless = Some(place),
        }
        Some(place)
    }

    /// The first agent of a rule takes over from the stand-in.
    fn relieve(&mut self, place: usize, rules: &[RuleSpec]) {
        let layout = Arc::clone(&self.agents[place].layout);
        for (rule, stand_in) in std::mem::take(&mut self.awaiting) {
            if layout.find(rule).is_none() {
                self.awaiting.push((rule, stand_in));
                continue;
            }
            let mut gone = self.vacate(stand_in, rules);
            self.agents[place].inherit(rule, &mut gone);
        }
    }

    /// Puts a new agent into a free place.
    fn occupy(&mut self, id: Option<&str>, own: &[usize], rules: &[RuleSpec]) -> usize {
        let mut agent = Agent::new(id, self.layout(own, rules), rules);
        agent.used = self.uses;
        self.states += agent.states();
        if let Some(place) = self.free.pop() {
            self.agents[place] = agent;
            return place;
        }
        self.agents.push(agent);
        self.agents.len() - 1
    }

    /// Frees a place, with all that waits for it.
    fn vacate(&mut self, place: usize, rules: &[RuleSpec]) -> Agent {
        self.note_gone(place, rules);
        let agent = std::mem::take(&mut self.agents[place]);
        for (number, tracked) in agent.layout.rules.iter().enumerate() {
            let armed = tracked.state.and_then(|state| agent.progress.get(state)).and_then(|progress| progress.armed);
            if let Some(at) = armed {
                self.timers.clear(&Due { at, agent: place, rule: number });
            }
        }
        match &agent.id {
            Some(id) => _ = self.places.remove(id),
            None if self.nameless == Some(place) => self.nameless = None,
            None => {}
        }
        self.series -= agent.series.len();
        self.states -= agent.states();
        self.free.push(place);
        agent
    }

    fn layout(&mut self, own: &[usize], rules: &[RuleSpec]) -> Arc<Layout> {
        if let Some(known) = self.layouts.get(own) {
            return Arc::clone(known);
        }
        if self.layouts.len() >= LAYOUT_LIMIT {
            self.layouts.clear();
        }
        let layout = Arc::new(self.registry.layout(own, rules));
        self.layouts.insert(own.into(), Arc::clone(&layout));
        layout
    }
}
