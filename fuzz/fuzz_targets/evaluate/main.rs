//! Any rules over any history: nothing panics, every account adds up, time moves on, and a rule does what its printed form does.
#![no_main]

mod grammar;
mod history;

use std::{sync::Arc, time::Duration};

use libfuzzer_sys::{
    arbitrary::{Result, Unstructured},
    fuzz_target,
};
use tidings_core::{Event, Timestamp};
use tidings_trigger::{AgentPattern, Condition, Firing, FiringKind, RuleSet, RuleSpec, Verdict};

use history::Step;

/// The most steps of one history.
const STEPS: usize = 200;

fuzz_target!(|bytes: &[u8]| {
    // An input that ends early is a short one.
    let _ended = run(&mut Unstructured::new(bytes));
});

fn run(input: &mut Unstructured<'_>) -> Result<()> {
    let mut specs = Vec::new();
    for _ in 0..input.int_in_range(1..=3)? {
        let source = grammar::rule(input)?;
        let cooldown = Duration::from_secs(*input.choose(&[0, 0, 1, 300, u64::MAX])?);
        let Ok(pattern) = input.choose(&["*", "a0", "a*"])?.parse::<AgentPattern>();
        if let Ok(condition) = Condition::compile(&source) {
            specs.push(RuleSpec { name: source, agent_id: pattern, condition, cooldown });
        }
    }
    let mut machine = Machine::new(specs);
    let mut clock = history::Clock::default();
    for _ in 0..STEPS {
        let step = clock.step(input)?;
        machine.take(&step, clock.now);
        if input.is_empty() {
            break;
        }
    }
    Ok(())
}

/// The rules as they were written, and the same rules as they are printed.
struct Machine {
    written: RuleSet,
    printed: RuleSet,
}

impl Machine {
    fn new(specs: Vec<RuleSpec>) -> Self {
        let reprinted = |spec: &RuleSpec| {
            let form = spec.condition.normal_form();
            let condition = Condition::compile(&form).unwrap_or_else(|problems| panic!("{form}: {problems:?}"));
            assert_eq!(condition.normal_form(), form, "what is printed is printed alike");
            RuleSpec { condition, ..spec.clone() }
        };
        let printed = specs.iter().map(reprinted).collect();
        Self { written: RuleSet::new(specs), printed: RuleSet::new(printed) }
    }

    fn take(&mut self, step: &Step, now: Timestamp) {
        let firings = match step {
            Step::Tick => {
                let mut firings = both(&mut self.written, &mut self.printed, |rules| rules.tick(now));
                // Where what ends a firing held already when it fired, the same moment ends it: once.
                if self.written.next_due().is_some_and(|due| due <= now) {
                    let ended = both(&mut self.written, &mut self.printed, |rules| rules.tick(now));
                    assert!(ended.iter().all(|firing| firing.kind == FiringKind::Resolve), "{ended:?}");
                    firings.extend(ended);
                }
                let due = self.written.next_due();
                assert!(due.is_none_or(|due| due > now), "{due:?} is done at {now:?} by {:?}", self.names());
                firings
            }
            Step::Event(event) => {
                let firings = both(&mut self.written, &mut self.printed, |rules| rules.fire(event, now));
                self.check_plain_rules(event, &firings);
                firings
            }
        };
        for firing in firings {
            let Firing { rule, kind, at, since, summary, .. } = &firing;
            assert!(*rule < self.written.rules().len());
            assert!(at <= &now, "{firing:?} at {now:?}");
            // A clock that is set back may end an incident before it began.
            assert!(*kind == FiringKind::Resolve || since == at, "{firing:?}");
            assert!(summary.chars().count() <= 1_600, "{summary}");
        }
        self.check_accounts();
    }

    /// Without a past and without a cooldown a rule fires where its condition holds.
    fn check_plain_rules(&self, event: &Event, firings: &[Firing]) {
        for (position, rule) in self.written.rules().iter().enumerate() {
            if grammar::is_plain(&rule.name) && rule.cooldown.is_zero() {
                let agent = event.agent_id.as_deref();
                let holds = rule.agent_id.matches(agent) && rule.condition.verdict(event) == Verdict::Fire;
                let fires = firings.iter().any(|firing| firing.rule == position);
                assert_eq!(fires, holds, "{} on {event:?}", rule.name);
            }
        }
    }

    fn names(&self) -> Vec<&str> {
        self.written.rules().iter().map(|rule| rule.name.as_str()).collect()
    }

    fn check_accounts(&self) {
        for (account, rule) in self.written.accounts().into_iter().zip(self.written.rules()) {
            let held = account.fired + account.pending + account.firing + account.cooldown + account.resolved;
            let sum = held + account.no + account.missing + account.error;
            assert_eq!(account.evaluated, sum, "{} of {:?}: {account:?}", rule.name, rule.agent_id);
        }
    }
}

/// What two sets of rules do, which is the same.
fn both(one: &mut RuleSet, other: &mut RuleSet, act: impl Fn(&mut RuleSet) -> Vec<Firing>) -> Vec<Firing> {
    let (ours, theirs) = (act(one), act(other));
    let key =
        |firing: &Firing| (firing.rule, firing.kind, firing.at, firing.since, Arc::clone(&firing.event), firing.timed);
    assert_eq!(ours.iter().map(key).collect::<Vec<_>>(), theirs.iter().map(key).collect::<Vec<_>>());
    assert_eq!((one.accounts(), one.next_due()), (other.accounts(), other.next_due()));
    ours
}
