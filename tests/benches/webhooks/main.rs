//! What a webhook costs in a whole notifier beside the bare HTTP client, in one run: `cargo bench -p tidings-tests --bench webhooks`,
//! with `-- --quick` for fewer rounds, and with `-- --profile` or `-- --profile-file` for nothing but a notifier in memory or on a file,
//! which a profiler may look at. It fails where a bar is missed.

#![expect(clippy::print_stdout, reason = "printing its figures is what it is for")]

mod bare;

use std::{io, process::ExitCode, sync::Arc, time::Duration};

use bare::{bare_round, parts_round};
use tidings::clock::instant_now;
use tidings_tests::webhooks::{
    Cost, Spread,
    load::Load,
    processor_time,
    receivers::{Counts, Receivers, serve_if_asked},
    slow::{self, Beside, Found, LATENCY, SLOW},
    whole::{Kept, Whole},
};

/// Requests that are under way at a time.
pub(crate) const IN_FLIGHT: usize = 16;
/// The least share of the bare client's rate.
const LEAST_RATE: f64 = 0.75;
/// The most of its processor's time, as a multiple.
const MOST_PROCESSOR: f64 = 1.5;
/// The least that a receiver of 100 ms gets a second.
const LEAST_SLOW: f64 = 100.0;
/// The most that slow receivers may add to the fast one's times, beside as many fast ones.
const MOST_BESIDE: f64 = 1.2;
/// What Promptise 1.10.1 sends a second to a receiver of 100 ms: one after the other.
const PROMPTISE: u32 = 8;

/// Rounds, events a round, and events for slow receivers.
struct Size {
    rounds: usize,
    events: u64,
    slow_events: u64,
}

fn main() -> ExitCode {
    match serve_if_asked() {
        Ok(false) => {}
        Ok(true) => return ExitCode::SUCCESS,
        Err(_) => return ExitCode::FAILURE,
    }
    // Whoever runs agents has a subscriber: the log sink's lines are written, and go nowhere. What is said of loopback at each
    // request is said of no receiver on the internet.
    tracing_subscriber::fmt()
        .with_env_filter("warn,promptise.events=info")
        .with_ansi(false)
        .with_writer(io::sink)
        .init();
    let is_quick = std::env::args().any(|argument| argument == "--quick");
    let size = if is_quick {
        Size { rounds: 3, events: 1_500, slow_events: 500 }
    } else {
        Size { rounds: 9, events: 6_000, slow_events: 1_000 }
    };
    let given = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    let profiled = given("--profile").then_some(Kept::InMemory).or(given("--profile-file").then_some(Kept::InAFile));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("it can");
    if let Some(kept) = profiled {
        return runtime.block_on(profile(&size, kept)).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    let found = runtime.block_on(async { Ok::<_, io::Error>((beside_bare(&size).await?, beside_slow(&size).await?)) });
    match found {
        Ok((true, true)) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            println!("FAILED: {error}");
            ExitCode::FAILURE
        }
    }
}

/// One long round.
async fn profile(size: &Size, kept: Kept) -> io::Result<()> {
    let warm_up = Load { first: 0, events: 320 };
    let load = Load { first: warm_up.events, events: size.events * 5 };
    let mut receivers = Receivers::start(&[Duration::ZERO; 2])?;
    print_cost(&format!("{kept:?}"), &[whole_round(&mut receivers, kept, (warm_up, load)).await?]);
    Ok(())
}

/// Says whether it holds, and prints what does not.
fn holds(bar: bool, text: &str) -> bool {
    if !bar {
        println!("FAILED: {text}");
    }
    bar
}

/// Rounds of the bare client and of whole notifiers in turn.
async fn beside_bare(size: &Size) -> io::Result<bool> {
    let warm_up = Load { first: 0, events: 320 };
    let load = Load { first: warm_up.events, events: size.events };
    let bodies = Arc::new(Load { first: 0, events: size.events }.bodies().await);
    let mut receivers = Receivers::start(&[Duration::ZERO; 2])?;
    let (mut bare, mut parts) = (Vec::new(), Vec::new());
    let mut whole = Kept::ALL.map(|kept| (kept, Vec::new()));
    for _ in 0..size.rounds {
        bare.push(bare_round(&mut receivers, &bodies).await?);
        parts.push(parts_round(&mut receivers, load).await?);
        for (kept, costs) in &mut whole {
            costs.push(whole_round(&mut receivers, *kept, (warm_up, load)).await?);
        }
    }
    println!(
        "{} webhooks a round, {IN_FLIGHT} in flight; medians of {} rounds (least to most)",
        load.webhooks(),
        size.rounds
    );
    print_cost("bare reqwest", &bare);
    print_cost("  with redaction, signature, log", &parts);
    let mut all_hold = true;
    for (kept, costs) in whole {
        print_cost(&format!("a whole notifier, {kept:?}"), &costs);
        all_hold &= judge(kept, &bare, &costs);
    }
    Ok(all_hold)
}

fn print_cost(name: &str, costs: &[Cost]) {
    let of = |figure: fn(&Cost) -> f64| Spread::of(costs.iter().map(figure));
    let (rate, micros, connections) = (of(|cost| cost.rate), of(|cost| cost.micros), of(|cost| cost.connections));
    println!("{name:<32} {rate} a second; {micros} µs of the processor; {connections} new connections a webhook");
}

/// Prints the ratios of each round to the bare round before it, and holds their medians to the bars: in memory, since a file is
/// written to for every promise that a bare client does not make.
fn judge(kept: Kept, bare: &[Cost], costs: &[Cost]) -> bool {
    let pairs = || bare.iter().zip(costs);
    let rate = Spread::of(pairs().map(|(bare, cost)| cost.rate / bare.rate));
    let micros = Spread::of(pairs().map(|(bare, cost)| cost.micros / bare.micros));
    let connections = costs.iter().map(|cost| cost.connections).fold(0.0, f64::max);
    println!("  beside bare: {rate} of the rate, {micros} times the processor's time");
    let connections = holds(connections < 0.005, &format!("{kept:?}: new connections in steady state"));
    if kept == Kept::InAFile {
        return connections;
    }
    let rate = holds(rate.median >= LEAST_RATE, &format!("{kept:?}: less than {LEAST_RATE} of the rate"));
    let micros = holds(micros.median <= MOST_PROCESSOR, &format!("{kept:?}: more than {MOST_PROCESSOR} of the time"));
    connections & rate & micros
}

/// A whole notifier: warmed up, then all events as fast as it takes them. Its time ends with the last request; what it books after
/// that is the processor's time as well.
async fn whole_round(receivers: &mut Receivers, kept: Kept, (warm_up, load): (Load, Load)) -> io::Result<Cost> {
    let (sink, user) = (receivers.url(0), receivers.url(1));
    let whole = Whole::start([&sink, &user], kept).await;
    whole.accept(warm_up.events()).await;
    arrived(receivers, warm_up)?;
    let events = load.events();
    let (started, used) = (instant_now(), processor_time());
    whole.accept(events).await;
    let counts = arrived(receivers, load)?;
    let took = started.elapsed();
    whole.stop().await;
    Ok(cost(took, processor_time() - used, &counts))
}

fn arrived(receivers: &mut Receivers, load: Load) -> io::Result<[Counts; 2]> {
    Ok([receivers.wait_for(0, load.events)?, receivers.wait_for(1, load.notifications())?])
}

pub(crate) fn cost(took: Duration, used: Duration, counts: &[Counts]) -> Cost {
    let requests = counts.iter().map(|counts| counts.requests).sum::<u64>() as f64;
    let connections = counts.iter().map(|counts| counts.connections).sum::<u64>() as f64;
    Cost {
        rate: requests / took.as_secs_f64(),
        micros: used.as_secs_f64() * 1e6 / requests,
        connections: connections / requests,
    }
}

/// Eight slow receivers and a fast one.
async fn beside_slow(size: &Size) -> io::Result<bool> {
    let latencies: Vec<_> = [Duration::ZERO; 1 + SLOW].into_iter().chain([LATENCY; SLOW]).collect();
    let mut receivers = Receivers::start(&latencies)?;
    let (mut slow, mut fast, mut alone) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..size.rounds.min(5) {
        alone.push(slow::run(&mut receivers, Beside::Nobody, size.slow_events).await?);
        fast.push(slow::run(&mut receivers, Beside::Fast, size.slow_events).await?);
        slow.push(slow::run(&mut receivers, Beside::Slow, size.slow_events).await?);
    }
    let rates = Spread::of(slow.iter().flat_map(|found| found.rates.clone()));
    println!("{SLOW} receivers of {LATENCY:?} each get {rates} a second (Promptise 1.10.1: {PROMPTISE})");
    for (name, found) in [("alone", &alone), ("beside 8 fast ones", &fast), ("beside 8 slow ones", &slow)] {
        print_waits(name, found);
    }
    let ratio = |high: fn(&Found) -> Duration| {
        Spread::of(slow.iter().zip(&fast).map(|(slow, fast)| high(slow).as_secs_f64() / high(fast).as_secs_f64()))
    };
    let (median, high) = (ratio(|found| found.median), ratio(|found| found.high));
    println!("  slow ones beside it, and not fast ones: p50 {median} times, p99 {high} times");
    let each = holds(rates.least >= LEAST_SLOW, &format!("a slow receiver gets less than {LEAST_SLOW} a second"));
    Ok(each & holds(high.median <= MOST_BESIDE, "slow receivers slow a fast one"))
}

fn print_waits(name: &str, found: &[Found]) {
    let millis = |high: fn(&Found) -> Duration| Spread::of(found.iter().map(|found| high(found).as_secs_f64() * 1e3));
    println!(
        "  the fast one {name:<20} p50 {} ms, p99 {} ms",
        millis(|found| found.median),
        millis(|found| found.high)
    );
}
