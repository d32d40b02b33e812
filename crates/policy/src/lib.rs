#![doc = include_str!("../README.md")]

mod event_filter;
mod fallback;
mod plan;
mod preferences;
mod read;
mod route;
mod schedule;
mod settings;
mod settle;
mod walk;

pub use event_filter::EventFilter;
pub use fallback::fallbacks_of;
pub use plan::{Fallbacks, Leg, Plan, Quorum, plan};
pub use preferences::{Choices, Preferences};
pub use route::{
    ChannelName, Decision, Muted, PreferenceLayer, Reason, Route, RoutingInput, SMS_FLOOR, decide, minimum, route,
    switch,
};
pub use schedule::{BadSchedule, Day, TimeOfDay, time_zone};
pub use settings::{Digest, DigestPeriod, MinPriority, QuietHours, QuietPolicy, Settings};
pub use settle::{Attempt, Ending, Status, settle};
pub use tidings_core::{BadPattern, EventPattern};
pub use walk::{PreferenceProblem, PreferencesError};
