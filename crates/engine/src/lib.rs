#![doc = include_str!("../README.md")]

mod account;
mod arrow;
mod breaker;
mod builder;
mod callback;
mod compose;
mod context;
mod deliver;
mod dispatch;
mod doorway;
mod emit;
mod enable;
pub mod explain;
mod flights;
mod housekeeping;
mod ledger;
mod life;
mod log;
mod notify;
mod outcome;
mod pipeline;
mod planned;
mod queue;
mod reader;
mod recover;
mod repeats;
mod retry;
mod rule;
mod settle;
mod shared;
mod sink;
mod tell;
mod terms;
mod timer;
mod user;
mod wiring;
mod worker;

pub use account::{
    Account, ChannelAccount, DeliveryAccount, EventAccount, NotificationAccount, SinkAccount, Unbalanced,
};
pub use breaker::{Breaker, FAILURES, Gate, Health, PROBE_EVERY, is_down};
pub use builder::{BuildError, Builder, DEDUP_WINDOW, QUEUE_SIZE, RETENTION, SHUTDOWN_TIMEOUT};
pub use context::{AgentContext, emit_event};
pub use deliver::EXPIRE_AFTER;
pub use emit::{AcceptError, Answer, Emitted, Notifier};
pub use explain::Explanation;
pub use ledger::Undelivered;
pub use life::StartError;
pub use log::{EVENT_TARGET, LogChannel, LogSink, NOTIFICATION_TARGET};
pub use notify::{Message, Told};
pub use repeats::Repeats;
pub use retry::{Next, PATIENCE, RetryPolicy, next};
pub use rule::{COOLDOWN, Recipient, Recipients, Rule, RuleError};
pub use sink::{CALLBACK_DEADLINE, Sink};
pub use tidings_policy::{BadPattern, EventFilter, EventPattern, Fallbacks, Quorum};
pub use user::{User, Users};
