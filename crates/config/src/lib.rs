#![doc = include_str!("../README.md")]

mod build;
mod duration;
mod environment;
mod inside;
mod load;
mod marks;
mod mask;
mod plan;
mod problem;
mod raw;
mod read;
mod schema;
mod suggest;
mod tree;
mod values;
mod yaml;

pub use environment::{Environment, process_variable};
pub use load::{Mode, Options, SIZE_LIMIT, load, load_file};
pub use plan::{
    Audience, ChannelKind, ChannelPlan, DeliveryPlan, LogPlan, Plan, PreferencesPlan, Recipient, RulePlan, SinkKind,
    SinkPlan, StorePlan, UserPlan, WebhookPlan,
};
pub use problem::{Position, Problem, ProblemSeverity};
pub use schema::schema;
