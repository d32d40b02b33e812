//! 10,000 WebSockets held at once: what each costs the daemon. The clients are this process, so that theirs is not counted.

use crate::{client::Client, process::Process};

const RULES: &str = "
triggers:
  - {name: each, condition: 'event_type == \"custom.tick\"', channels: [push]}
users: {me: {}}
";

pub(crate) fn run(quick: bool) {
    let count: u64 = if quick { 200 } else { 10_000 };
    let daemon = Process::daemon(RULES);
    let mut client = Client::new(daemon.address);
    // What the first ones need is needed once.
    let mut sockets: Vec<_> = (0..16).map(|number| client.socket(&format!("warm-{number}"))).collect();
    daemon.rest();
    let before = daemon.resident();
    for number in 0..count - 16 {
        sockets.push(client.socket(&format!("user-{number}")));
    }
    for socket in sockets.iter_mut().skip(16) {
        // Each is told where its stream stands.
        socket.read();
    }
    daemon.rest();
    let each = (daemon.resident() - before) / (count - 16);
    println!(
        "  {count} sockets of as many users, each greeted: {:.1} kB resident each, {:.0} MB in all",
        each as f64 / 1e3,
        daemon.resident() as f64 / 1e6
    );
    println!("  bar: 20 kB each: {}", if each <= 20_000 { "held" } else { "missed" });
}
