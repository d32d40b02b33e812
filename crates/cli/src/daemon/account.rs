//! The account of what a daemon was given, worked out from its explanations: a daemon's own account is of all that it ever did.

use std::collections::BTreeMap;

use tidings::{
    Account, ChannelAccount,
    config::Plan,
    explain::{
        Decision, DeliveryState, DeliveryTold, Explanation, NotificationTold, RuleTold, RuleVerdict, SinkTold,
        SinkWish, Subject,
    },
};

use super::follow::is_over;

/// What became of something, level by level.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) account: Account,
    /// The deliveries of each channel.
    pub(crate) channels: BTreeMap<String, ChannelAccount>,
    /// What did not get through: where, and why.
    pub(crate) undelivered: Vec<(String, String)>,
}

/// The totals of what became of something. Sinks and rules of the configuration that had no part in it count as well.
pub(crate) fn totals(plan: &Plan, explanations: &[Explanation]) -> Totals {
    let mut totals = Totals::default();
    for sink in &plan.sinks {
        totals.account.sinks.entry(sink.name.clone()).or_default();
    }
    for rule in &plan.rules {
        totals.account.rules.entry(rule.name.clone()).or_default();
    }
    for told in explanations {
        if told.subject == Subject::Event {
            totals.event(told);
        }
        told.notifications.iter().for_each(|notification| totals.notification(notification));
    }
    totals
}

impl Totals {
    fn event(&mut self, told: &Explanation) {
        self.account.events.offered += 1;
        if told.event.as_ref().is_some_and(|event| event.waiting) {
            self.account.events.waiting += 1;
        } else {
            self.account.events.planned += 1;
        }
        told.sinks.iter().for_each(|sink| self.sink(sink));
        told.rules.iter().for_each(|rule| self.rule(rule));
    }

    fn sink(&mut self, told: &SinkTold) {
        if let Some(delivery) = &told.delivery {
            self.name_undelivered(delivery);
        }
        let account = self.account.sinks.entry(told.sink.clone()).or_default();
        if told.wish != SinkWish::Wanted {
            return;
        }
        account.matched += 1;
        let state = told.delivery.as_ref().map(|delivery| delivery.state);
        *match (state, told.called) {
            (Some(DeliveryState::Waiting { .. } | DeliveryState::Leased { .. }), _) | (None, Some(false)) => {
                &mut account.waiting
            }
            (Some(DeliveryState::Dead | DeliveryState::Expired), _) => &mut account.dead,
            (Some(DeliveryState::Shed), _) => &mut account.shed,
            // Of one in the process nobody may keep count; what it was given it has.
            _ => &mut account.delivered,
        } += 1;
    }

    fn rule(&mut self, told: &RuleTold) {
        let account = self.account.rules.entry(told.rule.clone()).or_default();
        let counter = match told.verdict {
            RuleVerdict::Fired => &mut account.fired,
            RuleVerdict::Resolved => &mut account.resolved,
            RuleVerdict::No => &mut account.no,
            RuleVerdict::Missing => &mut account.missing,
            RuleVerdict::Error => &mut account.error,
            RuleVerdict::Pending => &mut account.pending,
            RuleVerdict::Firing => &mut account.firing,
            RuleVerdict::Cooldown => &mut account.cooldown,
            _ => return,
        };
        *counter += 1;
        account.evaluated += 1;
    }

    fn notification(&mut self, told: &NotificationTold) {
        let account = &mut self.account.notifications;
        let counter = match told.decision {
            Decision::Planned | Decision::Held | Decision::Digested => &mut account.planned,
            Decision::Duplicate | Decision::Untold => &mut account.duplicate,
            Decision::Silenced => &mut account.silenced,
            Decision::Denied => &mut account.denied,
            _ => return,
        };
        *counter += 1;
        account.made += 1;
        if told.waits.is_some() {
            let sent = &mut self.account.deliveries;
            sent.made += 1;
            *(if told.decision == Decision::Digested { &mut sent.digested } else { &mut sent.held }) += 1;
        }
        told.deliveries.iter().for_each(|delivery| self.delivery(delivery));
    }

    fn delivery(&mut self, told: &DeliveryTold) {
        self.name_undelivered(told);
        let sent = &mut self.account.deliveries;
        let channel = self.channels.entry(told.endpoint.clone()).or_default();
        let (all, own) = match told.state {
            DeliveryState::Delivered => (&mut sent.delivered, &mut channel.delivered),
            DeliveryState::Dead | DeliveryState::Shed => (&mut sent.dead, &mut channel.dead),
            DeliveryState::Expired => (&mut sent.expired, &mut channel.expired),
            DeliveryState::Waiting { .. } | DeliveryState::Leased { .. } => (&mut sent.waiting, &mut channel.waiting),
            // One that is withdrawn, or of which nothing is known.
            _ => return,
        };
        *all += 1;
        *own += 1;
        sent.made += 1;
    }

    fn name_undelivered(&mut self, told: &DeliveryTold) {
        if matches!(told.state, DeliveryState::Delivered | DeliveryState::Withdrawn | DeliveryState::Gone) {
            return;
        }
        let last = told.attempts.last();
        let why = last.and_then(|last| last.text.clone().or_else(|| last.kind.clone()));
        let why = why.unwrap_or_else(|| if is_over(told) { "given up" } else { "still waiting" }.to_owned());
        self.undelivered.push((format!("{}: ({})", told.endpoint, told.id), why));
    }
}
