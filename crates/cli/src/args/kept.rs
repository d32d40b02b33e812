//! The words of the verbs that look at a store, or tidy it.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tidings::{DeliveryId, EventId, NotificationId, store::Step};

use super::Config;
use crate::when::When;

/// Which store.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct StoreFile {
    /// The store's file. Default: the one that the configuration names.
    #[arg(long = "store", value_name = "FILE", conflicts_with_all = ["config", "agent_file"])]
    pub(crate) path: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) config: Config,
}

/// `explain`
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// An event, a notification or a delivery: 32 hex digits; or the id that an event brought itself, as `id` or `source#id`.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) store: StoreFile,
}

/// Which entries of the log.
#[derive(Clone, Debug, Args)]
pub(crate) struct LogWords {
    /// Of this event.
    #[arg(long, value_name = "ID")]
    pub(crate) event: Option<EventId>,
    /// Of this notification.
    #[arg(long, value_name = "ID")]
    pub(crate) notification: Option<NotificationId>,
    /// Of this delivery.
    #[arg(long, value_name = "ID")]
    pub(crate) delivery: Option<DeliveryId>,
    /// Of this rule.
    #[arg(long, value_name = "NAME")]
    pub(crate) rule: Option<String>,
    /// Of this agent.
    #[arg(long, value_name = "ID")]
    pub(crate) agent: Option<String>,
    /// Of this user.
    #[arg(long, value_name = "ID")]
    pub(crate) user: Option<String>,
    /// Of this sink or channel.
    #[arg(long, value_name = "NAME")]
    pub(crate) endpoint: Option<String>,
    /// Only this step, such as `fired` or `dead`; may be given several times.
    #[arg(long = "step", value_name = "STEP", value_parser = step)]
    pub(crate) steps: Vec<Step>,
}

/// `log`
#[derive(Debug, Args)]
pub(crate) struct Log {
    #[command(flatten)]
    pub(crate) words: LogWords,
    /// Not before this: a time such as 2026-01-31T12:00:00Z, a span back such as 1h30m, or Unix seconds.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<When>,
    /// Before this.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<When>,
    /// At most so many entries, 1 to 1,000.
    #[arg(long, value_name = "COUNT", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub(crate) limit: u16,
    /// Only entries older than the one of this number: the next page.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) before: Option<u64>,
    #[command(flatten)]
    pub(crate) store: StoreFile,
}

/// `tail`
#[derive(Debug, Args)]
pub(crate) struct Tail {
    #[command(flatten)]
    pub(crate) words: LogWords,
    /// Begin with so many of the latest entries, 0 to 1,000.
    #[arg(long, value_name = "COUNT", default_value_t = 10, value_parser = clap::value_parser!(u16).range(0..=1_000))]
    pub(crate) last: u16,
    #[command(flatten)]
    pub(crate) store: StoreFile,
}

/// The step of this name.
fn step(name: &str) -> Result<Step, String> {
    let known = || Step::ALL.map(Step::as_str).join(", ");
    Step::ALL.into_iter().find(|step| step.as_str() == name).ok_or_else(|| format!("known are {}", known()))
}

/// `fsck`
#[derive(Debug, Args)]
pub(crate) struct Fsck {
    /// Save all that checks into a new file, which takes the old one's place; the old one is kept beside it.
    #[arg(long)]
    pub(crate) repair: bool,
    #[command(flatten)]
    pub(crate) store: StoreFile,
}

/// `reload`
#[derive(Debug, Args)]
pub(crate) struct Reload {
    #[command(flatten)]
    pub(crate) store: StoreFile,
}

/// `purge`
#[derive(Debug, Args)]
pub(crate) struct Purge {
    /// What is settled and older than this goes: a span back such as 30d, a time such as 2026-01-31T12:00:00Z, or Unix seconds.
    #[arg(long, value_name = "TIME")]
    pub(crate) before: When,
    #[command(flatten)]
    pub(crate) store: StoreFile,
}

/// `channels`
#[derive(Debug, Args)]
pub(crate) struct Channels {
    #[command(subcommand)]
    pub(crate) action: ChannelAction,
}

/// What to do with channels.
#[derive(Debug, Subcommand)]
pub(crate) enum ChannelAction {
    /// Let a sink or channel be sent to again, after its receiver said that it is gone.
    Enable(Enable),
    /// Send a test message over one channel alone, whatever anybody prefers.
    Test(TestChannel),
}

/// `channels test`
#[derive(Debug, Args)]
pub(crate) struct TestChannel {
    /// The channel.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// To this user. Default: whom the channel itself names, else the first user who is reached there.
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<String>,
    #[command(flatten)]
    pub(crate) config: Config,
}

/// `channels enable`
#[derive(Debug, Args)]
pub(crate) struct Enable {
    /// The sink or channel: all of it, with every address of it that is disabled.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Only this address of it, where it has one for each user.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "user")]
    pub(crate) address: Option<String>,
    /// Only the addresses of this user.
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreFile,
}
