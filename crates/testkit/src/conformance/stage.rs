//! What a check needs of the world: a peer that behaves as it is told, and the channel under test aimed at it. What must come of it is
//! `checks`' business.

use std::{sync::Arc, time::Duration};

use tidings_core::{Address, BoxFuture, DynChannel};

/// How the peer behaves towards every message, unless it says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Behaviour {
    /// Takes it.
    Takes,
    /// Refuses it for good: the request or the address is wrong.
    Refuses,
    /// Cannot take it now, and says how long to wait where its protocol can.
    Busy(Option<Duration>),
    /// Asks for less, and says how long to wait: `429` where the protocol has it.
    AsksForLess(Duration),
    /// Cannot take the first one now; takes what follows.
    BusyOnce,
    /// Takes connections and never answers.
    Hangs,
    /// Never answers the first one; takes what follows.
    HangsOnce,
    /// Answers so slowly, byte by byte, that no read ever times out.
    Drips,
    /// Breaks the connection once it has the whole message, without an answer.
    Breaks,
    /// Takes it, and repeats the channel's secret in its answer.
    TakesAndRepeats,
    /// Refuses it, and repeats the channel's secret in its answer.
    RefusesAndRepeats,
}

/// The other end of a channel.
pub trait Peer: Send + Sync {
    /// Every complete message so far, as one text each: whatever came over the wire, decoded so that a word can be searched in it.
    fn received(&self) -> Vec<String>;

    /// How often the channel came with a message, taken or not.
    fn attempts(&self) -> usize;

    /// What was injected: a header or a command that the channel did not mean to send. `X-Injected` is what hostile titles try.
    fn injected(&self) -> Option<String>;
}

/// A channel under test and the peer that it is aimed at.
#[expect(missing_debug_implementations, reason = "the channel's own Debug is what is tested")]
pub struct Scene {
    /// The channel.
    pub channel: Arc<dyn DynChannel>,
    /// Its `{:?}`.
    pub debug: String,
    /// The peer; it lives as long as the scene.
    pub peer: Arc<dyn Peer>,
    /// Whom to send to, where the channel has an address for each user.
    pub to: Option<Address>,
}

/// Sets scenes for one channel.
pub trait Stage: Send + Sync {
    /// A peer that behaves so, with a fresh channel that holds the suite's secret.
    fn set(&self, behaviour: Behaviour) -> BoxFuture<'_, Result<Scene, String>>;

    /// A scene whose address cannot be right. An error is what the channel's builder said: it has done its duty then.
    fn misaddressed(&self) -> BoxFuture<'_, Result<Scene, String>>;
}
