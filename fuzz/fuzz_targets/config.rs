//! Any text is a configuration or a list of problems, each at a place of the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidings_config::{Options, load};

fuzz_target!(|text: &str| {
    // All that YAML and Unicode take for the end of a line.
    let breaks = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];
    let lines = text.matches(breaks).count() + 2;
    let problems = match load(text, &Options::default()) {
        Ok((_, problems)) => problems,
        Err(problems) => {
            assert!(!problems.is_empty(), "a refusal has a reason");
            problems
        }
    };
    for problem in problems {
        assert!(problem.line >= 1 && problem.line <= lines && problem.column >= 1, "{problem}");
    }
});
