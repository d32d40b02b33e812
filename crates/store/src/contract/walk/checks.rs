//! What must hold at any step of a walk, and what at its end.

use std::collections::BTreeMap;

use tidings_core::DeliveryId;
use tidings_policy::{Ending, Status};

use super::{Walk, steps::ENDPOINTS};
use crate::{
    EventRange, LogFilter, Outcome, Page, Step, Which,
    contract::{
        account,
        model::Told,
        rig::get,
        samples::{answer, plan_of},
    },
};

impl Walk {
    /// What is quick to look at: the census is the model's, and so is what each endpoint owes.
    pub(super) async fn check(&self) {
        let census = get(self.rig.store().census()).await;
        let model = &self.model;
        let ended = |ending| model.deliveries.iter().filter(|row| row.ended == ending).count() as u64;
        let stand =
            |wanted: fn(&Status) -> bool| model.told.values().filter(|told| wanted(&told.status)).count() as u64;
        let found = [census.delivered, census.dead, census.expired, census.open];
        let endings = [Some(Ending::Delivered), Some(Ending::Dead), Some(Ending::Expired), None];
        assert_eq!(found, endings.map(ended), "delivered, dead, expired, open");
        let found = [census.complete, census.incomplete, census.failed];
        let complete: fn(&Status) -> bool = |status| *status == Status::Complete;
        let incomplete: fn(&Status) -> bool = |status| matches!(status, Status::Incomplete { .. });
        let failed: fn(&Status) -> bool = |status| *status == Status::Failed;
        assert_eq!(found, [complete, incomplete, failed].map(stand), "complete, incomplete, failed");
        let digested = model.told.values().filter(|told| told.is_digested).count() as u64;
        let withdrawn = model.told.values().filter(|told| told.is_withdrawn).count() as u64;
        assert_eq!((census.digested, census.withdrawn), (digested, withdrawn), "digested, withdrawn");
        let pending = get(self.rig.store().pending()).await;
        let all = model.waiting(i64::MAX);
        let for_digest = model.told.values().filter_map(|told| told.waits.as_ref()).filter(|waits| waits.is_digest);
        assert_eq!((pending.held + pending.digested, pending.digested), (all.len() as u64, for_digest.count() as u64));
        let waiting = model.events.iter().filter(|event| event.waiting).count() as u64;
        assert_eq!(census.waiting, waiting, "nothing accepted is missing");
        for endpoint in ENDPOINTS {
            let open = model.deliveries.iter().filter(|row| row.endpoint == endpoint && row.ended.is_none()).count();
            let owed = get(self.rig.store().outstanding(endpoint)).await;
            assert_eq!(owed.total(), open as u64, "what {endpoint} owes");
        }
    }

    /// When the next claim is worth while: at once if something was left, else when a head is due or a lease ends.
    pub(super) fn check_next_due(&self, endpoint: &str, next: Option<i64>, all_given: bool) {
        if !all_given {
            assert!(next.is_some_and(|next| next <= self.now), "something was left, and the next time is {next:?}");
            return;
        }
        let heads = self.model.heads(endpoint).into_iter().map(|place| &self.model.deliveries[place]);
        let expected = heads.map(|row| row.lease.unwrap_or(row.due)).min();
        assert_eq!(next, expected, "the next time of {endpoint}");
    }

    /// What takes longer to look at: every event, and the log.
    pub(super) async fn check_all(&mut self) {
        account::check(&self.rig).await;
        let kept = account::all_events(self.rig.store(), &EventRange::default()).await;
        let kept: BTreeMap<_, _> = kept.iter().map(|event| (event.id, event)).collect();
        for (place, event) in self.model.events.iter().enumerate() {
            match kept.get(&event.id) {
                Some(found) => assert_eq!((found.number, found.waiting), (place as u64 + 1, event.waiting)),
                None => assert!(!event.waiting && event.received < self.purged, "the event {} is gone", event.id),
            }
        }
        for (id, told) in self.model.told.iter().filter(|(_, told)| told.planned >= self.purged || told.waits.is_some())
        {
            let found = get(self.rig.store().notification(*id)).await;
            let found = found.unwrap_or_else(|| panic!("the notification {id} is gone"));
            assert_eq!((&found.plan, &found.attempts), (&told.plan, &told.attempts));
        }
        self.read_log().await;
    }

    /// Reads what is new in the log: its numbers go on where they were.
    pub(super) async fn read_log(&mut self) {
        loop {
            let number = self.log.last().map_or(0, |entry| entry.number);
            let page = Page::After { number, limit: 1_000 };
            let entries = get(self.rig.store().log_query(&LogFilter::default(), page)).await;
            let Some(first) = entries.first() else { return };
            assert_eq!(first.number, number + 1, "a gap in the log");
            account::check_numbers(&entries);
            self.log.extend(entries);
        }
    }

    /// Whatever happened before: in the end everything is planned, and every delivery comes to one end.
    pub(super) async fn drain(&mut self) {
        self.note("drain");
        self.hands.clear();
        let waiting: Vec<_> = self.model.events.iter().filter(|event| event.waiting).map(|event| event.id).collect();
        let plans = waiting.iter().map(|id| crate::RulePlan { event: *id, ..plan_of("") }).collect();
        self.rig.plan_all(plans, vec![], self.now).await;
        waiting.into_iter().for_each(|id| assert!(self.model.plan(id)));
        self.tell_all_that_waits().await;
        for _ in 0..10_000 {
            if self.model.deliveries.iter().all(|row| row.ended.is_some()) {
                return self.check_end().await;
            }
            for endpoint in ENDPOINTS {
                self.claim_some(endpoint, Which::Due, 100).await;
            }
            let hands = std::mem::take(&mut self.hands);
            let delivered = || Outcome::Delivered(tidings_core::Receipt::default());
            self.finish_all(hands.iter().map(|lease| answer(lease, delivered())).collect()).await;
            self.now += 50;
        }
        panic!("the drain has no end");
    }

    async fn check_end(&mut self) {
        self.check().await;
        self.check_all().await;
        let mut ends: BTreeMap<DeliveryId, usize> = BTreeMap::new();
        for entry in self.log.iter().filter(|entry| matches!(entry.step, Step::Delivered | Step::Dead | Step::Expired))
        {
            *ends.entry(entry.delivery.unwrap_or_else(|| panic!("an end of nothing"))).or_default() += 1;
        }
        assert_eq!(ends.len(), self.model.deliveries.len(), "each delivery has its end");
        assert!(ends.values().all(|count| *count == 1), "and only one: {ends:?}");
        let is_over = |told: &Told| told.status != Status::Pending || told.is_digested || told.is_withdrawn;
        assert!(self.model.told.values().all(is_over));
    }
}
