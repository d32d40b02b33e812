//! A person as he stands at this moment, with the version that a change is held against.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tidings::{People, Profile, ProfileError, config, store::StoreError};

use crate::{
    app::App,
    caller::Caller,
    problem::Refusal,
    views::{PersonView, Stamp},
};

/// A person, the profile that holds, and who changed it last.
pub(super) struct Standing {
    pub(super) user: String,
    pub(super) profile: Profile,
    pub(super) stamp: Option<Stamp>,
    people: std::sync::Arc<People>,
}

impl Standing {
    /// This person.
    ///
    /// # Errors
    /// 404 where there is nobody; an operator is told who else there is.
    pub(super) async fn of(app: &App, caller: &Caller, user: &str) -> Result<Self, Refusal> {
        let people = app.notifier().people();
        let kept = app.notifier().profile(user).await.map_err(|error| refused(&error))?;
        let profile = people.users().get(user).map(Profile::from);
        let Some(profile) = profile else { return Err(nobody(caller, &people, user)) };
        // What the store keeps is what is changed; the two differ only while somebody changes it.
        let stamp = kept.as_ref().map(Stamp::of);
        let profile = kept.map_or(profile, |kept| kept.value);
        Ok(Self { user: user.to_owned(), profile, stamp, people })
    }

    /// Somebody who is not there yet: as the configuration has him, if it does.
    pub(super) fn new(app: &App, user: &str) -> Self {
        let plan = app.plan();
        let named = plan.users.contains_key(user).then(|| tidings::people(&plan));
        let profile = named.and_then(|people| people.users().get(user).map(Profile::from)).unwrap_or_default();
        Self { user: user.to_owned(), profile, stamp: None, people: app.notifier().people() }
    }

    /// Everybody, in the order in which they came.
    pub(super) async fn everybody(app: &App) -> Result<Vec<Self>, Refusal> {
        let people = app.notifier().people();
        let kept = app.notifier().profiles().await.map_err(|error| refused(&error))?;
        let stamps: std::collections::HashMap<_, _> =
            kept.iter().map(|kept| (kept.id.as_str(), Stamp::of(kept))).collect();
        let person = |(id, user): (&str, _)| Self {
            user: id.to_owned(),
            profile: Profile::from(user),
            stamp: stamps.get(id).cloned(),
            people: std::sync::Arc::clone(&people),
        };
        Ok(people.users().iter().map(person).collect())
    }

    /// The version that stands; 0 where the store does not know the person.
    pub(super) fn version(&self) -> u64 {
        self.stamp.as_ref().map_or(0, |stamp| stamp.version)
    }

    /// Where it is from.
    pub(super) fn source(&self) -> &'static str {
        if self.stamp.is_some() { "store" } else { "configuration" }
    }

    /// What is told of the person.
    pub(super) fn view(&self, app: &App) -> PersonView<'_> {
        PersonView {
            user: &self.user,
            profile: self.profile.clone(),
            stamp: self.stamp.clone(),
            operator: self.people.operator(),
            channels: app.plan().channels.keys().cloned().collect(),
            source: self.source(),
        }
    }

    /// In a line of a list.
    pub(super) fn in_short(&self) -> Value {
        let contacts =
            self.profile.contacts.iter().map(|(channel, address)| (channel.clone(), json!(address.to_string())));
        json!({
            "user": self.user, "timezone": self.profile.timezone, "contacts": contacts.collect::<serde_json::Map<_, _>>(),
            "source": self.source(), "version": self.stamp.as_ref().map(|stamp| stamp.version),
        })
    }
}

fn nobody(caller: &Caller, people: &People, user: &str) -> Refusal {
    // Who else there is, is an operator's to know.
    let known = caller.operator().is_ok().then(|| config::hint(user, people.users().ids().collect::<Vec<_>>()));
    let hint = known.map(|hint| format!(": {hint}")).unwrap_or_default();
    Refusal::new(StatusCode::NOT_FOUND, format!("there is nobody of this id{hint}"))
}

/// What a store or a profile says no with.
pub(super) fn refused(error: &ProfileError) -> Refusal {
    let status = match error {
        ProfileError::Conflict { .. } => StatusCode::PRECONDITION_FAILED,
        ProfileError::Unknown => StatusCode::NOT_FOUND,
        ProfileError::Store(StoreError::Unavailable(_) | StoreError::Closed) => StatusCode::SERVICE_UNAVAILABLE,
        ProfileError::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let problems = match error {
        ProfileError::Invalid(error) => problems(error),
        _ => Vec::new(),
    };
    Refusal::new(status, error.to_string()).problems(problems)
}

/// Each problem with its path.
pub(super) fn problems(error: &tidings::policy::PreferencesError) -> Vec<Value> {
    error.0.iter().map(|problem| json!({"path": problem.path.join("."), "message": problem.message})).collect()
}
