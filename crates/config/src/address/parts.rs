//! An address taken apart: scheme, user, password, host, path, parameters, each decoded once. What they mean is left to the forms. What is
//! not taken by then is told, so that nothing is lost silently.

use super::AddressError;
use crate::{host::host_and_port, percent};

/// The longest address in bytes.
const LIMIT: usize = 8192;
/// The longest scheme, and the longest name of a parameter that is told.
const SHOWN: usize = 20;

/// An address taken apart.
pub(super) struct Parts {
    pub(super) scheme: String,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    /// Host and port, or whatever stands in their place.
    pub(super) authority: String,
    /// What stands between slashes, without what is empty.
    pub(super) path: Vec<String>,
    /// The path as it was written.
    pub(super) raw_path: String,
    parameters: Vec<(String, String)>,
}

/// The scheme in small letters, and what stands behind it.
pub(super) fn scheme(text: &str) -> Option<(String, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+.".contains(&byte);
    let good = (1..=SHOWN).contains(&scheme.len()) && scheme.bytes().all(plain);
    good.then(|| (scheme.to_ascii_lowercase(), rest))
}

impl Parts {
    pub(super) fn read(text: &str) -> Result<Self, AddressError> {
        if text.len() > LIMIT {
            return Err(AddressError::new(format!("the address is longer than {LIMIT} bytes"), "shorten it"));
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            let help = "write %20 for a blank, or take it away";
            return Err(AddressError::new("the address holds a blank or a control character", help));
        }
        let Some((scheme, rest)) = scheme(text) else {
            return Err(AddressError::new("not an address", "as slack://T/B/X: a scheme, and what belongs to it"));
        };
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (place, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, authority) = place.rsplit_once('@').map_or((None, place), |(login, rest)| (Some(login), rest));
        let (user, password) = match login.map(|login| login.split_once(':').unwrap_or((login, ""))) {
            Some((user, password)) => (given(user)?, given(password)?),
            None => (None, None),
        };
        let segments = path.split('/').filter(|segment| !segment.is_empty());
        Ok(Self {
            scheme,
            user,
            password,
            authority: decoded(authority)?,
            path: segments.map(decoded).collect::<Result<_, _>>()?,
            raw_path: path.to_owned(),
            parameters: parameters(query)?,
        })
    }

    /// Refuses to talk to whoever pretends to be the server.
    pub(super) fn check_verify(&mut self) -> Result<(), AddressError> {
        match self.take("verify").as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("yes" | "true" | "on" | "1") => Ok(()),
            Some(_) => Err(AddressError::new(
                "`verify` cannot be switched off: whoever pretends to be the server would get every message",
                "take it away; for a private certificate authority, add its certificate to those that this machine trusts",
            )),
        }
    }

    /// A parameter, which then counts as read. One that holds nothing counts as left out.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let index = self.parameters.iter().position(|(given, _)| given == name)?;
        let (_, value) = self.parameters.swap_remove(index);
        (!value.is_empty()).then_some(value)
    }

    /// The parameters whose names begin so, which then count as read.
    pub(super) fn take_all(&mut self, start: char) -> Vec<(String, String)> {
        let (taken, left) =
            std::mem::take(&mut self.parameters).into_iter().partition(|(name, _)| name.starts_with(start));
        self.parameters = left;
        taken
    }

    /// Tells the first parameter that nobody took.
    pub(super) fn nothing_left(&self) -> Result<(), AddressError> {
        let Some((name, _)) = self.parameters.first() else { return Ok(()) };
        // What is no word may be a secret that lost its name.
        let word = name.len() <= SHOWN && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let shown = if word { format!("`{name}`") } else { "of this name".to_owned() };
        let message = format!("an address of {} takes no parameter {shown}", self.scheme);
        Err(AddressError::new(message, "take it away, or write the channel with keys"))
    }

    /// Host and port, checked; the host of an IPv6 address in brackets.
    pub(super) fn server(&self) -> Result<(String, Option<u16>), AddressError> {
        server(&self.authority, &self.scheme)
    }

    /// Host and port in one, checked.
    pub(super) fn place(&self) -> Result<String, AddressError> {
        let (host, port) = self.server()?;
        Ok(port.map_or(host.clone(), |port| format!("{host}:{port}")))
    }

    /// Everything between slashes, the host's place too, when there are exactly so many.
    pub(super) fn exactly<const COUNT: usize>(&self, form: &str) -> Result<[String; COUNT], AddressError> {
        let all = std::iter::once(&self.authority).chain(&self.path).cloned();
        let all: Vec<String> = all.filter(|part| !part.is_empty()).collect();
        all.try_into().map_err(|_| self.wrong(form))
    }

    /// No path, since the form has none.
    pub(super) fn no_path(&self, form: &str) -> Result<(), AddressError> {
        if self.path.is_empty() { Ok(()) } else { Err(self.wrong(form)) }
    }

    /// At most one receiver in the path.
    pub(super) fn receiver(&self, form: &str) -> Result<Option<String>, AddressError> {
        match self.path.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one.clone())),
            _ => {
                let message = format!("an address of {} has one receiver here", self.scheme);
                Err(AddressError::new(message, format!("{form}; write a channel for each")))
            }
        }
    }

    /// Neither user nor password, since the form has none.
    pub(super) fn no_login(&self, form: &str) -> Result<(), AddressError> {
        if self.user.is_none() && self.password.is_none() { Ok(()) } else { Err(self.wrong(form)) }
    }

    /// That the address has another form than its scheme's.
    pub(super) fn wrong(&self, form: &str) -> AddressError {
        AddressError::new(format!("not an address of {}", self.scheme), format!("expected {form}"))
    }

    /// `https` where the scheme ends in `s` for it, else `http`.
    pub(super) fn web_scheme(&self) -> &'static str {
        if self.scheme.ends_with('s') { "https" } else { "http" }
    }
}

/// Host and port, checked; the host of an IPv6 address in brackets.
pub(super) fn server(text: &str, scheme: &str) -> Result<(String, Option<u16>), AddressError> {
    let Some((host, port)) = host_and_port(text) else {
        let message = format!("the address of {scheme} has no good host and port");
        return Err(AddressError::new(message, "as host or host:port; in a password write %40 for @ and %2F for /"));
    };
    Ok((if host.contains(':') { format!("[{host}]") } else { host.to_owned() }, port))
}

fn parameters(query: &str) -> Result<Vec<(String, String)>, AddressError> {
    let mut read: Vec<(String, String)> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        // The names of headers keep their case.
        let name = decoded(name)?;
        let name = if name.starts_with('+') { name } else { name.to_ascii_lowercase() };
        if read.iter().any(|(given, _)| *given == name) {
            return Err(AddressError::new("the address has a parameter twice", "keep one of them"));
        }
        if read.len() >= 64 {
            return Err(AddressError::new("the address has more than 64 parameters", "take some away"));
        }
        read.push((name, decoded(value)?));
    }
    Ok(read)
}

fn given(text: &str) -> Result<Option<String>, AddressError> {
    if text.is_empty() { Ok(None) } else { decoded(text).map(Some) }
}

fn decoded(text: &str) -> Result<String, AddressError> {
    match percent::decode(text) {
        Some(decoded) if !decoded.chars().any(char::is_control) => Ok(decoded),
        Some(_) => Err(AddressError::new("the address holds an encoded control character", "take it away")),
        None => Err(AddressError::new("a `%` of the address begins no encoded character", "write %25 for it")),
    }
}
