//! What becomes of a message that has waited: everything is looked at again as it is by then. Waiting is done elsewhere.

use tidings_core::Timestamp;

use crate::{
    judge::can_carry,
    recent::Recent,
    route::{Circumstances, Gathering, Muted, Reason, Route, Wait, route},
};

/// What becomes of a message whose wait is over, or whose user has changed something meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resumed {
    /// It is sent by itself, on these channels.
    Send(Route),
    /// It is told together with what else was gathered.
    Gather,
    /// It waits for something else, or goes on waiting.
    Wait(Wait),
    /// Nobody wants it any more; each channel with its reason.
    Deny(Vec<Muted>),
}

/// Judges a message again that was told to wait at `since`.
///
/// What was held is judged as if it came now. What was gathered is denied by what denies it now; else it stays in the window that the time at
/// which it came belongs to, by the preferences and the zone of now. Where its digest's channel is switched off by now, it is judged as if it
/// came now too.
///
/// The end of a wait that this gives lies after `now`.
#[must_use]
pub fn resume(about: &Circumstances<'_>, wait: &Wait, since: Timestamp, now: Timestamp) -> Resumed {
    let route_now = route(about, now);
    let carried = |gathering: &&Gathering| gathering.channel.as_deref().is_none_or(|by| can_carry(by, about));
    let Some(gathering) = wait.digest.as_ref().filter(carried) else {
        return as_new(route_now);
    };
    // It was not the first of its window, else it would have been told.
    let then = Circumstances { recent: Recent { last: Some(since), storm: None }, ..*about };
    let route_then = route(&then, since);
    // What came before quiet hours that drop is not dropped because it was gathered until then.
    let is_late = route_then.is_wanted() && route_now.muted.iter().any(|muted| muted.reason == Reason::QuietHours);
    if !route_now.is_wanted() && !is_late {
        return Resumed::Deny(route_now.muted);
    }
    // A summary's time was set by the storm, not by anybody's wishes.
    let wait = if gathering.channel.is_none() { Some(wait.clone()) } else { route_then.wait };
    wait.filter(|wait| wait.until > now).map_or(Resumed::Gather, Resumed::Wait)
}

fn as_new(route: Route) -> Resumed {
    match route.wait {
        Some(wait) => Resumed::Wait(wait),
        None if route.now.is_empty() => Resumed::Deny(route.muted),
        None => Resumed::Send(route),
    }
}
