//! Connections that are told to end together, and are waited for until they have. What they do until then is their own.

use tokio::sync::watch;

/// What the members of a crowd are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    Stay,
    /// Finish what was asked, then go.
    Finish,
    /// Go at once.
    Go,
}

/// Those who are told.
#[derive(Debug)]
pub(super) struct Crowd(watch::Sender<Told>);

/// One of them. Every clone counts.
#[derive(Clone, Debug)]
pub(super) struct Member(watch::Receiver<Told>);

impl Crowd {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(Told::Stay))
    }

    pub(super) fn join(&self) -> Member {
        Member(self.0.subscribe())
    }

    pub(super) fn finish(&self) {
        self.0.send_replace(Told::Finish);
    }

    /// Returns once nobody is left.
    pub(super) async fn gone(&self) {
        self.0.closed().await;
    }
}

/// Whoever still is there when nobody waits for them any more is told to go.
impl Drop for Crowd {
    fn drop(&mut self) {
        self.0.send_replace(Told::Go);
    }
}

impl Member {
    /// Returns once it shall finish.
    pub(super) async fn finish(&mut self) {
        self.told(Told::Finish).await;
    }

    /// Returns once it shall go.
    pub(super) async fn go(&mut self) {
        self.told(Told::Go).await;
    }

    async fn told(&mut self, least: Told) {
        // Without a crowd there is nobody to stay for.
        drop(self.0.wait_for(|told| *told >= least).await);
    }
}
