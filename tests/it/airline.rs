//! The recorded agent runs through the example's rules and out over a log, a closure and real HTTP.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
};

use tidings::{
    Builder, Event, Happening, NotificationId, Priority, Sink, Timestamp, What,
    config::{ChannelKind, Environment, Options, Plan, SinkKind, load_file},
    webhook::signature::verify_promptise,
};
use tidings_testkit::{HttpPeer, Script};
use tidings_tests::airline_events;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn plan(url: &str) -> Plan {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/airline/tidings.yaml");
    let variable = |name: &str| ["AIRLINE_WEBHOOK_URL", "DESK_WEBHOOK_URL"].contains(&name).then(|| url.to_owned());
    let options = Options { environment: Environment::Given(&variable), ..Options::default() };
    let (mut plan, _) = load_file(&path, &options).unwrap_or_else(|problems| panic!("{problems:?}"));
    for sink in &mut plan.sinks {
        if let SinkKind::Webhook(webhook) = &mut sink.kind {
            webhook.secret = Some(SECRET.to_owned().into());
        }
    }
    for channel in plan.channels.values_mut() {
        if let ChannelKind::Webhook(webhook) = &mut channel.kind {
            webhook.secret = Some(SECRET.to_owned().into());
        }
    }
    plan
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recorded_runs_go_through() {
    let Some(events) = airline_events() else { return };
    let peer = HttpPeer::start(Script::statuses([200])).await.expect("loopback has a free port");
    let seen = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&seen);
    let all = Sink::callback("all", move |_: &Event| {
        counter.fetch_add(1, SeqCst);
    });
    let builder = Builder::from_plan(plan(&peer.url("/airline"))).unwrap().sink(all).sink_queue_size(10_000);
    let notifier = builder.event_time().build().unwrap().start().await.unwrap();
    let (count, wanted) = (events.len() as u64, events.iter().filter(|event| wanted(event)).count());
    notifier.accept(events.clone()).await.unwrap();
    notifier.accept(events).await.unwrap();
    let account = notifier.stop().await;

    account.closes().unwrap();
    assert!(account.is_clean(), "{account:#?}");
    assert_eq!((count, wanted), (1_021, 90));
    assert_eq!((account.events.planned, account.events.duplicate), (count, count), "sent again, it gives nothing new");
    assert_eq!(seen.load(SeqCst), count);
    assert_eq!(account.sinks["incident-desk"].delivered, 90);
    assert_eq!(account.sinks["hand-overs"].delivered, 22);
    assert_eq!(account.rules["hand-over"].fired, 22, "every customer who is handed over is told of");
    let looks_back = ["tools keep failing", "more failures than successes", "stuck", "unusually slow call"];
    assert_eq!(looks_back.map(|rule| account.rules[rule].fired), [4, 2, 2, 3], "each rule over time shows itself");
    assert_eq!(account.rules["more failures than successes"].resolved, 2, "and both agents got better");
    let deliveries = &account.deliveries;
    assert_eq!(deliveries.made, deliveries.delivered + deliveries.digested);
    assert!(deliveries.digested > 0, "what is low, and what is too much, is told together");
    assert!(account.notifications.denied > 0, "the engineer's wish about one agent is kept");

    let requests = peer.requests();
    let told = requests.iter().filter(|request| request.header("x-promptise-event") == Some("notification")).count();
    assert_eq!(
        (requests.len() - told, told > 0),
        (wanted, true),
        "events to the sink, critical notifications to the desk"
    );
    let now = now();
    for request in &requests {
        let header = request.header("x-promptise-signature").expect("it is signed");
        assert!(verify_promptise(header, &request.body, &[SECRET], now), "the signature is right");
        assert!(request.header("webhook-signature").is_some(), "a whsec_ secret signs in the standard form as well");
        let text = String::from_utf8_lossy(&request.body);
        assert!(!text.contains("@example.com"), "no mail address leaves: {text}");
    }
    assert!(peer.connections() <= 32, "connections are used again: {}", peer.connections());
}

fn wanted(event: &Event) -> bool {
    ["mission.failed", "tool.error"].contains(&event.event_type.as_str())
}

fn now() -> Timestamp {
    tidings::clock::system_now()
}

/// What a configuration makes of the events: messages sent, and of the critical notifications those that were made, and those that were told.
fn replayed(plan: Plan, events: &[Event]) -> (usize, BTreeSet<NotificationId>, BTreeSet<NotificationId>) {
    let mut replay = Builder::for_replay(plan).replay().unwrap();
    let (mut messages, mut made, mut told) = (0, BTreeSet::new(), BTreeSet::new());
    let mut tell = |seen: Happening<'_>| {
        if let What::Sent { channels, .. } = seen.what {
            messages += channels.len();
        }
        let Some(one) = seen.notification.filter(|one| one.priority == Priority::Critical) else { return };
        // A digest is none of its own: what it tells is.
        let is_digest = one.metadata.contains_key("digest");
        if seen.what.is_made() && !is_digest {
            made.insert(one.notification_id);
        }
        if matches!(seen.what, What::Sent { gathered: 0, .. } | What::Gathered { .. }) {
            told.insert(one.notification_id);
        }
    };
    events.iter().for_each(|event| replay.feed(event.clone(), &mut tell));
    replay.finish(&mut tell);
    replay.account().closes().unwrap();
    (messages, made, told)
}

/// The figure that the README states.
#[test]
fn at_most_a_fifth_is_sent_and_nothing_critical_is_lost() {
    let Some(events) = airline_events() else { return };
    let plan = plan("http://127.0.0.1:7171/");
    let failed = events.iter().filter(|event| event.event_type == "mission.failed").count();
    let (sent, made, told) = replayed(plan.clone(), &events);
    let (bare, bare_made, bare_told) = replayed(plan.bare(), &events);
    assert!(sent * 5 <= bare, "{sent} of {bare}");
    assert_eq!((failed, made.len()), (57, 2 * 57), "each of them is made for the lead and for the engineer");
    assert_eq!(told, made, "and told, by itself or in a summary");
    assert_eq!((&bare_made, &bare_told), (&made, &told), "those that the rules alone would tell");
}
