//! Addresses that say everything about a channel, in the forms that Apprise documents: `slack://T/B/X`, `mailto://user:password@host`. What
//! they say is what the keys of a channel would; whether that is good is decided where the keys are.

mod mail;
mod parts;
mod services;
#[cfg(test)]
mod tests;
mod web;

use std::{fmt, str::FromStr};

use secrecy::SecretString;

use parts::Parts;

/// A channel in one line. `Display` and `Debug` show its scheme and, where it is no secret, its host: `slack://***`.
#[derive(Clone)]
pub struct Address {
    scheme: &'static str,
    /// Host and port, where they are no secret.
    place: Option<String>,
    type_name: &'static str,
    pub(crate) keys: Vec<(&'static str, SecretString)>,
    pub(crate) headers: Vec<(String, SecretString)>,
}

/// The schemes, and what reads the rest. `Apprise` writes all of them so, but for `teams`.
const SCHEMES: [(&str, Form); 27] = [
    ("slack", services::slack),
    ("discord", services::discord),
    ("teams", services::teams),
    ("msteams", services::teams),
    ("workflow", services::teams),
    ("workflows", services::teams),
    ("mmost", web::mattermost),
    ("mmosts", web::mattermost),
    ("gchat", services::google_chat),
    ("tgram", services::telegram),
    ("pagerduty", services::pagerduty),
    ("opsgenie", services::opsgenie),
    ("ntfy", web::ntfy),
    ("ntfys", web::ntfy),
    ("gotify", web::gotify),
    ("gotifys", web::gotify),
    ("pover", services::pushover),
    ("mailto", mail::mail),
    ("mailtos", mail::mail),
    ("twilio", services::twilio),
    ("json", web::webhook),
    ("jsons", web::webhook),
    // So are these services called where keys are written.
    ("mattermost", web::mattermost),
    ("telegram", services::telegram),
    ("google_chat", services::google_chat),
    ("pushover", services::pushover),
    ("email", mail::mail),
];

/// Reads what stands behind the scheme.
type Form = fn(&mut Parts) -> Result<Described, AddressError>;

/// What an address comes to.
struct Described {
    type_name: &'static str,
    place: Option<String>,
    keys: Vec<(&'static str, SecretString)>,
    headers: Vec<(String, SecretString)>,
}

impl Described {
    fn new(type_name: &'static str) -> Self {
        Self { type_name, place: None, keys: Vec::new(), headers: Vec::new() }
    }

    fn key(mut self, key: &'static str, text: impl Into<String>) -> Self {
        self.keys.push((key, text.into().into()));
        self
    }

    fn maybe(self, key: &'static str, text: Option<String>) -> Self {
        match text {
            Some(text) => self.key(key, text),
            None => self,
        }
    }

    fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }
}

impl Address {
    /// The type of the channel, as `type:` would name it.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        self.type_name
    }

    /// The keys that stand for the same, without their values, which may be secret.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> {
        let headers = (!self.headers.is_empty()).then_some("headers");
        self.keys.iter().map(|(key, _)| *key).chain(headers)
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let mut parts = Parts::read(text)?;
        let Some((scheme, form)) = SCHEMES.into_iter().find(|(known, _)| *known == parts.scheme) else {
            return Err(unknown_scheme(&parts.scheme));
        };
        parts.check_verify()?;
        let Described { type_name, place, keys, headers } = form(&mut parts)?;
        parts.nothing_left()?;
        Ok(Self { scheme, place, type_name, keys, headers })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme)?;
        self.place.as_ref().map_or(Ok(()), |place| write!(f, "{place}/"))?;
        f.write_str("***")
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

fn unknown_scheme(scheme: &str) -> AddressError {
    let help = match scheme {
        "http" | "https" => {
            "name the service by `type:`, with this as its `url:`; as a webhook, json:// or jsons://".to_owned()
        }
        "smtp" | "smtps" => "mailto://user:password@host, or mailtos://".to_owned(),
        _ => {
            let known = SCHEMES.map(|(name, _)| name);
            crate::suggest::nearest(scheme, known)
                .map_or_else(|| crate::suggest::all_known(known), |near| format!("did you mean `{near}://`?"))
        }
    };
    AddressError::new(format!("no channel has addresses that begin with `{scheme}://`"), help)
}

/// Whether a text begins as an address does, and not as a plain URL or a server's.
pub(crate) fn has_other_scheme(text: &str) -> bool {
    parts::scheme(text).is_some_and(|(scheme, _)| !["http", "https", "nats", "tls"].contains(&scheme.as_str()))
}

/// Whether a text begins with a scheme that is known here.
pub(crate) fn has_known_scheme(text: &str) -> bool {
    parts::scheme(text).is_some_and(|(scheme, _)| SCHEMES.iter().any(|(known, _)| *known == scheme))
}

/// Why an address is refused, and what to do. Nothing of it is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressError {
    message: String,
    help: String,
}

impl AddressError {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do.
    #[must_use]
    pub fn help(&self) -> &str {
        &self.help
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.message, self.help)
    }
}

impl std::error::Error for AddressError {}
