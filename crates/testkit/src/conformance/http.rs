//! The stage of channels that speak HTTP: the loopback peer behind the suite's behaviours.

use std::{fmt, sync::Arc, time::Duration};

use tidings_core::{Address, BoxFuture, DynChannel};

use super::stage::{Behaviour, Peer, Scene, Stage};
use crate::{
    HttpPeer, Reply, Script,
    http::{Fault, Recorded},
};

/// A channel under test.
#[expect(missing_debug_implementations, reason = "the channel's own Debug is what is tested")]
pub struct Subject {
    /// The channel.
    pub channel: Arc<dyn DynChannel>,
    /// Its `{:?}`.
    pub debug: String,
}

/// Where a check wants the channel to send.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// To this peer.
    Peer(&'a HttpPeer),
    /// To an address that cannot be right. A channel that cannot even be built with one has passed.
    Bad,
}

/// Makes the channel under test, with the suite's secret as its own; an error is what its builder said.
pub type Factory = dyn Fn(Target<'_>) -> Result<Subject, String> + Send + Sync;

/// Scenes of a channel that speaks HTTP.
pub struct HttpStage {
    factory: Box<Factory>,
    secret: String,
    to: Option<Address>,
}

impl HttpStage {
    /// A stage for the channel that this closure makes, which holds this secret.
    pub fn new(secret: &str, factory: impl Fn(Target<'_>) -> Result<Subject, String> + Send + Sync + 'static) -> Self {
        Self { factory: Box::new(factory), secret: secret.to_owned(), to: None }
    }

    /// Everything is sent to this address of a user.
    #[must_use]
    pub fn to(mut self, address: &str) -> Self {
        self.to = Some(Address::new(address));
        self
    }

    fn script(&self, behaviour: Behaviour) -> Script {
        let repeats = |status| Reply::status(status).body(format!("you sent {}", self.secret));
        let wait = |status, wait: Duration| Reply::status(status).header("Retry-After", &wait.as_secs().to_string());
        match behaviour {
            Behaviour::Takes => Script::statuses([200]),
            Behaviour::Refuses => Script::statuses([400]),
            Behaviour::Busy(None) => Script::statuses([503]),
            Behaviour::Busy(Some(delay)) => Script::always(wait(503, delay)),
            Behaviour::AsksForLess(delay) => Script::always(wait(429, delay)),
            Behaviour::BusyOnce => Script::statuses([503, 200]),
            Behaviour::Hangs => Script::always(Reply::fault(Fault::Hang)),
            Behaviour::HangsOnce => Script::sequence([Reply::fault(Fault::Hang), Reply::status(200)]),
            Behaviour::Drips => Script::always(Reply::fault(Fault::DripHead(Duration::from_secs(1)))),
            Behaviour::Breaks => Script::always(Reply::fault(Fault::Reset)),
            Behaviour::TakesAndRepeats => Script::always(repeats(200)),
            Behaviour::RefusesAndRepeats => Script::always(repeats(400)),
        }
    }

    async fn scene(&self, script: Script, good: bool) -> Result<Scene, String> {
        let peer = HttpPeer::start(script).await.map_err(|error| format!("no peer: {error}"))?;
        let Subject { channel, debug } = (self.factory)(if good { Target::Peer(&peer) } else { Target::Bad })?;
        Ok(Scene { channel, debug, peer: Arc::new(peer), to: self.to.clone() })
    }
}

impl Stage for HttpStage {
    fn set(&self, behaviour: Behaviour) -> BoxFuture<'_, Result<Scene, String>> {
        Box::pin(self.scene(self.script(behaviour), true))
    }

    fn misaddressed(&self) -> BoxFuture<'_, Result<Scene, String>> {
        Box::pin(self.scene(Script::statuses([200]), false))
    }
}

impl Peer for HttpPeer {
    fn received(&self) -> Vec<String> {
        self.requests().iter().map(Recorded::text).collect()
    }

    fn attempts(&self) -> usize {
        self.requests().len()
    }

    fn injected(&self) -> Option<String> {
        self.requests().iter().find_map(|request| request.header("x-injected").map(str::to_owned))
    }
}

impl fmt::Debug for HttpStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpStage").field("to", &self.to).finish_non_exhaustive()
    }
}
