//! The one error of the facade: what stood in the way of a running notifier.

/// Why there is no running notifier.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configuration is wrong; all of its problems, one on a line.
    #[cfg(feature = "yaml")]
    #[error("the configuration is wrong:\n{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Config(Vec<tidings_config::Problem>),
    /// A rule is wrong.
    #[error(transparent)]
    Rule(#[from] tidings_engine::RuleError),
    /// The parts do not fit together.
    #[error(transparent)]
    Build(#[from] tidings_engine::BuildError),
    /// Another configuration cannot be taken up.
    #[error(transparent)]
    Reload(#[from] tidings_engine::ReloadError),
    /// Only what was made of a configuration can take up another one.
    #[error("the notifier was made in code: there is no configuration that another one could take the place of")]
    NoConfiguration,
    /// Another one is being taken up.
    #[error("another reload is under way: ask again when it is done")]
    Reloading,
    /// The workers cannot start.
    #[error(transparent)]
    Start(#[from] tidings_engine::StartError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] tidings_store::StoreError),
    /// A webhook cannot be built.
    #[cfg(feature = "webhook")]
    #[error(transparent)]
    Webhook(#[from] tidings_webhook::WebhookError),
    /// A chat channel cannot be built.
    #[cfg(feature = "chat")]
    #[error(transparent)]
    Chat(#[from] tidings_chat::ChatError),
    /// The mail channel cannot be built.
    #[cfg(feature = "email")]
    #[error(transparent)]
    Email(#[from] tidings_email::EmailError),
    /// The SMS channel cannot be built.
    #[cfg(feature = "sms")]
    #[error(transparent)]
    Sms(#[from] tidings_sms::SmsError),
    /// The list of numbers that said STOP cannot be used.
    #[cfg(feature = "sms")]
    #[error("{}: the list of numbers that said STOP cannot be used: {error}", path.display())]
    Suppressions {
        /// Where it lies.
        path: std::path::PathBuf,
        /// What is wrong with it.
        #[source]
        error: std::io::Error,
    },
    /// The push channel cannot be built.
    #[cfg(feature = "push")]
    #[error(transparent)]
    Push(#[from] tidings_push::Invalid),
    /// The connection to a NATS server cannot be set up.
    #[cfg(feature = "bus-nats")]
    #[error(transparent)]
    Nats(#[from] tidings_bus::NatsError),
    /// The HTTP client cannot be built.
    #[cfg(feature = "_http")]
    #[error(transparent)]
    Client(#[from] tidings_http::BuildError),
    /// The configuration names a channel that this program was built without.
    #[error("`{name}` needs the cargo feature `{feature}`, which this program was built without")]
    Feature {
        /// The sink or channel.
        name: String,
        /// The feature.
        feature: &'static str,
    },
}
