//! The conformance suite over the real server and a real client.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::StreamExt;
use tidings_core::{Address, BoxFuture};
use tidings_push::{Push, PushConfig};
use tidings_server::SocketConfig;
use tidings_testkit::{Behaviour, Capability, Peer, Scene, Stage, Suite};
use tokio_tungstenite::tungstenite::Message;

use super::{Client, KEY, USER, ack, client, hub, serve_push, until};

#[derive(Default)]
struct Reader(Mutex<Vec<String>>);

impl Peer for Reader {
    fn received(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn attempts(&self) -> usize {
        self.received().len()
    }

    fn injected(&self) -> Option<String> {
        self.received().into_iter().find(|text| !text.starts_with("{\"type\":\"notification\","))
    }
}

/// Reads, and acknowledges, stays silent or leaves, as it is told.
async fn behave(mut client: Client, behaviour: Behaviour, reader: Arc<Reader>) {
    let mut count = 0;
    while let Some(Ok(message)) = client.next().await {
        let Message::Text(text) = message else { continue };
        reader.0.lock().unwrap_or_else(PoisonError::into_inner).push(text.as_str().to_owned());
        count += 1;
        match behaviour {
            Behaviour::Takes | Behaviour::TakesAndRepeats => ack(&mut client, u64::MAX).await,
            Behaviour::Hangs | Behaviour::Drips => {}
            Behaviour::HangsOnce | Behaviour::BusyOnce if count == 1 => {}
            Behaviour::HangsOnce | Behaviour::BusyOnce => ack(&mut client, u64::MAX).await,
            _ => return,
        }
    }
}

struct Sockets;

impl Sockets {
    async fn scene(behaviour: Behaviour, to: &str) -> Result<Scene, String> {
        let hub = hub();
        let address = serve_push(&hub, SocketConfig::default()).await;
        let client = client(address, "?since=0").await;
        until(|| hub.sessions() == 1).await;
        let reader = Arc::new(Reader::default());
        tokio::spawn(behave(client, behaviour, Arc::clone(&reader)));
        let channel = Push::new(hub, PushConfig::default().ack_timeout(Duration::from_secs(1)));
        let channel = channel.map_err(|error| error.to_string())?;
        Ok(Scene {
            debug: format!("{channel:?}"),
            channel: Arc::new(channel),
            peer: reader,
            to: Some(Address::new(to)),
        })
    }
}

impl Stage for Sockets {
    fn set(&self, behaviour: Behaviour) -> BoxFuture<'_, Result<Scene, String>> {
        Box::pin(Self::scene(behaviour, USER))
    }

    fn misaddressed(&self) -> BoxFuture<'_, Result<Scene, String>> {
        Box::pin(Self::scene(Behaviour::Takes, ""))
    }
}

#[tokio::test]
async fn it_conforms() {
    let missing = [
        // A client can neither refuse a message nor be busy: it acknowledges or it does not.
        Capability::RetryClasses,
        Capability::RetryAfter,
        // Silence and a broken connection both mean that nobody was told: the fallback's turn at once.
        Capability::Deadline,
        Capability::BrokenConnection,
    ];
    let capabilities = Capability::all_but(&missing);
    let count = capabilities.len();
    let suite =
        Suite { capabilities, stage: Box::new(Sockets), secret: KEY.to_owned(), patience: Duration::from_secs(60) };
    assert_eq!(suite.run().await.len(), count);
}
