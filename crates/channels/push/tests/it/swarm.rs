//! A thousand sessions that connect, stall and vanish at random, by a seed: every client sees its user's sequence once, in order, and
//! without a gap, however often it comes back.

use std::time::Duration;

use tidings_push::{Closed, Frame, Hub, HubConfig, Session};

use super::{append, hub, ready};

const CLIENTS: usize = 1_000;
const USERS: usize = 50;
const STEPS: usize = 30_000;
const MESSAGES: u64 = 40;
/// More than are sent to anyone: what is lost is lost by the hub.
const KEPT: usize = 2_000;

/// One client: what it has seen, and its session if it is connected.
struct Client {
    user: usize,
    seen: u64,
    session: Option<Session>,
    stalls: bool,
    cuts: usize,
}

impl Client {
    fn name(&self) -> String {
        format!("u{}", self.user)
    }

    async fn connect(&mut self, hub: &Hub) {
        let since = Some(self.seen);
        self.session = Some(hub.subscribe(&self.name(), since).await.unwrap());
    }

    fn read(&mut self) {
        let Some(mut session) = self.session.take() else { return };
        for frame in ready(&mut session) {
            match frame {
                Frame::Message(message) => {
                    assert_eq!(message.seq, self.seen + 1, "client of u{}", self.user);
                    self.seen = message.seq;
                    session.ack(message.seq);
                }
                Frame::Closed(Closed::TooSlow { resume }) => {
                    assert_eq!(resume, self.seen);
                    self.cuts += 1;
                    return;
                }
                other => panic!("{other:?}"),
            }
        }
        self.session = Some(session);
    }
}

async fn step(hub: &Hub, client: &mut Client, random: &mut fastrand::Rng) {
    match random.u8(..10) {
        0 => client.session = None,
        1 => client.stalls = !client.stalls,
        _ if client.session.is_none() => client.connect(hub).await,
        _ if client.stalls => {}
        _ => client.read(),
    }
}

async fn swarm(seed: u64) {
    let hub = hub(KEPT, &HubConfig { queue: 4, sessions_per_user: CLIENTS, sessions: CLIENTS });
    let mut random = fastrand::Rng::with_seed(seed);
    let fresh = |index| Client { user: index % USERS, seen: 0, session: None, stalls: false, cuts: 0 };
    let mut clients: Vec<_> = (0..CLIENTS).map(fresh).collect();
    let mut sent = vec![0; USERS];
    for _ in 0..STEPS {
        let chosen = random.usize(..CLIENTS);
        step(&hub, &mut clients[chosen], &mut random).await;
        let user = random.usize(..USERS);
        if random.u8(..10) == 0 && sent[user] < MESSAGES * 10 {
            append(&hub, &format!("u{user}"), sent[user] + 1..=sent[user] + 3).await;
            sent[user] += 3;
        }
    }
    // Who is connected needs no coming back, unless it was cut off.
    for client in &mut clients {
        client.read();
        assert!(client.session.is_none() || client.seen == sent[client.user], "u{} was left out", client.user);
    }
    for client in &mut clients {
        while client.seen < sent[client.user] {
            client.session = None;
            client.connect(&hub).await;
            client.read();
        }
    }
    assert!(clients.iter().map(|client| client.cuts).sum::<usize>() > 0, "nobody was cut off: the test is too kind");
    drop(clients);
    assert_eq!(hub.sessions(), 0);
}

#[tokio::test]
async fn everybody_sees_everything_once() {
    for seed in 0..8 {
        swarm(seed).await;
    }
}

/// The same with real concurrency: writers and readers on their own tasks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_holds_on_several_threads() {
    let hub = hub(KEPT, &HubConfig { queue: 8, sessions_per_user: CLIENTS, sessions: CLIENTS });
    let readers: Vec<_> = (0..CLIENTS).map(|index| tokio::spawn(follow(hub.clone(), index as u64))).collect();
    let writers: Vec<_> = (0..4).map(|writer| tokio::spawn(write(hub.clone(), writer))).collect();
    for writer in writers {
        writer.await.unwrap();
    }
    for reader in readers {
        let seen = tokio::time::timeout(Duration::from_secs(60), reader).await.expect("a reader was left waiting");
        assert_eq!(seen.unwrap(), MESSAGES * 4);
    }
}

/// Four writers race for the numbers of each user, so that they are handed over out of order.
async fn write(hub: Hub, writer: u64) {
    for number in 0..MESSAGES {
        for user in 0..USERS {
            let number = writer * MESSAGES + number + 1;
            append(&hub, &format!("u{user}"), number..=number).await;
        }
        tokio::task::yield_now().await;
    }
}

async fn follow(hub: Hub, seed: u64) -> u64 {
    let mut random = fastrand::Rng::with_seed(seed);
    let user = format!("u{}", seed as usize % USERS);
    let mut seen = 0;
    while seen < MESSAGES * 4 {
        let mut session = hub.subscribe(&user, Some(seen)).await.unwrap();
        while let Some(frame) = session.next().await {
            match frame {
                Frame::Message(message) => {
                    assert_eq!(message.seq, seen + 1);
                    seen = message.seq;
                }
                Frame::Closed(closed) => assert_eq!(closed.resume(), seen),
                other => panic!("{other:?}"),
            }
            for _ in 0..random.u8(..8) {
                tokio::task::yield_now().await;
            }
            if seen == MESSAGES * 4 || random.u8(..20) == 0 {
                break;
            }
        }
    }
    seen
}

#[tokio::test]
async fn a_stalled_reader_holds_nobody_up() {
    let hub = hub(KEPT, &HubConfig::default());
    let mut stalled = Vec::new();
    for _ in 0..15 {
        stalled.push(hub.subscribe("ann", None).await.unwrap());
    }
    let mut quick = hub.subscribe("ann", None).await.unwrap();
    // Nothing here yields to a stalled reader, and yet everything comes at once.
    for number in 1..=500 {
        append(&hub, "ann", number..=number).await;
        let frames = ready(&mut quick);
        assert!(matches!(frames.as_slice(), [Frame::Message(message)] if message.seq == number));
    }
    for session in &mut stalled {
        assert_eq!(ready(session), [Frame::Closed(Closed::TooSlow { resume: 0 })]);
    }
}
