//! The largest conditions that are allowed, on a small stack.

use serde_json::json;

use super::*;

/// Compiles, prints, explains and judges on a stack of a megabyte: half of what the engine's threads have.
fn survives(source: String) {
    let work = move || {
        let condition = Condition::compile(&source).map_err(|problems| format!("{:?}", problems[0])).unwrap();
        let event = Event::new("a").data(json!({"a": true, "x": [1]}));
        assert!(!condition.explain(&event).is_empty());
        assert_eq!(
            Condition::compile(&condition.normal_form()).map(|again| again.verdict(&event)),
            Ok(condition.verdict(&event))
        );
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(work).unwrap().join().unwrap();
}

#[test]
fn the_deepest_and_longest_conditions_fit_a_small_stack() {
    survives(format!("{}a{}", "(".repeat(64), ")".repeat(64)));
    survives(format!("{}a", "!".repeat(64)));
    survives(format!("{}a", "not ".repeat(64)));
    survives(format!("{}a", "a?a:".repeat(64)));
    survives(format!("1{} > 0", "+1".repeat(250)));
    survives(format!("x{} == 1", "[0]".repeat(250)));
    survives(format!("a{}", "&&a".repeat(500)));
    survives(format!("a{} == 1", ".a".repeat(500)));
    survives(format!("{}a{} == a", "[".repeat(61), "]".repeat(61)));
    survives(format!("{}a{} == 'true'", "string(".repeat(61), ")".repeat(61)));
    survives(format!("a{} == 1", ".trim()".repeat(250)));
    survives(format!("x in [{}0]", "1,".repeat(1023)));
}

#[test]
fn one_level_or_byte_more_is_refused() {
    let code = |source: String| Condition::compile(&source).map(|_| ()).map_err(|problems| problems[0].code);
    let nested = |open: &str, close: &str| code(format!("{}a{}", open.repeat(65), close.repeat(65)));
    assert_eq!(nested("(", ")"), Err(Code::TooDeep));
    assert_eq!(nested("!", ""), Err(Code::TooDeep));
    assert_eq!(nested("not ", ""), Err(Code::TooDeep));
    assert_eq!(nested("[", "]"), Err(Code::TooDeep));
    assert_eq!(code("a".repeat(4096)), Ok(()));
    assert_eq!(code("a".repeat(4097)), Err(Code::TooLong));
}
