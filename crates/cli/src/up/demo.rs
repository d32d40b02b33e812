//! `up --demo`: a daemon with a store that is gone at the end, and a simulated fleet of agents that goes on until it is stopped. It reaches nothing
//! but this machine: a receiver that is down now and then is part of it.

mod fleet;
mod folder;
mod receiver;

use std::{net::SocketAddr, path::Path, time::Duration};

use anyhow::Context;
use tidings::config::{Plan, StorePlan};

use self::folder::Folder;
use super::{listening, plan, start};
use crate::{
    Exit,
    args::{Output, Up},
    output, setup,
};

/// So long is kept what is settled: a demo that is left running must not grow.
const RETENTION: Duration = Duration::from_secs(15 * 60);
/// So long it drains: nobody waits for what a simulated pager will take in a while.
const DRAIN: Duration = Duration::from_millis(500);

/// Runs until it is told to stop.
pub(super) async fn run(up: &Up, output: &Output) -> anyhow::Result<Exit> {
    let folder = Folder::new().context("the demo's store needs a folder for temporary files")?;
    let receiver = receiver::start().await?;
    let plan = demo(receiver, folder.path())?;
    let running = start(listening(plan, up.listen)?, None, None).await?;
    running.greet();
    output::note("It is a demo: five simulated agents, three people, one pager that fails now and then.\n");
    let fleet = tokio::spawn(fleet::live(running.notifier.clone()));
    let exit = running.until_stopped(output).await;
    fleet.abort();
    exit
}

/// The demo's configuration, with a pager at this address and a store in this folder.
fn demo(receiver: SocketAddr, folder: &Path) -> anyhow::Result<Plan> {
    let text = include_str!("demo/demo.yaml").replace("127.0.0.1:9", &receiver.to_string());
    let mut plan = plan::complete(Some(plan::parse("demo.yaml", &text)?))?;
    plan.store = Some(StorePlan { path: folder.join("tidings.db"), retention: RETENTION });
    plan.shutdown_timeout = DRAIN;
    setup::make_secrets(&mut plan, false)?;
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_stays_on_this_machine() {
        let receiver: SocketAddr = "127.0.0.1:8888".parse().unwrap();
        let mut plan = demo(receiver, Path::new("folder")).unwrap();
        assert_eq!(plan.users.keys().collect::<Vec<_>>(), ["ann", "ben", "me"]);
        let urls: Vec<_> = setup::webhooks(&mut plan).map(|(_, webhook)| webhook.url.url().to_string()).collect();
        assert!(urls.len() == 2 && urls.iter().all(|url| url.starts_with("http://127.0.0.1:8888/")), "{urls:?}");
        assert!(plan.store.is_some_and(|store| store.path.starts_with("folder")));
    }
}
