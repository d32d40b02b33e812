//! The words of `key`. A key itself is never an argument.

use clap::{Args, Subcommand};

/// `key`
#[derive(Debug, Args)]
pub(crate) struct Key {
    #[command(subcommand)]
    pub(crate) action: KeyAction,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyAction {
    /// Make a key: it is shown once, with the entry for `server.keys` that knows it by its hash. Nothing is stored.
    New(NewKey),
}

/// `key new`
#[derive(Debug, Args)]
pub(crate) struct NewKey {
    /// The key's name in logs, and as the author of changes.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// An agent that it may speak for, as a name or a glob; repeat it for more. Without this and --user it is an operator's key.
    #[arg(long = "agent", value_name = "AGENT", conflicts_with = "user")]
    pub(crate) agents: Vec<String>,
    /// The person whose key it is: for that person's inbox and preferences.
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<String>,
}
