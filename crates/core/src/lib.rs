#![doc = include_str!("../README.md")]

pub mod channel;
pub mod clock;
pub mod envelope;
pub mod error;
pub mod event;
pub mod id;
pub mod notification;
pub mod pattern;
pub mod problem;
pub mod ranks;
pub mod scrub;
pub mod taxonomy;

pub use channel::{BoxFuture, Channel, DynChannel, Layer, Receipt};
pub use clock::{Clock, SystemClock, Timestamp};
pub use envelope::{Address, Envelope, Payload};
pub use error::{ErrorKind, SendError, Verdict};
pub use event::{Event, EventError};
pub use id::{DeliveryId, EventId, IncidentId, NotificationId};
pub use notification::{Notification, NotificationKind, RESOLVED};
pub use pattern::{BadPattern, EventPattern};
pub use problem::Problem;
pub use ranks::{Priority, Severity, UnknownName};
pub use scrub::{KeepAll, OwnSecrets, Scrub};
