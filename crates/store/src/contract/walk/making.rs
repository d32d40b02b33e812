//! What the steps of a walk are made of: events' plans, notifications, answers, drawn by dice. What is done with them is `steps`'.

use fastrand::Rng;
use tidings_core::{EventId, NotificationId, NotificationKind, Priority};

use super::Walk;
use crate::{
    Handed, NewDelivery, Outcome, RulePlan, UserPlan,
    contract::{
        deferring::{gathered, held},
        model::{Asked, Delivery},
        samples::{Tell, at, event_id, firing_claim, row},
    },
};

const CHANNELS: [&str; 3] = ["push", "mail", "sms"];

impl Walk {
    /// A plan in which everything follows from the event's name, as far as it should when it is planned again.
    pub(super) fn rule_plan(&self, name: u32, dice: &mut Rng) -> (u32, RulePlan, Option<Asked>) {
        let mut plan = RulePlan::nothing(event_of(name));
        if !name.is_multiple_of(3) {
            let sink = row(&name.to_string(), u64::from(name % 2));
            plan.sinks.push(NewDelivery { due: at(self.now), expires: at(self.now + 50), ..sink });
        }
        if name.is_multiple_of(4) {
            return (name, plan, None);
        }
        plan.firings.push(firing_claim(if name.is_multiple_of(2) { "even" } else { "odd" }, self.now));
        let (tell, asked) = self.told(1_000_000 + name, dice);
        plan.told.push(Handed { claim: Some(0), plan: tell });
        (name, plan, Some(asked))
    }

    /// A notification of any kind, for the store and for the model.
    pub(super) fn told(&self, number: u32, dice: &mut Rng) -> (UserPlan, Asked) {
        let mut legs = CHANNELS.to_vec();
        dice.shuffle(&mut legs);
        legs.truncate(dice.usize(1..3));
        // Incidents are of today: what is old may have been purged.
        let incident = i64::from(number % 7) + self.now.div_euclid(90) * 10;
        let tell = if dice.u8(0..4) == 0 { Tell::resolve(number, incident) } else { Tell::firing(number).of(incident) };
        let priority = if dice.u8(0..5) == 0 { Priority::High } else { Priority::Low };
        let tell = tell.to("ann").priority(priority).by(&legs).needs(dice.u8(1..3)).at(self.now);
        let tell = tell.due(self.now + dice.i64(0..5)).yields_at(self.now + dice.i64(5..60));
        let wait = (dice.u8(0..4) == 0).then(|| (self.now + dice.i64(0..200), dice.bool()));
        let tell = match wait {
            Some((until, true)) => tell.waits(gathered(until)),
            Some((until, false)) => tell.waits(held(until)),
            None => tell,
        };
        self.both(&tell, wait, (priority, incident))
    }

    /// What this tells, for the store and for the model.
    pub(super) fn both(
        &self,
        tell: &Tell,
        wait: Option<(i64, bool)>,
        (priority, incident): (Priority, i64),
    ) -> (UserPlan, Asked) {
        let number = tell.lane();
        let mut plan = tell.plan();
        plan.deliveries.iter_mut().for_each(|row| row.lane = u64::from(number % 3));
        let asked = Asked {
            id: tell.id(),
            key: tell.key(),
            priority,
            incident: Some(incident),
            is_resolve: plan.notification.kind == NotificationKind::Resolved,
            plan: plan.plan.clone(),
            deliveries: plan.deliveries.iter().map(modelled).collect(),
            at: self.now,
            wait,
        };
        (plan, asked)
    }

    /// What may come of an attempt.
    pub(super) fn outcome(&self, dice: &mut Rng) -> Outcome {
        let due = at(self.now + dice.i64(0..30));
        match dice.u32(0..12) {
            0..4 => Outcome::Delivered(tidings_core::Receipt::default()),
            4..7 => Outcome::Retry { due, counts: dice.bool() },
            7..9 => Outcome::YieldOr { due, counts: dice.bool() },
            9 => Outcome::Dead,
            10 => Outcome::Expired,
            _ => Outcome::Gone,
        }
    }
}

fn event_of(name: u32) -> EventId {
    event_id(&name.to_string())
}

/// What may stand in for a delivery.
pub(super) fn fallbacks(delivery: &NewDelivery, now: i64, dice: &mut Rng) -> Vec<NewDelivery> {
    let Some(leg) = delivery.leg.as_ref().filter(|_| dice.bool()) else { return Vec::new() };
    let mut channels = CHANNELS.to_vec();
    dice.shuffle(&mut channels);
    channels.truncate(dice.usize(1..4));
    let after = vec![leg.channel.clone()];
    let made = channels.into_iter().map(|channel| {
        let leg = tidings_policy::Leg { channel: channel.to_owned(), after: after.clone(), of: None };
        let of = delivery.notification().unwrap_or_else(|| NotificationId::from_bytes([0; 16]));
        let id = tidings_core::DeliveryId::of_notification(of, channel, channel, leg.level());
        NewDelivery { id, endpoint: channel.into(), leg: Some(leg), due: at(now), ..delivery.clone() }
    });
    made.collect()
}

/// The delivery as the model holds it.
pub(super) fn modelled(new: &NewDelivery) -> Delivery {
    Delivery {
        id: new.id,
        endpoint: new.endpoint.to_string(),
        lane: new.lane,
        notification: new.notification(),
        due: new.due.as_secs(),
        expires: new.expires.as_secs(),
        yields: new.yields,
        attempts: 0,
        lease: None,
        fence: None,
        unsure: false,
        ended: None,
    }
}
