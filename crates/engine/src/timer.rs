//! What time alone gives: holds that have lasted long enough, silences, resolves that come by themselves. When they are due is
//! known to the rules; here somebody looks at the clock.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use tidings_core::Timestamp;
use tidings_trigger::{Firing, Rested, RuleSet};

use crate::{
    planned::{Moment, Planned},
    recover::changes,
    settle::commit,
    shared::Shared,
};

/// The longest sleep between two looks at the clock while something is pending: a clock may be set, a machine may have slept.
const LOOK: Duration = Duration::from_millis(250);
/// How many timers are looked at for one transaction, where thousands come due together.
const PIECE: usize = 256;
/// The pause where something is overdue, since the clock has moved: whatever the rules say to it, the worker does not spin.
const BREATH: Duration = Duration::from_millis(10);

/// Tells the rules when they were loaded: an agent that is never heard of is silent from then on. A file's first event does that
/// by its own time.
pub(crate) async fn start(shared: &Shared) {
    if !shared.event_time {
        tick(shared).await;
    }
}

/// Waits until a rule may be due by time alone; for ever, where none is or the time comes from the events.
pub(crate) async fn due(shared: &Shared) {
    let next = if shared.event_time { None } else { shared.pipeline().rule_set().next_due() };
    match next {
        Some(due) => tokio::time::sleep(pause(due, shared.clock.now())).await,
        None => std::future::pending().await,
    }
}

fn pause(due: Timestamp, now: Timestamp) -> Duration {
    if due <= now { BREATH } else { due.since(now).min(LOOK) }
}

/// Plans what has come due by the clock, and makes it durable piece by piece: each takes along how far its rules are by then, so that
/// after a crash in between only the rest comes due again.
pub(crate) async fn tick(shared: &Shared) {
    // A drain waits for what is in hand, not for what is pending.
    shared.timed.add(1);
    let now = shared.clock.now();
    loop {
        let (due, states) = {
            let pipeline = shared.pipeline();
            let mut rules = pipeline.rule_set();
            (come_due(shared, &mut rules, now, Moment { now, wall: now }), changes(shared, &mut rules))
        };
        // Without an answer the notifier is at its end, and what was in hand with it.
        if commit(shared, due.planned, states).await.is_none() || due.is_all || shared.is_ending() {
            break;
        }
        // Other tasks of the program get their turn in between.
        tokio::task::yield_now().await;
    }
    shared.timed.take();
}

/// In a file, lets time pass until this moment: what comes due by time alone is planned before anything else of that moment.
pub(crate) async fn pass(shared: &Shared, at: Moment) -> Option<()> {
    loop {
        let (due, states) = {
            let pipeline = shared.pipeline();
            let mut rules = pipeline.rule_set();
            if rules.next_due().is_none_or(|next| next > at.now) {
                return Some(());
            }
            (come_due(shared, &mut rules, at.now, at), changes(shared, &mut rules))
        };
        commit(shared, due.planned, states).await?;
        if due.is_all {
            return Some(());
        }
    }
}

/// A piece of what has come due.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) planned: Vec<Planned>,
    /// Whether nothing is left that came due until then.
    pub(crate) is_all: bool,
}

/// What has come due until then, or the first piece of it. A defect costs what came due with it, not the worker.
pub(crate) fn come_due(shared: &Shared, rules: &mut RuleSet, until: Timestamp, at: Moment) -> Due {
    let process = || {
        let (firings, is_all) = some_told(rules, until, |moment, rested| shared.see_rested(moment, rested));
        let pipeline = shared.pipeline();
        let plan = |firing: &Firing| pipeline.process_timed(firing, moment(shared, firing, at));
        Due { planned: firings.iter().map(plan).collect(), is_all }
    };
    catch_unwind(AssertUnwindSafe(process)).unwrap_or_else(|_| {
        tracing::error!("a defect: planning what came due by time panicked; it gives nothing");
        Due { planned: Vec::new(), is_all: true }
    })
}

/// A piece of what [`told`] gives, in its order, and whether nothing is left.
fn some_told(rules: &mut RuleSet, until: Timestamp, mut rest: impl FnMut(Timestamp, &Rested)) -> (Vec<Firing>, bool) {
    let (mut told, mut room) = (Vec::new(), PIECE);
    while room > 0 {
        let moment = rules.next_due().map_or(until, |due| due.min(until));
        let tick = rules.tick_some(moment, room);
        tick.rested.iter().for_each(|rested| rest(moment, rested));
        told.extend(tick.firings);
        if moment == until && tick.looked_at < room {
            return (told, true);
        }
        // A moment counts though it gives nothing: else thousands of them would hold up everybody.
        room = room.saturating_sub(tick.looked_at.max(1));
    }
    (told, false)
}

impl Shared {
    /// Whoever looks on sees a rule that came due in its cooldown.
    fn see_rested(&self, at: Timestamp, rested: &Rested) {
        if let Some(rule) = self.pipeline().rules.get(rested.rule) {
            self.witness.see_cooldown(at, &rule.name, rested.agent.as_deref());
        }
    }
}

/// In a file, hours may lie between two events, and what came due in between is told as of then. Beside a running clock it is told
/// as of now: what matters is whether somebody sleeps now.
fn moment(shared: &Shared, firing: &Firing, at: Moment) -> Moment {
    if shared.event_time { Moment { now: firing.at.min(at.now), ..at } } else { at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_at_the_clock_is_never_far_and_never_at_once() {
        let now = Timestamp::from_secs(1_000);
        let check = |due: Timestamp, expected| assert_eq!(pause(due, now), expected);
        check(now + Duration::from_millis(40), Duration::from_millis(40));
        check(now + Duration::from_secs(86_400), LOOK);
        check(Timestamp::MAX, LOOK);
        check(now, BREATH);
        check(Timestamp::from_nanos(i64::MIN), BREATH);
    }
}
