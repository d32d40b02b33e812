//! `channels test`: one message over one channel, and what its receiver says. A daemon sends it; where none runs, one is there for the moment.

use anyhow::Context;
use serde_json::{Value, json};

use crate::{
    Exit,
    args::{Output, TestChannel},
    daemon::{Daemon, Passing, Question, segment},
    output, setup,
};

/// Sends it, and tells.
pub(super) async fn test(test: &TestChannel, output: &Output) -> anyhow::Result<Exit> {
    let Ok(plan) = setup::load(&test.config, output.json) else { return Ok(Exit::Usage) };
    let (path, body) = (path(test), body(test));
    let question = Question::post(&path, &body);
    let answer = match Daemon::of(&test.config, plan.as_ref())? {
        Some(daemon) => daemon.ask(question).await?,
        None => {
            let passing = Passing::start(plan).await?;
            let answer = passing.ask(question).await;
            passing.end().await;
            answer?
        }
    };
    tell(test, &answer, output)
}

fn path(test: &TestChannel) -> String {
    format!("/v1/channels/{}/test", segment(&test.name))
}

fn body(test: &TestChannel) -> Value {
    test.user.as_ref().map_or_else(|| json!({}), |user| json!({"user": user}))
}

fn tell(test: &TestChannel, answer: &Value, output: &Output) -> anyhow::Result<Exit> {
    let text = |key: &str| answer.get(key).and_then(Value::as_str);
    let outcome = text("outcome").context("the daemon's answer tells no outcome")?;
    if output.json {
        output::json(answer);
    } else {
        let took = answer.get("took_ms").and_then(Value::as_f64);
        let took = took.map(|took| format!(" in {took:.0} ms")).unwrap_or_default();
        let code = answer.get("code").and_then(Value::as_u64).map(|code| format!(" {code}")).unwrap_or_default();
        let why = text("text").map(|text| format!(": {text}")).unwrap_or_default();
        output::line(output::plain(&format!("{} {outcome}{took}{code}{why}", test.name)));
    }
    Ok(if outcome == "delivered" { Exit::Done } else { Exit::Failed })
}
