//! Mail: the sender, and the server or the folder it leaves by.

use std::path::PathBuf;

use crate::{
    build::{Site, keys, people, secrets, secrets::SecretKey, templates},
    host,
    plan::{EmailPlan, EmailTransport, SmtpPlan, SmtpTls},
    problem::{Findings, Spot},
    raw::Channel,
    read::{At, value},
};

/// The keys that only a server needs.
const OF_SERVER: [&str; 5] = ["smtp_port", "tls", "username", "password", "password_file"];
/// The port on which every connection is secured from its first byte.
const IMPLICIT_PORT: u16 = 465;

/// Mail; `None` where something of it is wrong or could not be read.
pub(crate) fn build(channel: &Channel, spot: &Spot, site: &Site<'_>, findings: &mut Findings<'_>) -> Option<EmailPlan> {
    let from = sender(channel, spot, findings);
    let template = templates::of_webhook(&channel.template, findings);
    let transport = match (&channel.smtp_host, &channel.folder) {
        (Some(_), Some(folder)) => {
            findings.error(&folder.spot.at_key(), "`smtp_host` and `folder` are both given").help("keep one of them");
            None
        }
        (Some(host), None) => server(host, channel, from.as_deref(), site, findings).map(EmailTransport::Smtp),
        (None, Some(_)) => folder(channel, findings).map(EmailTransport::Folder),
        (None, None) => {
            let help = "give the mail server, or a folder that gets the messages as files";
            findings.error(&spot.at_key(), "`smtp_host` and `folder` are missing").help(help);
            None
        }
    };
    let redact_sensitive = value(&channel.redact_sensitive).copied().unwrap_or(true);
    Some(EmailPlan { transport: transport?, from: from?, template, redact_sensitive })
}

fn sender(channel: &Channel, spot: &Spot, findings: &mut Findings<'_>) -> Option<String> {
    let help = "give the sender: name@example.com, or Name <name@example.com>";
    let from = keys::needed(&channel.from, "from", help, spot, findings)?;
    if people::is_mail(address_of(&from)) {
        return Some(from);
    }
    let spot = channel.from.as_ref().map_or(spot, |at| &at.spot);
    findings.error(spot, "not a sender: expected name@example.com, or Name <name@example.com>");
    None
}

/// The address of `Name <address>`, or of an address alone.
fn address_of(from: &str) -> &str {
    from.strip_suffix('>').and_then(|from| from.rsplit_once('<')).map_or(from, |(_, address)| address)
}

fn folder(channel: &Channel, findings: &mut Findings<'_>) -> Option<PathBuf> {
    let of_server = channel.given().into_iter().filter(|(key, _)| OF_SERVER.contains(key));
    for (key, spot) in of_server {
        findings
            .error(&spot.at_key(), format!("`{key}` is a mail server's, and `folder` needs none"))
            .help("take it away");
    }
    keys::text(&channel.folder, findings)?.map(PathBuf::from)
}

fn server(
    host: &At<String>,
    channel: &Channel,
    from: Option<&str>,
    site: &Site<'_>,
    findings: &mut Findings<'_>,
) -> Option<SmtpPlan> {
    let name = checked_host(host, findings);
    let port = keys::port(&channel.smtp_port, findings);
    let words = [("starttls", SmtpTls::StartTls), ("implicit", SmtpTls::Implicit), ("none", SmtpTls::None)];
    let tls = keys::word(&channel.tls, &words, findings);
    let username = keys::text(&channel.username, findings);
    let password = SecretKey { name: "password", inline: &channel.password, file: Some(&channel.password_file) };
    let secret = secrets::optional(&password, site, findings);
    if let (Some(user), false) = (&channel.username, password.is_given()) {
        findings.error(&user.spot.at_key(), "`password` is missing").help("a user at a mail server has one");
    }
    let (host, port, tls) = (name?, port?, tls?.unwrap_or_default());
    warn_port(port, tls, channel, findings);
    if tls == SmtpTls::None && password.is_given() && !host::is_loopback(&host) {
        let spot = channel.tls.as_ref().map(|at| &at.spot);
        let message = "the password would cross the network in the clear";
        findings.error(spot?, message).help("`tls: starttls` or `tls: implicit`");
    }
    let (username, password) = (username?, secret?);
    let by_default = password.as_ref().and(from).map(|from| address_of(from).to_owned());
    Some(SmtpPlan { host, port, tls, username: username.or(by_default), password })
}

/// The name alone: what is often written with it has keys of its own.
fn checked_host(at: &At<String>, findings: &mut Findings<'_>) -> Option<String> {
    let text = at.value.as_deref()?;
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    if host::is_host(bare) {
        return Some(bare.to_owned());
    }
    let help = match host::host_and_port(text) {
        Some(_) => "put the port into `smtp_port`",
        None if text.contains("://") => "leave `smtp://` away; port and security stand in `smtp_port` and `tls`",
        None if text.contains('@') => "the user stands in `username`",
        None => "as smtp.example.com",
    };
    findings.error(&at.spot, "not a host: expected its name or address alone").help(help);
    None
}

/// Warns of the port that does not go with the way the connection is secured: it would hang until the deadline.
fn warn_port(port: Option<u16>, tls: SmtpTls, channel: &Channel, findings: &mut Findings<'_>) {
    let Some(at) = channel.smtp_port.as_ref().filter(|_| port == Some(IMPLICIT_PORT) && tls == SmtpTls::StartTls)
    else {
        return;
    };
    findings.warn(&at.spot, "on port 465 connections are secured from the first byte").help("add `tls: implicit`");
}
