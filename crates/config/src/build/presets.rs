//! Chat services that are recognised by a webhook's address. The bodies they get are the webhook crate's business.

use tidings_http::SafeUrl;

/// The domains below which Teams takes messages.
const TEAMS: [&str; 4] = ["webhook.office.com", "logic.azure.com", "powerplatform.com", "powerautomate.com"];

/// The chat service behind an address.
pub(crate) fn service(url: &SafeUrl) -> Option<&'static str> {
    let host = url.name()?.trim_end_matches('.').to_ascii_lowercase();
    let path = url.url().path();
    let below = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.') && rest.len() > 1);
    match host.as_str() {
        "hooks.slack.com" | "hooks.slack-gov.com" if path.starts_with("/services/") => Some("Slack"),
        "discord.com" | "discordapp.com" | "ptb.discord.com" | "canary.discord.com" => discord(path),
        "outlook.office.com" if path.starts_with("/webhook/") => Some("Teams"),
        _ if TEAMS.into_iter().any(below) => Some("Teams"),
        _ => None,
    }
}

/// Discord reads other services' forms too, behind its own address.
fn discord(path: &str) -> Option<&'static str> {
    let path = path.trim_end_matches('/');
    let rest = path.strip_prefix("/api/")?;
    let versioned = rest.strip_prefix('v').map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    let webhook = rest.starts_with("webhooks/") || versioned.is_some_and(|rest| rest.starts_with("/webhooks/"));
    match path.rsplit('/').next() {
        Some("slack") if webhook => Some("Slack"),
        Some("github") => None,
        _ => webhook.then_some("Discord"),
    }
}

#[cfg(test)]
mod tests {
    use tidings_http::Policy;

    use super::*;

    #[test]
    fn services_are_known_by_their_hosts() {
        let check = |url: &str, expected: Option<&str>| {
            assert_eq!(service(&SafeUrl::parse(url, &Policy::default()).unwrap()), expected, "{url}");
        };
        check("https://hooks.slack.com/services/T0/B0/x", Some("Slack"));
        check("https://HOOKS.slack.com./services/T0/B0/x", Some("Slack"));
        check("https://discord.com/api/webhooks/1/x", Some("Discord"));
        check("https://discordapp.com/api/v10/webhooks/1/x?wait=true", Some("Discord"));
        check("https://discord.com/api/webhooks/1/x/slack", Some("Slack"));
        check("https://discord.com/api/webhooks/1/x/github", None);
        check("https://discord.com/invite", None);
        check("https://discord.com/api/users", None);
        check("https://contoso.webhook.office.com/webhookb2/x", Some("Teams"));
        check("https://prod-1.westeurope.logic.azure.com:443/workflows/x", Some("Teams"));
        check("https://hooks.slack.com.evil.example/x", None);
        check("https://evilwebhook.office.com/x", None);
    }
}
