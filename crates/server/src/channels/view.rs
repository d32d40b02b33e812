//! How a sink or channel stands, put together from what the configuration, the notifier, the store and the log know of it.

use std::collections::HashMap;

use serde_json::{Value, json};
use tidings::{
    EndpointHealth,
    config::{BusPlan, ChannelKind, Plan, SinkKind},
    store::{Entry, LogFilter, Page, Step, StoreError},
};

use super::{disabled::Gone, trial::clean};
use crate::app::App;

/// What is known of one of them.
struct Facts<'a> {
    name: &'a str,
    type_name: &'a str,
    kind: &'static str,
    address: Option<String>,
    health: Option<&'a EndpointHealth>,
    disabled: Vec<Value>,
    whole_is_disabled: bool,
    counts: [u64; 3],
    last: Option<Entry>,
    fallbacks: Value,
}

/// The names of sinks and channels. One name may be both.
pub(super) fn names(plan: &Plan) -> impl Iterator<Item = &str> {
    plan.sinks.iter().map(|sink| sink.name.as_str()).chain(plan.channels.keys().map(String::as_str))
}

/// All of them: sinks first, in the order of the configuration.
pub(super) async fn all(app: &App) -> Result<Vec<Value>, StoreError> {
    let plan = app.plan();
    let notifier = app.notifier();
    let (account, channels) = (notifier.account().await, notifier.channel_accounts().await);
    let gone = Gone::all(notifier.store().as_ref()).await?;
    let standing = notifier.health(app.now());
    let health: HashMap<_, _> =
        standing.iter().map(|health| ((health.name.as_str(), health.is_sink), health)).collect();
    let mut told = Vec::new();
    let sinks = plan.sinks.iter().map(|sink| (sink.name.as_str(), sink_type(&sink.kind), "sink"));
    let users = plan.channels.iter().map(|(name, channel)| (name.as_str(), channel.type_name.as_str(), "channel"));
    for (name, type_name, kind) in sinks.chain(users) {
        let counts = match kind {
            "sink" => account.sinks.get(name).map(|sink| [sink.waiting, sink.delivered, sink.dead]),
            _ => channels.get(name).map(|channel| [channel.waiting, channel.delivered, channel.dead]),
        };
        let own = || gone.iter().filter(|gone| gone.row.endpoint == name);
        let facts = Facts {
            name,
            type_name,
            kind,
            address: address(&plan, name, kind),
            health: health.get(&(name, kind == "sink")).copied(),
            disabled: own().map(Gone::to_json).collect(),
            whole_is_disabled: own().any(|gone| gone.row.address.is_none()),
            counts: counts.unwrap_or_default(),
            last: last(app, name).await?,
            fallbacks: json!(plan.fallbacks.get(name).map_or(&[][..], Vec::as_slice)),
        };
        told.push(facts.to_json());
    }
    Ok(told)
}

/// The last attempt at it: what it came to says whether the last error is over.
async fn last(app: &App, name: &str) -> Result<Option<Entry>, StoreError> {
    let filter = LogFilter {
        steps: vec![Step::Retry, Step::Dead, Step::Delivered, Step::Expired],
        endpoint: Some(name.to_owned()),
        ..LogFilter::default()
    };
    Ok(app.notifier().store().log_query(&filter, Page::Before { number: None, limit: 1 }).await?.pop())
}

impl Facts<'_> {
    fn to_json(&self) -> Value {
        let [waiting, delivered, dead] = self.counts;
        json!({
            "name": self.name, "type": self.type_name, "kind": self.kind, "address": self.address,
            "health": self.word(), "breaker": self.breaker(), "since": self.health.and_then(|health| health.since),
            "waiting": waiting, "delivered": delivered, "dead": dead,
            "disabled": self.disabled, "last_error": self.last_error(), "fallbacks": self.fallbacks,
        })
    }

    fn word(&self) -> &'static str {
        match self.last.as_ref().map(|entry| entry.step) {
            _ if self.whole_is_disabled => "disabled",
            _ if self.breaker() != "closed" => "open",
            None => "idle",
            Some(Step::Delivered) => "good",
            Some(_) => "failing",
        }
    }

    fn breaker(&self) -> &'static str {
        use tidings::Gate;
        match self.health.map(|health| health.gate) {
            None | Some(Gate::Closed) => "closed",
            Some(Gate::Probe) => "half_open",
            Some(Gate::Open { .. }) => "open",
        }
    }

    /// What went wrong last, unless something has arrived since.
    fn last_error(&self) -> Option<Value> {
        let last = self.last.as_ref().filter(|entry| entry.step != Step::Delivered)?;
        let text = last.detail.get("text").and_then(Value::as_str).map(clean);
        Some(json!({"at": last.at, "kind": last.detail.get("kind"), "code": last.detail.get("code"), "text": text}))
    }
}

const fn sink_type(kind: &SinkKind) -> &'static str {
    match kind {
        SinkKind::Webhook(_) => "webhook",
        SinkKind::Log(_) => "log",
        SinkKind::Bus(BusPlan { nats: None, .. }) => "bus",
        SinkKind::Bus(_) => "nats",
        _ => "other",
    }
}

/// Where it goes, without what only its owner should know: of a web address the host, of any other the ends.
fn address(plan: &Plan, name: &str, kind: &str) -> Option<String> {
    if kind == "sink" {
        let sink = plan.sinks.iter().find(|sink| sink.name == name)?;
        return if let SinkKind::Webhook(webhook) = &sink.kind { Some(host(webhook.url.url())) } else { None };
    }
    let channel = plan.channels.get(name)?;
    let own = channel.to.as_ref().map(ToString::to_string);
    own.or_else(|| if let ChannelKind::Webhook(webhook) = &channel.kind { Some(host(webhook.url.url())) } else { None })
}

fn host(url: &url::Url) -> String {
    format!("{}://{}/…", url.scheme(), url.host_str().unwrap_or_default())
}
