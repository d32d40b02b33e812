//! Chat services, and which of them are known by the address of their incoming webhooks. The bodies that they take stand beside.

use url::Url;

/// The domains below which Teams takes messages: connectors and workflows.
const TEAMS: [&str; 4] = ["webhook.office.com", "logic.azure.com", "powerplatform.com", "powerautomate.com"];

/// A chat service, by the form of message that the address reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Service {
    /// Slack's incoming webhooks; workflow triggers take variables of their own and are none.
    Slack,
    /// Discord's webhooks.
    Discord,
    /// Microsoft Teams.
    Teams,
    /// Google Chat's incoming webhooks.
    GoogleChat,
}

impl Service {
    /// The service of this address; `None` for a receiver that takes plain JSON.
    #[must_use]
    pub fn for_url(url: &Url) -> Option<Self> {
        let host = url.domain()?.trim_end_matches('.').to_ascii_lowercase();
        let path = url.path();
        let below = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'));
        match host.as_str() {
            "hooks.slack.com" | "hooks.slack-gov.com" => path.starts_with("/services/").then_some(Self::Slack),
            "discord.com" | "discordapp.com" | "ptb.discord.com" | "canary.discord.com" => discord(path),
            "chat.googleapis.com" => google_chat(path).then_some(Self::GoogleChat),
            "outlook.office.com" => path.starts_with("/webhook/").then_some(Self::Teams),
            _ => TEAMS.into_iter().any(below).then_some(Self::Teams),
        }
    }

    /// The service's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slack => "Slack",
            Self::Discord => "Discord",
            Self::Teams => "Teams",
            Self::GoogleChat => "Google Chat",
        }
    }
}

/// `/v1/spaces/SPACE/messages`: what else stands below that host is no webhook.
fn google_chat(path: &str) -> bool {
    path.starts_with("/v1/spaces/") && path.trim_end_matches('/').ends_with("/messages")
}

/// Both paths of Discord's API. Behind a webhook's own, `/slack` reads Slack's form and `/github` GitHub's events.
fn discord(path: &str) -> Option<Service> {
    let path = path.trim_end_matches('/');
    let rest = path.strip_prefix("/api/")?;
    let versioned = rest.strip_prefix('v').map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    if !rest.starts_with("webhooks/") && !versioned.is_some_and(|rest| rest.starts_with("/webhooks/")) {
        return None;
    }
    match path.rsplit('/').next() {
        Some("slack") => Some(Service::Slack),
        Some("github") => None,
        _ => Some(Service::Discord),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_known_by_host_and_path() {
        let check = |url: &str, expected| assert_eq!(Service::for_url(&Url::parse(url).unwrap()), expected, "{url}");
        check("https://hooks.slack.com/services/T0/B0/x", Some(Service::Slack));
        check("https://HOOKS.slack.com./services/T0/B0/x", Some(Service::Slack));
        check("https://hooks.slack-gov.com/services/T0/B0/x", Some(Service::Slack));
        check("https://discord.com/api/webhooks/1/x", Some(Service::Discord));
        check("https://discordapp.com/api/v10/webhooks/1/x?wait=true", Some(Service::Discord));
        check("https://discord.com/api/webhooks/1/x/slack", Some(Service::Slack));
        check("https://contoso.webhook.office.com/webhookb2/x", Some(Service::Teams));
        check("https://outlook.office.com/webhook/x", Some(Service::Teams));
        check("https://prod-1.westeurope.logic.azure.com:443/workflows/x", Some(Service::Teams));
        check("https://x.api.powerplatform.com/powerautomate/x", Some(Service::Teams));
        check("https://chat.googleapis.com/v1/spaces/A/messages?key=x&token=y", Some(Service::GoogleChat));
        for other in [
            "https://chat.googleapis.com/v1/spaces",
            "https://chat.googleapis.com/discovery",
            "https://hooks.slack.com/triggers/x",
            "https://discord.com/api/webhooks/1/x/github",
            "https://discord.com/invite/slack",
            "https://discord.com/api/users",
            "https://evilhooks.slack.com/services/x",
            "https://hooks.slack.com.evil.example/services/x",
            "https://evilwebhook.office.com/x",
            "https://logic.azure.com/",
            "https://a.example/services/",
            "http://93.184.216.34/",
        ] {
            check(other, None);
        }
    }
}
