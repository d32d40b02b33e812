//! What a daemon of 20,000 users uses of the processor while nothing happens.

use std::{fmt::Write, time::Duration};

use crate::process::Process;

pub(crate) fn run(quick: bool) {
    let (users, seconds) = if quick { (1_000, 2) } else { (20_000, 30) };
    let mut yaml = String::from(
        "triggers:\n  - {name: each, condition: 'error_rate > 0.5 for 2m', channels: [push, inbox]}\npreferences:\n  default: {quiet_hours: {from: \"22:00\", to: \"07:00\"}}\nusers:\n",
    );
    for number in 0..users {
        writeln!(yaml, "  u{number}: {{timezone: Europe/Zurich}}").unwrap();
    }
    let daemon = Process::daemon(&yaml);
    daemon.rest();
    let before = daemon.cpu();
    std::thread::sleep(Duration::from_secs(seconds));
    let share = (daemon.cpu() - before) / seconds as f64 * 100.0;
    println!(
        "  {users} users, {seconds} s of nothing: {share:.2} % of one processor, {:.0} MB resident",
        daemon.resident() as f64 / 1e6
    );
    println!("  bar: 1 %: {}", if share < 1.0 { "held" } else { "missed" });
}
