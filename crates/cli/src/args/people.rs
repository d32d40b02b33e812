//! The words of the verbs about people: what they wish, and silences.

use std::{path::PathBuf, str::FromStr, time::Duration};

use clap::{ArgGroup, Args, Subcommand};
use tidings::{Address, Priority};

use super::{Config, StoreFile};
use crate::when::{self, Moment};

/// `prefs`
#[derive(Debug, Args)]
pub(crate) struct Prefs {
    #[command(subcommand)]
    pub(crate) action: PrefsAction,
}

/// What to do with what people wish.
#[derive(Debug, Subcommand)]
pub(crate) enum PrefsAction {
    /// Tell what people wish, where they are reached, and who decides on each channel.
    Get(GetPrefs),
    /// Change what a person wishes, the time zone or an address. Needs a store.
    Set(SetPrefs),
    /// Forget a person. Needs a store.
    Remove(RemovePrefs),
    /// Ask what would become of a message for a person: sent, held, digested or not told, and who decides.
    Test(TestPrefs),
}

/// `prefs get`
#[derive(Debug, Args)]
pub(crate) struct GetPrefs {
    /// The person. Default: everybody.
    #[arg(value_name = "USER")]
    pub(crate) user: Option<String>,
    #[command(flatten)]
    pub(crate) config: Config,
}

/// `prefs set`
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("wish").required(true).multiple(true).args(["data", "file", "timezone", "contacts", "new"])))]
pub(crate) struct SetPrefs {
    /// The person.
    #[arg(value_name = "USER")]
    pub(crate) user: String,
    /// The wishes, in the place of all earlier ones: `{"default": {"sms": false}, "agents": {…}}`; `null` for none.
    #[arg(long, value_name = "JSON", conflicts_with = "file")]
    pub(crate) data: Option<String>,
    /// A file with the wishes; `-` for standard input.
    #[arg(long, value_name = "FILE|-")]
    pub(crate) file: Option<PathBuf>,
    /// Change only what is given, as a JSON merge patch (RFC 7396) does: null takes a key away.
    #[arg(long)]
    pub(crate) merge: bool,
    /// The time zone, such as Europe/Zurich.
    #[arg(long, value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
    /// Where the person is reached on a channel; nothing behind the `=` takes the address away. May be given several times.
    #[arg(long = "contact", value_name = "CHANNEL=ADDRESS")]
    pub(crate) contacts: Vec<Contact>,
    /// Take a person in who is not there yet; one whom the configuration names, as it says.
    #[arg(long)]
    pub(crate) new: bool,
    #[command(flatten)]
    pub(crate) change: Change,
    #[command(flatten)]
    pub(crate) config: Config,
}

/// `prefs remove`
#[derive(Debug, Args)]
pub(crate) struct RemovePrefs {
    /// The person.
    #[arg(value_name = "USER")]
    pub(crate) user: String,
    #[command(flatten)]
    pub(crate) change: Change,
    #[command(flatten)]
    pub(crate) config: Config,
}

/// How a change is made.
#[derive(Debug, Args)]
pub(crate) struct Change {
    /// Only if this version stands, 0 for a person who is not there: nobody's change in between is lost.
    #[arg(long, value_name = "VERSION")]
    pub(crate) expect: Option<u64>,
    /// Who changes it. Default: the login name.
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
}

/// `prefs test`
#[derive(Debug, Args)]
pub(crate) struct TestPrefs {
    /// The person.
    #[arg(value_name = "USER")]
    pub(crate) user: String,
    /// The rule that would tell it: its channels, priority, topic and whether it is mandatory.
    #[arg(long, value_name = "NAME")]
    pub(crate) rule: Option<String>,
    /// Of this agent.
    #[arg(long, value_name = "ID")]
    pub(crate) agent: Option<String>,
    /// Of an event of this type: silences look at it.
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) event_type: Option<String>,
    /// How much it wants attention. Default: the rule's, else medium.
    #[arg(long)]
    pub(crate) priority: Option<Priority>,
    /// On this channel; may be given several times. Default: the rule's, else all that there are.
    #[arg(long = "channel", value_name = "NAME")]
    pub(crate) channels: Vec<String>,
    /// At this moment: `now`, or a time such as 2026-01-31T22:30:00+01:00; without a zone it is UTC.
    #[arg(long, value_name = "TIME", default_value = "now")]
    pub(crate) at: Moment,
    /// On this topic. Default: the rule's, else none.
    #[arg(long, value_name = "NAME")]
    pub(crate) topic: Option<String>,
    #[command(flatten)]
    pub(crate) config: Config,
}

/// An address on a channel. Shown masked.
#[derive(Clone, Debug)]
pub(crate) struct Contact {
    pub(crate) channel: String,
    /// `None`: it goes.
    pub(crate) address: Option<Address>,
}

impl FromStr for Contact {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let (channel, address) =
            text.split_once('=').ok_or("expected CHANNEL=ADDRESS, such as email=ann@example.com")?;
        if channel.is_empty() {
            return Err("the channel is missing: expected CHANNEL=ADDRESS, such as email=ann@example.com");
        }
        Ok(Self { channel: channel.to_owned(), address: (!address.is_empty()).then(|| Address::new(address)) })
    }
}

/// `silence`
#[derive(Debug, Args)]
pub(crate) struct Silence {
    #[command(subcommand)]
    pub(crate) action: SilenceAction,
}

/// What to do with silences.
#[derive(Debug, Subcommand)]
pub(crate) enum SilenceAction {
    /// For a while, tell nobody what this matches.
    Add(AddSilence),
    /// Tell which silences there are, the one that ends first at the top.
    List(ListSilences),
    /// End a silence now.
    End(EndSilence),
}

/// `silence add`
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("end").required(true).args(["span", "until"])))]
#[command(group(ArgGroup::new("matcher").required(true).multiple(true).args(["agent", "rule", "event_type", "user"])))]
pub(crate) struct AddSilence {
    /// Of this agent; `*` within stands for any text.
    #[arg(long, value_name = "GLOB")]
    pub(crate) agent: Option<String>,
    /// Of this rule.
    #[arg(long, value_name = "NAME")]
    pub(crate) rule: Option<String>,
    /// Of events of this type, or of all that `tool.*` matches.
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) event_type: Option<String>,
    /// To this person.
    #[arg(long, value_name = "ID")]
    pub(crate) user: Option<String>,
    /// So long, such as 2h or 1h30m.
    #[arg(long = "for", value_name = "SPAN", value_parser = when::span)]
    pub(crate) span: Option<Duration>,
    /// Until this time, such as 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<Moment>,
    /// From this time on.
    #[arg(long, value_name = "TIME", default_value = "now")]
    pub(crate) from: Moment,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Who says so. Default: the login name.
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreFile,
}

/// `silence list`
#[derive(Debug, Args)]
pub(crate) struct ListSilences {
    /// Also those that are over.
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) store: StoreFile,
}

/// `silence end`
#[derive(Debug, Args)]
pub(crate) struct EndSilence {
    /// The silence's id, as `silence list` tells it.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Who ends it. Default: the login name.
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreFile,
}
