//! People with several channels, each in a mood that a test sets: what stands in for what, and when.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use serde_json::json;
use tidings::{
    Account, Address, Clock, ErrorKind, Event, Priority, Rule, SendError, Sink, User, Verdict,
    policy::{Fallbacks, Preferences, Quorum},
    store::{Entry, LogFilter, Page, Step, Store},
};
use tidings_engine::{Builder, Notifier};
use tidings_testkit::FakeClock;

use super::{
    lab::{BEGIN, Backend, Lab},
    plan,
    receiver::{Receiver, broken, refused},
    watched::Watched,
};

/// How a receiver answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// It takes everything.
    Well,
    /// Nobody listens.
    Down,
    /// It answers 500.
    Broken,
    /// It answers 404.
    Unknown,
    /// It answers 410.
    Gone,
    /// It answers 429, and wants so many seconds.
    Limited(u64),
    /// It answers 503, and wants so many seconds.
    Busy(u64),
    /// The user is not connected.
    NotConnected,
    /// The user has no address there, which the channel takes for a passing trouble.
    NoAddress,
}

impl Mood {
    fn answer(self) -> Result<(), SendError> {
        let later = |seconds| Verdict::Transient { retry_after: Some(Duration::from_secs(seconds)) };
        Err(match self {
            Self::Well => return Ok(()),
            Self::Down => refused(),
            Self::Broken => broken(),
            Self::Unknown => SendError::permanent(ErrorKind::Status(404), "the receiver answered 404"),
            Self::Gone => SendError::permanent(ErrorKind::Gone, "the receiver answered 410"),
            Self::Limited(seconds) => SendError::new(later(seconds), ErrorKind::RateLimited, "429"),
            Self::Busy(seconds) => SendError::new(later(seconds), ErrorKind::Status(503), "503"),
            Self::NotConnected => SendError::transient(ErrorKind::NotConnected, "nobody is connected"),
            Self::NoAddress => SendError::transient(ErrorKind::NoAddress, "no address"),
        })
    }
}

/// A receiver whose mood can be set.
#[derive(Clone, Debug)]
pub struct Moody {
    /// The receiver.
    pub receiver: Receiver,
    mood: Arc<Mutex<Mood>>,
}

impl Moody {
    fn new(clock: FakeClock) -> Self {
        let mood = Arc::new(Mutex::new(Mood::Well));
        let current = Arc::clone(&mood);
        let receiver = Receiver::new(clock, move |_| current.lock().unwrap_or_else(PoisonError::into_inner).answer());
        Self { receiver, mood }
    }

    /// Answers like this from now on.
    pub fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    /// How many attempts it has seen, and how many of them it has taken.
    #[must_use]
    pub fn count(&self) -> (usize, usize) {
        (self.receiver.attempts().len(), self.receiver.taken().len())
    }
}

/// What a house is like.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where it remembers.
    pub backend: Backend,
    /// The channels that its one rule names.
    pub channels: Vec<&'static str>,
    /// What stands in for what.
    pub fallbacks: Vec<(&'static str, Vec<&'static str>)>,
    /// How much the rule wants attention.
    pub priority: Priority,
    /// What ann wishes.
    pub wishes: Option<Preferences>,
    /// Who lives there.
    pub users: Vec<&'static str>,
}

impl Plan {
    /// Ann, reached by push.
    #[must_use]
    pub fn new(backend: Backend) -> Self {
        let (channels, fallbacks) = (vec!["push"], Vec::new());
        Self { backend, channels, fallbacks, priority: Priority::High, wishes: None, users: vec!["ann"] }
    }

    /// These stand in for this one, in their order.
    #[must_use]
    pub fn fallback(mut self, from: &'static str, to: &[&'static str]) -> Self {
        self.fallbacks.push((from, to.to_vec()));
        self
    }

    fn builder(&self, channels: [(&str, &Moody); 3], hook: &Moody) -> Builder {
        let rule = Rule::new("hot", "load > 5 resolve when load < 2").expect("it is a condition");
        let rule = rule.channels(self.channels.clone()).priority(self.priority).cooldown(Duration::ZERO);
        let quorum = Quorum { needed: 2 };
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let by_channel = self.fallbacks.iter().map(|(from, to)| ((*from).to_owned(), owned(to))).collect();
        let sink = Sink::channel("hook", Arc::new(hook.receiver.clone()), plan([1, 2, 4]), 16);
        let mut builder = Notifier::builder().rule(rule).sink(sink).dedup_window(Duration::ZERO);
        builder = builder.fallbacks(Fallbacks { by_channel, critical: quorum });
        for (name, moody) in channels {
            builder = builder.channel(name, Arc::new(moody.receiver.clone()), plan([30, 120, 600]));
        }
        for user in &self.users {
            let address = |channel: &str| (channel.to_owned(), Address::new(format!("{user}@{channel}")));
            let contacts = ["push", "email", "sms"].map(address).into_iter().collect();
            let preferences = self.wishes.clone().filter(|_| *user == "ann");
            builder = builder.user(user, User { contacts, preferences, zone: None });
        }
        builder
    }
}

/// A notifier with three channels for users and a sink.
#[derive(Clone, Debug)]
pub struct House {
    plan: Plan,
    /// The notifier with its clock and store.
    pub lab: Lab,
    /// The channel `push`.
    pub push: Moody,
    /// The channel `email`.
    pub email: Moody,
    /// The channel `sms`.
    pub sms: Moody,
    /// A sink for events.
    pub hook: Moody,
    /// Numbers the events, so that none is another one's twin.
    next: Arc<AtomicU64>,
}

impl House {
    /// Builds it, with everybody well.
    pub async fn start(plan: Plan) -> Self {
        let clock = FakeClock::at(BEGIN);
        let store = plan.backend.store();
        let [push, email, sms, hook] = std::array::from_fn(|_| Moody::new(clock.clone()));
        let lab = Self::begin(&plan, (store, clock), [&push, &email, &sms, &hook]).await;
        Self { plan, lab, push, email, sms, hook, next: Arc::default() }
    }

    async fn begin(plan: &Plan, (store, clock): (Arc<Watched>, FakeClock), moody: [&Moody; 4]) -> Lab {
        let [push, email, sms, hook] = moody;
        let builder = plan.builder([("push", push), ("email", email), ("sms", sms)], hook);
        Lab::start_with(store, clock, builder).await
    }

    /// Stops in the middle of things, and starts again on the same store.
    ///
    /// # Panics
    /// If an account does not close.
    pub async fn restart(&mut self) {
        self.lab.notifier.stop_within(Duration::ZERO).await.closes().expect("the accounts close");
        self.lab.store.check_census().await;
        let parts = (Arc::clone(&self.lab.store), self.lab.clock.clone());
        self.lab = Self::begin(&self.plan, parts, [&self.push, &self.email, &self.sms, &self.hook]).await;
        self.lab.settle().await;
    }

    /// This agent's load, as an event.
    pub async fn load(&self, agent: &str, load: u32) {
        let (now, n) = (self.lab.clock.now(), self.next.fetch_add(1, SeqCst));
        self.lab.accept(vec![Event::new("sample").agent(agent).at(now).data(json!({"load": load, "n": n}))]).await;
    }

    /// Lets so many seconds pass, some at a time.
    pub async fn pass(&self, seconds: u64) {
        let step = (seconds / 30).max(5);
        for _ in 0..seconds / step {
            self.lab.pass(Duration::from_secs(step)).await;
        }
        self.lab.pass(Duration::from_secs(seconds % step)).await;
    }

    /// The entries of the log of this step.
    ///
    /// # Panics
    /// If the store does not answer.
    pub async fn log(&self, step: Step) -> Vec<Entry> {
        let filter = LogFilter { steps: vec![step], ..LogFilter::default() };
        let page = Page::After { number: 0, limit: 10_000 };
        self.lab.store.log_query(&filter, page).await.expect("the store answers")
    }

    /// Stops, with all accounts checked.
    pub async fn stop(&self) -> Account {
        self.lab.stop_within(Duration::ZERO).await
    }
}
