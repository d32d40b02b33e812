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
    /// The HTTP client cannot be built.
    #[cfg(feature = "webhook")]
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
