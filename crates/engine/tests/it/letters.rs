//! A channel of one's own that keeps what it is sent.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tidings_core::{Channel, Envelope, Notification, Payload, Receipt, SendError};
use tokio::sync::watch;

/// The notifications in the order in which they came.
#[derive(Clone)]
pub(crate) struct Letters {
    received: Arc<Mutex<Vec<Notification>>>,
    count: watch::Sender<usize>,
}

impl Default for Letters {
    fn default() -> Self {
        Self { received: Arc::default(), count: watch::Sender::new(0) }
    }
}

impl Channel for Letters {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        if let Payload::Notification(told) = &envelope.payload {
            let mut received = self.received.lock().unwrap();
            received.push(Notification::clone(told));
            self.count.send_replace(received.len());
        }
        Ok(Receipt::default())
    }
}

impl Letters {
    pub(crate) fn all(&self) -> Vec<Notification> {
        self.received.lock().unwrap().clone()
    }

    pub(crate) fn titles(&self) -> Vec<String> {
        self.all().iter().map(|told| format!("{} to {}", told.title, told.user_id)).collect()
    }

    /// Waits until there are so many.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Notification> {
        let mut received = self.count.subscribe();
        tokio::time::timeout(Duration::from_secs(20), received.wait_for(|received| *received >= count))
            .await
            .expect("the letters arrive")
            .unwrap();
        self.all()
    }
}
