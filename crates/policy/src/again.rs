//! What becomes of a message that has waited: everything is looked at again as it is by then. Waiting is done elsewhere.

use tidings_core::Timestamp;

use crate::{
    recent::Recent,
    route::{Circumstances, Muted, Route, Wait, route},
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
/// which it came belongs to, by the preferences and the zone of now.
#[must_use]
pub fn resume(about: &Circumstances<'_>, wait: &Wait, since: Timestamp, now: Timestamp) -> Resumed {
    let route_now = route(about, now);
    if route_now.now.is_empty() && route_now.wait.is_none() {
        return Resumed::Deny(route_now.muted);
    }
    match &wait.digest {
        None => match route_now.wait {
            Some(wait) => Resumed::Wait(wait),
            None => Resumed::Send(route_now),
        },
        // A summary's time was set by the storm, not by anybody's wishes.
        Some(gathering) if gathering.channel.is_none() => waits_or(Some(wait.clone()), now, Resumed::Gather),
        Some(_) => {
            // It was not the first of its window, else it would have been told.
            let then = Circumstances { recent: Recent { last: Some(since), storm: None }, ..*about };
            waits_or(route(&then, since).wait, now, Resumed::Gather)
        }
    }
}

fn waits_or(wait: Option<Wait>, now: Timestamp, otherwise: Resumed) -> Resumed {
    match wait {
        Some(wait) if wait.until > now => Resumed::Wait(wait),
        _ => otherwise,
    }
}
