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
    usable(failed, input, fallbacks).into_iter().map(|channel| Leg { channel, after: after() }).collect()
}

/// The channels that may stand in for a leg's: each once, none that it has tried.
pub(crate) fn usable(leg: &Leg, input: &RoutingInput<'_>, fallbacks: &Fallbacks) -> Vec<ChannelName> {
    let mut found: Vec<ChannelName> = Vec::new();
    let tried = |channel: &ChannelName| leg.channel == *channel || leg.after.contains(channel);
    for from in [&leg.channel].into_iter().chain(leg.after.iter().rev()) {
        for channel in fallbacks.by_channel.get(from).into_iter().flatten() {
            if !tried(channel) && !found.contains(channel) && decide(input, channel).muted.is_none() {
                found.push(channel.clone());
            }
        }
    }
    found
}
