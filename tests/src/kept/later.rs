//! A kill while digests and what quiet hours held are let go. Nothing of it may be lost, and every digest is told once.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use fastrand::Rng;
use serde_json::{Value, json};
use tidings::clock::instant_now;

use super::{
    arrivals::{Arrival, arrivals, lives},
    config::webhook,
    life::Life,
    protocol::{Order, Report, Setup, Stop},
    world::World,
};

/// So many events are told to everybody.
const EVENTS: usize = 12;
/// When they come: ten past ten in the evening, in seconds.
const EVENING: i64 = 1_773_180_600;
/// Five minutes after each moment at which somebody is told: the three digests, and the end of the night.
const MOMENTS: [i64; 4] = [EVENING + 55 * 60, EVENING + 85 * 60, EVENING + 145 * 60, EVENING + 535 * 60];
/// Longer than anything takes here.
const LIMIT: Duration = Duration::from_secs(20);
/// The most requests that are in flight at a kill.
const IN_FLIGHT: usize = 16;
/// All that belongs to a store.
const PARTS: [&str; 4] = ["", "-wal", "-shm", ".lock"];

/// Where a process is killed: between any two steps of what is resumed and sent.
const STEPS: [&str; 11] = [
    "plan.begin",
    "plan.commit",
    "plan.committed",
    "claim.begin",
    "claim.commit",
    "claim.committed",
    "send.begin",
    "send.answered",
    "finish.begin",
    "finish.commit",
    "finish.committed",
];

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Night {
    /// How often the process was killed.
    pub kills: usize,
    /// Messages that arrived, each counted once.
    pub told: usize,
    /// Deliveries that were sent twice.
    pub twice: usize,
}

/// Nights, each from the same evening on, with a kill at each of its moments.
///
/// # Errors
/// What does not hold.
///
/// # Panics
/// If the machine does not let it run.
pub async fn nights(program: &str, count: usize) -> Result<Vec<Night>, String> {
    let world = World::calm(program, false).await;
    let text = config(&format!("http://{}/", world.pager.address()));
    std::fs::write(world.path("tidings.yaml"), text.to_string()).expect("there is room for a file");
    evening(&world).await?;
    let mut nights = Vec::new();
    for number in 0..count {
        let night = night(&world, number).await;
        nights.push(night.map_err(|problem| format!("night {number}: {problem}"))?);
    }
    Ok(nights)
}

/// One sleeps, and three are told together, at different times.
fn config(pager: &str) -> Value {
    let daily =
        |at: &str| json!({"digest": {"every": "daily", "at": at, "max_priority": "medium", "channel": "pager"}});
    json!({
        "triggers": [{
            "name": "plain", "condition": "load >= 0", "channels": ["pager"], "priority": "medium", "cooldown_seconds": "0s",
            "title": "number {{ data.seq }}", "dedup_key": "{{ data.seq }}",
        }],
        "channels": {"pager": webhook(pager)},
        "users": {"ann": null, "ben": null, "cat": null, "dan": null},
        "preferences": {"users": {
            "ann": {"quiet_hours": {"from": "22:00", "to": "07:00"}},
            "ben": {"digest": {"every": "hourly", "max_priority": "medium", "channel": "pager"}},
            "cat": daily("23:30"),
            "dan": daily("00:30"),
        }},
    })
}

fn setup(world: &World, store: &str, now: i64, step: Option<Stop>) -> Setup {
    let (store, seen) = (world.path(store), world.path(&format!("{store}.seen")));
    Setup { store, seen, clock: Some(now * 1_000_000_000), doors: 1, ..world.setup(step) }
}

/// All events come, and everybody is told later.
async fn evening(world: &World) -> Result<(), String> {
    let mut life = Life::begin(world.program(), &setup(world, "evening.db", EVENING, None), 0);
    life.started().await?;
    let event = |seq| json!({"event_type": "sample", "id": format!("n{seq}"), "agent_id": "a", "data": {"seq": seq, "load": 1}});
    life.order(&Order::Accept { number: 0, door: 0, events: (0..EVENTS).map(event).collect() }).await;
    life.answered(0).await.ok_or("the evening ended by itself")??;
    if !life.drain(LIMIT).await {
        return Err("the evening does not drain".to_owned());
    }
    let report = life.report().await.ok_or("the evening gives no report")?;
    life.kill().await;
    let waits = report.census.notifications == 4 * EVENTS as u64 && report.census.deliveries == 0;
    if waits { Ok(()) } else { Err(format!("somebody was told in the evening: {report:?}")) }
}

/// One night: a life at each moment, which is killed, and one more to the end.
async fn night(world: &World, number: usize) -> Result<Night, String> {
    let store = format!("night-{number}.db");
    for part in PARTS {
        let from = world.path(&format!("evening.db{part}"));
        if from.exists() {
            std::fs::copy(from, world.path(&format!("{store}{part}"))).expect("there is room for a file");
        }
    }
    let before = world.pager.count();
    let mut dice = Rng::with_seed(number as u64);
    for (place, now) in MOMENTS.into_iter().enumerate() {
        if dice.u8(..4) == 0 {
            fall(world, &store, (place, now), Duration::from_micros(dice.u64(..60_000))).await?;
        } else {
            let step = STEPS[(number * MOMENTS.len() + place) % STEPS.len()];
            let nth = if place == 3 && step.starts_with("send") { dice.u64(1..6) } else { 1 };
            stop(world, &store, (place, now), Stop { step: step.to_owned(), nth }).await?;
        }
    }
    let report = morning(world, &store).await?;
    let taken = arrivals(&world.pager.taken().split_off(before));
    check(&taken, &report)
}

/// A life that its parent kills.
async fn fall(world: &World, store: &str, (place, now): (usize, i64), after: Duration) -> Result<(), String> {
    let mut life = Life::begin(world.program(), &setup(world, store, now, None), place);
    life.started().await?;
    tokio::time::sleep(after).await;
    life.kill().await;
    Ok(())
}

/// A life that kills itself at a step.
async fn stop(world: &World, store: &str, (place, now): (usize, i64), step: Stop) -> Result<(), String> {
    let told = format!("it never came by {step:?} at moment {place}");
    let mut life = Life::begin(world.program(), &setup(world, store, now, Some(step)), place);
    let began = instant_now();
    while !life.is_gone() {
        if began.elapsed() > LIMIT {
            return Err(told);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    life.ended().await;
    Ok(())
}

/// The life that nobody ends.
async fn morning(world: &World, store: &str) -> Result<Report, String> {
    let now = MOMENTS[MOMENTS.len() - 1] + 60;
    let mut life = Life::begin(world.program(), &setup(world, store, now, None), MOMENTS.len());
    life.started().await?;
    let began = instant_now();
    loop {
        let report = life.report().await.ok_or("the last life has ended")?;
        let census = &report.census;
        let ended = census.complete + census.incomplete + census.failed + census.digested + census.withdrawn;
        if census.open == 0 && census.notifications == ended {
            let (last, _) = life.stop(LIMIT).await;
            return last.ok_or_else(|| "the last life gave no report".to_owned());
        }
        if began.elapsed() > LIMIT {
            return Err(format!("it does not settle: {report:?}"));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Everybody was told all of it, once; and the account closes.
fn check(taken: &[Arrival], report: &Report) -> Result<Night, String> {
    let kills = MOMENTS.len();
    let mut told: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut ids: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for Arrival { body, delivery, .. } in taken {
        let text = |key: &str| body[key].as_str().unwrap_or_default();
        told.entry(text("user_id")).or_default().insert(text("notification_id").to_owned());
        ids.entry(text("notification_id").to_owned()).or_default().insert(delivery);
    }
    let count = |user: &str| told.get(user).map_or(0, BTreeSet::len);
    let got = ["ann", "ben", "cat", "dan"].map(count);
    require(got == [EVENTS, 1, 1, 1], || format!("ann, ben, cat, dan were told {got:?} messages: {report:?}"))?;
    require(ids.values().all(|ids| ids.len() == 1), || format!("one message under several ids: {ids:?}"))?;
    let mut twice = 0;
    for (delivery, lives) in lives(taken) {
        let different: BTreeSet<_> = lives.iter().collect();
        require(different.len() == lives.len(), || format!("{delivery} twice in one life: {lives:?}"))?;
        twice += lives.len() - 1;
    }
    require(twice <= kills * IN_FLIGHT, || format!("{twice} sends again"))?;
    let (census, events) = (&report.census, EVENTS as u64);
    let ends = (census.notifications, census.complete, census.digested, census.delivered, census.withdrawn);
    let expected = (4 * events + 3, events + 3, 3 * events, events + 3, 0);
    require(ends == expected, || format!("the census is not {expected:?}: {census:?}"))?;
    let logged = |step: &str| report.steps.get(step).copied().unwrap_or_default();
    require((logged("gathered"), logged("resumed")) == (3 * events, events), || format!("{:?}", report.steps))?;
    require(report.gap.is_none() && report.unbalanced.is_none(), || format!("it does not close: {report:?}"))?;
    Ok(Night { kills, told: ids.len(), twice })
}

fn require(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}
