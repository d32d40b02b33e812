//! What survives of a damaged store, as a table: `cargo run -p tidings-store --features sqlite --release --example damage`.

#![expect(clippy::print_stdout, reason = "printing the figure is its job")]

#[path = "../tests/it/damage/mod.rs"]
mod damage;

fn main() {
    figure::print();
}

mod figure {
    use std::collections::BTreeMap;

    use super::damage::{
        harm::kinds,
        life::{EVENTS, End, live},
        trial,
    };

    /// What came of all trials of one kind.
    #[derive(Default)]
    struct Sum {
        trials: usize,
        unharmed: usize,
        events: usize,
        exact: usize,
        again: usize,
        never: usize,
    }

    pub(super) fn print() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let sums = runtime.expect("there is a runtime").block_on(sums(20));
        println!("each trial: {EVENTS} events, 50 planned, a third of the deliveries sent; it starts in all of them");
        println!(
            "{:<13} {:<14} {:<8} {:>6} {:>8} {:>12} {:>10} {:>10} {:>10}",
            "store", "harm", "to the", "trials", "unharmed", "events kept", "told exact", "sent again", "never sent"
        );
        for ((end, kind, part), sum) in sums {
            let kept = sum.events as f64 * 100.0 / (sum.trials * EVENTS) as f64;
            println!(
                "{end:<13} {kind:<14} {:<8} {:>6} {:>8} {kept:>10.1} % {:>10} {:>10} {:>10}",
                ["file", "log", "index"][part],
                sum.trials,
                sum.unharmed,
                sum.exact,
                sum.again,
                sum.never
            );
        }
    }

    async fn sums(count: usize) -> BTreeMap<(String, &'static str, usize), Sum> {
        let mut sums: BTreeMap<_, Sum> = BTreeMap::new();
        for end in End::ALL {
            let life = live(end).await;
            for harm in kinds(&life, count) {
                let trial = trial::run(&life, &[harm]).await;
                let (kind, part) = harm.kind();
                let sum = sums.entry((format!("{end:?}"), kind, part)).or_default();
                let events = trial.damage.as_ref().and_then(|damage| damage.tables.get("event"));
                sum.trials += 1;
                sum.unharmed += usize::from(trial.damage.is_none());
                sum.events += trial.events_kept;
                sum.exact += usize::from(events.is_none_or(|found| found.exact));
                sum.again += trial.again;
                sum.never += trial.never;
            }
        }
        sums
    }
}
