#![doc = include_str!("../README.md")]

mod event_filter;
mod plan;
mod preferences;
mod read;
mod route;
mod schedule;
mod settings;
mod walk;

pub use event_filter::{BadPattern, EventFilter, EventPattern};
pub use plan::{Leg, Plan, Quorum, plan};
pub use preferences::{Choices, Preferences};
pub use route::{
    ChannelName, Decision, Muted, PreferenceLayer, Reason, Route, RoutingInput, SMS_FLOOR, decide, minimum, route,
    switch,
};
pub use schedule::{BadSchedule, Day, TimeOfDay, time_zone};
pub use settings::{Digest, DigestPeriod, MinPriority, QuietHours, QuietPolicy, Settings};
pub use walk::{PreferenceProblem, PreferencesError};
