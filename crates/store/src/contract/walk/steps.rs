//! What may happen on a walk, each step on the store and on the model.

use fastrand::Rng;
use tidings_core::DeliveryId;

use super::{
    Walk,
    making::{fallbacks, modelled},
};
use crate::{
    Acceptance, Admission, Finish, RulePlan, Settled, UserOutcome, Which,
    contract::{
        model::{Asked, Event},
        rig::{LEASE, get},
        samples::{HOOK, WINDOW, answer, at, offer},
    },
};

/// All that deliveries go out by.
pub(super) const ENDPOINTS: [&str; 4] = [HOOK, "push", "mail", "sms"];

impl Walk {
    pub(super) async fn step(&mut self, dice: &mut Rng) {
        match dice.u32(0..100) {
            0..12 => self.accept(dice).await,
            12..26 => self.plan(dice).await,
            26..36 => self.tell(dice).await,
            36..40 => self.resume(dice).await,
            40..56 => self.claim(dice).await,
            56..80 => self.finish(dice).await,
            80..84 => self.release(dice).await,
            84..88 => self.crash(dice).await,
            88..91 => self.purge(dice).await,
            91..94 if self.rig.subject.durable() => self.set_back(dice),
            _ => self.wait(dice),
        }
    }

    fn wait(&mut self, dice: &mut Rng) {
        self.now += match dice.u32(0..10) {
            0..6 => dice.i64(1..8),
            6..9 => dice.i64(8..40),
            _ => dice.i64(1_000..20_000),
        };
    }

    /// Somebody sets the clock back while the store is open: it goes by the times that it is told.
    fn set_back(&mut self, dice: &mut Rng) {
        self.now = (self.now - dice.i64(1..60)).max(self.dropped);
        self.note("the clock was set back");
    }

    async fn accept(&mut self, dice: &mut Rng) {
        let mut names = Vec::new();
        for _ in 0..dice.usize(1..4) {
            self.made += 1;
            names.push(self.made);
            // Somebody sends an old one again.
            names.extend(self.an_event(dice, |_| true).filter(|_| dice.u8(0..4) == 0));
        }
        self.note(&format!("accept {names:?}"));
        let offers: Vec<_> = names.iter().map(|name| offer(&name.to_string())).collect();
        let pairs = offers.iter().zip(&names);
        let expected: Vec<_> = pairs.map(|(offer, name)| self.model.accept(offer.id, *name, self.now)).collect();
        assert_eq!(self.rig.accept(&offers, self.now).await, expected);
        self.tell_time(expected.contains(&Acceptance::Accepted));
    }

    /// The name of an accepted event that cannot have been purged.
    fn an_event(&self, dice: &mut Rng, wanted: impl Fn(&Event) -> bool) -> Option<u32> {
        let kept = |event: &&Event| event.waiting || event.received >= self.purged;
        let events = self.model.events.iter().filter(kept).filter(|event| wanted(event));
        dice.choice(events.collect::<Vec<_>>()).map(|event| event.name)
    }

    async fn plan(&mut self, dice: &mut Rng) {
        let mut plans = Vec::new();
        for _ in 0..dice.usize(1..4) {
            let again = dice.u8(0..5) == 0;
            if let Some(name) = self.an_event(dice, |event| event.waiting || again) {
                plans.push(self.rule_plan(name, dice));
            }
        }
        self.note(&format!("plan {:?}", plans.iter().map(|(name, ..)| name).collect::<Vec<_>>()));
        let batch = plans.iter().map(|(_, plan, _)| plan.clone()).collect();
        let outcomes = self.rig.plan_all(batch, vec![], self.now).await;
        for ((_, plan, asked), outcome) in plans.into_iter().zip(outcomes) {
            assert!(outcome.shed.is_empty());
            if self.model.plan(plan.event) {
                self.tell_time(true);
                self.expect_planned(&plan, asked, &outcome.fires, &outcome.told);
            }
        }
        self.tell_time(false);
    }

    fn expect_planned(&mut self, plan: &RulePlan, asked: Option<Asked>, fires: &[Admission], told: &[UserOutcome]) {
        self.model.deliveries.extend(plan.sinks.iter().map(modelled));
        let claims = plan.firings.iter();
        let expected: Vec<_> = claims.map(|claim| self.model.fire(&claim.agent, plan.event, self.now)).collect();
        assert_eq!(fires, expected);
        let expected = asked.map(|asked| match fires.first() {
            Some(Admission::Granted) => self.model.tell(asked),
            _ => UserOutcome::Overruled,
        });
        assert_eq!(told, expected.into_iter().collect::<Vec<_>>());
    }

    async fn tell(&mut self, dice: &mut Rng) {
        self.made += 1;
        let (plan, asked) = self.told(2_000_000 + self.made, dice);
        self.note(&format!("tell {}: {:?}", plan.notification.title, plan.notification.kind));
        let times = vec![plan; dice.usize(1..3)];
        let outcomes = get(self.rig.store().plan_user(&times.into(), at(self.now))).await;
        let expected = self.model.tell(asked);
        assert_eq!(outcomes[0], expected);
        // The same again is planned, or repeats what the first one did.
        assert!(outcomes.iter().all(|outcome| *outcome == expected));
        self.tell_time(expected == UserOutcome::Planned);
    }

    async fn claim(&mut self, dice: &mut Rng) {
        let endpoint = dice.choice(ENDPOINTS).unwrap_or(HOOK);
        let which = if dice.u8(0..4) == 0 { Which::Overdue } else { Which::Due };
        self.claim_some(endpoint, which, dice.usize(0..4)).await;
    }

    /// Claims, and checks that it gets what it may, and as much as there is.
    pub(super) async fn claim_some(&mut self, endpoint: &str, which: Which, limit: usize) -> usize {
        let mut claimable = self.model.claimable(endpoint, which, self.now);
        let claimed = self.rig.claim_as(which, endpoint, limit, self.now).await;
        self.tell_time(false);
        self.note(&format!("claim {which:?} of {endpoint}: {} of {}", claimed.leases.len(), claimable.len()));
        assert_eq!(claimed.leases.len(), limit.min(claimable.len()), "as many as there are");
        for lease in &claimed.leases {
            let place = claimable.iter().position(|place| self.model.deliveries[*place].id == lease.delivery.id);
            let place = place.unwrap_or_else(|| panic!("{} may not be claimed", lease.delivery.id));
            let delivery = &mut self.model.deliveries[claimable.swap_remove(place)];
            assert_eq!(lease.attempt, delivery.attempts + 1);
            assert!(self.hands.iter().all(|held| (held.delivery.id, held.fence) != (lease.delivery.id, lease.fence)));
            delivery.attempts += 1;
            (delivery.lease, delivery.unsure) = (Some(self.now + LEASE.as_secs().cast_signed()), false);
            delivery.fence = Some(lease.fence);
        }
        if which == Which::Due {
            self.check_next_due(endpoint, claimed.next_due.map(|next| next.as_secs()), claimable.is_empty());
        }
        self.hands.extend(claimed.leases.iter().cloned());
        claimed.leases.len()
    }

    async fn finish(&mut self, dice: &mut Rng) {
        let mut finishes = Vec::new();
        for _ in 0..dice.usize(1..4) {
            let Some(place) = dice.choice(0..self.hands.len()) else { break };
            // Some hands forget that they have answered.
            let lease = if dice.u8(0..3) == 0 { self.hands[place].clone() } else { self.hands.swap_remove(place) };
            let fallbacks = fallbacks(&lease.delivery, self.now, dice);
            // Some attempts were never made, and some began under a lease before this one.
            let attempt = if dice.u8(0..5) == 0 { None } else { Some(dice.u32(1..=lease.attempt)) };
            finishes.push(Finish { fallbacks, attempt, ..answer(&lease, self.outcome(dice)) });
        }
        self.finish_all(finishes).await;
    }

    pub(super) async fn finish_all(&mut self, finishes: Vec<Finish>) {
        self.note(&format!("finish {:?}", finishes.iter().map(|finish| &finish.outcome).collect::<Vec<_>>()));
        let settled = get(self.rig.store().finish(finishes.clone(), at(self.now))).await;
        assert_eq!(settled.len(), finishes.len());
        self.tell_time(false);
        for (finish, settled) in finishes.into_iter().zip(settled) {
            let expected = match self.model.lent(finish.id, finish.fence) {
                None => Settled::Stale,
                Some((_, false)) if settled == Settled::Stale => continue,
                Some((place, _)) => {
                    let fallbacks = finish.fallbacks.iter().map(modelled).collect();
                    self.model.finish(place, &finish, fallbacks)
                }
            };
            let (settled, expected) = self.without_old_keys(finish.id, [settled, expected]).into();
            assert_eq!(settled, expected, "{} by {}: {:?}", finish.id, finish.endpoint, finish.outcome);
            self.tell_time(expected != Settled::Stale);
        }
    }

    /// A key whose window was over long ago may have been purged: whether it is freed says nothing then.
    fn without_old_keys(&self, id: DeliveryId, settled: [Settled; 2]) -> [Settled; 2] {
        let of = self.model.deliveries.iter().find(|row| row.id == id).and_then(|row| row.notification);
        let told = of.and_then(|of| self.model.told.get(&of));
        if told.is_none_or(|told| at(told.planned) + WINDOW >= at(self.purged)) {
            return settled;
        }
        settled.map(|settled| match settled {
            Settled::Done { fallback, status, .. } => Settled::Done { fallback, status, freed: None },
            Settled::Stale => Settled::Stale,
        })
    }

    async fn release(&mut self, dice: &mut Rng) {
        let endpoint = dice.choice(ENDPOINTS).unwrap_or(HOOK);
        let released = get(self.rig.store().release(endpoint, at(self.now))).await;
        self.note(&format!("release {endpoint}: {released}"));
        let (sure, all) = self.model.drop_leases(Some(endpoint), self.now);
        assert!((sure..=all).contains(&released), "{released} of {sure} to {all} leases");
        self.dropped = self.now;
        self.tell_time(false);
    }

    /// The process ends without a word, and somebody may set the clock back before the next one.
    async fn crash(&mut self, dice: &mut Rng) {
        self.read_log().await;
        let back = self.rig.subject.durable() && dice.bool();
        let now = if back { self.now - dice.i64(2..100) } else { self.now + dice.i64(0..100) };
        let found = self.rig.reopen_shifting(true, now).await;
        self.note(&format!("crash; the next life begins at {now}, moved by {}", found.shift));
        let shift = found.shift / 1_000_000_000;
        let [sure, possible] = self.seen.map(|seen| seen.saturating_sub(now));
        if !self.rig.subject.durable() {
            assert_eq!(shift, 0, "what lives on in memory is not moved");
        } else if shift == 0 {
            assert!(sure <= 1, "the clock was set back by {sure} seconds");
        } else {
            assert!(shift > 1 && (sure..=possible).contains(&shift), "{shift} is not {sure} to {possible}");
        }
        self.model.shift(shift);
        let (sure, all) = self.model.drop_leases(None, now);
        assert!((sure..=all).contains(&found.leases), "{} of {sure} to {all} leases", found.leases);
        assert_eq!(found.last_event, self.model.events.len() as u64);
        (self.now, self.dropped) = (now, now);
        if shift > 0 {
            self.seen = [now; 2];
        }
        self.tell_time(false);
        self.check_all().await;
    }

    async fn purge(&mut self, dice: &mut Rng) {
        self.read_log().await;
        // Long ago, else an incident of today might be purged after the clock was set back some times.
        let before = self.now - dice.i64(2_000..5_000);
        let limit = dice.usize(1..50);
        self.note(&format!("purge before {before}, {limit} at a time"));
        self.rig.purges = true;
        self.purged = self.purged.max(before);
        get(self.rig.store().purge(at(before), limit)).await;
        self.tell_time(false);
        self.check_all().await;
    }
}
