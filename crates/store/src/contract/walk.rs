//! Random walks: a store and the [model](super::model) are taken through the same steps, and must answer the same. A walk that
//! fails is made as short as it can be, and told with the seed that replays it.

mod checks;
mod making;
mod resuming;
mod steps;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
};

use fastrand::Rng;

use super::{Subject, model::Model, rig::Rig};
use crate::{Entry, Lease};

/// The longest walk.
const STEPS: u64 = 90;
/// How many walks a store in files takes, and one in memory.
const WALKS: [u64; 2] = [150, 2_000];

/// The end of a story that has none.
const HANGS: &str = "and then it hangs";

/// When a walk begins: a clock that is set back and back again stays after the epoch.
const BEGIN: i64 = 1_000_000;

/// What was done, for who reads of a failure.
type Story = Arc<Mutex<Vec<String>>>;

/// A walk under way.
struct Walk {
    rig: Rig,
    model: Model,
    /// Seconds.
    now: i64,
    /// The latest time that the store surely remembers, and the latest that it may remember.
    seen: [i64; 2],
    /// Leases that somebody holds, however late.
    hands: Vec<Lease>,
    /// What was read of the log so far.
    log: Vec<Entry>,
    /// What is older than this may have been purged.
    purged: i64,
    /// When leases were dropped last: those that had run out are due from their end or from then on, which nobody knows before.
    dropped: i64,
    /// Numbers for new events and notifications.
    made: u32,
    story: Story,
}

/// Walks many times, or as often as the variable `TIDINGS_WALKS` says, or the one walk that the variable `TIDINGS_SEED` names.
///
/// # Panics
/// If a store and the model differ.
pub fn walks<S: Subject>(make: impl Fn() -> S) {
    if let Some(seed) = asked("TIDINGS_SEED") {
        return report(&make, seed);
    }
    let count = asked("TIDINGS_WALKS").unwrap_or_else(|| WALKS[usize::from(!make().durable())]);
    (0..count).for_each(|seed| report(&make, seed));
}

/// The number that a variable of the environment asks for.
fn asked(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} must be a number, not {text:?}")))
}

/// Takes one walk; if it fails, takes it again with fewer and fewer steps, and tells the shortest.
fn report<S: Subject>(make: &impl Fn() -> S, seed: u64) {
    let whole: Vec<u64> = (0..STEPS).collect();
    let Err(mut failure) = walk(make(), seed, &whole) else { return };
    // One that hangs would hang as often as it is tried.
    assert!(!failure.ends_with(HANGS), "TIDINGS_SEED={seed} replays what hangs:\n{failure}");
    let mut steps = whole;
    let mut size = steps.len().div_ceil(2);
    while size > 0 {
        let mut from = 0;
        while from < steps.len() {
            let fewer: Vec<_> =
                steps.iter().copied().take(from).chain(steps.iter().copied().skip(from + size)).collect();
            match walk(make(), seed, &fewer) {
                Ok(()) => from += size,
                Err(shorter) => (failure, steps) = (shorter, fewer),
            }
        }
        size /= 2;
    }
    panic!("TIDINGS_SEED={seed} replays a failure, of which these {} steps are enough:\n{failure}", steps.len());
}

/// Takes one walk of these steps: each has dice of its own, so that one less changes none of the others.
fn walk(subject: impl Subject, seed: u64, steps: &[u64]) -> Result<(), String> {
    let story = Story::default();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    let whole = async {
        let mut walk = Walk::new(Box::new(subject), Arc::clone(&story)).await;
        for step in steps {
            walk.step(&mut Rng::with_seed(seed << 16 | step)).await;
            walk.check().await;
        }
        walk.drain().await;
    };
    let limited = async { tokio::time::timeout(super::LIMIT, whole).await };
    let told = |what: &str| story.lock().unwrap_or_else(PoisonError::into_inner).join("\n") + "\n" + what;
    match catch_unwind(AssertUnwindSafe(|| runtime.block_on(limited))) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(told(HANGS)),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            Err(told(text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words")))
        }
    }
}

impl Walk {
    async fn new(subject: Box<dyn Subject>, story: Story) -> Self {
        assert!(subject.lease_skew().is_zero(), "the model knows no other clock");
        let rig = Rig::new(subject).await;
        let (model, hands, log) = (Model::default(), Vec::new(), Vec::new());
        Self {
            rig,
            model,
            now: BEGIN,
            seen: [i64::MIN, BEGIN],
            hands,
            log,
            purged: i64::MIN,
            dropped: BEGIN,
            made: 0,
            story,
        }
    }

    fn note(&self, what: &str) {
        self.story.lock().unwrap_or_else(PoisonError::into_inner).push(format!("at {}: {what}", self.now));
    }

    /// The store was told the time, and remembers it if something was changed.
    fn tell_time(&mut self, changed: bool) {
        self.seen[1] = self.seen[1].max(self.now);
        if changed {
            self.seen[0] = self.seen[0].max(self.now);
        }
    }
}
