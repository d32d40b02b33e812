//! Where a delivery goes that its channel has failed. When it has failed is the engine's to say; that no channel is used twice for
//! one notification is seen to by the store, which knows all of them.

use crate::{
    plan::{Fallbacks, Leg},
    route::{ChannelName, RoutingInput, decide},
};

/// The legs that may stand in for one that has failed, in the order in which they are to be tried.
///
/// The fallbacks of the channel that failed come first, then what is left of those by which it was reached. What the user does not
/// want is left out.
#[must_use]
pub fn fallbacks_of(failed: &Leg, input: &RoutingInput<'_>, fallbacks: &Fallbacks) -> Vec<Leg> {
    let after = || failed.after.iter().chain([&failed.channel]).cloned().collect();
    let leg = |channel| Leg { channel, after: after(), of: failed.of.clone() };
    usable(failed, input, fallbacks).into_iter().map(leg).collect()
}

/// The channels that may stand in for a leg's: each once, none that it has tried or goes out beside.
pub(crate) fn usable(leg: &Leg, input: &RoutingInput<'_>, fallbacks: &Fallbacks) -> Vec<ChannelName> {
    let mut found: Vec<ChannelName> = Vec::new();
    let tried = |channel: &ChannelName| {
        leg.channel == *channel || leg.after.contains(channel) || leg.of.as_ref() == Some(channel)
    };
    for from in [&leg.channel].into_iter().chain(leg.after.iter().rev()).chain(&leg.of) {
        for channel in fallbacks.by_channel.get(from).into_iter().flatten() {
            if !tried(channel) && !found.contains(channel) && decide(input, channel).muted.is_none() {
                found.push(channel.clone());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use tidings_core::{Notification, NotificationId, NotificationKind, Priority, Timestamp};

    use super::*;
    use crate::{plan::plan, preferences::Preferences, route::route};

    fn notification(channels: &[&str]) -> Notification {
        Notification {
            notification_id: NotificationId::from_bytes([0; 16]),
            agent_id: None,
            title: String::new(),
            body: String::new(),
            priority: Priority::Critical,
            channels: channels.iter().map(ToString::to_string).collect(),
            user_id: "ann".into(),
            metadata: serde_json::Map::new(),
            created_at: Timestamp::EPOCH,
            dedup_key: String::new(),
            rule: None,
            event: None,
            kind: NotificationKind::Firing,
            incident: None,
        }
    }

    /// What goes out for a critical notification, each with what stands in for it.
    fn check(lists: &[(&str, &[&str])], needed: u8, channels: &[&str], expected: &[(&str, &[&str])]) {
        let owned = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let fallbacks = Fallbacks {
            by_channel: lists.iter().map(|(from, list)| ((*from).to_owned(), owned(list))).collect(),
            critical: crate::Quorum { needed },
        };
        let (operator, notification) = (Preferences::default(), notification(channels));
        let input = RoutingInput { operator: &operator, user: None, notification: &notification, mandatory: false };
        let plan = plan(&input, route(&input, Timestamp::EPOCH), &fallbacks);
        let found = plan.legs.iter().map(|leg| {
            let next = fallbacks_of(leg, &input, &fallbacks);
            assert!(next.iter().all(|next| next.after == [leg.channel.clone()] && next.of == leg.of));
            (leg.channel.clone(), next.into_iter().map(|next| next.channel).collect())
        });
        let expected: Vec<_> = expected.iter().map(|(channel, next)| ((*channel).to_owned(), owned(next))).collect();
        assert_eq!(found.collect::<Vec<_>>(), expected, "{lists:?}");
    }

    #[test]
    fn what_a_list_supplies_goes_on_with_the_rest_of_it() {
        let list: &[(&str, &[&str])] = &[("push", &["email", "sms"])];
        check(list, 2, &["push"], &[("push", &["email", "sms"]), ("email", &["sms"])]);
        check(list, 3, &["push"], &[("push", &["email", "sms"]), ("email", &["sms"]), ("sms", &["email"])]);
        check(list, 1, &["push"], &[("push", &["email", "sms"])]);
        let own: &[(&str, &[&str])] = &[("push", &["email", "sms"]), ("email", &["chat"])];
        check(own, 2, &["push"], &[("push", &["email", "sms"]), ("email", &["chat", "sms"])]);
        check(&[("push", &["email"])], 2, &["push"], &[("push", &["email"]), ("email", &[])]);
        check(list, 2, &["email", "push"], &[("email", &[]), ("push", &["email", "sms"])]);
    }
}
