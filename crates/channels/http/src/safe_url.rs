//! Reads a destination's URL and judges it before anything is resolved. What differs between URL parsers is refused, not
//! interpreted; names are resolved and their addresses judged at an attempt.

use std::{fmt, net::IpAddr};

use url::{Host, Url};

use crate::{Blocked, Pass, Policy};

/// The longest URL in bytes.
const LIMIT: usize = 8192;

/// A URL that passed the guard. `Debug` and `Display` show scheme, host and port alone: path and query may be secret.
#[derive(Clone, PartialEq, Eq)]
pub struct SafeUrl {
    url: Url,
    port: u16,
}

impl SafeUrl {
    /// Reads and judges a URL: `http(s)://host…` without blanks, control characters, backslash or userinfo; a host name that is
    /// public, an address that is public, a port that is open, or what the policy allows beyond that.
    ///
    /// # Errors
    /// Says why the URL is refused and what to do.
    pub fn parse(text: &str, policy: &Policy) -> Result<Self, Blocked> {
        check_text(text)?;
        let url =
            Url::parse(text).map_err(|error| Blocked::new("invalid", format!("the URL is not valid: {error}")))?;
        // The parser may read userinfo out of what the text check cannot see.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(userinfo());
        }
        let port = url.port_or_known_default().unwrap_or(0);
        let safe = Self { url, port };
        safe.recheck(policy)?;
        Ok(safe)
    }

    /// Judges the URL again: at every attempt, since policies change and literal addresses never see a resolver.
    ///
    /// # Errors
    /// As [`SafeUrl::parse`].
    pub fn recheck(&self, policy: &Policy) -> Result<(), Blocked> {
        match (self.literal(), self.name()) {
            (Some(address), _) => policy.judge(None, address, self.port).map(drop),
            (None, Some(host)) => policy.judge_name(host, self.port),
            (None, None) => Err(Blocked::new("invalid", "the URL has no host: write http(s)://host")),
        }
    }

    /// Judges what the host resolved to; a literal address by itself, and by whatever it is said to resolve to.
    ///
    /// # Errors
    /// As [`Policy::judge_answers`].
    pub fn judge_answers(&self, addresses: &[IpAddr], policy: &Policy) -> Result<Pass, Blocked> {
        match (self.literal(), self.name()) {
            (Some(address), _) => {
                addresses.iter().try_for_each(|answer| policy.judge(None, *answer, self.port).map(drop))?;
                policy.judge(None, address, self.port)
            }
            (None, host) => policy.judge_answers(host.unwrap_or_default(), addresses, self.port),
        }
    }

    /// The address, where the host is one in whatever notation.
    #[must_use]
    pub fn literal(&self) -> Option<IpAddr> {
        match self.url.host()? {
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
            Host::Domain(_) => None,
        }
    }

    /// The host name as it is looked up, where the host is a name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.url.domain()
    }

    /// The port, the scheme's own where the URL names none.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The URL in full; not for logs.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }
}

impl fmt::Display for SafeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.url.origin().ascii_serialization())
    }
}

impl fmt::Debug for SafeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SafeUrl({self}/…)")
    }
}

/// What must hold of the text itself, since the parser would mend it silently.
fn check_text(text: &str) -> Result<(), Blocked> {
    if text.len() > LIMIT {
        return Err(Blocked::new("too_long", format!("the URL is longer than {LIMIT} bytes")));
    }
    if text.chars().any(char::is_control) {
        return Err(Blocked::new(
            "control",
            "the URL holds a control character, such as a tab or a line break: remove it",
        ));
    }
    if text.trim() != text {
        return Err(Blocked::new("blank", "the URL begins or ends with a blank: remove it"));
    }
    if text.contains('\\') {
        return Err(Blocked::new(
            "backslash",
            "the URL holds a backslash: write `/`, or `%5C` where a backslash is meant",
        ));
    }
    let authority = authority(text)
        .ok_or_else(|| Blocked::new("scheme", "the URL must begin with http:// or https://, followed by a host"))?;
    if authority.contains('@') { Err(userinfo()) } else { Ok(()) }
}

/// What stands between `http(s)://` and the first `/`, `?` or `#`; `None` where it is empty or the scheme is another.
fn authority(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|authority| !authority.is_empty())
}

fn userinfo() -> Blocked {
    Blocked::new("userinfo", "the URL holds a user name or password before `@`: send credentials by `headers:` instead")
}

#[cfg(test)]
#[path = "safe_url_tests.rs"]
mod tests;
