//! The suite must be able to fail.

use std::sync::Arc;

use tidings_core::{Channel, Envelope, Receipt, SendError};

use super::*;

/// A channel that takes everything and sends nothing.
#[derive(Debug)]
struct Hole;

impl Channel for Hole {
    async fn send(&self, _envelope: &Envelope) -> Result<Receipt, SendError> {
        Ok(Receipt::default())
    }
}

fn suite(capabilities: &[Capability]) -> Suite {
    Suite {
        capabilities: capabilities.to_vec(),
        stage: Box::new(HttpStage::new("s3cret", |_| {
            Ok(Subject { channel: Arc::new(Hole), debug: format!("{Hole:?} s3cret") })
        })),
        secret: "s3cret".to_owned(),
        patience: Duration::from_millis(500),
    }
}

#[tokio::test]
#[should_panic(expected = "ran nothing")]
async fn a_suite_without_capabilities_fails() {
    suite(&[]).run().await;
}

#[tokio::test]
async fn a_channel_that_sends_nothing_fails_every_check() {
    for capability in Capability::ALL {
        let failed = tokio::spawn(async move { suite(&[capability]).run().await }).await.is_err();
        assert!(failed, "{capability:?} passed");
    }
}
