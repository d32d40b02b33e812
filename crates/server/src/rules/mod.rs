//! The rules, and the lab in which one is tried: on one event, and on what was stored. What a condition means is the trigger's knowledge, what
//! would have been told the engine's.

mod backtest;
mod candidate;
mod past;
mod sample;
mod trial;

use axum::{Json, extract::State};
use serde_json::{Value, json};
use tidings::{
    Account,
    config::{Audience, Recipient, RulePlan},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, caller::Caller, problem::Refusal};

pub(crate) use backtest::Turn;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(trial::run))
        .routes(routes!(sample::get))
        .routes(routes!(backtest::run))
}

/// The rules as they run, each with its account.
#[utoipa::path(get, path = "/v1/rules", tag = "rules",
    responses((status = 200, description = "`{\"rules\": [{name, agent, condition, channels, priority, cooldown, topic, mandatory, users, title, body, dedup_key, account}]}`")))]
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Refusal> {
    caller.operator()?;
    let account = app.notifier().account().await;
    let plan = app.plan();
    let rules: Vec<_> = plan.rules.iter().map(|rule| told(rule, &account)).collect();
    Ok(Json(json!({"rules": rules})))
}

fn told(rule: &RulePlan, account: &Account) -> Value {
    let users = match &rule.audience {
        Audience::Everyone => json!("all"),
        Audience::Only(named) => named.iter().map(recipient).collect(),
    };
    json!({
        "name": rule.name,
        "agent": rule.agent.to_string(),
        "condition": rule.condition.source(),
        "channels": rule.channels,
        "priority": rule.priority,
        "cooldown": rule.cooldown.as_secs_f64(),
        "topic": rule.topic.as_deref().unwrap_or(&rule.name),
        "mandatory": rule.mandatory,
        "users": users,
        "title": rule.title.as_ref().map(|template| template.source()),
        "body": rule.body.as_ref().map(|template| template.source()),
        "dedup_key": rule.dedup_key.as_ref().map(|template| template.source()),
        "account": account.rules.get(&rule.name),
    })
}

fn recipient(named: &Recipient) -> Value {
    match named {
        Recipient::User(id) => json!(id),
        Recipient::OfEvent => json!("$event"),
    }
}
