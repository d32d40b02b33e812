//! The command line's words. Secrets are never arguments: other users of the machine could read them.

mod doors;
mod kept;
mod key;
mod people;
mod replay;

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use tidings::{Priority, Severity};

pub(crate) use doors::{At, Hook, HookCall, HookOf, Included, Mcp};
pub(crate) use kept::{
    ChannelAction, Channels, Enable, Explain, Fsck, Log, LogWords, Purge, Reload, StoreFile, Tail, TestChannel,
};
pub(crate) use key::{Key, KeyAction, NewKey};
pub(crate) use people::{
    AddSilence, Change, EndSilence, GetPrefs, ListSilences, Prefs, PrefsAction, RemovePrefs, SetPrefs, Silence,
    SilenceAction, TestPrefs,
};
pub(crate) use replay::Replay;

/// Notifications from AI agents that people can trust.
#[derive(Debug, Parser)]
#[command(name = "tidings", version, max_term_width = 110)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// How things are told.
#[derive(Clone, Debug, Args)]
pub(crate) struct Output {
    /// Print one JSON object on one line to standard output; logs and progress go to standard error.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// How log lines look on standard error.
    #[arg(long, global = true, value_enum, default_value_t = LogForm::Text, value_name = "FORM")]
    pub(crate) log: LogForm,
    /// Tell more: attempts, decisions, connections.
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

/// A form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogForm {
    /// For people.
    Text,
    /// One JSON object a line, as log collectors read it.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Run the daemon: HTTP in, people told, a page to look at.
    Up(Up),
    /// Let the daemon take its configuration up anew, and tell what changed.
    Reload(Reload),
    /// Run a stream of events to its end, and account for all of it.
    Run(Run),
    /// Replay past events with nothing sent: who would have been told what, when and where, by one configuration or by two.
    Replay(Replay),
    /// Check a configuration: every problem, with its place and what to do.
    Check(Check),
    /// Print the JSON Schema of the configuration.
    Schema(Schema),
    /// Run unit tests of rules: events in, expected firings and deliveries out, with nothing sent.
    Test(Test),
    /// Evaluate a condition on an event: the verdict, and the value of each part.
    Eval(Eval),
    /// Emit one event.
    Emit(Emit),
    /// Send one notification.
    Send(Send),
    /// Tell why somebody was told of something, and why not: from the store.
    Explain(Explain),
    /// Tell what was decided and done, newest first: from the store.
    Log(Log),
    /// Tell what is decided and done while it happens.
    Tail(Tail),
    /// Look a store's file over: what is there, what is lost, and what to do.
    Fsck(Fsck),
    /// Forget what is settled and old.
    Purge(Purge),
    /// Try a channel, or let one be sent to again that its receiver called gone.
    Channels(Channels),
    /// Make the keys that the daemon asks for.
    Key(Key),
    /// What people wish: tell it, change it, and ask what would become of a message.
    Prefs(Prefs),
    /// For a while, tell nobody what somebody knows already.
    Silence(Silence),
    /// Ask the destination guard whether an address may be sent to.
    UrlCheck(UrlCheck),
    /// Take secrets and personal data out of text.
    Redact(Redact),
    /// Verify the signature of a webhook's request body, read from standard input.
    Verify(Verify),
    /// Serve tools to an agent by the Model Context Protocol, on standard input and output.
    Mcp(Mcp),
    /// Report what a coding assistant does: call it from the assistant's hooks.
    Hook(Hook),
    /// Print what makes a shell complete this program's words.
    Completions(Completions),
}

/// Which configuration.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Config {
    /// The configuration. Default: tidings.yaml in this folder if there is one, else the log for warnings and worse.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// An agent's own file: its `events:` section and ours are read, the rest is left alone.
    #[arg(long, value_name = "FILE", conflicts_with = "config")]
    pub(crate) agent_file: Option<PathBuf>,
}

/// `up`
#[derive(Debug, Args)]
pub(crate) struct Up {
    #[command(flatten)]
    pub(crate) config: Config,
    /// Where to listen. Default: `server.listen` of the configuration, else 127.0.0.1:7171.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// Run a simulated fleet of agents, with a store that is gone at the end: no file, no network, no setup.
    #[arg(long, conflicts_with_all = ["config", "agent_file"])]
    pub(crate) demo: bool,
}

/// `completions`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// Which shell.
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

/// `run`
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// A file of events, one JSON object a line, whose own times are the clock; or `-` for standard input by the wall clock.
    #[arg(long, value_name = "FILE|-", required_unless_present = "demo")]
    pub(crate) events: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) config: Config,
    /// Run a simulated fleet of agents instead: no file, no network, no setup.
    #[arg(long, conflicts_with_all = ["events", "config", "agent_file"])]
    pub(crate) demo: bool,
    /// Stop at the first line that is not an event.
    #[arg(long)]
    pub(crate) strict: bool,
}

/// `check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The configuration.
    #[arg(value_name = "FILE", conflicts_with_all = ["config", "agent_file"])]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) config: Config,
    /// Leave variables and secret files alone.
    #[arg(long)]
    pub(crate) no_env: bool,
    /// Warnings and lints count as errors.
    #[arg(long)]
    pub(crate) strict: bool,
}

/// `schema`
#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// That of files of tests instead.
    #[arg(long)]
    pub(crate) tests: bool,
}

/// `test`
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Files of tests.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// The configuration that is tested. Default: the one that each file names, else tidings.yaml beside it.
    #[command(flatten)]
    pub(crate) config: Config,
}

/// `eval`
#[derive(Debug, Args)]
pub(crate) struct Eval {
    /// The condition, or any expression.
    #[arg(value_name = "CONDITION", required_unless_present = "cases")]
    pub(crate) condition: Option<String>,
    /// The event's data. Default: nothing.
    #[arg(long, value_name = "JSON")]
    pub(crate) data: Option<String>,
    /// The event's other fields, such as `{"event_type": "tool.error"}`.
    #[arg(long, value_name = "JSON", default_value = "{}")]
    pub(crate) event: String,
    /// Answer cases instead: JSON lines in, JSON lines out. `-` for standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "condition")]
    pub(crate) cases: Option<PathBuf>,
    /// Which language.
    #[arg(long, value_enum, default_value_t = Language::Tidings, value_name = "NAME")]
    pub(crate) profile: Language,
}

/// A language profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// The condition language.
    Tidings,
    /// CEL, as its conformance suite has it.
    Cel,
}

/// `emit`
#[derive(Debug, Args)]
pub(crate) struct Emit {
    /// The event's type, such as `tool.error`.
    #[arg(value_name = "TYPE")]
    pub(crate) event_type: String,
    /// The event's data.
    #[arg(long, value_name = "JSON", default_value = "{}")]
    pub(crate) data: String,
    /// Default: the type's own.
    #[arg(long)]
    pub(crate) severity: Option<Severity>,
    /// Which agent.
    #[arg(long, value_name = "ID")]
    pub(crate) agent: Option<String>,
    /// On whose behalf.
    #[arg(long, value_name = "ID")]
    pub(crate) user: Option<String>,
    /// In which session.
    #[arg(long, value_name = "ID")]
    pub(crate) session: Option<String>,
    #[command(flatten)]
    pub(crate) config: Config,
}

/// `send`
#[derive(Debug, Args)]
pub(crate) struct Send {
    /// The text; its first line is the title unless there is one.
    pub(crate) text: String,
    /// The title.
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// How much it wants attention.
    #[arg(long, default_value = "medium")]
    pub(crate) priority: Priority,
    /// A channel; may be given several times.
    #[arg(long = "channel", value_name = "NAME", default_value = "log")]
    pub(crate) channels: Vec<String>,
    /// A user; may be given several times. Default: everyone in the configuration, else `me`.
    #[arg(long = "user", value_name = "ID")]
    pub(crate) users: Vec<String>,
    /// How long to wait until a running daemon has delivered it; 0s to hand it over only.
    #[arg(long, value_name = "SPAN", value_parser = crate::when::span, default_value = "10s")]
    pub(crate) wait: std::time::Duration,
    #[command(flatten)]
    pub(crate) config: Config,
}

/// `url-check`
#[derive(Debug, Args)]
pub(crate) struct UrlCheck {
    /// The addresses.
    #[arg(value_name = "URL", required_unless_present = "cases")]
    pub(crate) urls: Vec<String>,
    /// Answer cases instead: JSON lines in, JSON lines out. `-` for standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["urls", "config", "agent_file"])]
    pub(crate) cases: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) config: Config,
}

/// `redact`
#[derive(Debug, Args)]
pub(crate) struct Redact {
    /// Answer cases instead of reading text from standard input: JSON lines in, JSON lines out. `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) cases: Option<PathBuf>,
}

/// `verify`
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The value of X-Promptise-Signature.
    #[arg(long, value_name = "VALUE", conflicts_with_all = ["id", "timestamp", "signature"])]
    pub(crate) header: Option<String>,
    /// The value of webhook-id.
    #[arg(long, value_name = "VALUE", requires_all = ["timestamp", "signature"])]
    pub(crate) id: Option<String>,
    /// The value of webhook-timestamp.
    #[arg(long, value_name = "VALUE")]
    pub(crate) timestamp: Option<String>,
    /// The value of webhook-signature.
    #[arg(long, value_name = "VALUE")]
    pub(crate) signature: Option<String>,
    /// The environment variable that holds the secret.
    #[arg(long, value_name = "NAME", default_value = "WEBHOOK_SECRET")]
    pub(crate) secret_env: String,
    /// A file that holds the secret, one a line while it is being rotated.
    #[arg(long, value_name = "FILE", conflicts_with = "secret_env")]
    pub(crate) secret_file: Option<PathBuf>,
    /// Verify cases instead: JSON lines in, JSON lines out. `-` for standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["header", "id"])]
    pub(crate) cases: Option<PathBuf>,
}
