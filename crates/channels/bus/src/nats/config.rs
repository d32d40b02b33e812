//! Settings of the bus over NATS, and all that is wrong with them at once. How they are written in YAML is the `config` crate's
//! business.

use std::{fmt, path::PathBuf, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use tidings_core::Problem;

use super::{address::ServerAddress, login::Login, message::is_topic};

/// Settings of a [`crate::Nats`]. `Debug` shows no secret.
#[derive(Clone)]
pub struct NatsConfig {
    /// The server: `nats://host:4222`, or `tls://host:4222` where nothing may be said without TLS. No login in it.
    pub url: String,
    /// What every subject begins with; `tidings` by default.
    pub topic: String,
    /// Who we are, together with `password`.
    pub username: Option<String>,
    /// The password of `username`.
    pub password: Option<SecretString>,
    /// A token, where the server asks for one.
    pub token: Option<SecretString>,
    /// The seed of a user's key: `SU…`.
    pub nkey: Option<SecretString>,
    /// The file with a user's JWT and seed, as `nsc` writes it; read once, when the channel is made.
    pub credentials_file: Option<PathBuf>,
    /// A PEM file of the certificates to trust in place of the platform's; read once, when the channel is made.
    pub root_certificates: Option<PathBuf>,
    /// Whether a message counts as sent only once a JetStream stream has stored it; off by default.
    pub jetstream: bool,
    /// How long one attempt may take, connecting included; 5 s by default.
    pub deadline: Duration,
}

impl NatsConfig {
    /// The server at this address, everything else as by default.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            topic: "tidings".to_owned(),
            username: None,
            password: None,
            token: None,
            nkey: None,
            credentials_file: None,
            root_certificates: None,
            jetstream: false,
            deadline: Duration::from_secs(5),
        }
    }

    /// Sets what every subject begins with.
    #[must_use]
    pub fn topic(mut self, topic: impl Into<String>) -> Self {
        self.topic = topic.into();
        self
    }

    /// Logs in by a name and a password.
    #[must_use]
    pub fn login(mut self, username: impl Into<String>, password: impl Into<SecretString>) -> Self {
        self.username = Some(username.into());
        self.password = Some(password.into());
        self
    }

    /// Logs in by a token.
    #[must_use]
    pub fn token(mut self, token: impl Into<SecretString>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Logs in by a key, given as its seed.
    #[must_use]
    pub fn nkey(mut self, seed: impl Into<SecretString>) -> Self {
        self.nkey = Some(seed.into());
        self
    }

    /// Logs in by a credentials file.
    #[must_use]
    pub fn credentials_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.credentials_file = Some(path.into());
        self
    }

    /// Trusts the certificates of this PEM file in place of the platform's.
    #[must_use]
    pub fn root_certificates(mut self, path: impl Into<PathBuf>) -> Self {
        self.root_certificates = Some(path.into());
        self
    }

    /// Waits until a JetStream stream has stored the message.
    #[must_use]
    pub const fn jetstream(mut self, jetstream: bool) -> Self {
        self.jetstream = jetstream;
        self
    }

    /// Sets how long one attempt may take.
    #[must_use]
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Everything that is wrong, without any input or output.
    #[must_use]
    pub fn validate(&self) -> Vec<Problem> {
        let url = ServerAddress::parse(&self.url).err().map(|text| Problem::new("url", text));
        let topic = (!is_topic(&self.topic)).then(|| {
            let text = "write words joined by dots, such as `agents.prod`: letters, digits, `_` and `-`, at most 128 \
                        bytes, and no `_INBOX`";
            Problem::new("topic", text)
        });
        let deadline = self.deadline.is_zero().then(|| Problem::new("deadline", "0 s is no time at all: 5s is usual"));
        url.into_iter().chain(topic).chain(self.login_problems()).chain(deadline).collect()
    }

    /// What is accepted but worth a word: a secret that crosses a network in the clear.
    #[must_use]
    pub fn warnings(&self) -> Vec<Problem> {
        let secret = self.password.is_some() || self.token.is_some();
        let open = ServerAddress::parse(&self.url).is_ok_and(|address| !address.tls && !address.is_loopback());
        let text = "the login may cross the network without TLS: write tls:// in place of nats://";
        (secret && open).then(|| Problem::new("url", text)).into_iter().collect()
    }

    fn login_problems(&self) -> impl Iterator<Item = Problem> {
        let ways = [
            self.username.is_some() || self.password.is_some(),
            self.token.is_some(),
            self.nkey.is_some(),
            self.credentials_file.is_some(),
        ];
        let several = ways.into_iter().filter(|way| *way).count() > 1;
        let several = several.then(|| {
            Problem::new("username", "give one login: `username` and `password`, `token`, `nkey` or `credentials_file`")
        });
        let half = (self.username.is_some() != self.password.is_some())
            .then(|| Problem::new("password", "`username` and `password` go together: give both, or neither"));
        let seed = self.nkey.as_ref().filter(|seed| !Login::is_seed(seed));
        let seed = seed.map(|_| Problem::new("nkey", "not a seed: it begins with SU and has 58 characters"));
        several.into_iter().chain(half).chain(seed).chain(self.empty_secrets())
    }

    fn empty_secrets(&self) -> impl Iterator<Item = Problem> {
        let all = [("password", &self.password), ("token", &self.token)];
        let empty = |secret: &Option<SecretString>| secret.as_ref().is_some_and(|one| one.expose_secret().is_empty());
        let empty = all.map(|(key, secret)| (key, empty(secret))).into_iter().filter(|(_, empty)| *empty);
        empty.map(|(key, _)| Problem::new(key, "it is empty: give one, or leave it out"))
    }
}

impl fmt::Debug for NatsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsConfig")
            .field("server", &ServerAddress::parse(&self.url).ok())
            .field("topic", &self.topic)
            .field("username", &self.username)
            .field("password", &self.password.is_some())
            .field("token", &self.token.is_some())
            .field("nkey", &self.nkey.is_some())
            .field("credentials_file", &self.credentials_file)
            .field("root_certificates", &self.root_certificates)
            .field("jetstream", &self.jetstream)
            .field("deadline", &self.deadline)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(problems: &[Problem]) -> Vec<&str> {
        problems.iter().map(|problem| problem.key.as_str()).collect()
    }

    #[test]
    fn every_problem_is_told_at_once_and_without_secrets() {
        let mut config = NatsConfig::new("nats://user:hunter2@bus").topic("a..b").nkey("hunter2").token("");
        config.username = Some("ann".to_owned());
        let problems = config.deadline(Duration::ZERO).validate();
        assert_eq!(keys(&problems), ["url", "topic", "username", "password", "nkey", "token", "deadline"]);
        assert!(!Problem::told(&problems).contains("hunter2"));
        assert_eq!(NatsConfig::new("nats://127.0.0.1:4222").validate(), []);
    }

    #[test]
    fn a_secret_in_the_clear_is_worth_a_word() {
        let check = |url: &str, expected: &[&str]| {
            assert_eq!(keys(&NatsConfig::new(url).login("u", "p").warnings()), expected, "{url}");
        };
        check("nats://bus.example.com", &["url"]);
        check("tls://bus.example.com", &[]);
        check("nats://127.0.0.1", &[]);
        check("nats://[::1]", &[]);
    }

    #[test]
    fn debug_shows_no_secret() {
        let config = NatsConfig::new("nats://u:hunter2@bus").login("ann", "hunter2").token("hunter2").nkey("hunter2");
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
