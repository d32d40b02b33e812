#![doc = include_str!("../README.md")]

pub mod address;
mod build;
mod difference;
mod duration;
mod environment;
mod host;
mod inside;
mod load;
mod marks;
mod mask;
mod percent;
mod plan;
mod problem;
mod raw;
mod read;
mod same;
mod schema;
mod suggest;
pub mod tests_file;
mod tree;
mod values;
mod yaml;

pub use difference::{Changes, Difference, difference};
pub use environment::{Environment, process_variable};
pub use load::{Mode, Options, SIZE_LIMIT, load, load_file};
pub use plan::{
    Audience, BusPlan, ChannelKind, ChannelPlan, ChatPlan, ChatTarget, DeliveryPlan, EmailPlan, EmailTransport,
    GatewayPlan, HeartbeatPlan, KeyPlan, LogPlan, NatsLogin, NatsPlan, Plan, PreferencesPlan, Recipient, RulePlan,
    ServerPlan, SinkKind, SinkPlan, SmsContent, SmsPlan, SmsProvider, SmsSender, SmtpPlan, SmtpTls, StorePlan,
    TwilioPlan, UserPlan, WebhookPlan,
};
pub use problem::{Position, Problem, ProblemSeverity};
pub use schema::schema;
pub use suggest::hint;
