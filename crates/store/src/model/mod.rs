//! What goes into a store and comes out of it: plain values, without a word of SQL.

mod deferred;
mod delivery;
pub(crate) mod detail;
mod document;
mod entry;
mod inbox;
mod plan;
mod stored;

pub(crate) use deferred::wait_step;
pub use deferred::{Deferrals, Deferred, Fate, Pending, Resuming, Resumption};
pub use delivery::{Claim, Claimed, Finish, Lease, NewDelivery, Note, Outcome, Outstanding, Settled, Which};
pub use document::{Document, DocumentChange, DocumentKind, Put};
pub use entry::{Entry, LogFilter, NewEntry, Page, Step};
pub use inbox::{InboxBounds, InboxMessage, InboxPlace, InboxRow};
pub use plan::{
    Acceptance, Admission, FiringClaim, Handed, Offer, RuleBatch, RuleOutcome, RulePlan, UserBatch, UserOutcome,
    UserPlan,
};
pub use stored::{
    Census, Cooldown, Disabled, EventRange, KeptState, Purged, Recovered, RuleSetVersion, SetBack, StateRow,
    StoredEvent, StoredNotification, Waiting,
};
