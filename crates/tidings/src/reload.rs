//! Another configuration for a notifier that runs: only what differs is built anew, and only once all of it can be. How it is taken up is
//! the engine's.

use std::sync::{
    Arc, PoisonError,
    atomic::{
        AtomicBool,
        Ordering::{AcqRel, Release},
    },
};

use tidings_config::{ChannelPlan, Difference, Plan, difference};
use tidings_engine::{Reloaded, RetryPolicy};

use crate::{Builder, Error, Notifier, channels::Workshop};

impl Notifier {
    /// Goes on by another configuration, without losing anything on the way, and tells what it changed. What code added to the builder beside
    /// the configuration stays: sinks, channels, rules and users. Profiles that somebody changed stay so.
    ///
    /// What the difference names under `restart` takes effect with the next start alone. See the engine's
    /// [`reload`](tidings_engine::Notifier::reload) for what goes on where.
    ///
    /// # Errors
    /// If a part cannot be built, another reload is under way, or the notifier does not run or was not made of a configuration; then nothing
    /// has changed.
    pub async fn reload(&self, plan: Plan) -> Result<(Difference, Reloaded), Error> {
        let turn = Turn::take(&self.reloading).ok_or(Error::Reloading)?;
        let before = self.plan().ok_or(Error::NoConfiguration)?;
        let found = difference(&before, &plan);
        let kept = self.engine.is_durable().then(|| Arc::clone(self.engine.store()));
        let mut workshop = Workshop::new(&plan, kept)?;
        workshop.doors = self.doors.as_ref().clone();
        let builder = self.next((&before, plan.clone()), &found, &mut workshop)?;
        let (doors, kept, mut standing) = (Arc::clone(&self.doors), Arc::clone(&self.plan), plan);
        standing.keep_until_restart(&before);
        let note = move || {
            doors.open(workshop.doors);
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(standing));
            drop(turn);
        };
        let reloaded = self.engine.reload_and_note(builder.inner, note).await?;
        Ok((found, reloaded))
    }

    /// The configuration that it was made of, or took up last, without what takes effect with the next start; `None` for one that was made in code.
    #[must_use]
    pub fn plan(&self) -> Option<Arc<Plan>> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All of the next configuration: what stays as it runs by name, the rest built.
    fn next(
        &self,
        (before, plan): (&Plan, Plan),
        found: &Difference,
        workshop: &mut Workshop,
    ) -> Result<Builder, Error> {
        let mut builder = Builder::with_settings(&plan);
        if let Some(store) = &plan.store {
            builder = builder.retention(store.retention);
        }
        let (retries, is_new) = (plan.delivery.retry.clone(), |changes: &tidings_config::Changes, name: &String| {
            changes.added.contains(name) || changes.changed.contains(name)
        });
        builder = self.keep_own(builder, before, &plan);
        for sink in plan.sinks {
            builder = if is_new(&found.sinks, &sink.name) {
                builder.add_sink(sink, workshop)?
            } else {
                builder.map(|inner| inner.keep_sink(&sink.name, sink.filter))
            };
        }
        for (name, channel) in plan.channels {
            builder = if is_new(&found.channels, &name) {
                builder.add_channel(&name, channel, &retries, workshop)?
            } else {
                let retry = retry(&channel, &retries);
                builder.map(|inner| inner.keep_channel(&name, retry))
            };
        }
        Ok(plan.rules.into_iter().map(crate::assemble::rule).fold(builder, Builder::rule))
    }

    /// What code added beside the configuration.
    fn keep_own(&self, mut builder: Builder, before: &Plan, plan: &Plan) -> Builder {
        let is_named = |name: &String, plan: &Plan| plan.sinks.iter().any(|sink| sink.name == *name);
        for (name, filter) in self.engine.sinks() {
            if !is_named(&name, before) && !is_named(&name, plan) {
                builder = builder.map(|inner| inner.keep_sink(&name, filter));
            }
        }
        for (name, retry) in self.engine.channels() {
            if !before.channels.contains_key(&name) && !plan.channels.contains_key(&name) {
                builder = builder.map(|inner| inner.keep_channel(&name, retry));
            }
        }
        let is_ruled = |name: &str, plan: &Plan| plan.rules.iter().any(|rule| rule.name == name);
        let own = self
            .engine
            .rules()
            .into_iter()
            .filter(|rule| !is_ruled(rule.name(), before) && !is_ruled(rule.name(), plan));
        let users = self.own_users.iter().filter(|(id, _)| !plan.users.contains_key(id));
        let builder = users.fold(builder, |builder, (id, user)| builder.user(id, user.clone()));
        own.fold(builder, Builder::rule)
    }
}

/// The retries of a channel that stays.
fn retry(channel: &ChannelPlan, delays: &[std::time::Duration]) -> RetryPolicy {
    let delays = channel.retry.clone().unwrap_or_else(|| delays.to_vec());
    RetryPolicy { delays, jitter: crate::assemble::JITTER }
}

/// Held by the one reload that is under way: what differs is told from what stands, so that must not change meanwhile.
struct Turn(Arc<AtomicBool>);

impl Turn {
    fn take(busy: &Arc<AtomicBool>) -> Option<Self> {
        (!busy.swap(true, AcqRel)).then(|| Self(Arc::clone(busy)))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.store(false, Release);
    }
}
