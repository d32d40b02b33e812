//! Chat services that are recognised by a webhook's address. The bodies they get are the webhook crate's business.

use tidings_http::SafeUrl;

/// The chat service behind an address.
pub(crate) fn service(url: &SafeUrl) -> Option<&'static str> {
    let host = url.name()?.trim_end_matches('.').to_ascii_lowercase();
    let path = url.url().path();
    let ends = |suffix: &str| host == suffix.trim_start_matches('.') || host.ends_with(suffix);
    match host.as_str() {
        "hooks.slack.com" | "hooks.slack-gov.com" => Some("Slack"),
        "discord.com" | "discordapp.com" | "ptb.discord.com" | "canary.discord.com" if path.starts_with("/api/") => {
            Some("Discord")
        }
        _ if ends(".webhook.office.com") || ends(".logic.azure.com") || ends(".powerplatform.com") => Some("Teams"),
        "outlook.office.com" if path.starts_with("/webhook") => Some("Teams"),
        _ => None,
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
        check("https://discord.com/invite", None);
        check("https://contoso.webhook.office.com/webhookb2/x", Some("Teams"));
        check("https://prod-1.westeurope.logic.azure.com:443/workflows/x", Some("Teams"));
        check("https://hooks.slack.com.evil.example/x", None);
        check("https://evilwebhook.office.com/x", None);
    }
}
