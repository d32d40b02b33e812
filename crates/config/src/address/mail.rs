//! Mail: `mailto://user:password@host[:port][/receiver]?from=&name=&to=&smtp=&mode=`. Connections are secured in either scheme unless
//! `mode=insecure` says otherwise.

use super::{
    AddressError, Described,
    parts::{self, Parts},
};

const FORM: &str = "mailtos://user:password@host?from=name@example.com";

/// The mail servers of those who are known by the domain of their addresses.
const PROVIDERS: [(&str, &str); 14] = [
    ("gmail.com", "smtp.gmail.com"),
    ("googlemail.com", "smtp.gmail.com"),
    ("yahoo.com", "smtp.mail.yahoo.com"),
    ("hotmail.com", "smtp-mail.outlook.com"),
    ("outlook.com", "smtp-mail.outlook.com"),
    ("live.com", "smtp-mail.outlook.com"),
    ("fastmail.com", "smtp.fastmail.com"),
    ("fastmail.fm", "smtp.fastmail.com"),
    ("zoho.com", "smtp.zoho.com"),
    ("yandex.com", "smtp.yandex.com"),
    ("icloud.com", "smtp.mail.me.com"),
    ("me.com", "smtp.mail.me.com"),
    ("gmx.net", "mail.gmx.net"),
    ("sendgrid.com", "smtp.sendgrid.net"),
];

/// A mail server, as the user of it.
pub(super) fn mail(parts: &mut Parts) -> Result<Described, AddressError> {
    let (domain, own_port) = parts.server()?;
    let user = parts.take("user").or_else(|| parts.user.clone());
    let password = parts.take("pass").or_else(|| parts.password.clone());
    let provider =
        PROVIDERS.into_iter().find(|(known, _)| domain.eq_ignore_ascii_case(known)).map(|(_, server)| server);
    let (host, port) = match (parts.take("smtp"), provider) {
        (Some(server), _) => {
            let (host, port) = parts::server(&server, &parts.scheme)?;
            (host, port.or(own_port))
        }
        (None, Some(server)) => (server.to_owned(), own_port),
        (None, None) => (domain.clone(), own_port),
    };
    let tls = mode(parts)?;
    let from = sender(user.as_deref(), &domain, parts)?;
    let to = receiver(parts)?;
    // Those who are known by their domain know their users by the whole address.
    let whole =
        |user: String| if provider.is_some() && !user.contains('@') { format!("{user}@{domain}") } else { user };
    let place = port.map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
    let described = Described::new("email").key("smtp_host", host).key("tls", tls).key("from", from);
    let described = described.maybe("smtp_port", port.map(|port| port.to_string())).maybe("to", to);
    let username = password.as_ref().and(user).map(whole);
    Ok(described.maybe("username", username).maybe("password", password).at(place))
}

fn mode(parts: &mut Parts) -> Result<&'static str, AddressError> {
    match parts.take("mode").as_deref().map(str::to_ascii_lowercase).as_deref() {
        None | Some("starttls") => Ok("starttls"),
        Some("ssl") => Ok("implicit"),
        Some("insecure") => Ok("none"),
        Some(_) => Err(AddressError::new("the mode is not known", "`mode=starttls`, `mode=ssl` or `mode=insecure`")),
    }
}

/// The sender: given whole, given by name, or the user itself.
fn sender(user: Option<&str>, domain: &str, parts: &mut Parts) -> Result<String, AddressError> {
    let own = user.map(|user| if user.contains('@') { user.to_owned() } else { format!("{user}@{domain}") });
    let (from, name) = (parts.take("from"), parts.take("name"));
    let (address, name) = match from {
        Some(from) if from.contains('@') => (from, name),
        Some(label) => (own.ok_or_else(|| parts.wrong(FORM))?, name.or(Some(label))),
        None => (own.ok_or_else(|| parts.wrong(FORM))?, name),
    };
    Ok(match name.filter(|_| !address.ends_with('>')) {
        Some(name) => format!("{} <{address}>", name.replace(['<', '>'], "")),
        None => address,
    })
}

fn receiver(parts: &mut Parts) -> Result<Option<String>, AddressError> {
    let to = parts.take("to");
    let one = match (parts.receiver(FORM)?, to) {
        (Some(_), Some(_)) => return Err(several()),
        (one, other) => one.or(other),
    };
    if one.as_ref().is_some_and(|to| to.contains(',')) { Err(several()) } else { Ok(one) }
}

fn several() -> AddressError {
    let help = "name each under `users`; `to` is for those without an address";
    AddressError::new("the address names more than one receiver", help)
}
