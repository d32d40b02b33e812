//! Twilio's settings, and all that is wrong with them at once.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use tidings_core::Problem;
use tidings_http::{Policy, SafeUrl};
use url::Url;

use crate::is_e164;

/// Where Twilio's API is.
const API: &str = "https://api.twilio.com";
/// The longest account or service SID that is taken; Twilio's have 34 characters.
const LONGEST_SID: usize = 64;

/// Who the text comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum Sender {
    /// A number in E.164, a short code, or a name of letters and digits where the country allows one.
    Number(String),
    /// A messaging service, by its SID: it chooses among its numbers.
    Service(String),
}

/// Settings of Twilio. `Debug` shows neither the account nor its token.
#[derive(Clone)]
pub struct Twilio {
    /// The account's SID, `AC…`.
    pub account_sid: String,
    /// The account's token: it authenticates requests and signs callbacks.
    pub auth_token: SecretString,
    /// Who the texts come from.
    pub sender: Sender,
    /// Where Twilio reports what becomes of a message; the delivery id is added to its query as `delivery`.
    pub status_callback: Option<String>,
    /// Another address of the API: a region's, or a peer of a test. `https://api.twilio.com` by default.
    pub api_url: Option<String>,
}

impl Twilio {
    /// This account, sending from this sender.
    #[must_use]
    pub fn new(account_sid: impl Into<String>, auth_token: impl Into<SecretString>, sender: Sender) -> Self {
        Self {
            account_sid: account_sid.into(),
            auth_token: auth_token.into(),
            sender,
            status_callback: None,
            api_url: None,
        }
    }

    /// Asks for reports to this URL.
    #[must_use]
    pub fn status_callback(mut self, url: impl Into<String>) -> Self {
        self.status_callback = Some(url.into());
        self
    }

    /// Uses another address of the API.
    #[must_use]
    pub fn api_url(mut self, url: impl Into<String>) -> Self {
        self.api_url = Some(url.into());
        self
    }

    /// Where messages are posted.
    pub(crate) fn url(&self, policy: &Policy) -> Result<SafeUrl, String> {
        let api = self.api_url.as_deref().unwrap_or(API);
        if api.contains(['?', '#']) {
            return Err("the API's address takes no query: write https://host, or leave it out".to_owned());
        }
        let url = format!("{}/2010-04-01/Accounts/{}/Messages.json", api.trim_end_matches('/'), self.account_sid);
        SafeUrl::parse(&url, policy).map_err(|blocked| blocked.to_string())
    }

    /// Everything that is wrong.
    pub(crate) fn validate(&self, policy: &Policy) -> Vec<Problem> {
        let account = !is_sid(&self.account_sid, "AC");
        let account =
            account.then(|| Problem::new("account_sid", "an account SID is AC followed by letters and digits"));
        // A wrong SID would make the URL wrong too, and that is told once.
        let api = if account.is_some() { None } else { self.url(policy).err() };
        let token = self.auth_token.expose_secret();
        let token = (token.is_empty() || token.chars().any(|c| c.is_control() || c.is_whitespace()))
            .then(|| Problem::new("auth_token", "the token is empty or holds blanks: give the account's auth token"));
        let api = api.map(|text| Problem::new("api_url", text));
        account
            .into_iter()
            .chain(token)
            .chain(self.sender.problem())
            .chain(self.callback_problem())
            .chain(api)
            .collect()
    }

    /// Twilio calls it, not we: it must be an address, and the guard has no say.
    fn callback_problem(&self) -> Option<Problem> {
        let url = self.status_callback.as_deref()?;
        let fits = Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        (!fits).then(|| Problem::new("status_callback", "the callback's address must be http(s)://host…"))
    }
}

impl Sender {
    fn problem(&self) -> Option<Problem> {
        let (key, fits, text) = match self {
            Self::Number(number) => (
                "from",
                is_e164(number) || is_short_code(number) || is_name(number),
                "the sender is a number such as +15550100, a short code, or a name of at most 11 letters and digits",
            ),
            Self::Service(sid) => (
                "messaging_service_sid",
                is_sid(sid, "MG"),
                "a messaging service's SID is MG followed by letters and digits",
            ),
        };
        (!fits).then(|| Problem::new(key, text))
    }
}

fn is_sid(text: &str, prefix: &str) -> bool {
    let rest = text.strip_prefix(prefix).unwrap_or_default();
    (1..=LONGEST_SID).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_short_code(text: &str) -> bool {
    (3..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// An alphanumeric sender: at most 11 letters, digits, blanks and a few marks, one letter at least.
fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b" +-_&".contains(&byte);
    (1..=11).contains(&text.len()) && text.bytes().all(fits) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => f.debug_tuple("Number").field(number).finish(),
            Self::Service(_) => f.write_str("Service"),
        }
    }
}

impl fmt::Debug for Twilio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Twilio")
            .field("sender", &self.sender)
            .field("status_callback", &self.status_callback.is_some())
            .field("api_url", &self.api_url.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twilio(sid: &str, token: &str, sender: Sender) -> Twilio {
        Twilio::new(sid, token, sender)
    }

    fn check(twilio: &Twilio, expected: &[&str]) {
        let problems = twilio.validate(&Policy::default());
        let keys: Vec<_> = problems.iter().map(|problem| problem.key.as_str()).collect();
        assert_eq!(keys, expected, "{problems:?}");
    }

    #[test]
    fn every_problem_is_told_at_once_and_without_secrets() {
        let number = |number: &str| Sender::Number(number.to_owned());
        for sender in ["+15550100", "12345", "Agents", "A1"] {
            check(&twilio("AC0123", "hunter2", number(sender)), &[]);
        }
        for sender in ["", "15", "+0", "a name that is too long", "123456789", "A\n"] {
            check(&twilio("AC0123", "hunter2", number(sender)), &["from"]);
        }
        check(&twilio("AC0123", "hunter2", Sender::Service("MG01".to_owned())), &[]);
        let wrong = twilio("hunter2/..", "hunter2 ", Sender::Service("hunter2".to_owned()));
        let wrong = wrong.status_callback("ftp://hunter2/").api_url("http://localhost/hunter2");
        check(&wrong, &["account_sid", "auth_token", "messaging_service_sid", "status_callback"]);
        for api in ["http://localhost/hunter2", "https://a.example/?hunter2", "https://u:hunter2@a.example", "hunter2"]
        {
            let wrong = twilio("AC0123", "hunter2", number("Agents")).api_url(api);
            check(&wrong, &["api_url"]);
            assert!(!Problem::told(&wrong.validate(&Policy::default())).contains("hunter2"));
        }
        assert!(!Problem::told(&wrong.validate(&Policy::default())).contains("hunter2"));
        assert!(!format!("{wrong:?}").contains("hunter2"));
    }

    #[test]
    fn an_api_url_may_have_a_path() {
        let local =
            twilio("AC01", "t", Sender::Number("+15550100".to_owned())).api_url("https://proxy.example.com/tw/");
        let url = local.url(&Policy::default()).unwrap();
        assert_eq!(url.url().as_str(), "https://proxy.example.com/tw/2010-04-01/Accounts/AC01/Messages.json");
    }
}
