//! A store under test, with short words for what the cases do with it. What a store must answer is left to the cases.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use super::{
    Subject, account,
    samples::{Tell, answer, at, offer},
};
use crate::{
    Acceptance, Answer, Claim, Claimed, Entry, Finish, Lease, LogFilter, NewDelivery, Offer, Outcome, Page, Recovered,
    RuleBatch, RuleOutcome, RulePlan, Settled, StateRow, Step, Store, UserOutcome, Which,
};

/// How long leases last.
pub(super) const LEASE: Duration = Duration::from_secs(30);

pub(super) struct Rig {
    pub(super) subject: Box<dyn Subject>,
    store: Option<Arc<dyn Store>>,
    used: AtomicUsize,
    /// Whether the case purges: then the log no longer tells everything.
    pub(super) purges: bool,
}

/// The answer of a store that must have one.
pub(super) async fn get<T>(answer: Answer<'_, T>) -> T {
    answer.await.unwrap_or_else(|error| panic!("the store refused: {error}"))
}

impl Rig {
    pub(super) async fn new(subject: Box<dyn Subject>) -> Self {
        let store = subject.fresh(at(0)).await;
        assert_eq!(store.durable(), subject.durable());
        let rig = Self { subject, store: Some(store), used: AtomicUsize::new(0), purges: false };
        get(rig.store().take_over(false, at(0))).await;
        rig.used.store(0, Relaxed);
        rig
    }

    pub(super) fn store(&self) -> &dyn Store {
        self.used.fetch_add(1, Relaxed);
        self.store.as_deref().unwrap_or_else(|| panic!("the store is being opened"))
    }

    /// Goes on with another store.
    pub(super) fn replace(&mut self, store: Arc<dyn Store>) {
        self.store = Some(store);
    }

    /// The next life of the process.
    pub(super) async fn reopen(&mut self, now: i64) -> Recovered {
        self.reopen_shifting(false, now).await
    }

    pub(super) async fn reopen_shifting(&mut self, shifts_rules: bool, now: i64) -> Recovered {
        let store = self.store.take().unwrap_or_else(|| panic!("the store is being opened"));
        self.store = Some(self.subject.reopen(store, at(now)).await);
        get(self.store().take_over(shifts_rules, at(now))).await
    }

    /// Closes the account of the store at the end of a case.
    pub(super) async fn close(&self) {
        assert!(self.used.load(Relaxed) > 0, "the case did nothing");
        account::check(self).await;
    }

    pub(super) async fn accept(&self, offers: &[Offer], now: i64) -> Vec<Acceptance> {
        get(self.store().accept(offers, at(now))).await
    }

    pub(super) async fn plan(&self, plan: RulePlan, now: i64) -> RuleOutcome {
        self.plan_all(vec![plan], vec![], now).await.remove(0)
    }

    pub(super) async fn plan_all(&self, plans: Vec<RulePlan>, states: Vec<StateRow>, now: i64) -> Vec<RuleOutcome> {
        let batch = RuleBatch { plans, states };
        let outcomes = get(self.store().plan_rule(&batch, at(now))).await;
        assert_eq!(outcomes.len(), batch.plans.len(), "one outcome for each plan");
        outcomes
    }

    /// Accepts the events of these deliveries and plans them; names what was shed.
    pub(super) async fn send(&self, rows: Vec<NewDelivery>, now: i64) -> Vec<String> {
        let event = |row: &NewDelivery| offer(&super::samples::name(row));
        self.accept(&rows.iter().map(event).collect::<Vec<_>>(), now).await;
        let plan = |row: NewDelivery| RulePlan {
            sinks: vec![row.clone()],
            ..RulePlan::nothing(row.event.unwrap_or_else(|| panic!("a delivery of no event")))
        };
        let outcomes = self.plan_all(rows.into_iter().map(plan).collect(), vec![], now).await;
        outcomes.iter().flat_map(|outcome| &outcome.shed).map(|row| super::samples::name(row)).collect()
    }

    /// Plans a notification at its own time.
    pub(super) async fn tell(&self, tell: &Tell) -> UserOutcome {
        let plan = tell.plan();
        let now = plan.at;
        get(self.store().plan_user(&vec![plan].into(), now)).await.remove(0)
    }

    pub(super) async fn claim_as(&self, which: Which, endpoint: &str, limit: usize, now: i64) -> Claimed {
        let claim = Claim { endpoint: endpoint.into(), limit, lease: LEASE, which };
        get(self.store().claim(claim, at(now))).await
    }

    pub(super) async fn claim(&self, endpoint: &str, now: i64) -> Vec<Lease> {
        self.claim_as(Which::Due, endpoint, 1_000, now).await.leases
    }

    /// The one delivery of the endpoint that is due.
    pub(super) async fn claim_one(&self, endpoint: &str, now: i64) -> Lease {
        let mut leases = self.claim(endpoint, now).await;
        assert_eq!(leases.len(), 1, "one delivery of {endpoint} is due at {now}");
        leases.remove(0)
    }

    pub(super) async fn finish(&self, finish: Finish, now: i64) -> Settled {
        get(self.store().finish(vec![finish], at(now))).await.remove(0)
    }

    /// Finishes a lease that leaves nothing to stand in.
    pub(super) async fn end(&self, lease: &Lease, outcome: Outcome, now: i64) -> Settled {
        self.finish(answer(lease, outcome), now).await
    }

    /// Claims the one delivery that is due and finishes it.
    pub(super) async fn attempt(&self, endpoint: &str, outcome: Outcome, now: i64) -> Settled {
        let lease = self.claim_one(endpoint, now).await;
        self.end(&lease, outcome, now).await
    }

    pub(super) async fn owed(&self, endpoint: &str) -> (u64, u64) {
        let owed = get(self.store().outstanding(endpoint)).await;
        (owed.ready, owed.leased)
    }

    /// All entries that fit, oldest first.
    pub(super) async fn log(&self, filter: &LogFilter) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let number = entries.last().map_or(0, |entry| entry.number);
            let page = get(self.store().log_query(filter, Page::After { number, limit: 1_000 })).await;
            if page.is_empty() {
                return entries;
            }
            entries.extend(page);
        }
    }

    /// The entries of one step.
    pub(super) async fn steps(&self, step: Step) -> Vec<Entry> {
        self.log(&LogFilter { steps: vec![step], ..LogFilter::default() }).await
    }

    /// When a lease given now has surely not run out yet, and when it surely has.
    pub(super) fn lease_ends(&self, given: i64) -> (i64, i64) {
        let skew = self.subject.lease_skew().as_secs().cast_signed();
        let end = given + LEASE.as_secs().cast_signed();
        (end - 1 - skew, end + skew)
    }
}
