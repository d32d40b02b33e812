//! Figure 13 at a start: the folder can only be read, then it can be written again. Only this process's view of it changes.

use std::process::Command;

use serde_json::Value;

use super::{
    disk::mounts,
    feed::Feed,
    life::Life,
    polite::rest,
    source::Source,
    verdict::{Case, Counts},
    world::World,
};

/// Kills a process in the middle of a source; the next one finds a folder that can only be read, the one after it goes on. Gives what
/// the one in between was told; `None` where this machine cannot take a folder's writability away.
///
/// # Errors
/// What does not hold.
///
/// # Panics
/// If the machine does not let it run.
#[expect(clippy::print_stderr, reason = "a test that is left out must be seen")]
pub async fn unwritable(program: &str, source: &Source) -> Result<Option<(String, Counts)>, String> {
    if !mounts() {
        eprintln!("SKIPPED: a folder that can only be read, since nothing can be mounted here");
        return Ok(None);
    }
    let world = World::new(program, source.timed, source.seed).await;
    let batches = source.batches();
    let mut feed = Feed::new(&batches, 1e9);
    let mut life = Life::begin(world.program(), &world.setup(None), 0);
    life.started().await?;
    feed.run(&mut life).await;
    feed.note(&life.kill().await);
    let mut reader = Life::spawn(read_only(&world), &world.setup(None), 1);
    let Err(told) = reader.started().await else { return Err("it starts where it cannot write".to_owned()) };
    reader.kill().await;
    let report = rest(&world, 2).await?;
    let events: Vec<Value> = batches.iter().flat_map(|(_, events)| events.clone()).collect();
    let acknowledged = feed.acknowledged();
    let case = Case { world: &world, events: &events, acknowledged: &acknowledged, kills: 1, report: &report };
    Ok(Some((told, case.check().await?)))
}

/// The program, in a view of the machine where the folder can only be read.
fn read_only(world: &World) -> Command {
    let folder = world.path("").display().to_string();
    let mount = format!("mount --bind {folder} {folder} && mount -o remount,ro,bind {folder} && exec \"$0\" \"$1\"");
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", &mount]).arg(world.program());
    command
}
