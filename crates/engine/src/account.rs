//! The five accounts: each level says what came in and what became of it, and each closes by itself. The counting is done by
//! the ledger.

use indexmap::IndexMap;
use serde::Serialize;
use tidings_trigger::RuleAccount;

/// Events: offered = shed + refused + duplicate + planned + waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EventAccount {
    /// Handed to the notifier.
    pub offered: u64,
    /// Not taken for lack of room, or because the notifier stopped.
    pub shed: u64,
    /// Not an event.
    pub refused: u64,
    /// Taken before.
    pub duplicate: u64,
    /// Through the rules and handed to the sinks.
    pub planned: u64,
    /// On the way there.
    pub waiting: u64,
}

/// A sink: matched = delivered + dead + shed + waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SinkAccount {
    /// Events that its filter let through.
    pub matched: u64,
    /// Taken by the receiver.
    pub delivered: u64,
    /// Given up.
    pub dead: u64,
    /// Not queued, or displaced, for lack of room.
    pub shed: u64,
    /// On the way.
    pub waiting: u64,
}

/// Notifications: made = duplicate + silenced + denied + planned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NotificationAccount {
    /// One for each firing and user, and for each resolve and user.
    pub made: u64,
    /// Told before, within the window; or the end of what was not told.
    pub duplicate: u64,
    /// Under a silence.
    pub silenced: u64,
    /// Not wanted on any channel.
    pub denied: u64,
    /// Given to at least one channel, now or when what they wait for has come.
    pub planned: u64,
}

/// Deliveries of notifications: made = delivered + dead + expired + held + digested + waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DeliveryAccount {
    /// One for each notification and channel, fallbacks included; one for each notification that waits, until it goes out.
    pub made: u64,
    /// Taken by the receiver.
    pub delivered: u64,
    /// Given up.
    pub dead: u64,
    /// Too old to be worth sending.
    pub expired: u64,
    /// Waiting for the end of quiet hours or of a snooze; and withdrawn, since nobody wanted them any more when they were to go out.
    pub held: u64,
    /// Waiting for a digest or the summary of a storm, told in one, or left out of it since what they told of was over.
    pub digested: u64,
    /// On the way.
    pub waiting: u64,
}

/// What became of the deliveries of one channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChannelAccount {
    /// Taken by the receiver.
    pub delivered: u64,
    /// Given up.
    pub dead: u64,
    /// Too old to be worth sending.
    pub expired: u64,
    /// On the way.
    pub waiting: u64,
}

/// All five accounts at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Account {
    /// The events.
    pub events: EventAccount,
    /// Each sink by its name.
    pub sinks: IndexMap<String, SinkAccount>,
    /// Each rule by its name.
    pub rules: IndexMap<String, RuleAccount>,
    /// The notifications.
    pub notifications: NotificationAccount,
    /// The deliveries of notifications.
    pub deliveries: DeliveryAccount,
}

/// An account of which the two sides differ: a defect of the notifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the account of {level} does not close: {came} came in, {became} are accounted for")]
pub struct Unbalanced {
    /// Which account.
    pub level: String,
    /// Its left side.
    pub came: u64,
    /// The sum of its right side.
    pub became: u64,
}

impl Account {
    /// Checks that every account closes. While events are on the way, a moment's account may not.
    ///
    /// # Errors
    /// Names the first that does not.
    pub fn closes(&self) -> Result<(), Unbalanced> {
        let (events, told, sent) = (self.events, self.notifications, self.deliveries);
        let check = |level: String, came, parts: &[u64]| {
            let became = parts.iter().sum();
            if came == became { Ok(()) } else { Err(Unbalanced { level, came, became }) }
        };
        let parts = [events.shed, events.refused, events.duplicate, events.planned, events.waiting];
        check("events".into(), events.offered, &parts)?;
        for (name, sink) in &self.sinks {
            check(format!("sink `{name}`"), sink.matched, &[sink.delivered, sink.dead, sink.shed, sink.waiting])?;
        }
        for (name, rule) in &self.rules {
            let verdicts = [rule.no, rule.missing, rule.error, rule.pending, rule.firing, rule.cooldown];
            let parts = [&verdicts[..], &[rule.resolved, rule.fired]].concat();
            check(format!("rule `{name}`"), rule.evaluated, &parts)?;
        }
        check("notifications".into(), told.made, &[told.duplicate, told.silenced, told.denied, told.planned])?;
        let parts = [sent.delivered, sent.dead, sent.expired, sent.held, sent.digested, sent.waiting];
        check("deliveries".into(), sent.made, &parts)
    }

    /// Whether everything that was wanted got through: nothing shed, refused, dead, expired or still waiting.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let (events, sent) = (self.events, self.deliveries);
        let sinks = self.sinks.values().map(|sink| sink.dead + sink.shed + sink.waiting).sum::<u64>();
        events.shed + events.refused + events.waiting + sinks + sent.dead + sent.expired + sent.waiting == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_does_not_close_is_named() {
        let mut account = Account::default();
        assert_eq!(account.closes(), Ok(()));
        account
            .sinks
            .insert("hook".into(), SinkAccount { matched: 3, delivered: 1, shed: 1, ..SinkAccount::default() });
        let error = account.closes().unwrap_err().to_string();
        assert_eq!(error, "the account of sink `hook` does not close: 3 came in, 2 are accounted for");
        account.sinks["hook"].waiting = 1;
        assert_eq!(account.closes(), Ok(()));
        assert!(!account.is_clean());
    }
}
