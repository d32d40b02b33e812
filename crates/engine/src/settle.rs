//! Makes durable what the pipeline decided, and books it. The store has the last word.

use std::time::Duration;

use tidings_store::{Answer, RuleOutcome, UserOutcome, UserPlan};

use crate::{
    planned::{Decision, Planned, Told},
    shared::Shared,
};

/// The pause before the store is asked again.
const STORE_PAUSE: Duration = Duration::from_millis(500);

/// Makes a batch durable and books it; `None` if the notifier ends before the store answers.
pub(crate) async fn commit(shared: &Shared, planned: Vec<Planned>) -> Option<()> {
    let (rules, told): (Vec<_>, Vec<_>) = planned.into_iter().map(|planned| (planned.rule, planned.told)).unzip();
    let outcomes = insist(shared, || shared.store.plan_rule(&rules, shared.clock.now())).await?;
    let mut plans = Vec::new();
    for ((plan, outcome), told) in rules.iter().zip(&outcomes).zip(told) {
        shared.book_matched(&plan.sinks);
        shared.book_shed(&outcome.shed);
        let overruled = plan.firings.iter().zip(&outcome.fires).filter(|(_, fires)| !**fires);
        overruled.for_each(|(claim, _)| shared.pipeline.overrule(claim));
        plans.extend(told.into_iter().filter_map(|told| shared.book_decision(told, outcome)));
    }
    settle_users(shared, plans).await.map(drop)
}

/// A cooldown that the store knew of and the rules did not overrules a firing.
fn may_fire(outcome: &RuleOutcome, told: &Told) -> bool {
    told.claim.is_none_or(|index| outcome.fires.get(index).copied().unwrap_or(true))
}

/// Makes deliveries durable and books them; `None` if the notifier ends before the store answers.
pub(crate) async fn settle_users(shared: &Shared, plans: Vec<UserPlan>) -> Option<Vec<UserOutcome>> {
    if plans.is_empty() {
        return Some(Vec::new());
    }
    let outcomes = insist(shared, || shared.store.plan_user(&plans, shared.clock.now())).await?;
    for (outcome, plan) in outcomes.iter().zip(&plans) {
        shared.ledger.made.add(1);
        match outcome {
            UserOutcome::Planned => {
                shared.ledger.told.add(1);
                shared.ledger.deliveries.add(plan.deliveries.len() as u64);
            }
            // The end of what was not told shares the fate of its beginning.
            UserOutcome::Duplicate { .. } | UserOutcome::Untold => {
                shared.ledger.repeated.add(1);
                // The key stands for a message that is not this one, and its window is not this one's.
                shared.pipeline.dedup.release(&plan.dedup_key, plan.notification);
            }
        }
    }
    Some(outcomes)
}

/// Asks the store until it answers: what was taken in is not dropped because a disk is full. `None` if the notifier ends first.
pub(crate) async fn insist<'a, T>(shared: &Shared, ask: impl Fn() -> Answer<'a, T> + 'a) -> Option<T> {
    loop {
        match ask().await {
            Ok(answer) => return Some(answer),
            Err(error) => tracing::error!("{error}; trying again"),
        }
        tokio::select! {
            () = shared.ending() => return None,
            () = tokio::time::sleep(STORE_PAUSE) => {}
        }
    }
}

impl Shared {
    /// Books a notification that is not to be sent; gives the plan of one that is.
    fn book_decision(&self, told: Told, outcome: &RuleOutcome) -> Option<UserPlan> {
        if may_fire(outcome, &told) {
            return self.book_made(told);
        }
        if let Decision::Send(plan) = told.decision {
            // It was never made, so nothing repeats it.
            self.pipeline.dedup.release(&plan.dedup_key, plan.notification);
        }
        None
    }

    /// Books a notification that was made and goes nowhere; gives the plan of one that is to be sent, which is booked by then.
    pub(crate) fn book_made(&self, told: Told) -> Option<UserPlan> {
        let ended = match told.decision {
            Decision::Send(plan) => return Some(plan),
            Decision::Duplicate => &self.ledger.repeated,
            Decision::Denied => &self.ledger.denied,
        };
        self.ledger.made.add(1);
        ended.add(1);
        None
    }
}
