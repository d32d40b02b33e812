use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use tidings_core::{Event, Timestamp};

use super::*;
use crate::{Condition, RuleSet};

fn rule() -> RuleSpec {
    RuleSpec {
        name: "r".to_owned(),
        agent_id: AgentPattern::Any,
        condition: Condition::compile("x > 1 resolve when silent(1m) || x < 1 for 1m").unwrap(),
        cooldown: Duration::from_secs(60),
    }
}

/// A firing that is ending, with all that a state can hold.
fn state() -> RuleState {
    let mut set = RuleSet::new(vec![rule()]);
    for x in [2, 0] {
        set.fire(&Arc::new(Event::new("t").agent("a").at(Timestamp::EPOCH).data(json!({"x": x}))), Timestamp::EPOCH);
    }
    set.changed().into_iter().find(|state| state.agent() == Some("a")).unwrap()
}

/// Whatever they say, they are an error, or a state that a set can go on from.
fn survives(bytes: &[u8]) {
    if let Ok(state) = RuleState::from_bytes(bytes) {
        assert_eq!(RuleState::from_bytes(&state.to_bytes()), Ok(state.clone()));
        let mut set = RuleSet::new(vec![rule()]);
        set.restore(vec![state.clone().shifted(Duration::MAX), state], Timestamp::EPOCH);
        for step in 0..10 {
            let now = set.next_due().unwrap_or(Timestamp::EPOCH);
            set.tick(now);
            set.fire(&Arc::new(Event::new("t").agent("a").data(json!({"x": step % 3}))), now);
        }
    }
}

#[test]
fn what_is_no_state_is_an_error_that_says_where() {
    let whole: Value = serde_json::from_slice(&state().to_bytes()).unwrap();
    let check = |change: &dyn Fn(&mut Value), expected: &str| {
        let mut value = whole.clone();
        change(&mut value);
        let problem = RuleState::from_bytes(value.to_string().as_bytes()).unwrap_err().to_string();
        assert!(problem.starts_with(expected), "{problem}");
    };
    check(&|value| value["version"] = json!(2), "a rule's state of version 2, known is 1");
    check(&|value| value["version"] = json!(-1), "not a rule's state: line 1, column");
    check(&|value| value["more"] = json!(1), "not a rule's state");
    check(&|value| value["condition"] = json!([1, 2]), "not a rule's state");
    check(&|value| value["phase"] = json!("busy"), "not a rule's state");
    check(&|value| value["phase"]["firing"]["since"] = json!(1.5), "not a rule's state");
    check(&|value| value["phase"]["firing"]["origin"]["data"] = json!("[1]"), "not a rule's state");
    check(&|value| value["phase"]["firing"]["origin"]["severity"] = json!("grave"), "not a rule's state");
    check(&|value| value["awaited"][0]["basis"] = json!(7), "not a rule's state");
    check(&|value| *value = json!([]), "not a rule's state");
    for bytes in [&b""[..], b"null", b"\xff\xfe", &b"[".repeat(100_000)] {
        assert!(RuleState::from_bytes(bytes).is_err());
    }
}

#[test]
fn an_event_may_be_as_deep_as_can_be_read() {
    let deep = format!("{{\"x\": 2, \"deep\": {}1{}}}", "[".repeat(126), "]".repeat(126));
    let data: Value = serde_json::from_str(&deep).unwrap();
    let event = Arc::new(Event::new("t").agent("a").at(Timestamp::EPOCH).data(data));
    let mut set = RuleSet::new(vec![rule()]);
    set.fire(&event, Timestamp::EPOCH);
    for state in set.changed() {
        assert_eq!(RuleState::from_bytes(&state.to_bytes()), Ok(state));
    }
}

#[test]
fn times_at_the_ends_of_time_are_survived() {
    let text = String::from_utf8(state().to_bytes()).unwrap();
    for extreme in [i64::MIN, i64::MIN + 1, -1, i64::MAX] {
        for key in ["since", "newest", "timestamp"] {
            let mut hostile = text.clone();
            for sign in ["0", "null"] {
                hostile = hostile.replace(&format!("\"{key}\":{sign}"), &format!("\"{key}\":{extreme}"));
            }
            assert_ne!(hostile, text, "{key}");
            survives(hostile.as_bytes());
        }
    }
}

proptest! {
    #[test]
    fn damaged_bytes_never_panic(cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), end in any::<prop::sample::Index>()) {
        let mut bytes = state().to_bytes();
        for (place, byte) in cuts {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        survives(&bytes);
        bytes.truncate(end.index(bytes.len()));
        survives(&bytes);
    }

    #[test]
    fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        survives(&bytes);
    }
}
