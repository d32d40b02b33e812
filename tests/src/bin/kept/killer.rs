//! Kills the own process at a named step: no destructor runs, no buffer is written, as at a power cut but for the page cache.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering::SeqCst},
};

use tidings_tests::kept::protocol::Stop;
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    layer::{Context, SubscriberExt},
    util::SubscriberInitExt,
};

/// Listens to the arrows where a step is given; what goes wrong is told on standard error.
pub(crate) fn listen(step: Option<Stop>) {
    // That a notification is incomplete is what one of the rules is for.
    let told = Targets::new().with_default(LevelFilter::ERROR).with_target("tidings_engine::outcome", LevelFilter::OFF);
    let errors = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(told);
    let arrows = Targets::new().with_target("tidings::arrow", Level::TRACE);
    let killer = step.map(|stop| Killer { stop, seen: AtomicU64::new(0) }.with_filter(arrows));
    tracing_subscriber::registry().with(errors).with(killer).init();
}

struct Killer {
    stop: Stop,
    seen: AtomicU64,
}

impl<S: Subscriber> Layer<S> for Killer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut step = Step { wanted: &self.stop.step, found: false };
        event.record(&mut step);
        if step.found && self.seen.fetch_add(1, SeqCst) + 1 == self.stop.nth {
            end();
        }
    }
}

struct Step<'a> {
    wanted: &'a str,
    found: bool,
}

impl Visit for Step<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.found |= field.name() == "step" && value == self.wanted;
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// Nothing comes after this.
fn end() {
    let killed = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    assert!(killed.is_ok(), "a process may kill itself");
    loop {
        std::thread::park();
    }
}
