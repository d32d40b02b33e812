//! What becomes of a message that has waited, or was on its way: everything is looked at again as it is by then. Waiting is done elsewhere.

use tidings_core::Timestamp;

use crate::{
    judge::{can_carry, quiet_hours},
    quiet::quiet_until,
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
/// What is looked at before its time is not denied: by then a silence may be over and a channel on again. It goes on waiting.
///
/// The end of a wait that this gives lies after `now`.
#[must_use]
pub fn resume(about: &Circumstances<'_>, wait: &Wait, since: Timestamp, now: Timestamp) -> Resumed {
    match judged_again(about, wait, since, now) {
        Resumed::Deny(_) if now < wait.until => Resumed::Wait(wait.clone()),
        resumed => resumed,
    }
}

fn judged_again(about: &Circumstances<'_>, wait: &Wait, since: Timestamp, now: Timestamp) -> Resumed {
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

/// When the quiet hours end that this message does not pass and that are open at this moment: no digest can take in what is on its way by
/// itself already, so that it is held until then.
#[must_use]
pub fn quiet_end(about: &Circumstances<'_>, now: Timestamp) -> Option<Timestamp> {
    let (hours, _) = quiet_hours(about)?;
    quiet_until(hours, about.zone, now)
}

impl Route {
    /// The route of an end whose beginning waits to be told: it is told with it, or later, never before.
    #[must_use]
    pub fn behind(mut self, beginning: &Wait) -> Self {
        if !self.is_wanted() || !is_sooner(self.wait.as_ref(), beginning) {
            return self;
        }
        let channels = [&mut self.now, &mut self.held, &mut self.digested].into_iter().flat_map(std::mem::take);
        let channels = channels.collect();
        if beginning.digest.is_some() {
            self.digested = channels
        } else {
            self.held = channels
        }
        self.wait = Some(beginning.clone());
        self
    }
}

impl Resumed {
    /// What becomes of an end that has waited and whose beginning goes on waiting: see [`Route::behind`].
    #[must_use]
    pub fn behind(self, beginning: &Wait) -> Self {
        match self {
            Self::Deny(_) => self,
            Self::Wait(own) if !is_sooner(Some(&own), beginning) => Self::Wait(own),
            _ => Self::Wait(beginning.clone()),
        }
    }
}

/// Whether what waits so, or not at all, would be told before the beginning.
fn is_sooner(own: Option<&Wait>, beginning: &Wait) -> bool {
    own.is_none_or(|own| own.until < beginning.until)
}
