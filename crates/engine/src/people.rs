//! Who can be told, what everybody wishes and which silences there are, as it stands at one moment. It may change while the notifier runs:
//! who looks at it keeps what he saw until he is done.

use std::sync::{Arc, PoisonError, RwLock};

use jiff::tz::TimeZone;
use tidings_core::Notification;
use tidings_policy::{Circumstances, Preferences, Recent, Silence};

use crate::{rule::Rule, user::Users};

/// All of it at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct People {
    /// The operator's wishes, for everyone.
    pub(crate) operator: Preferences,
    pub(crate) users: Users,
    pub(crate) silences: Vec<Silence>,
}

impl People {
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
}

/// What stands now.
#[derive(Debug, Default)]
pub(crate) struct Registry(RwLock<Arc<People>>);

impl Registry {
    pub(crate) fn new(people: People) -> Self {
        Self(RwLock::new(Arc::new(people)))
    }

    /// What stands at this moment.
    pub(crate) fn now(&self) -> Arc<People> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}
