//! What each service gets: a file each, with its limits. Slack, Discord, Teams and Google Chat are known by their address alone, so their
//! bodies stand in `render`.

mod gotify;
mod mattermost;
mod ntfy;
mod opsgenie;
mod pagerduty;
mod pushover;
mod telegram;
#[cfg(test)]
mod tests;

use secrecy::ExposeSecret;
use tidings_render::chat::Service;

use crate::{order::Order, subject::Subject, target::Target};

/// The order for this subject, to this receiver where the service has such.
pub(crate) fn order(target: &Target, subject: &Subject, receiver: &str) -> Order {
    let known = |service: Service| Order::of(service.body(subject.message.clone()));
    match target {
        Target::Slack { .. } => known(Service::Slack),
        Target::Discord { .. } => known(Service::Discord),
        Target::Teams { .. } => known(Service::Teams),
        Target::GoogleChat { .. } => known(Service::GoogleChat),
        Target::Mattermost { .. } => mattermost::order(subject),
        Target::Telegram { token, .. } => telegram::order(subject, token.expose_secret(), receiver),
        Target::PagerDuty { routing_key } => pagerduty::order(subject, routing_key.expose_secret()),
        Target::Opsgenie { api_key } => opsgenie::order(subject, api_key.expose_secret()),
        Target::Ntfy { token, .. } => ntfy::order(subject, token.as_ref().map(ExposeSecret::expose_secret), receiver),
        Target::Gotify { token, .. } => gotify::order(subject, token.expose_secret()),
        Target::Pushover { token, .. } => pushover::order(subject, token.expose_secret(), receiver),
    }
}
