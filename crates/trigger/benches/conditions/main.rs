//! What conditions and rule sets cost beside the `cel` crate and beside plain evaluation: each ratio comes from one run, its
//! two sides measured in turns. `cargo bench -p tidings-trigger --bench conditions`, with the start of a section's name to run it
//! alone.
//!
//! The allocator that counts is in force for all of it; it costs both sides about a nanosecond an allocation.

#![expect(clippy::print_stdout, reason = "printing its figures is what it is for")]

mod compile;
mod evaluate;
mod measure;
mod oracle;
mod rules;
mod window;

fn main() {
    let wanted = std::env::args().nth(1).filter(|argument| !argument.starts_with('-')).unwrap_or_default();
    let sections: [(&str, fn()); 4] =
        [("compile", compile::run), ("evaluate", evaluate::run), ("rules", rules::run), ("window", window::run)];
    measure::print_head();
    for (name, run) in sections.into_iter().filter(|(name, _)| name.starts_with(&wanted)) {
        println!("{name}");
        run();
    }
}
