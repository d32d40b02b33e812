//! What one rule told one user lately: from this it follows what is the first of a window, and when a rule tells too much at once. Whoever
//! sends keeps a [`History`] for each pair; what follows for a message is decided by `judge`.

use std::{collections::VecDeque, time::Duration};

use tidings_core::Timestamp;

use crate::window::DigestWindow;

/// When one rule tells one user too much: more than `messages` within `window` are a storm, and one summary a window is told until it
/// calms. Default: 20 in 10 min.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StormLimit {
    /// So many are told one by one, at least 1.
    pub messages: u32,
    /// In so much time; and how long a summary gathers.
    pub window: Duration,
}

impl Default for StormLimit {
    fn default() -> Self {
        Self { messages: 20, window: Duration::from_secs(600) }
    }
}

/// What a rule told a user lately, as far as it matters for the next message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recent {
    /// When it last told something by itself.
    pub last: Option<Timestamp>,
    /// In a storm: the summary that the next message belongs to.
    pub storm: Option<DigestWindow>,
}

/// What was noted at a time that lies further ahead than this was noted by a clock that has been set back since: it is no reason to be told
/// nothing until the time catches up. What is nearer has only come out of order.
const AHEAD: Duration = Duration::from_secs(60 * 60);

/// What a rule told a user, as long as it may matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The last messages, whether sent or summed up: as many as are no storm.
    times: VecDeque<Timestamp>,
    last: Option<Timestamp>,
    summary: Option<DigestWindow>,
}

impl History {
    /// What matters of it at this moment; without a limit nothing is a storm.
    #[must_use]
    pub fn recent(&self, limit: Option<StormLimit>, now: Timestamp) -> Recent {
        let storm = limit.filter(|limit| self.is_storm(*limit, now)).map(|limit| self.summary(limit, now));
        Recent { last: self.last.filter(|last| last.since(now) < AHEAD), storm }
    }

    /// Whether as many as are no storm were told within the window. Times that lie ahead are the more recent the nearer they are.
    fn is_storm(&self, limit: StormLimit, now: Timestamp) -> bool {
        let near = |time: &Timestamp| now.since(*time).max(time.since(now)) < limit.window;
        self.times.len() >= most(limit) && self.times.iter().rev().take(most(limit)).rev().all(near)
    }

    /// The summary that is open, else one that opens now.
    fn summary(&self, limit: StormLimit, now: Timestamp) -> DigestWindow {
        let open = self.summary.filter(|window| window.from <= now && now < window.until);
        open.unwrap_or(DigestWindow { from: now, until: now + limit.window })
    }

    /// A message was sent by itself at this moment.
    pub fn note_sent(&mut self, limit: Option<StormLimit>, now: Timestamp) {
        self.last = self.last.filter(|last| last.since(now) < AHEAD).max(Some(now));
        self.note(limit, now);
    }

    /// A message was put into this summary.
    pub fn note_summed_up(&mut self, limit: Option<StormLimit>, window: DigestWindow, now: Timestamp) {
        self.summary = Some(window);
        self.note(limit, now);
    }

    fn note(&mut self, limit: Option<StormLimit>, now: Timestamp) {
        let Some(limit) = limit else { return };
        self.times.push_back(now);
        while self.times.len() > most(limit) {
            self.times.pop_front();
        }
    }

    /// The last moment that it tells of: what is much older than this matters no more.
    #[must_use]
    pub fn latest(&self) -> Option<Timestamp> {
        self.times.back().copied().max(self.last)
    }
}

fn most(limit: StormLimit) -> usize {
    usize::try_from(limit.messages.max(1)).unwrap_or(usize::MAX)
}
