//! What a program reaches beside the notifier itself: the hub that people connect to, the bus that code subscribes to, who gives links.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use tidings_core::Notification;

/// The parts of a notifier that other code of the same program talks to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Doors {
    /// Live sessions of users.
    #[cfg(feature = "push")]
    pub(crate) hub: Option<tidings_push::Hub>,
    /// Subscribers in the process.
    #[cfg(feature = "bus")]
    pub(crate) bus: Option<tidings_bus::Bus>,
    /// Who said STOP.
    #[cfg(feature = "sms")]
    pub(crate) suppressions: Option<Arc<dyn tidings_sms::Suppressions>>,
    /// Who gives the links by which people unsubscribe.
    pub(crate) unsubscribing: Unsubscribing,
}

type Give = dyn Fn(&Notification) -> Option<String> + Send + Sync;

/// Gives links once somebody has said how: whatever answers them comes up after the channels.
#[derive(Clone, Default)]
pub(crate) struct Unsubscribing(Arc<OnceLock<Box<Give>>>);

impl Unsubscribing {
    /// Says how. Only the first word counts.
    pub(crate) fn by(&self, give: impl Fn(&Notification) -> Option<String> + Send + Sync + 'static) {
        drop(self.0.set(Box::new(give)));
    }

    /// The link for this notification; none before somebody has said how.
    #[cfg(feature = "email")]
    pub(crate) fn link(&self, notification: &Notification) -> Option<String> {
        self.0.get()?(notification)
    }
}

impl fmt::Debug for Unsubscribing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Unsubscribing").field(&self.0.get().is_some()).finish()
    }
}
