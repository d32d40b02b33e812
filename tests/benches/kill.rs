//! The figures of a process that is killed, stopped, starved of room and restarted, in full: a table of what was counted, and what
//! does not hold, with the seed that shows it again. `cargo bench -p tidings-tests --bench kill -- [figure…] [--quick] [--seed N]`;
//! the figures are 1, 2, 3, 5, 10, 13, 18 and `two`.

#![expect(clippy::print_stdout, reason = "printing its figures is what it is for")]

use std::{process::ExitCode, time::Duration};

use tidings_testkit::Reply;
use tidings_tests::kept::{
    Counts, Disk,
    crash::{Crash, GIVE_UP, Kill, STEPS},
    full::full,
    greedy,
    incident::Story,
    outdated::outdated,
    polite::{polite, second},
    protocol::Stop,
    queued::queued,
    source::Source,
    unwritable::unwritable,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_kept");
const FIGURES: [&str; 8] = ["1", "2", "3", "5", "10", "13", "18", "two"];

/// What a process may hold resident while a hundred thousand events are queued, in bytes.
const MOST_MEMORY: u64 = 100_000_000;

/// What was asked for, and whether anything failed.
struct Run {
    quick: bool,
    seed: Option<u64>,
    failures: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let wanted: Vec<_> = FIGURES.into_iter().filter(|figure| arguments.iter().any(|given| given == figure)).collect();
    let seed = arguments.iter().position(|argument| argument == "--seed").and_then(|at| arguments.get(at + 1));
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let mut run = Run { quick, seed: seed.and_then(|seed| seed.parse().ok()), failures: 0 };
    for figure in FIGURES.into_iter().filter(|figure| wanted.is_empty() || wanted.contains(figure)) {
        match figure {
            "1" => run.crashes().await,
            "2" => run.resends().await,
            "3" => run.polite().await,
            "5" => run.queued().await,
            "10" => run.greedy().await,
            "13" => run.full().await,
            "18" => run.restarts().await,
            _ => run.second().await,
        }
    }
    if run.failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Run {
    fn seeds(&self, full: u64, quick: u64) -> Vec<u64> {
        match self.seed {
            Some(seed) => vec![seed],
            None => (1..=if self.quick { quick } else { full }).collect(),
        }
    }

    fn row(&self, figure: &str, what: &str, result: &str) {
        println!("{figure:>3} | {what:<62} | {result}");
    }

    /// Notes what does not hold; gives what was counted where it does.
    fn take<T>(&mut self, what: &str, result: Result<T, String>) -> Option<T> {
        result.inspect_err(|problem| println!("FAILED {what}: {problem}")).map_err(|_| self.failures += 1).ok()
    }

    async fn crashes(&mut self) {
        let count = if self.quick { 800 } else { 8_000 };
        let mut random: Vec<_> =
            (1..=if self.quick { 5 } else { 50 }).map(|seed| Crash::random(seed, count, 1)).collect();
        let mut named: Vec<_> =
            STEPS.into_iter().zip((1_000..).step_by(10)).flat_map(|step| at_step(step, count)).collect();
        if let Some(seed) = self.seed {
            [&mut random, &mut named].into_iter().for_each(|cases| cases.retain(|case| case.source.seed == seed));
        }
        for (what, cases) in [("random points", random), ("named steps", named)] {
            let mut counts = Vec::new();
            for crash in &cases {
                counts.extend(self.take(&format!("{crash:?}"), crash.run(PROGRAM).await));
            }
            self.row("1", &format!("kill -9 at {} {what}", cases.len()), &told(&counts));
        }
        self.outdated(count / 8).await;
    }

    async fn outdated(&mut self, count: usize) {
        let mut expired = 0;
        for step in GIVE_UP {
            let source = Source { seed: self.seed.unwrap_or(8), count, doors: 1, timed: false };
            let stop = Stop { step: step.to_owned(), nth: 1 };
            let report = self.take(&format!("{step}, {source:?}"), outdated(PROGRAM, stop, &source).await);
            expired += report.map_or(0, |report| report.census.expired);
        }
        let result = format!("{expired} deliveries expired, each once; users were told all");
        self.row("1", "kill -9 where what waited for a sink becomes too old", &result);
    }

    async fn resends(&mut self) {
        let count = if self.quick { 800 } else { 8_000 };
        let mut counts = Vec::new();
        for seed in self.seeds(10, 3) {
            let crash = Crash { resends: true, ..Crash::random(seed + 2_000, count, 1) };
            counts.extend(self.take(&format!("{crash:?}"), crash.run(PROGRAM).await));
        }
        self.row("2", &format!("the same {} times, then the source resends all", counts.len()), &told(&counts));
    }

    async fn polite(&mut self) {
        for seed in self.seeds(5, 2) {
            let source = Source { seed, count: if self.quick { 800 } else { 8_000 }, doors: 2, timed: false };
            let after = Duration::from_millis(100 * seed);
            let Some(stop) = self.take(&format!("seed {seed}"), polite(PROGRAM, &source, 2_000.0, after).await) else {
                continue;
            };
            let result =
                format!("{}; ended after {:?}, {} batches refused", told(&[stop.counts]), stop.took, stop.refused);
            self.row("3", "SIGTERM under load, 2,000 events/s", &result);
        }
    }

    async fn queued(&mut self) {
        let count = if self.quick { 5_000 } else { 100_000 };
        let Some(figure) = self.take("queued", queued(PROGRAM, count).await) else { return };
        let result = format!(
            "{}; accepted in {:.1?}, drained in {:.1?}; peak memory {} MB queued, {} MB in all",
            told(&[figure.counts]),
            figure.accepting,
            figure.draining,
            figure.peak_queued / 1_000_000,
            figure.peak / 1_000_000
        );
        let holds = figure.peak_queued <= MOST_MEMORY;
        self.take("queued", holds.then_some(()).ok_or(format!("more than {MOST_MEMORY} bytes resident while queued")));
        self.row("5", &format!("{count} events queued while the sink is down, then it heals"), &result);
    }

    async fn greedy(&mut self) {
        let well = self.take("answers 200", greedy::growth(PROGRAM, Reply::status(200)).await);
        let Some((well, _)) = well else { return };
        for (name, reply) in greedy::receivers() {
            let Some((grown, requests)) = self.take(name, greedy::growth(PROGRAM, reply).await) else { continue };
            let more = grown.saturating_sub(well);
            let result = format!("{requests} requests; {:.1} MB more than where 200 comes", more as f64 / 1e6);
            self.row("10", &format!("the sink answers with {name}"), &result);
            if more > greedy::MOST {
                println!("FAILED {name}: more than {} MB", greedy::MOST / 1_000_000);
                self.failures += 1;
            }
        }
    }

    async fn full(&mut self) {
        for disk in Disk::all() {
            for seed in self.seeds(3, 1) {
                let source = Source { seed, count: if self.quick { 900 } else { 4_000 }, doors: 2, timed: false };
                let what = format!("{disk:?} seed {seed}");
                let Some(full) = self.take(&what, full(PROGRAM, disk, &source).await) else { continue };
                let result = format!("{}; {} batches refused: {}", told(&[full.counts]), full.refused, full.told);
                self.row("13", &format!("a disk that takes nothing ({disk:?}), then it does again"), &result);
            }
        }
        let source = Source { seed: 56, count: if self.quick { 400 } else { 4_000 }, doors: 2, timed: false };
        if let Some((what, counts)) = self.take("a read-only folder", unwritable(PROGRAM, &source).await).flatten() {
            self.row("13", "a start on a folder that can only be read, then it can be written", &told(&[counts]));
            self.row("13", "what that start was told", &what);
        }
    }

    async fn restarts(&mut self) {
        for set_back in [0, 3_600, 86_400] {
            let (mut restarts, mut notifications, mut stories) = (0, 0, 0);
            for seed in self.seeds(20, 4) {
                let story = Story { seed: seed + 3_000, beats: if self.quick { 60 } else { 200 }, set_back };
                if let Some(lived) = self.take(&format!("{story:?}"), story.run(PROGRAM).await) {
                    stories += 1;
                    restarts += lived.restarts;
                    notifications += lived.notifications;
                }
            }
            let what = format!("restarts in incidents, the clock back by {set_back} s at each");
            let result =
                format!("{stories} stories, {restarts} restarts, {notifications} notifications: as without them");
            self.row("18", &what, &result);
        }
    }

    async fn second(&mut self) {
        let source = Source { seed: 7, count: 800, doors: 2, timed: false };
        let Some((told, _)) = self.take("two processes", second(PROGRAM, &source).await) else { return };
        self.row("two", "a second process on the same file", &told);
    }
}

/// Kills at one named step, at different times of its coming by.
fn at_step((step, seed): (&'static str, u64), count: usize) -> impl Iterator<Item = Crash> {
    [1, 4, 9].into_iter().map(move |nth| {
        let kills = vec![Kill::At(Stop { step: step.to_owned(), nth })];
        Crash { kills, ..Crash::random(seed + nth, (count / 4).max(800), 1) }
    })
}

/// What cases counted. None of them lost anything, else it would not be here.
fn told(counts: &[Counts]) -> String {
    let sum = |of: fn(&Counts) -> usize| counts.iter().map(of).sum::<usize>();
    let most = counts.iter().map(|one| one.twice).max().unwrap_or_default();
    format!(
        "0 lost of {} acknowledged; {} sent again, at most {most} a case; {} notifications",
        sum(|one| one.acknowledged),
        sum(|one| one.twice),
        sum(|one| one.told)
    )
}
