//! The outermost keys of a config, and its small sections.

use crate::{
    raw::{ChannelEntry, PreferenceTree, Rule, Sink},
    read::{At, Named, raw},
    values::{OffOrStorm, OneOrSpans, Secret, Span},
};

raw! {
    /// The config of Tidings.
    File {
        /// What happens to raw events: SuperAgent's section, unchanged.
        events: Events,
        /// The rules.
        triggers: Vec<At<Rule>>,
        /// The channels by name: keys, or one address such as `slack://…`. `push`, `log` and `inbox` need no entry.
        channels: Named<ChannelEntry>,
        /// By channel, what is tried where it fails.
        fallbacks: Named<Vec<At<String>>>,
        /// Who can be told, by id.
        users: Named<User>,
        /// What the operator and the users wish.
        preferences: PreferenceTree,
        /// What counts as the same message, and how long.
        dedup: Dedup,
        /// How deliveries are repeated.
        delivery: Delivery,
        /// Where accepted events and deliveries are kept. In library use, left out: in memory.
        store: Store,
        /// The daemon's own address.
        server: Server,
        /// What may be reached beyond the public internet.
        allow_destinations: Vec<At<Destination>>,
        /// A proxy for all requests; destination control then moves to it.
        proxy: Secret,
    }
}

raw! {
    /// What happens to raw events.
    Events {
        /// How long a stop waits for what is on its way. Default 10 s.
        shutdown_timeout: Span,
        /// From which latency an agent reports `tool.slow`; kept for the agent.
        slow_tool_threshold: Span,
        /// How many events may wait, 1 to 1,000,000. Default 1,000.
        max_queue_size: u64,
        /// Who gets raw events.
        sinks: Vec<At<Sink>>,
    }
}

raw! {
    /// A person who can be told.
    User {
        /// The mail address.
        email: String,
        /// The phone number in international form: `+41791234567`.
        phone: String,
        /// The time zone by its IANA name: `Europe/Zurich`. Default UTC.
        timezone: String,
        /// Addresses on other channels, by the channel's name.
        addresses: Named<String>,
    }
}

raw! {
    /// What counts as the same message, and how long.
    Dedup {
        /// How long after the first a repeat is left out. Default 300 s.
        window: Span,
    }
}

raw! {
    /// How deliveries are repeated.
    Delivery {
        /// The waits before each retry on user channels, or `long`. Default 30 s, 2 min, 10 min.
        retry: OneOrSpans,
        /// What holds for critical notifications.
        critical: Critical,
        /// How long a delivery without a fallback waits for an endpoint that is down. Default 24 h.
        expire_after: Span,
        /// When a rule tells a user so much at once that it is summed up; `false` for never. Default more than 20 in 10 min.
        storm: OffOrStorm,
    }
}

raw! {
    /// When a rule tells a user so much at once that the rest is told in one summary a window.
    Storm {
        /// So many messages are told one by one, 1 to 10,000. Default 20.
        messages: u64,
        /// In so much time, 1 s to 24 h; and how long a summary gathers. Default 10 min.
        window: Span,
    }
}

raw! {
    /// What holds for critical notifications.
    Critical {
        /// How many channels must succeed. Default 2.
        quorum: u64,
    }
}

raw! {
    /// Where accepted events and deliveries are kept.
    Store {
        /// The SQLite file, taken from the folder that the process runs in. Default `tidings.db`.
        path: String,
        /// The address of a PostgreSQL database.
        url: Secret,
        /// How long finished deliveries are kept. Default 30 d.
        retention: Span,
    }
}

raw! {
    /// The daemon's own address.
    Server {
        /// Address and port. Default `127.0.0.1:7171`.
        listen: String,
        /// Who may send events.
        keys: Vec<At<Key>>,
        /// The host names under which requests are taken.
        hosts: Vec<At<String>>,
        /// The address that links in messages begin with, and that signed callbacks come to.
        public_url: String,
        /// Says at regular times that the daemon lives, to somebody who notices when it does not.
        heartbeat: Heartbeat,
    }
}

raw! {
    /// Says at regular times that the daemon lives.
    Heartbeat {
        /// Where to: a `POST` goes there. `https` unless it is allowed to be otherwise.
        url: Secret,
        /// How often, 10 s to 24 h. Default 60 s.
        every: Span,
    }
}

raw! {
    /// A bearer key, by its hash.
    Key {
        /// The key's name in logs.
        name: String,
        /// The SHA-256 of the key in hex.
        sha256: String,
        /// The agents that it may speak for, as names or globs; with them it may do nothing else. Without `agents` and `user` a key is an
        /// operator's: it may do everything.
        agents: Vec<At<String>>,
        /// The person whose key it is: with it one reads that person's inbox and sets that person's preferences, nothing else.
        user: String,
        /// How many events a second it may send, 1 to 1,000,000. Default 10,000; ten times as many at once.
        rate: u64,
    }
}

raw! {
    /// A destination beyond the public internet that may be reached.
    Destination {
        /// The addresses: `10.1.0.0/16`. Metadata and link-local addresses only one by one.
        #[schemars(required)]
        cidr: String,
        /// Only for this host name.
        host: String,
        /// Only these ports.
        ports: Vec<At<u64>>,
    }
}
