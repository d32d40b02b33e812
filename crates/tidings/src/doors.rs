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
    pub(crate) hub: OnceLock<tidings_push::Hub>,
    /// Subscribers in the process.
    #[cfg(feature = "bus")]
    pub(crate) bus: OnceLock<tidings_bus::Bus>,
    /// Who said STOP.
    #[cfg(feature = "sms")]
    pub(crate) suppressions: OnceLock<Arc<dyn tidings_sms::Suppressions>>,
    /// Who gives the links by which people unsubscribe.
    pub(crate) unsubscribing: Unsubscribing,
}

impl Doors {
    /// Opens what another configuration has made; what is open stays.
    #[cfg(feature = "yaml")]
    #[cfg_attr(
        not(any(feature = "push", feature = "bus", feature = "sms")),
        expect(unused_variables, clippy::unused_self, reason = "without these features there are no doors")
    )]
    pub(crate) fn open(&self, made: Self) {
        #[cfg(feature = "push")]
        made.hub.into_inner().into_iter().for_each(|hub| drop(self.hub.set(hub)));
        #[cfg(feature = "bus")]
        made.bus.into_inner().into_iter().for_each(|bus| drop(self.bus.set(bus)));
        #[cfg(feature = "sms")]
        made.suppressions.into_inner().into_iter().for_each(|list| drop(self.suppressions.set(list)));
    }
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
