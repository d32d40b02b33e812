//! What is looked at before its time, and ends whose beginnings wait.

use serde_json::json;
use tidings_policy::{Delay, Gathering, PreferenceLayer, Resumed, Wait, quiet_end, resume, route};

use crate::{Scene, at, night};

const EVENING: &str = "2026-03-10T23:00:00Z";

fn wait(until: &str, digest: Option<Gathering>) -> Wait {
    Wait { until: at(until), why: Delay::Storm, layer: PreferenceLayer::BuiltIn, digest }
}

#[test]
fn what_is_denied_before_its_time_goes_on_waiting() {
    for wishes in [json!({"quiet_hours": night("hold")}), json!({"digest": {"max_priority": "medium"}})] {
        let held = route(&Scene::new(&wishes).about(), at(EVENING)).wait.unwrap();
        let off = Scene::new(&json!({"topics": {"slow": false}}));
        let look = |now| resume(&off.about(), &held, at(EVENING), now);
        assert_eq!(look(at("2026-03-11T02:00:00Z")), Resumed::Wait(held.clone()));
        assert!(matches!(look(held.until), Resumed::Deny(_)));
    }
}

#[test]
fn an_end_waits_at_least_as_long_as_its_beginning() {
    let plain = Scene::new(&json!({}));
    let now = route(&plain.about(), at(EVENING));
    let gathering = Gathering { from: at(EVENING), channel: None, rule: Some("slow".to_owned()) };
    let summed_up = wait("2026-03-10T23:10:00Z", Some(gathering));
    let behind = now.clone().behind(&summed_up);
    assert_eq!((behind.now.len(), behind.digested.len(), behind.wait), (0, 2, Some(summed_up.clone())));
    let held = wait("2026-03-11T00:00:00Z", None);
    let behind = now.clone().behind(&held);
    assert_eq!((behind.held.len(), behind.wait), (2, Some(held.clone())));
    let scene = Scene::new(&json!({"quiet_hours": night("hold")}));
    let longer = route(&scene.about(), at(EVENING));
    assert_eq!(longer.clone().behind(&held), longer, "its own wait is longer");
    let off = route(&Scene::new(&json!({"topics": {"slow": false}})).about(), at(EVENING));
    assert_eq!(off.clone().behind(&held), off, "nobody wants it");
    let check = |resumed: Resumed, expected: Resumed| assert_eq!(resumed.behind(&held), expected);
    check(Resumed::Send(now), Resumed::Wait(held.clone()));
    check(Resumed::Gather, Resumed::Wait(held.clone()));
    check(Resumed::Wait(summed_up), Resumed::Wait(held.clone()));
    check(Resumed::Deny(Vec::new()), Resumed::Deny(Vec::new()));
    let later = wait("2026-03-11T07:00:00Z", None);
    check(Resumed::Wait(later.clone()), Resumed::Wait(later));
}

#[test]
fn what_is_on_its_way_waits_for_the_end_of_the_night() {
    for policy in ["hold", "digest", "drop"] {
        let scene = Scene::new(&json!({"quiet_hours": night(policy)}));
        assert_eq!(quiet_end(&scene.about(), at(EVENING)), Some(at("2026-03-11T07:00:00Z")));
        assert_eq!(quiet_end(&scene.about(), at("2026-03-11T07:00:00Z")), None);
    }
}
