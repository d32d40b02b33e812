//! What becomes, on a walk, of what waits for its moment: drawn by dice, for the store and for the model.

use fastrand::Rng;
use tidings_core::{NotificationId, Priority};

use super::{Walk, making::modelled};
use crate::{
    Deferrals, Fate, Resuming, Resumption,
    contract::{
        deferring::{gathered, held, item},
        model::{Model, Waits},
        rig::get,
        samples::{Tell, at},
    },
};

impl Walk {
    /// Looks at what is due, and settles some of it.
    pub(super) async fn resume(&mut self, dice: &mut Rng) {
        let (until, limit) = (self.now + dice.i64(-5..150), dice.usize(1..4));
        let due = self.look(until, limit).await;
        self.made += 1;
        let digest = Tell::firing(3_000_000 + self.made).to("ann").at(self.now);
        let into = digest.id();
        let (plan, asked) = self.both(&digest, None, (Priority::Low, i64::from(self.made)));
        let mut items = Vec::new();
        for id in due {
            let until = self.model.told[&id].waits.as_ref().map_or(0, |waits| waits.until);
            let stale = i64::from(dice.u8(0..6) == 0);
            items.push(item(id, until + stale, self.fate(id, into, dice)));
        }
        // Somebody settles one of them twice.
        items.extend(dice.choice(&items.clone()).filter(|_| dice.u8(0..5) == 0).cloned());
        self.note(&format!(
            "resume {:?}",
            items.iter().map(|item| (item.notification, &item.fate)).collect::<Vec<_>>()
        ));
        let expected: Vec<_> = items.iter().map(|item| settle(&mut self.model, item)).collect();
        let is_made =
            items.iter().zip(&expected).any(|(item, stood)| *stood && matches!(item.fate, Fate::Gathered { .. }));
        if is_made {
            self.model.digest(asked);
        }
        let batch = Resumption { items, digests: vec![plan] };
        assert_eq!(get(self.rig.store().resume(&batch, at(self.now))).await, expected);
        self.tell_time(expected.contains(&true));
    }

    /// Those that wait until then, as many as there are or as are asked for, and with the last all that belong to it.
    async fn look(&mut self, until: i64, limit: usize) -> Vec<NotificationId> {
        let mut due = self.model.waiting(until);
        let end = |id: &NotificationId| self.model.told[id].waits.as_ref().map(|waits| waits.until);
        let last = due.get(limit - 1).and_then(end);
        due =
            due.iter().enumerate().filter(|(place, id)| *place < limit || end(id) == last).map(|(_, id)| *id).collect();
        let found = get(self.rig.store().deferred(&Deferrals::Due(at(until)), limit)).await;
        let found: Vec<_> = found.iter().map(|row| row.notification.notification_id).collect();
        assert_eq!(found, due, "what waits until {until}, {limit} of it");
        due
    }

    fn fate(&self, id: NotificationId, into: NotificationId, dice: &mut Rng) -> Fate {
        match dice.u8(0..8) {
            0..3 => self.goes_out(id),
            3 => Fate::Waits(held(self.now + dice.i64(0..300))),
            4 => Fate::Waits(gathered(self.now + dice.i64(0..300))),
            5 => Fate::Gathered { into },
            6 => Fate::Dropped { untold: false },
            _ => Fate::Dropped { untold: true },
        }
    }

    /// By push alone, which takes it sooner or later.
    fn goes_out(&self, id: NotificationId) -> Fate {
        let number = (0..=self.made).flat_map(|number| [1_000_000 + number, 2_000_000 + number, 3_000_000 + number]);
        let number = number.into_iter().find(|number| Tell::firing(*number).id() == id).unwrap_or_default();
        let plan = Tell::firing(number).at(self.now).plan();
        Fate::Sent { plan: plan.plan, deliveries: plan.deliveries }
    }

    /// At the end nothing waits any more.
    pub(super) async fn tell_all_that_waits(&mut self) {
        let waits = self.look(i64::MAX / 2_000_000_000, 100_000).await;
        let until = |id: &NotificationId| self.model.told[id].waits.as_ref().map_or(0, |waits| waits.until);
        let items: Vec<_> = waits.iter().map(|id| item(*id, until(id), self.goes_out(*id))).collect();
        let stood: Vec<_> = items.iter().map(|item| settle(&mut self.model, item)).collect();
        let batch = Resumption { items, digests: Vec::new() };
        assert_eq!(get(self.rig.store().resume(&batch, at(self.now))).await, stood);
        assert!(stood.iter().all(|stood| *stood) && self.model.waiting(i64::MAX).is_empty());
    }
}

/// What becomes of one in the model; whether it stood.
fn settle(model: &mut Model, item: &Resuming) -> bool {
    let Some(told) = model.told.get_mut(&item.notification) else { return false };
    let Some(waits) = told.waits.take_if(|waits| at(waits.until) == item.until) else { return false };
    match &item.fate {
        Fate::Sent { plan, deliveries } => {
            told.plan = plan.clone();
            model.deliveries.extend(deliveries.iter().map(modelled));
        }
        Fate::Waits(wait) => {
            let is_digest = wait.digest.is_some();
            told.waits = Some(Waits { until: wait.until.as_secs(), is_digest, ..waits });
        }
        Fate::Gathered { .. } | Fate::Dropped { untold: false } => told.is_digested = true,
        Fate::Dropped { untold: true } => model.withdraw(item.notification),
    }
    true
}
