//! The words of the doors for agents that are not written in Rust: `mcp` and `hook`.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};

use super::Config;

/// Where the daemon is.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct At {
    #[command(flatten)]
    pub(crate) config: Config,
    /// The daemon's address, such as http://127.0.0.1:7171. Its key is read from TIDINGS_KEY. Default: the daemon that holds the
    /// configuration's store.
    #[arg(long, value_name = "URL", env = "TIDINGS_URL")]
    pub(crate) url: Option<String>,
    /// Work in this folder: where the daemon was started, whatever folder an assistant stands in.
    #[arg(short = 'C', long, value_name = "FOLDER")]
    pub(crate) directory: Option<PathBuf>,
}

impl At {
    /// Goes to the folder that was named.
    ///
    /// # Errors
    /// If there is none.
    pub(crate) fn go_there(&self) -> anyhow::Result<()> {
        let Some(folder) = &self.directory else { return Ok(()) };
        std::env::set_current_dir(folder).with_context(|| format!("{} is no folder to work in", folder.display()))
    }
}

/// `mcp`
#[derive(Debug, Args)]
pub(crate) struct Mcp {
    /// The agent that speaks, whatever it calls itself.
    #[arg(long, value_name = "ID")]
    pub(crate) agent: Option<String>,
    #[command(flatten)]
    pub(crate) at: At,
}

/// `hook`
#[derive(Debug, Args)]
pub(crate) struct Hook {
    #[command(subcommand)]
    pub(crate) of: HookOf,
}

/// Whose hook it is.
#[derive(Debug, Subcommand)]
pub(crate) enum HookOf {
    /// A hook of Claude Code: its JSON comes on standard input.
    ClaudeCode(HookCall),
    /// A hook of Codex: its JSON is the last argument (`notify`), or comes on standard input.
    Codex(HookCall),
}

/// A call of a hook.
#[derive(Debug, Args)]
pub(crate) struct HookCall {
    /// What happened, as JSON. Default: standard input.
    #[arg(value_name = "JSON")]
    pub(crate) payload: Option<String>,
    /// The agent's id. Default: the tool's name.
    #[arg(long, value_name = "ID")]
    pub(crate) agent: Option<String>,
    /// Send more than what happened: prompts, inputs and outputs of tools, redacted and cut.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) include: Option<Included>,
    /// Print what to paste into the tool's settings, and do nothing else.
    #[arg(long)]
    pub(crate) print_config: bool,
    #[command(flatten)]
    pub(crate) at: At,
}

/// What a hook sends beside what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Included {
    /// Prompts, inputs and outputs of tools.
    Content,
}
