//! Who can be told, what everybody wishes and which silences there are, as it stands at one moment. It may change while the notifier runs:
//! who looks at it keeps what he saw until he is done. How it is kept and changed is left to the modules within.

mod live;
mod profile;
mod question;
mod records;
mod seed;
mod silences;

use std::sync::{Arc, PoisonError, RwLock};

use jiff::tz::TimeZone;
use tidings_core::Notification;
use tidings_policy::{Circumstances, Preferences, Recent, Silence};
use tokio::sync::{Mutex as AsyncMutex, MutexGuard as AsyncMutexGuard};

use crate::{
    rule::Rule,
    user::{User, Users},
};

pub use profile::Profile;
pub use question::Question;
pub use records::{CONFIG, Kept, ProfileError, Records};
pub use silences::SilenceError;

/// Who can be told, what everybody wishes and which silences there are, at one moment.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// The operator's wishes, for everyone.
    pub(crate) operator: Preferences,
    pub(crate) users: Users,
    pub(crate) silences: Vec<Silence>,
}

impl People {
    /// What a configuration says: the operator's wishes and its users. Nobody is silenced.
    #[must_use]
    pub fn given(operator: Preferences, users: Users) -> Self {
        Self { operator, users, silences: Vec::new() }
    }

    /// What the operator wishes for everyone.
    #[must_use]
    pub const fn operator(&self) -> &Preferences {
        &self.operator
    }

    /// Everybody who can be told.
    #[must_use]
    pub const fn users(&self) -> &Users {
        &self.users
    }

    /// The silences that may still cover something.
    #[must_use]
    pub fn silences(&self) -> &[Silence] {
        &self.silences
    }

    /// What a notification is judged by.
    pub(crate) fn about<'a>(
        &'a self,
        told: &'a Notification,
        rule: Option<&'a Rule>,
        recent: Recent,
    ) -> Circumstances<'a> {
        let user = self.users.get(&told.user_id);
        Circumstances {
            notification: told,
            operator: &self.operator,
            user: user.and_then(|user| user.preferences.as_ref()),
            zone: user.and_then(|user| user.zone.as_ref()).unwrap_or(const { &TimeZone::UTC }),
            mandatory: rule.is_some_and(|rule| rule.mandatory),
            topic: rule.and_then(|rule| rule.topic.as_deref()),
            silences: &self.silences,
            recent,
        }
    }

    /// Puts in a person's profile as it is now; `None`: there is none any more.
    fn put(&mut self, user: &str, profile: Option<&Profile>) {
        match profile {
            Some(profile) => self.users.insert(user, User::from(profile)),
            None => self.users.remove(user),
        }
    }
}

/// What stands now.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    now: RwLock<Arc<People>>,
    /// Whoever changes it holds this from before the store until all see it: the last change of the store is the last here.
    turn: AsyncMutex<()>,
}

impl Registry {
    pub(crate) fn new(people: People) -> Self {
        Self { now: RwLock::new(Arc::new(people)), turn: AsyncMutex::default() }
    }

    /// What stands at this moment.
    pub(crate) fn now(&self) -> Arc<People> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until nobody else changes anything.
    pub(crate) async fn turn(&self) -> AsyncMutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Lets the next decision see a change.
    pub(crate) fn change(&self, change: impl FnOnce(&mut People)) {
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut now));
    }
}
