//! Where a delivery goes that its channel has failed. When it has failed is the engine's to say; that no channel is used twice for
//! one notification is seen to by the store, which knows all of them.

use tidings_core::Timestamp;

use crate::{
    judge::{Verdict, judge},
    plan::{Fallbacks, Leg},
    route::{ChannelName, Circumstances},
};

/// The legs that may stand in for one that has failed, in the order in which they are to be tried.
///
/// The fallbacks of the channel that failed come first, then what is left of those by which it was reached. What the user does not
/// want at this moment is left out. What would only be delayed now is not: whoever was to be told at once is told at once.
#[must_use]
pub fn fallbacks_of(failed: &Leg, about: &Circumstances<'_>, fallbacks: &Fallbacks, now: Timestamp) -> Vec<Leg> {
    let after = || failed.after.iter().chain([&failed.channel]).cloned().collect();
    let leg = |channel| Leg { channel, after: after(), of: failed.of.clone() };
    usable(failed, about, fallbacks, now).into_iter().map(leg).collect()
}

/// The channels that may stand in for a leg's: each once, none that it has tried or goes out beside.
pub(crate) fn usable(leg: &Leg, about: &Circumstances<'_>, fallbacks: &Fallbacks, now: Timestamp) -> Vec<ChannelName> {
    let mut found: Vec<ChannelName> = Vec::new();
    let tried = |channel: &ChannelName| {
        leg.channel == *channel || leg.after.contains(channel) || leg.of.as_ref() == Some(channel)
    };
    for from in [&leg.channel].into_iter().chain(leg.after.iter().rev()).chain(&leg.of) {
        for channel in fallbacks.by_channel.get(from).into_iter().flatten() {
            if !tried(channel) && !found.contains(channel) && !is_denied(channel, about, now) {
                found.push(channel.clone());
            }
        }
    }
    found
}

fn is_denied(channel: &str, about: &Circumstances<'_>, now: Timestamp) -> bool {
    matches!(judge(channel, about, now).verdict, Verdict::Deny(_))
}

#[cfg(test)]
mod tests {
    use tidings_core::{Notification, NotificationId, NotificationKind, Priority};

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
        let (about, now) = (Circumstances::of(&notification, &operator), Timestamp::EPOCH);
        let plan = plan(&about, route(&about, now), &fallbacks, now);
        let found = plan.legs.iter().map(|leg| {
            let next = fallbacks_of(leg, &about, &fallbacks, now);
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
