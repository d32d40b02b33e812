//! A user who moves to another zone while something waits, with the moments written out.

use serde_json::json;
use tidings_policy::{Delay, Gathering, PreferenceLayer, Resumed, Wait, resume, route};

use crate::{Scene, at, night};

/// What the message waits for that came at this moment.
fn wait_of(scene: &Scene, since: &str) -> Wait {
    route(&scene.about(), at(since)).wait.unwrap()
}

/// Held, it is sent, or held until another moment.
fn check_held(from: &str, to: &str, (since, now): (&str, &str), expected: Result<(), &str>) {
    let wishes = json!({"quiet_hours": night("hold")});
    let (before, after) = (Scene::of_zone(from, &wishes), Scene::of_zone(to, &wishes));
    let resumed = resume(&after.about(), &wait_of(&before, since), at(since), at(now));
    let (why, layer) = (Delay::QuietHours, PreferenceLayer::User);
    match expected {
        Ok(()) => assert!(matches!(&resumed, Resumed::Send(route) if route.now == ["push", "email"]), "{resumed:?}"),
        Err(until) => assert_eq!(resumed, Resumed::Wait(Wait { until: at(until), why, layer, digest: None })),
    }
}

#[test]
fn what_is_held_is_held_by_the_zone_of_now() {
    let zurich = "Europe/Zurich";
    // It came at 23:30 in Zurich. Still there at 07:00:
    check_held(zurich, zurich, ("2026-03-10T22:30:00Z", "2026-03-11T06:00:00Z"), Ok(()));
    // By then in New York, where it is 02:00.
    check_held(
        zurich,
        "America/New_York",
        ("2026-03-10T22:30:00Z", "2026-03-11T06:00:00Z"),
        Err("2026-03-11T11:00:00Z"),
    );
    // Told of the move at once, at 19:00 in New York.
    check_held(zurich, "America/New_York", ("2026-03-10T22:30:00Z", "2026-03-10T23:00:00Z"), Ok(()));
    // It came at 23:00 in New York; at 07:30 in Zurich the night is over.
    check_held("America/New_York", zurich, ("2026-03-11T03:00:00Z", "2026-03-11T06:30:00Z"), Ok(()));
    // Into the night in which Zurich's clock is put forward.
    check_held(
        "America/New_York",
        zurich,
        ("2026-03-29T02:30:00Z", "2026-03-29T03:00:00Z"),
        Err("2026-03-29T05:00:00Z"),
    );
    // Over the date line, where the clock shows the same on the day before.
    check_held("Pacific/Apia", "Pacific/Pago_Pago", ("2026-03-10T10:00:00Z", "2026-03-10T18:00:00Z"), Ok(()));
}

/// Gathered for nine o'clock, it is told together now, or gathered until another moment.
fn check_gathered(from: &str, to: &str, (since, now): (&str, &str), expected: Option<(&str, &str)>) {
    let wishes = json!({"digest": {"at": "09:00", "max_priority": "medium"}});
    let (before, after) = (Scene::of_zone(from, &wishes), Scene::of_zone(to, &wishes));
    let resumed = resume(&after.about(), &wait_of(&before, since), at(since), at(now));
    let waits = |(from, until)| {
        let digest = Some(Gathering { from: at(from), channel: Some("email".to_owned()), rule: None });
        Resumed::Wait(Wait { until: at(until), why: Delay::Digest, layer: PreferenceLayer::User, digest })
    };
    assert_eq!(resumed, expected.map_or(Resumed::Gather, waits), "{since}");
}

#[test]
fn what_is_gathered_goes_into_the_window_of_the_zone_of_now() {
    let (zurich, york) = ("Europe/Zurich", "America/New_York");
    // It came at 13:00 in Zurich, 08:00 in New York: there its digest is over by the time that Zurich's is sent.
    check_gathered(zurich, york, ("2026-03-10T12:00:00Z", "2026-03-11T08:00:00Z"), None);
    // It came at 15:00 in Zurich, 10:00 in New York: there it belongs to the next morning.
    check_gathered(
        zurich,
        york,
        ("2026-03-10T14:00:00Z", "2026-03-11T08:00:00Z"),
        Some(("2026-03-10T13:00:00Z", "2026-03-11T13:00:00Z")),
    );
    // From New York to Zurich, where nine o'clock is over: at once.
    check_gathered(york, zurich, ("2026-03-10T14:00:00Z", "2026-03-11T09:00:00Z"), None);
    check_gathered(
        york,
        zurich,
        ("2026-03-10T14:00:00Z", "2026-03-11T07:59:59Z"),
        Some(("2026-03-10T08:00:00Z", "2026-03-11T08:00:00Z")),
    );
    check_gathered(zurich, zurich, ("2026-03-10T14:00:00Z", "2026-03-11T08:00:00Z"), None);
}
