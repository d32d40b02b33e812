//! Figure 18: restarts in the middle of incidents, polite and by a kill, with time going on meanwhile or set back. Users must be
//! told what a notifier tells them that runs all the time.

use std::{collections::BTreeMap, time::Duration};

use fastrand::Rng;
use serde_json::{Value, json};

use super::{
    arrivals::{Arrival, arrivals},
    life::Life,
    protocol::{Order, Report},
    straight,
    verdict::Case,
    world::World,
};

const LIMIT: Duration = Duration::from_secs(60);
/// When the story begins, in seconds.
pub(super) const BEGIN: i64 = 1_700_000_000;
const SECOND: i64 = 1_000_000_000;

/// What happens between two looks at the clock.
#[derive(Clone, Debug)]
pub(super) struct Beat {
    /// Seconds since the beat before.
    pub(super) after: i64,
    /// What is accepted then, at once.
    pub(super) events: Vec<Value>,
    /// Whether the process ends before the clock moves to this beat, or right after its events were acknowledged.
    restart: Restart,
    /// Seconds after a kill at once until the next life begins.
    pub(super) pause: i64,
    /// What is accepted then, of nobody: so that what came due meanwhile is told at the same time whoever runs.
    pub(super) look: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Restart {
    None,
    Polite,
    /// After all was settled.
    Kill,
    /// The moment that the events were acknowledged.
    KillAtOnce,
}

/// A story by its seed.
#[derive(Clone, Copy, Debug)]
pub struct Story {
    /// Which.
    pub seed: u64,
    /// How many beats.
    pub beats: usize,
    /// By how many seconds the clock is set back at each restart.
    pub set_back: i64,
}

/// What a story gave.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// How often the process was restarted.
    pub restarts: usize,
    /// How many notifications there were.
    pub notifications: usize,
}

/// Rules that have something to remember: holds, firings, windows, silences, cooldowns. What came due while nobody ran is told
/// later than it would have been, so that repeats would be left out at other times: the window for them is short.
fn rules() -> Value {
    let rule = |name: &str, condition: &str, cooldown: &str| {
        json!({
            "name": name, "condition": condition, "cooldown_seconds": cooldown, "agent_id": "agent-*",
            "channels": ["pager"],
        })
    };
    json!([
        rule("plain", "load > 80", "10m"),
        rule("long", "load > 50 for 10m", "5m"),
        rule("held", "load > 50 for 10m resolve when load < 30", "5m"),
        rule("hot", "load > 85 resolve when load < 20 for 3m", "0s"),
        rule("busy", "count(5m) >= 4 resolve when count(5m) < 2", "1m"),
        rule("mean", "avg(load, 15m) > 65 && count(15m) >= 3", "20m"),
        rule("quiet", "silent(20m)", "0s"),
        rule("heart", "absent(heartbeat, 15m)", "0s"),
    ])
}

impl Story {
    fn tell(&self) -> Vec<Beat> {
        let mut random = Rng::with_seed(self.seed);
        let mut seq = 0;
        (0..self.beats).map(|_| beat(&mut random, &mut seq)).collect()
    }

    /// Lives it through.
    ///
    /// # Errors
    /// What does not hold.
    ///
    /// # Panics
    /// If the machine does not let it run.
    pub async fn run(&self, program: &str) -> Result<Told, String> {
        let beats = self.tell();
        let world = World::calm(program, false).await.rules(rules(), "1s");
        let mut stage = Stage { world: &world, now: BEGIN * SECOND, lives: 0, number: 0, kills: 0 };
        let mut life = stage.begin().await?;
        for beat in &beats {
            life = stage.play(life, beat, self.set_back).await?;
        }
        if !life.drain(LIMIT).await {
            return Err(format!("it does not drain: {:?}", life.report().await));
        }
        let (report, _) = life.stop(LIMIT).await;
        let report = report.ok_or("it gave no report")?;
        self.compare(&world, &beats, &stage, &report).await?;
        Ok(Told { restarts: stage.lives - 1, notifications: world.pager.count() })
    }

    async fn compare(&self, world: &World, beats: &[Beat], stage: &Stage<'_>, report: &Report) -> Result<(), String> {
        let events: Vec<Value> = beats.iter().flat_map(|beat| beat.events.iter().chain(&beat.look)).cloned().collect();
        let acknowledged = (0..events.len()).collect();
        let case = Case { world, events: &events, acknowledged: &acknowledged, kills: stage.kills, report };
        case.check_all_but_words()?;
        let straight = straight::story(world, beats).await;
        let wanted = words(&straight);
        let mut told = arrivals(&world.pager.taken());
        // What was in flight at a kill may come twice.
        let mut seen = std::collections::BTreeSet::new();
        told.retain(|arrival| seen.insert(arrival.delivery.clone()));
        let got = words(&told);
        for key in wanted.keys().chain(got.keys()) {
            let (wanted, got) = (wanted.get(key), got.get(key));
            if wanted != got {
                let times = format!("wanted at {}, told at {}", moments(&straight, key), moments(&told, key));
                return Err(format!("{key:?}: wanted {wanted:?}, told {got:?}; {times}; {}", outline(beats)));
            }
        }
        Ok(())
    }
}

/// What was said by which rule of which agent to whom, in order; of an end also how long it was after the beginning. What else a
/// text says may differ: how many repeats were left out is not kept over a restart.
fn words(arrivals: &[Arrival]) -> BTreeMap<(String, String, String), Vec<String>> {
    let mut words = BTreeMap::<_, Vec<_>>::new();
    for Arrival { body, .. } in arrivals {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let key = (text(&body["metadata"]["rule"]), text(&body["agent_id"]), text(&body["user_id"]));
        let (kind, body) = (text(&body["metadata"]["kind"]), text(&body["body"]));
        let over = body.lines().find(|line| line.starts_with("Over ")).unwrap_or_default();
        words.entry(key).or_default().push(format!("{kind} {over}"));
    }
    words
}

/// When these things were said, in seconds of the story.
fn moments(arrivals: &[Arrival], key: &(String, String, String)) -> String {
    let of_key = |one: &&Arrival| {
        one.body["metadata"]["rule"] == *key.0 && one.body["agent_id"] == *key.1 && one.body["user_id"] == *key.2
    };
    let moment = |one: &Arrival| one.body["created_at"].as_f64().unwrap_or_default() - BEGIN as f64;
    format!("{:?}", arrivals.iter().filter(of_key).map(moment).collect::<Vec<_>>())
}

/// The story in short: when what was accepted, and where it was broken off.
fn outline(beats: &[Beat]) -> String {
    let mut now = 0;
    let mut lines = String::new();
    for beat in beats {
        now += beat.after;
        let event = |event: &Value| {
            let beats = event["data"]["heartbeat"].is_boolean();
            format!("{}:{}{}", event["agent_id"], event["data"]["load"], if beats { "h" } else { "" })
        };
        let events: Vec<_> = beat.events.iter().skip(1).map(event).collect();
        lines += &format!("\n{now} {:?} {}", beat.restart, events.join(" "));
        now += beat.pause;
    }
    lines
}

fn beat(random: &mut Rng, seq: &mut usize) -> Beat {
    let after = if random.u8(..12) == 0 { random.i64(1_000..3_000) } else { random.i64(1..150) };
    let count = random.usize(..3);
    let mut events: Vec<_> = (0..count).map(|_| event(random, seq, &format!("agent-{}", an_agent(*seq)))).collect();
    // Whatever the clock made due is told before an event: this one belongs to nobody.
    events.insert(0, event(random, seq, "beat"));
    let restart = match random.u8(..10) {
        0 => Restart::Polite,
        1 => Restart::Kill,
        2 => Restart::KillAtOnce,
        _ => Restart::None,
    };
    let pause = if restart == Restart::KillAtOnce { random.i64(0..900) } else { 0 };
    let look = (restart == Restart::KillAtOnce).then(|| event(random, seq, "beat"));
    Beat { after, events, restart, pause, look }
}

const fn an_agent(seq: usize) -> usize {
    seq * 7 % 3
}

fn event(random: &mut Rng, seq: &mut usize, agent: &str) -> Value {
    let mut event = json!({
        "event_type": "sample", "id": format!("s{seq}"), "agent_id": agent,
        "data": {"seq": *seq, "load": random.u32(..100), "kind": random.u32(..6)},
    });
    if random.bool() {
        event["data"]["heartbeat"] = json!(true);
    }
    *seq += 1;
    event
}

/// Where the story is.
struct Stage<'a> {
    world: &'a World,
    now: i64,
    lives: usize,
    number: u64,
    kills: usize,
}

impl Stage<'_> {
    async fn begin(&mut self) -> Result<Life, String> {
        let setup = super::protocol::Setup { clock: Some(self.now), doors: 1, ..self.world.setup(None) };
        let mut life = Life::begin(self.world.program(), &setup, self.lives);
        self.lives += 1;
        life.started().await?;
        Ok(life)
    }

    /// The next life. Time goes on while nobody runs; but where the clock is set back nobody can know by how much, so that it goes on
    /// then once somebody runs.
    async fn begin_after(&mut self, seconds: i64, set_back: i64) -> Result<Life, String> {
        if set_back == 0 {
            self.now += seconds * SECOND;
            return self.begin().await;
        }
        self.now -= set_back * SECOND;
        let mut life = self.begin().await?;
        self.now += seconds * SECOND;
        life.order(&Order::Clock { nanos: self.now }).await;
        Ok(life)
    }

    async fn play(&mut self, mut life: Life, beat: &Beat, set_back: i64) -> Result<Life, String> {
        if beat.restart == Restart::Polite || beat.restart == Restart::Kill {
            if !life.drain(LIMIT).await {
                return Err(format!("it does not drain: {:?}", life.report().await));
            }
            match beat.restart {
                Restart::Polite => drop(life.stop(LIMIT).await),
                _ => {
                    self.kills += 1;
                    drop(life.kill().await);
                }
            }
            life = self.begin_after(beat.after, set_back).await?;
        } else {
            self.now += beat.after * SECOND;
            life.order(&Order::Clock { nanos: self.now }).await;
        }
        self.accept(&mut life, &beat.events).await?;
        if beat.restart == Restart::KillAtOnce {
            self.kills += 1;
            drop(life.kill().await);
            // What was accepted may wait for its plan.
            life = self.begin_after(beat.pause, set_back).await?;
            self.accept(&mut life, beat.look.as_slice()).await?;
        }
        if !life.drain(LIMIT).await {
            return Err(format!("it does not drain: {:?}", life.report().await));
        }
        Ok(life)
    }

    async fn accept(&mut self, life: &mut Life, events: &[Value]) -> Result<(), String> {
        self.number += 1;
        life.order(&Order::Accept { number: self.number, door: 0, events: events.to_vec() }).await;
        life.answered(self.number).await.ok_or("the process ended by itself")?.map(drop)
    }
}
