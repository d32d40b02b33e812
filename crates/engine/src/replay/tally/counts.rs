//! Counts of what happened, which close: what was made went somewhere. What they are counts of is `tally`'s.

use std::collections::BTreeMap;

use serde::Serialize;
use tidings_policy::{Muted, Wait};

use crate::replay::What;

/// Counts of one rule, one user, one hour, or of all.
///
/// They close: `made = suppressed.duplicate + suppressed.untold + suppressed.silenced + denied + at_once + held + digested + summed_up`, where
/// `denied` is the sum of its reasons; and of what was delayed, `held + digested + summed_up = later + gathered + suppressed.dropped +
/// suppressed.withdrawn + waiting`. In one hour the second does not close, since what waits goes in another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Firings of rules.
    pub fired: u64,
    /// Ends of what rules fired for.
    pub resolved: u64,
    /// Notifications made: for each firing and each end one a user, and the digests.
    pub made: u64,
    /// Messages sent: one for each notification and channel. A digest is one message a channel.
    pub messages: u64,
    /// Notifications that went out by themselves as they were made, digests included.
    pub at_once: u64,
    /// Notifications that went out by themselves after they had waited.
    pub later: u64,
    /// Digests and summaries among those that went out.
    pub digests: u64,
    /// Notifications that were told in digests and summaries.
    pub gathered: u64,
    /// Notifications that were delayed: by quiet hours or a snooze.
    pub held: u64,
    /// Put into a digest.
    pub digested: u64,
    /// Put into the summary of a storm.
    pub summed_up: u64,
    /// Still waiting when the replay ended.
    pub waiting: u64,
    /// What nobody was told, by what kept it.
    pub suppressed: Suppressed,
}

/// What nobody was told. All but the cooldown are counts of notifications.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Suppressed {
    /// A rule held for an event while it was in its cooldown: no notification was made.
    pub cooldown: u64,
    /// Told before, within the window.
    pub duplicate: u64,
    /// The end of what the user was not told.
    pub untold: u64,
    /// Covered by a silence.
    pub silenced: u64,
    /// Wanted on no channel, by the reason of the first that its rule names.
    pub denied: BTreeMap<String, u64>,
    /// Over before its digest went out.
    pub dropped: u64,
    /// Not wanted any more when its moment came.
    pub withdrawn: u64,
}

impl Suppressed {
    /// Notifications wanted on no channel.
    #[must_use]
    pub fn denied(&self) -> u64 {
        self.denied.values().sum()
    }

    /// Notifications that nobody was told by somebody's word, or since they were over by then.
    #[must_use]
    pub fn by_wish(&self) -> u64 {
        self.silenced + self.denied() + self.dropped + self.withdrawn
    }

    /// Notifications that nobody was told.
    #[must_use]
    pub fn notifications(&self) -> u64 {
        self.duplicate + self.untold + self.by_wish()
    }
}

impl Counts {
    /// Counts something that happened.
    pub(super) fn note(&mut self, what: &What) {
        let out = &mut self.suppressed;
        match what {
            What::Fired => self.fired += 1,
            What::Resolved => self.resolved += 1,
            What::Cooldown => out.cooldown += 1,
            What::Duplicate { .. } => out.duplicate += 1,
            What::Untold => out.untold += 1,
            What::Silenced => out.silenced += 1,
            What::Denied(muted) => *out.denied.entry(reason(muted)).or_default() += 1,
            What::Held(wait) | What::Digested(wait) => *self.delayed(wait) += 1,
            What::Sent { channels, gathered, resumed } => self.note_sent(channels.len(), *gathered > 0, *resumed),
            What::Gathered { .. } => self.gathered += 1,
            What::Dropped => out.dropped += 1,
            What::Withdrawn => out.withdrawn += 1,
            What::Waiting(_) => self.waiting += 1,
            _ => {}
        }
        self.made += u64::from(what.is_made());
    }

    fn note_sent(&mut self, channels: usize, is_digest: bool, resumed: bool) {
        self.messages += channels as u64;
        self.digests += u64::from(is_digest);
        *if resumed { &mut self.later } else { &mut self.at_once } += 1;
    }

    fn delayed(&mut self, wait: &Wait) -> &mut u64 {
        match &wait.digest {
            None => &mut self.held,
            Some(gathering) if gathering.channel.is_none() => &mut self.summed_up,
            Some(_) => &mut self.digested,
        }
    }
}

fn reason(muted: &[Muted]) -> String {
    let first = muted.first().map(|muted| serde_json::to_value(muted.reason).unwrap_or_default());
    first.as_ref().and_then(serde_json::Value::as_str).unwrap_or("unknown").to_owned()
}
