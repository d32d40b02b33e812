//! Why a rule did not fire, worked out on demand: the rules of the event's agent are built again, see its past again, and judge.

use std::{collections::HashMap, time::Duration};

use tidings_core::Timestamp;
use tidings_store::{Store, StoreError, StoredEvent};
use tidings_trigger::{Firing, RuleSet, RuleSpec, Verdict};

use super::{
    past::{Earlier, History, Past},
    read::clean,
    version::Version,
};

/// What a rule makes of an event when it is asked again, with what the log tells of its firings before.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) summary: String,
    pub(super) reason: Option<String>,
    pub(super) since: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
    /// When it had fired last.
    pub(super) fired: Option<Timestamp>,
    /// Whether it had fired, only its resolve ends that, and none was told.
    pub(super) is_open: bool,
    /// When it was asked.
    pub(super) now: Timestamp,
}

/// Judges an event by the rules of a version that are about its agent. By their places; a rule that cannot be built has none.
pub(super) async fn judge(
    store: &dyn Store,
    version: &Version,
    event: &StoredEvent,
) -> Result<HashMap<usize, Judged>, StoreError> {
    let agent = event.event.agent_id.as_deref();
    let own = version.rules.iter().enumerate().filter(|(_, rule)| rule.agent.matches(agent));
    let (places, specs): (Vec<usize>, Vec<RuleSpec>) =
        own.filter_map(|(place, rule)| Some((place, rule.spec()?))).unzip();
    if specs.is_empty() {
        return Ok(HashMap::new());
    }
    let lasting: Vec<bool> = specs.iter().map(|spec| lasts(spec, event)).collect();
    let mut set = RuleSet::new(specs);
    let past = Past::read(store, event, set.look_back(), version.event_time).await?;
    let earlier = history(store, event, &past, (&set, &lasting)).await?;
    replay(&mut set, agent, &past, &earlier);
    let judgements = set.judgements(&event.event, past.now);
    let judged = judgements.into_iter().filter_map(|judgement| {
        let (place, spec) = (*places.get(judgement.rule)?, set.rules().get(judgement.rule)?);
        let known = earlier.get(&spec.name);
        let asks = matches!(judgement.verdict, Verdict::Missing | Verdict::Error);
        let judged = Judged {
            verdict: judgement.verdict,
            summary: clean(&judgement.summary),
            reason: spec.condition.reason(&event.event).filter(|_| asks).map(|reason| clean(&reason)),
            since: judgement.since,
            until: judgement.until,
            fired: known.and_then(|known| known.fired.first().copied()),
            is_open: known.is_some_and(|known| known.is_open) && lasting.get(judgement.rule) == Some(&true),
            now: past.now,
        };
        Some((place, judged))
    });
    Ok(judged.collect())
}

/// Whether a firing of the rule lasts until it is resolved.
fn lasts(spec: &RuleSpec, event: &StoredEvent) -> bool {
    !spec.condition.explain_resolve(&event.event).is_empty()
}

async fn history(
    store: &dyn Store,
    event: &StoredEvent,
    past: &Past,
    (set, lasting): (&RuleSet, &[bool]),
) -> Result<HashMap<String, Earlier>, StoreError> {
    let longest = set.rules().iter().map(|spec| spec.cooldown).max().unwrap_or(Duration::ZERO);
    let lasting = set.rules().iter().zip(lasting).filter(|(_, lasts)| **lasts).map(|(spec, _)| spec.name.as_str());
    let lasting: Vec<_> = lasting.collect();
    History { store, event, past }.read(longest, &lasting).await
}

/// Lets the rules see again what they saw then. What they fire is told already; where they then are is what matters.
fn replay(set: &mut RuleSet, agent: Option<&str>, past: &Past, earlier: &HashMap<String, Earlier>) {
    if let Some((_, start)) = past.events.first() {
        restore(set, agent, earlier, |fired| fired < *start);
        for (event, now) in &past.events {
            told(set, *now);
            set.fire(event, *now);
        }
        told(set, past.now);
    }
    restore(set, agent, earlier, |_| true);
}

/// The cooldowns that began with the last firings that count.
fn restore(
    set: &mut RuleSet,
    agent: Option<&str>,
    earlier: &HashMap<String, Earlier>,
    counts: impl Fn(Timestamp) -> bool,
) {
    for (rule, known) in earlier {
        if let Some(fired) = known.fired.iter().find(|fired| counts(**fired)) {
            set.restore_cooldown(rule, agent, *fired);
        }
    }
}

/// All that time alone has fired or resolved until now, each as of the moment at which it came due.
fn told(rules: &mut RuleSet, now: Timestamp) -> Vec<Firing> {
    let mut told = Vec::new();
    while let Some(due) = rules.next_due().filter(|due| *due < now) {
        told.extend(rules.tick(due));
    }
    told.extend(rules.tick(now));
    told
}
