//! Whether a sink or a channel is still served: told to retire when another one takes its place, and done once it has nothing in hand. Who
//! serves it watches; what it then does is its own.

use tokio::sync::watch;

/// The service of one sink or channel, from its start to its end.
#[derive(Debug)]
pub(crate) struct Service {
    retired: watch::Sender<bool>,
    over: watch::Sender<bool>,
}

impl Default for Service {
    fn default() -> Self {
        Self { retired: watch::Sender::new(false), over: watch::Sender::new(false) }
    }
}

impl Service {
    /// Takes on nothing more.
    pub(crate) fn retire(&self) {
        self.retired.send_replace(true);
    }

    /// To be told when it takes on nothing more.
    pub(crate) fn retirement(&self) -> watch::Receiver<bool> {
        self.retired.subscribe()
    }

    /// Nothing is in hand any more.
    pub(crate) fn end(&self) {
        self.over.send_replace(true);
    }

    /// Whether nothing is in hand any more.
    pub(crate) fn is_over(&self) -> bool {
        *self.over.borrow()
    }

    /// Returns once nothing is in hand any more.
    pub(crate) async fn over(&self) {
        let mut over = self.over.subscribe();
        // The sender lives as long as this does.
        drop(over.wait_for(|over| *over).await);
    }
}
