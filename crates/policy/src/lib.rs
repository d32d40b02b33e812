#![doc = include_str!("../README.md")]

mod event_filter;
mod fallback;
mod judge;
mod plan;
mod preferences;
mod quiet;
mod read;
mod route;
mod schedule;
mod settings;
mod settle;
mod silence;
mod walk;
mod window;

pub use event_filter::EventFilter;
pub use fallback::fallbacks_of;
pub use judge::{Circumstances, Judgement, Verdict, Word, judge};
pub use plan::{Fallbacks, Leg, Plan, Quorum, plan};
pub use preferences::{Choices, Preferences};
pub use quiet::quiet_until;
pub use route::{
    ChannelName, Decision, Muted, PreferenceLayer, Reason, Route, RoutingInput, SMS_FLOOR, decide, minimum, route,
    switch,
};
pub use schedule::{BadSchedule, Day, TimeOfDay, time_zone};
pub use settings::{Digest, DigestPeriod, MinPriority, QuietHours, QuietPolicy, Settings};
pub use settle::{Attempt, Ending, Status, settle};
pub use silence::{Matcher, Silence, silenced};
pub use tidings_core::{BadPattern, EventPattern};
pub use walk::{PreferenceProblem, PreferencesError};
pub use window::{DIGEST_AT, DigestWindow, digest_window};
