//! Makes durable what the pipeline decided, and books it. The store has the last word.

use std::time::Duration;

use tidings_store::{
    Admission, Answer, Handed, RuleBatch, RuleOutcome, RulePlan, StateRow, UserBatch, UserOutcome, UserPlan,
};

use crate::{
    planned::{Ended, Planned, Unsent},
    recover::changes,
    shared::Shared,
    unsettled::Passed,
};

/// The pause before the store is asked again.
const STORE_PAUSE: Duration = Duration::from_millis(500);

/// Makes a batch durable and books it; `None` if the notifier ends before the store answers.
pub(crate) async fn commit(shared: &Shared, planned: Vec<Planned>, states: Vec<StateRow>) -> Option<()> {
    if planned.is_empty() && states.is_empty() {
        return Some(());
    }
    let apart = |planned: Planned| (planned.rule, (planned.at, planned.ended));
    let (plans, ended): (Vec<_>, Vec<_>) = planned.into_iter().map(apart).unzip();
    let batch = RuleBatch { plans, states };
    let outcomes = insist(shared, || shared.store.plan_rule(&batch, shared.clock.now())).await?;
    let mut overruled = false;
    for ((plan, outcome), (at, ended)) in batch.plans.iter().zip(&outcomes).zip(ended) {
        overruled |= shared.overrule(plan, outcome);
        shared.book(plan, outcome, &ended);
        shared.witness.see_plan(at, plan, outcome, ended);
    }
    if overruled { keep_states(shared).await } else { Some(()) }
}

/// Makes durable how far rules are that have taken back what the store overruled: nothing else may come that would, and a restart
/// must not find them firing over what nobody was told.
pub(crate) async fn keep_states(shared: &Shared) -> Option<()> {
    let states = changes(shared, &mut shared.pipeline().rule_set());
    if states.is_empty() {
        return Some(());
    }
    let batch = RuleBatch { plans: Vec::new(), states };
    insist(shared, || shared.store.plan_rule(&batch, shared.clock.now())).await.map(drop)
}

/// A cooldown that the store knew of and the rules did not overrules a firing.
pub(crate) fn is_granted(outcome: &RuleOutcome, claim: Option<usize>) -> bool {
    claim.is_none_or(|index| outcome.fires.get(index).is_none_or(|admission| *admission == Admission::Granted))
}

/// Makes durable what users are told by no event, and books it; `None` if the notifier ends before the store answers.
pub(crate) async fn settle_users(shared: &Shared, batch: &UserBatch) -> Option<Vec<UserOutcome>> {
    let outcomes = insist(shared, || shared.store.plan_user(batch, shared.clock.now())).await?;
    for (outcome, plan) in outcomes.iter().zip(&batch.plans) {
        shared.book_told(plan, *outcome);
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
    /// Lets rules take back what the store overruled; whether there was any.
    fn overrule(&self, plan: &RulePlan, outcome: &RuleOutcome) -> bool {
        let mut overruled = false;
        for (claim, admission) in plan.firings.iter().zip(&outcome.fires) {
            if let Admission::Cooling { since } = admission {
                self.pipeline().overrule(claim, *since);
                overruled = true;
            }
        }
        overruled
    }

    /// Books what became of all that one event gave.
    fn book(&self, plan: &RulePlan, outcome: &RuleOutcome, ended: &[(Option<usize>, Unsent)]) {
        self.book_matched(plan.sinks.iter().filter(|row| !outcome.known.contains(&row.id)));
        self.book_shed(&outcome.shed);
        for (claim, unsent) in ended {
            if is_granted(outcome, *claim) {
                self.book_ended(unsent.why);
            }
        }
        for (Handed { plan, .. }, outcome) in plan.told.iter().zip(&outcome.told) {
            self.book_told(plan, *outcome);
        }
    }

    /// Books a notification by the store's word on it.
    fn book_told(&self, plan: &UserPlan, outcome: UserOutcome) {
        let told = &*plan.notification;
        let passed = self.pipeline().unsettled.settle(told.notification_id);
        if outcome == UserOutcome::Planned && passed == Some(Passed::Repeat) {
            self.pipeline().dedup.confirm(told, plan.at);
        } else if !matches!(outcome, UserOutcome::Planned | UserOutcome::Known) {
            // The key stands for a message that is not this one, and its window is not this one's; nor does its end wait for it.
            self.pipeline().beginnings.forget(told.notification_id);
            self.pipeline().dedup.release(&told.dedup_key, told.notification_id);
        }
        match outcome {
            UserOutcome::Planned => {
                self.book_planned(plan);
            }
            UserOutcome::Duplicate { of } => self.book_ended(Ended::Duplicate { of }),
            UserOutcome::Untold => self.book_ended(Ended::Untold),
            // It was never made; or it is on the account of a life before, and what it owes on this one's.
            UserOutcome::Overruled | UserOutcome::Known => {}
        }
    }

    /// Books a notification that is on its way, or waits for its moment.
    pub(crate) fn book_planned(&self, plan: &UserPlan) {
        self.ledger.made.add(1);
        self.ledger.told.add(1);
        match &plan.wait {
            // It counts as one until it goes.
            Some(wait) => {
                self.ledger.deliveries.add(1);
                self.later.await_until(wait.until);
            }
            None => self.ledger.deliveries.add(plan.deliveries.len() as u64),
        }
    }

    /// Books a notification that was made and goes nowhere.
    pub(crate) fn book_ended(&self, ended: Ended) {
        let count = match ended {
            Ended::Duplicate { .. } | Ended::Untold => &self.ledger.repeated,
            Ended::Silenced => &self.ledger.silenced,
            Ended::Denied => &self.ledger.denied,
        };
        self.ledger.made.add(1);
        count.add(1);
    }
}
