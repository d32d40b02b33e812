//! A condition tried on one event: what each part of it comes to, or what is wrong with it and where. A wrong condition is an answer, not
//! an error of the request.

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tidings::{
    Event, Timestamp,
    trigger::{Diagnostic, Profile},
};

use crate::{app::App, caller::Caller, problem::Refusal, sent::Sent, views::Evaluation};

/// What is tried on what.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Trial {
    condition: String,
    #[serde(default)]
    event: Map<String, Value>,
}

/// Tries a condition on one event. Nothing is kept or sent.
#[utoipa::path(post, path = "/v1/rules/try", tag = "rules",
    request_body(content = Value, description = "`{\"condition\": \"error_rate > 0.05\", \"event\": {…}}`"),
    responses((status = 200, description = "As `tidings eval --json`, with `diagnostics: [{code, level, from, to, line, column, message, help}]`."),
        (status = 422, description = "The event is none.")))]
pub(super) async fn run(State(app): State<App>, _: Caller, Sent(trial): Sent<Trial>) -> Result<Json<Value>, Refusal> {
    let now = app.now();
    // A condition may be costly within its bounds: it must not hold up other requests.
    let tried = tokio::task::spawn_blocking(move || tried(&trial.condition, trial.event, now)).await;
    tried.map_err(|_| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "the condition could not be tried"))?.map(Json)
}

/// What comes of it.
fn tried(condition: &str, event: Map<String, Value>, now: Timestamp) -> Result<Value, Refusal> {
    let event = whole(event, now)?;
    let (mut told, problems) = match Evaluation::of(condition, Profile::Tidings, &event) {
        Ok(found) => (found.to_json(), found.warnings),
        Err(problems) => {
            let reject = problems.iter().find(|problem| problem.is_error()).map(|problem| problem.code.as_str());
            let none: [Value; 0] = [];
            (
                json!({"verdict": null, "reason": null, "value": null, "steps": none, "resolve": none, "reject": reject}),
                problems,
            )
        }
    };
    told["diagnostics"] = problems.iter().map(|problem| mark(condition, problem)).collect();
    Ok(told)
}

/// The event with what every event has.
fn whole(mut event: Map<String, Value>, now: Timestamp) -> Result<Event, Refusal> {
    event.entry("event_type").or_insert_with(|| json!("lab"));
    event.entry("data").or_insert_with(|| json!({}));
    let wrong = |error: tidings::EventError| {
        let detail = format!("the event is none: {error}");
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    };
    Event::from_json(Value::Object(event), now).map_err(wrong)
}

/// A problem with its place: a range of bytes, and line and column of its beginning, in characters from 1.
fn mark(source: &str, problem: &Diagnostic) -> Value {
    let before = source.get(..problem.span.start).unwrap_or(source);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
    json!({
        "code": problem.code.as_str(),
        "level": if problem.is_error() { "error" } else { "warning" },
        "from": problem.span.start,
        "to": problem.span.end,
        "line": line,
        "column": column,
        "message": problem.label,
        "help": problem.help,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tried_on(condition: &str, event: &Value) -> Value {
        tried(condition, event.as_object().cloned().unwrap_or_default(), Timestamp::from_secs(1_000)).unwrap()
    }

    #[test]
    fn each_part_has_its_value_and_each_problem_its_place() {
        let told = tried_on("error_rate > 0.05", &json!({"data": {"error_rate": 0.2}}));
        assert_eq!((&told["verdict"], &told["diagnostics"]), (&json!("fire"), &json!([])), "{told}");
        let told = tried_on("ü == 1 &&\n  startWith(x)", &json!({}));
        let mark = &told["diagnostics"][0];
        assert_eq!((&mark["line"], &mark["column"]), (&json!(2), &json!(3)), "{told}");
        assert_eq!(mark["from"], "ü == 1 &&\n  ".len(), "{told}");
        let told = tried_on("", &json!({}));
        assert!(told["diagnostics"][0]["message"].is_string() && told["verdict"].is_null(), "{told}");
        assert_eq!(
            tried("x", json!({"event_type": 7}).as_object().cloned().unwrap(), Timestamp::EPOCH).unwrap_err().status,
            422
        );
    }

    proptest! {
        #[test]
        fn nothing_that_is_sent_stops_it(condition in "(?s).{0,300}", data in "[a-z.(){}\\[\\]\"'&|!<>=0-9 ]{0,300}") {
            for source in [&condition, &data] {
                let told = tried_on(source, &json!({"data": {"x": 1}}));
                for mark in told["diagnostics"].as_array().unwrap() {
                    let (from, to) = (mark["from"].as_u64().unwrap(), mark["to"].as_u64().unwrap());
                    prop_assert!(from <= to && to as usize <= source.len().max(from as usize));
                }
            }
        }
    }

    #[test]
    fn the_longest_and_the_deepest_are_answered() {
        let sources = [
            "(".repeat(65_536),
            "!".repeat(65_536),
            "a+".repeat(32_768),
            "[".repeat(65_536),
            "\u{1f600}".repeat(16_384),
        ];
        for source in sources {
            assert!(!tried_on(&source, &json!({}))["diagnostics"].as_array().unwrap().is_empty());
        }
    }
}
