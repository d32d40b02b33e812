//! Brings back what a receiver said is gone: an operator knows better by now. That it was disabled is `outcome`'s.

use tidings_core::Address;
use tidings_store::StoreError;

use crate::emit::Notifier;

impl Notifier {
    /// Lets an address be sent to again that its receiver has said is gone; `None` is the sink or channel as a whole. Says whether it
    /// was disabled. What was given up meanwhile stays so.
    ///
    /// # Errors
    /// If the store cannot note it; then it stays disabled.
    pub async fn enable(&self, endpoint: &str, address: Option<&str>) -> Result<bool, StoreError> {
        let shared = &self.shared;
        let was = shared.store.enable(endpoint, address, shared.clock.now()).await?;
        let pipeline = shared.pipeline();
        // One that is gone may come back.
        let links = pipeline.links.iter().chain(&pipeline.former.links);
        for link in links.filter(|link| *link.name == *endpoint) {
            link.enable(address.map(Address::new).as_ref());
        }
        Ok(was)
    }
}
