//! `/v1/now`: what there is to see at a glance, and what needs a person. All of it is at hand: no look at it reads through the log.

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::{Value, json};
use tidings::{ChannelAccount, EndpointHealth, Health, Timestamp, store::Disabled};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, caller::Caller, problem::Refusal, tail::Need};

/// How many needs and how many agents are told.
const MOST: usize = 50;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(now))
}

/// Everything at a glance: the accounts, the last hour, what needs a person, how channels stand, the busiest agents. For operators.
#[utoipa::path(get, path = "/v1/now", tag = "health",
    responses((status = 200, description = "What stands at this moment.")))]
async fn now(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Refusal> {
    caller.operator()?;
    let (now, notifier) = (app.now(), app.notifier());
    app.tail().look(now);
    app.tail().glance(&app).await.map_err(|error| Refusal::store(&error))?;
    let scene = Scene {
        now,
        health: notifier.health(now),
        disabled: notifier.store().disabled().await.map_err(|error| Refusal::store(&error))?,
        channels: notifier.channel_accounts().await,
    };
    let (last_hour, agents) = {
        let tally = app.tail().tally();
        (tally.last_hour(now), tally.agents(now, MOST))
    };
    Ok(Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "started": app.started(),
        "now": now,
        "durable": notifier.is_durable(),
        "stopping": app.is_stopping(),
        "account": notifier.account().await,
        "last_hour": last_hour,
        "needs": scene.needs(&app),
        "channels": scene.channels(&app),
        "agents": agents,
    })))
}

/// How one channel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    /// What goes there arrives.
    Good,
    /// The last try failed.
    Failing,
    /// So much failed that it is only probed.
    Open,
    /// Its receiver said that it is gone for good.
    Disabled,
    /// Nothing went there.
    Idle,
}

#[derive(Debug, Serialize)]
struct ChannelTold {
    name: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    health: Standing,
    waiting: u64,
    delivered: u64,
    dead: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
}

/// What stands at one moment.
struct Scene {
    now: Timestamp,
    health: Vec<EndpointHealth>,
    disabled: Vec<Disabled>,
    channels: indexmap::IndexMap<String, ChannelAccount>,
}

impl Scene {
    fn is_open(&self, name: &str) -> bool {
        self.health.iter().any(|endpoint| endpoint.name == name && endpoint.health == Health::Down)
    }

    fn channels(&self, app: &App) -> Vec<ChannelTold> {
        let plan = app.plan();
        let told = self.channels.iter().map(|(name, account)| {
            let last_error = app.tail().tally().last_error(name).map(str::to_owned);
            ChannelTold {
                name: name.clone(),
                kind: plan.channels.get(name).map(|channel| channel.type_name.clone()),
                health: self.standing(name, account, last_error.is_some()),
                waiting: account.waiting,
                delivered: account.delivered,
                dead: account.dead,
                last_error,
            }
        });
        told.collect()
    }

    fn standing(&self, name: &str, account: &ChannelAccount, fails: bool) -> Standing {
        let gone = self.disabled.iter().any(|gone| gone.endpoint == name && gone.address.is_none());
        match account {
            _ if gone => Standing::Disabled,
            _ if self.is_open(name) => Standing::Open,
            _ if fails => Standing::Failing,
            ChannelAccount { delivered: 0, dead: 0, expired: 0, waiting: 0, .. } => Standing::Idle,
            _ => Standing::Good,
        }
    }

    /// What needs somebody, the newest first.
    fn needs(&self, app: &App) -> Vec<Need> {
        let mut needs = app.tail().tally().needs(self.now);
        needs.extend(self.disabled.iter().map(disabled));
        needs.extend(self.health.iter().filter_map(|endpoint| self.open(app, endpoint)));
        needs.extend(self.channels.iter().filter_map(|(name, account)| self.backlog(app, name, account.waiting)));
        needs.sort_by_key(|need| std::cmp::Reverse(need.at));
        needs.truncate(MOST);
        needs
    }

    fn open(&self, app: &App, endpoint: &EndpointHealth) -> Option<Need> {
        let name = &endpoint.name;
        let at = app.tail().open_since(name, endpoint.health == Health::Down, self.now)?;
        let text = format!("{name} does not answer: it is only probed until it does");
        Some(Need { kind: "breaker", text, at, id: None, endpoint: Some(name.clone()) })
    }

    fn backlog(&self, app: &App, name: &str, waiting: u64) -> Option<Need> {
        let grows = app.tail().grows(name, waiting, self.now);
        let text = format!("{waiting} deliveries wait for {name}, and they become more");
        grows.then(|| Need { kind: "backlog", text, at: self.now, id: None, endpoint: Some(name.to_owned()) })
    }
}

/// Whose address it is says the log; the address is nobody's business.
fn disabled(gone: &Disabled) -> Need {
    let what = if gone.address.is_some() { "an address of " } else { "" };
    let text = format!("{what}{} is gone for good, says its receiver: nothing is sent there", gone.endpoint);
    Need { kind: "disabled", text, at: gone.since, id: None, endpoint: Some(gone.endpoint.clone()) }
}
