//! What each rule made of an event. The log has the word on what happened; what did not happen is judged again.

use std::collections::HashMap;

use tidings_core::Timestamp;
use tidings_store::{Entry, LogFilter, Page, Step, Store, StoreError, StoredEvent};
use tidings_trigger::Verdict;

use super::{
    found::{Found, Log},
    judge::{Judged, judge},
    read::{flag, span, text, time},
    told::{Counterpart, RuleTold, RuleVerdict},
    version::{KeptRule, Version},
};

/// How many entries are looked through for the other end of an incident.
const PAGE: usize = 1_000;

/// All rules; where one notification is meant, its own; where there is no event, those that the log names.
pub(super) async fn tell_all(
    store: &dyn Store,
    found: &Found,
    log: &Log,
    version: &Version,
) -> Result<Vec<RuleTold>, StoreError> {
    if found.notification.is_none() && found.delivery.is_some() {
        return Ok(Vec::new());
    }
    let mut told = match &found.event {
        Some(event) if found.notification.is_none() => all(store, event, version, log).await?,
        _ => Vec::new(),
    };
    for entry in log.entries.iter().filter(|entry| is_of_rule(entry.step)) {
        let Some(name) = &entry.rule else { continue };
        if told.iter().all(|rule| rule.rule != *name) {
            let kept = version.rules.iter().find(|kept| kept.name == *name);
            told.push(logged(entry, kept));
        }
    }
    for rule in told.iter_mut().filter(|rule| matches!(rule.verdict, RuleVerdict::Fired | RuleVerdict::Resolved)) {
        let step = if rule.verdict == RuleVerdict::Fired { Step::Fired } else { Step::Resolved };
        if let Some(entry) = log.of_rule(step, &rule.rule) {
            rule.counterpart = counterpart(store, entry).await?;
        }
    }
    Ok(told)
}

const fn is_of_rule(step: Step) -> bool {
    matches!(step, Step::Fired | Step::Resolved | Step::Cooldown)
}

async fn all(
    store: &dyn Store,
    event: &StoredEvent,
    version: &Version,
    log: &Log,
) -> Result<Vec<RuleTold>, StoreError> {
    let judged = if event.waiting { HashMap::new() } else { judge(store, version, event).await? };
    let written: HashMap<&str, &Entry> = log
        .entries
        .iter()
        .rev()
        .filter(|entry| is_of_rule(entry.step))
        .filter_map(|entry| Some((entry.rule.as_deref()?, entry)))
        .collect();
    let rules = version.rules.iter().enumerate().map(|(place, kept)| {
        let verdict = match written.get(&*kept.name) {
            Some(entry) => return logged(entry, Some(kept)).beside(judged.get(&place)),
            None if !kept.agent.matches(event.event.agent_id.as_deref()) => RuleVerdict::OtherAgent,
            None if event.waiting => RuleVerdict::Waiting,
            None => match judged.get(&place) {
                Some(judged) => return again(judged, kept),
                None => RuleVerdict::Unknown,
            },
        };
        RuleTold::of(kept, verdict)
    });
    Ok(rules.collect())
}

impl RuleTold {
    fn of(kept: &KeptRule, verdict: RuleVerdict) -> Self {
        Self { agent: Some(kept.agent.to_string()), ..Self::named(&kept.name, verdict) }
    }

    fn named(rule: &str, verdict: RuleVerdict) -> Self {
        Self {
            rule: rule.to_owned(),
            agent: None,
            verdict,
            condition: None,
            reason: None,
            at: None,
            since: None,
            until: None,
            by_time: false,
            counterpart: None,
        }
    }

    /// The values are those of then; only what was not written is as it is worked out again.
    fn beside(self, judged: Option<&Judged>) -> Self {
        Self { condition: self.condition.or_else(|| judged.map(|judged| judged.summary.clone())), ..self }
    }
}

/// What was written down.
fn logged(entry: &Entry, kept: Option<&KeptRule>) -> RuleTold {
    let name = entry.rule.as_deref().unwrap_or_default();
    let verdict = match entry.step {
        Step::Fired => RuleVerdict::Fired,
        Step::Resolved => RuleVerdict::Resolved,
        _ => RuleVerdict::Cooldown,
    };
    let told = kept.map_or_else(|| RuleTold::named(name, verdict), |kept| RuleTold::of(kept, verdict));
    let (at, since) = (time(entry, "at"), time(entry, "since"));
    let rests = span(entry, "cooldown").or(kept.map(|kept| kept.cooldown)).filter(|rests| !rests.is_zero());
    let began = if verdict == RuleVerdict::Cooldown { since } else { at };
    let until = began.zip(rests).map(|(began, rests)| began + rests);
    RuleTold {
        condition: text(entry, "condition"),
        at: at.or(Some(entry.at)),
        since: since.filter(|_| verdict != RuleVerdict::Fired),
        until: until.filter(|_| verdict != RuleVerdict::Resolved),
        by_time: flag(entry, "by_time"),
        ..told
    }
}

/// What is worked out again. The log has the better word on what was firing, and on when a cooldown began.
fn again(judged: &Judged, kept: &KeptRule) -> RuleTold {
    let rests_until = judged.fired.map(|fired| fired + kept.cooldown).filter(|until| *until > judged.now);
    let resting = |until: Option<Timestamp>| (RuleVerdict::Cooldown, judged.fired, until);
    let (verdict, since, until) = match (judged.verdict, rests_until) {
        (Verdict::Missing, _) => (RuleVerdict::Missing, None, None),
        (Verdict::Error, _) => (RuleVerdict::Error, None, None),
        _ if judged.is_open => (RuleVerdict::Firing, judged.fired.or(judged.since), None),
        (Verdict::Firing, _) => (RuleVerdict::Firing, judged.since, None),
        (Verdict::Cooldown, None) => resting(judged.until),
        (Verdict::Cooldown | Verdict::Fire | Verdict::Resolve, Some(until)) => resting(Some(until)),
        (Verdict::Pending, _) => (RuleVerdict::Pending, None, judged.until),
        (Verdict::No, _) => (RuleVerdict::No, None, None),
        // It would have done something, and the log does not say so: it does not reach back that far, or was damaged.
        _ => (RuleVerdict::Unknown, None, None),
    };
    RuleTold {
        condition: Some(judged.summary.clone()),
        reason: judged.reason.clone(),
        since,
        until,
        ..RuleTold::of(kept, verdict)
    }
}

/// The other end of an incident: what ended a firing, or the firing that was ended.
async fn counterpart(store: &dyn Store, entry: &Entry) -> Result<Option<Counterpart>, StoreError> {
    let filter = LogFilter {
        steps: vec![Step::Fired, Step::Resolved],
        rule: entry.rule.clone(),
        agent: entry.agent.clone(),
        ..LogFilter::default()
    };
    let page = match entry.step {
        Step::Fired => Page::After { number: entry.number, limit: PAGE },
        _ => Page::Before { number: Some(entry.number), limit: PAGE },
    };
    let other = store.log_query(&filter, page).await?.into_iter().find(|other| other.agent == entry.agent);
    let other = other.filter(|other| other.step != entry.step);
    Ok(other.map(|other| Counterpart { at: time(&other, "at").unwrap_or(other.at), event: other.event }))
}
