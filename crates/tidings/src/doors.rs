//! What a program reaches beside the notifier itself: the hub that people connect to, the bus that code subscribes to.

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
    pub(crate) suppressions: Option<std::sync::Arc<dyn tidings_sms::Suppressions>>,
}
