//! What every route knows: the notifier, the configuration that it runs by, who may ask, whether it stops. What they answer is their own.

use std::{
    fmt,
    sync::{Arc, OnceLock, PoisonError, RwLock, Weak},
};

use tidings::{
    Notifier,
    config::{Plan, ServerPlan},
};
use tidings_core::{Clock, SystemClock, Timestamp};
use tokio::sync::{Mutex as AsyncMutex, watch};

use crate::{
    access::PushAccess, channels, guard::Guard, ingest::body::Room, keys::Keys, links, reload::Loader, rules,
    tail::Tail,
};

/// A daemon's parts. Cheap to clone; every clone is the same daemon.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    notifier: Notifier,
    plan: RwLock<Arc<Plan>>,
    loader: OnceLock<Loader>,
    reloading: AsyncMutex<()>,
    keys: Keys,
    push: PushAccess,
    guard: Guard,
    room: Room,
    clock: Arc<dyn Clock>,
    started: Timestamp,
    stopping: watch::Sender<bool>,
    tail: Tail,
    backtests: rules::Turn,
    pause: channels::Pause,
    links: links::Links,
}

impl App {
    /// The daemon of a notifier that runs, and of the configuration that it was made of.
    #[must_use]
    pub fn new(notifier: Notifier, plan: Plan) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let keys = Keys::new(&plan.server.keys);
        Self(Arc::new(Parts {
            push: PushAccess::of(keys.clone(), SystemClock::default()),
            keys,
            guard: Guard::new(hosts(&plan.server)),
            room: Room::default(),
            started: clock.now(),
            notifier,
            plan: RwLock::new(Arc::new(plan)),
            loader: OnceLock::new(),
            reloading: AsyncMutex::default(),
            clock,
            stopping: watch::Sender::new(false),
            tail: Tail::default(),
            backtests: rules::Turn::default(),
            pause: channels::Pause::default(),
            links: links::Links::default(),
        }))
    }

    /// The notifier.
    #[must_use]
    pub fn notifier(&self) -> &Notifier {
        &self.0.notifier
    }

    /// The configuration that it runs by now.
    #[must_use]
    pub fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.0.plan.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Where the configuration is loaded anew from, for [`reload`](crate::reload()); the first one counts.
    #[must_use]
    pub fn reload_by(self, loader: Loader) -> Self {
        drop(self.0.loader.set(loader));
        self
    }

    /// What loads the configuration anew.
    pub(crate) fn loader(&self) -> Option<Loader> {
        self.0.loader.get().cloned()
    }

    /// Held by whoever loads it anew.
    pub(crate) fn reloading(&self) -> &AsyncMutex<()> {
        &self.0.reloading
    }

    /// Notes the configuration that it runs by from now on.
    pub(crate) fn put_plan(&self, plan: Plan) {
        self.0.keys.replace(&plan.server.keys);
        *self.0.plan.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(plan);
    }

    /// Who may ask.
    pub(crate) fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// Whose sessions may listen.
    pub(crate) fn push_access(&self) -> &PushAccess {
        &self.0.push
    }

    /// Which names it answers to, and which pages may ask.
    pub(crate) fn guard(&self) -> Guard {
        self.0.guard.clone()
    }

    /// Follows what is new.
    pub(crate) fn tail(&self) -> &Tail {
        &self.0.tail
    }

    /// Whose turn it is in the lab.
    pub(crate) fn backtests(&self) -> &rules::Turn {
        &self.0.backtests
    }

    /// What links in messages are signed with.
    pub(crate) fn links(&self) -> &links::Links {
        &self.0.links
    }

    /// The daemon without keeping it: for what it keeps itself.
    pub(crate) fn downgrade(&self) -> WeakApp {
        WeakApp(Arc::downgrade(&self.0))
    }

    /// When channels were tried last.
    pub(crate) fn pause(&self) -> &channels::Pause {
        &self.0.pause
    }

    /// The room that bodies of events share.
    pub(crate) fn room(&self) -> &Room {
        &self.0.room
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Since when it runs.
    #[must_use]
    pub fn started(&self) -> Timestamp {
        self.0.started
    }

    /// Lets nothing more in: from now on ingest answers 503.
    pub fn begin_stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Whether nothing more is let in.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        *self.0.stopping.borrow()
    }

    /// Returns once nothing more is let in.
    pub async fn stopping(&self) {
        let mut stopping = self.0.stopping.subscribe();
        // The sender lives as long as this does.
        drop(stopping.wait_for(|stopping| *stopping).await);
    }
}

/// A daemon that may be gone.
pub(crate) struct WeakApp(Weak<Parts>);

impl WeakApp {
    /// The daemon, if it is there.
    pub(crate) fn upgrade(&self) -> Option<App> {
        self.0.upgrade().map(App)
    }
}

/// The names that it answers to beside those of loopback.
fn hosts(server: &ServerPlan) -> Vec<String> {
    let public = server.public_url.as_ref().and_then(|url| url.parse::<url::Url>().ok());
    let public = public.and_then(|url| url.host_str().map(str::to_owned));
    let own = (!server.listen.ip().is_unspecified()).then(|| match server.listen.ip() {
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        std::net::IpAddr::V4(ip) => ip.to_string(),
    });
    server.hosts.iter().cloned().chain(public).chain(own).collect()
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("started", &self.0.started).finish_non_exhaustive()
    }
}
