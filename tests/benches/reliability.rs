//! The reliability figures of delivery as a table: `cargo bench -p tidings-tests --bench reliability -- 7 15 --quick`. Without a
//! number it runs all of them. It fails where a figure's limit is exceeded.

#![expect(clippy::print_stdout, reason = "printing its figures is what it is for")]

use std::process::ExitCode;

use tidings_tests::reliability::{
    Row, Size, callbacks, clocks, day, lab::Backend, neighbours, receivers, redirects, retry_after, shedding, single,
    storm,
};

const FIGURES: [u8; 10] = [4, 6, 7, 8, 9, 10, 14, 15, 16, 17];

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let size = if arguments.iter().any(|argument| argument == "--quick") { Size::Quick } else { Size::Full };
    let mut wanted: Vec<u8> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    if wanted.is_empty() {
        wanted = FIGURES.to_vec();
    }
    quiet_panics();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("it can");
    println!("| # | run | found |\n|---|---|---|");
    let mut failures = 0;
    for figure in wanted {
        for backend in Backend::ALL {
            let rows = runtime.block_on(run(figure, size, backend));
            rows.iter().for_each(|row| println!("{row}"));
            failures += rows.iter().filter(|row| row.exceeded.is_some()).count();
        }
    }
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Panics that a figure is about are not shown.
fn quiet_panics() {
    let loud = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let is_meant = panic.payload_as_str().is_some_and(|text| text.contains("part of the test"));
        if !is_meant {
            loud(panic);
        }
    }));
}

async fn run(figure: u8, size: Size, backend: Backend) -> Vec<Row> {
    match figure {
        4 => neighbours::run(size, backend).await,
        6 => day::run(backend).await,
        // Without a store nothing waits out ten minutes.
        7 if !backend.forgets() => storm::run(size, backend).await,
        8 => retry_after::run(backend).await,
        9 => redirects::run(backend).await,
        10 => receivers::run(backend).await,
        14 => clocks::run(backend).await,
        15 => {
            let rounds = single::Rounds { count: size.pick(300, 10_000), with_thread: true, bound: None };
            single::run(rounds, backend).await
        }
        16 => shedding::run(backend).await,
        17 => callbacks::run(backend).await,
        _ => Vec::new(),
    }
}
