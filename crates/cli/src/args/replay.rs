//! The words of `replay`.

use std::{path::PathBuf, time::Duration};

use clap::Args;

use super::Config;
use crate::when;

/// `replay`
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// A file of events, one JSON object a line, whose own times are the clock; or `-` for standard input.
    #[arg(value_name = "EVENTS|-")]
    pub(crate) events: PathBuf,
    #[command(flatten)]
    pub(crate) config: Config,
    /// Another configuration: what it would change is told.
    #[arg(long, value_name = "FILE")]
    pub(crate) against: Option<PathBuf>,
    /// Hold the configuration against itself with everything off that keeps messages back: cooldowns, repeats, wishes, storms.
    #[arg(long, conflicts_with = "against")]
    pub(crate) bare: bool,
    /// Let so much time pass after the last event, such as 12h: what comes due by then is told. Default: none.
    #[arg(long, value_name = "DURATION", value_parser = when::span)]
    pub(crate) until: Option<Duration>,
    /// List every message as it goes out: when, to whom, by which channels, and its title.
    #[arg(long, conflicts_with = "json")]
    pub(crate) list: bool,
    /// Write a report for people into this file as well: one page that needs no network.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Stop at the first line that is not an event.
    #[arg(long)]
    pub(crate) strict: bool,
}
