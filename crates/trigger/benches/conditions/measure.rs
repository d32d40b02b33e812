//! Measures two sides in turns and prints one line for them. What the sides do is up to the other modules.

use std::time::Duration;

use tidings_core::clock::instant_now;

const ROUNDS: usize = 15;
/// How long a side runs in one round: long against the steps in which the system accounts for CPU time.
const ROUND: Duration = Duration::from_millis(20);

/// What one side took.
struct Side {
    /// Nanoseconds a call, one figure for each round.
    rounds: Vec<f64>,
    calls: u32,
    cpu: Duration,
}

impl Side {
    fn new(work: &mut dyn FnMut()) -> Self {
        let started = instant_now();
        let mut calls = 0;
        while started.elapsed() < ROUND / 2 {
            work();
            calls += 1;
        }
        Self { rounds: Vec::with_capacity(ROUNDS), calls: calls * 2, cpu: Duration::ZERO }
    }

    fn round(&mut self, work: &mut dyn FnMut()) {
        let (started, cpu) = (instant_now(), cpu_time());
        for _ in 0..self.calls {
            work();
        }
        self.rounds.push(started.elapsed().as_nanos() as f64 / f64::from(self.calls));
        self.cpu += cpu_time().saturating_sub(cpu);
    }

    fn cpu_of_call(&self) -> f64 {
        self.cpu.as_nanos() as f64 / (f64::from(self.calls) * ROUNDS as f64)
    }
}

/// The CPU time that this thread has used; nothing where the system does not tell.
fn cpu_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|field| field.parse().ok()).map_or(Duration::ZERO, Duration::from_nanos)
}

fn both(ours: &mut dyn FnMut(), other: &mut dyn FnMut()) -> [Side; 2] {
    let mut sides = [Side::new(ours), Side::new(other)];
    for round in 0..ROUNDS {
        // Whoever goes second finds other things in the caches, so they take turns in that too.
        let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        for which in order {
            sides[which].round(if which == 0 { &mut *ours } else { &mut *other });
        }
    }
    sides
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

pub(crate) fn print_head() {
    println!("medians of {ROUNDS} rounds, the sides in turns; a ratio is the other side's time over ours\n");
    println!(
        "{:<46} {:>11} {:>11} {:>8} {:>17} {:>7} {:>10}  CPU s (ours, other)",
        "", "ours ns", "other ns", "ratio", "lowest–highest", "bar", "CPU ratio"
    );
}

/// Measures both sides and prints how many times faster ours is, beside the ratio that it must reach.
pub(crate) fn compare(name: &str, bar: Option<f64>, ours: &mut dyn FnMut(), other: &mut dyn FnMut()) {
    let [ours, other] = both(ours, other);
    let ratios: Vec<f64> = ours.rounds.iter().zip(&other.rounds).map(|(ours, other)| other / ours).collect();
    let lowest = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = ratios.iter().copied().fold(0.0, f64::max);
    let ratio = median(ratios);
    let verdict = bar.map_or("", |bar| if ratio >= bar { "" } else { "  below the bar" });
    println!(
        "  {name:<44} {:>11.0} {:>11.0} {ratio:>7.1}x {:>17} {:>7} {:>9.1}x  {:.2}, {:.2}{verdict}",
        median(ours.rounds.clone()),
        median(other.rounds.clone()),
        format!("{lowest:.1}–{highest:.1}"),
        bar.map_or_else(String::new, |bar| format!("{bar}x")),
        other.cpu_of_call() / ours.cpu_of_call(),
        ours.cpu.as_secs_f64(),
        other.cpu.as_secs_f64(),
    );
}

/// Measures how much longer the first side takes than the second for each of so many things that it does more, and prints it beside
/// what each may take.
pub(crate) fn surplus(name: &str, (most, things): (f64, usize), with: &mut dyn FnMut(), without: &mut dyn FnMut()) {
    let [with, without] = both(with, without);
    let all = median(with.rounds.iter().zip(&without.rounds).map(|(with, without)| with - without).collect());
    let (each, cpu) = (all / things as f64, (with.cpu_of_call() - without.cpu_of_call()) / things as f64);
    let bar = if most.is_finite() { format!(", may be {most} ns") } else { String::new() };
    let verdict = if each <= most { "" } else { "  above it" };
    println!("  {name:<44} {each:>8.1} ns more{bar}; in CPU time {cpu:.1} ns{verdict}");
}

/// Prints a figure that is counted, not timed.
pub(crate) fn counted(name: &str, found: u64, most: u64) {
    let verdict = if found <= most { "" } else { "  above it" };
    println!("  {name:<44} {found:>11}, may be {most}{verdict}");
}
