#![doc = include_str!("../README.md")]

mod again;
mod event_filter;
mod fallback;
mod judge;
mod plan;
mod preferences;
mod quiet;
mod read;
mod recent;
mod route;
mod schedule;
mod settings;
mod settle;
mod silence;
mod told;
mod walk;
mod window;

pub use again::{Resumed, quiet_end, resume};
pub use event_filter::EventFilter;
pub use fallback::fallbacks_of;
pub use judge::{Judgement, Verdict, judge};
pub use plan::{Fallbacks, Leg, Plan, Quorum, plan};
pub use preferences::{Choices, Preferences};
pub use quiet::quiet_until;
pub use recent::{History, Recent, StormLimit};
pub use route::{
    ChannelName, Circumstances, Delay, Gathering, Muted, PreferenceLayer, Reason, Route, SMS_FLOOR, Wait, minimum,
    route, switch,
};
pub use schedule::{BadSchedule, Day, TimeOfDay, time_zone};
pub use settings::{Digest, DigestPeriod, MinPriority, QuietHours, QuietPolicy, Settings};
pub use settle::{Attempt, Ending, Status, settle};
pub use silence::{Matcher, Silence, silenced};
pub use tidings_core::{BadPattern, EventPattern};
pub use told::{Told, Why, Word};
pub use walk::{PreferenceProblem, PreferencesError};
pub use window::{DIGEST_AT, DigestWindow, digest_window};
