//! What the configuration says of people, beside what a store keeps of them: who follows the file, and whose own change stays. That is
//! decided by a pure function; what it changes is durable before anybody is told by it.

use std::collections::BTreeMap;

use tidings_core::Timestamp;
use tidings_store::{Document, DocumentChange, DocumentKind, Put, Store, StoreError};

use super::{
    People,
    profile::Profile,
    records::{CONFIG, TRIES, readable},
    silences::lasting,
};
use crate::user::{User, Users};

/// Changes of one transaction.
const PIECE: usize = 256;
/// So many users are named in a line of the log.
const NAMED: usize = 10;

impl People {
    /// Who can be told, as a notifier of this configuration would find it on this store: to read, nothing is changed. All silences are
    /// in it, those that are over too.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn standing(store: &dyn Store, given: &Self) -> Result<Self, StoreError> {
        let found = standing(&given.users, &kept(store, &given.users).await?);
        let silences = lasting(store, Timestamp::from_nanos(i64::MIN)).await?;
        Ok(Self { operator: given.operator.clone(), users: found.users, silences })
    }

    /// As [`People::standing`], and lets profiles follow the configuration: whom it names and the store does not know gets a profile by
    /// [`CONFIG`]; one by that author becomes what the configuration says now, and is removed where the configuration names the user no
    /// more; what a person changed stays.
    ///
    /// # Errors
    /// If the store cannot be read or takes nothing.
    pub async fn seeded(store: &dyn Store, given: &Self, now: Timestamp) -> Result<Self, StoreError> {
        for _ in 0..TRIES {
            let found = standing(&given.users, &kept(store, &given.users).await?);
            if follow(store, &found.changes, now).await? {
                tell_of_own(&found.own);
                let silences = lasting(store, now).await?;
                return Ok(Self { operator: given.operator.clone(), users: found.users, silences });
            }
        }
        Err(StoreError::Unavailable("profiles change all the time, so that they cannot be seeded".to_owned()))
    }
}

/// All profiles by their users, removed ones too where the configuration names the user.
async fn kept(store: &dyn Store, given: &Users) -> Result<BTreeMap<String, Document>, StoreError> {
    let documents = store.documents(DocumentKind::Profile).await?;
    let mut kept: BTreeMap<_, _> = documents.into_iter().map(|document| (document.id.clone(), document)).collect();
    for id in given.ids() {
        if kept.contains_key(id) {
            continue;
        }
        let removed = store.document(DocumentKind::Profile, id).await?;
        kept.extend(removed.map(|document| (document.id.clone(), document)));
    }
    Ok(kept)
}

/// Makes changes durable, piece by piece; `false`: somebody else has changed one of them meanwhile.
async fn follow(store: &dyn Store, changes: &[DocumentChange], now: Timestamp) -> Result<bool, StoreError> {
    for piece in changes.chunks(PIECE) {
        let answers = store.put_documents(piece, now).await?;
        if answers.iter().any(|put| matches!(put, Put::Conflict { .. })) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What people changed by themselves and the configuration says otherwise.
fn tell_of_own(own: &[String]) {
    if !own.is_empty() {
        let users = own.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        tracing::info!(
            count = own.len(),
            users,
            "their profiles were changed and stay so, whatever the configuration says"
        );
    }
}

/// Who is there, and what follows the configuration.
#[derive(Debug, Default)]
struct Standing {
    users: Users,
    changes: Vec<DocumentChange>,
    /// Whose own change stays though the configuration says otherwise.
    own: Vec<String>,
}

/// What is kept beside what is given. Those who are given come first.
fn standing(given: &Users, kept: &BTreeMap<String, Document>) -> Standing {
    let mut standing = Standing::default();
    for (id, user) in given.iter() {
        match kept.get(id) {
            Some(document) if document.author != CONFIG => standing.keep_own(document, user),
            document => standing.follow(id, user, document),
        }
    }
    for document in kept.values().filter(|document| given.get(&document.id).is_none()) {
        if document.author == CONFIG {
            standing.changes.push(change(&document.id, document.version, None));
        } else if let Some(profile) = readable(document) {
            standing.users.insert(document.id.as_str(), User::from(&profile));
        }
    }
    standing
}

impl Standing {
    /// What a person changed stays, a removal too. What cannot be read any more is as the configuration says.
    fn keep_own(&mut self, document: &Document, given: &User) {
        let own = readable(document);
        if own.as_ref() != Some(&Profile::from(given)) {
            self.own.push(document.id.clone());
        }
        match own {
            Some(profile) => self.users.insert(document.id.as_str(), User::from(&profile)),
            None if document.content.is_some() => self.users.insert(document.id.as_str(), given.clone()),
            None => {}
        }
    }

    fn follow(&mut self, id: &str, user: &User, document: Option<&Document>) {
        self.users.insert(id, user.clone());
        let content = Profile::from(user).to_json().to_string();
        let version = document.map_or(0, |document| document.version);
        if document.and_then(|document| document.content.as_deref()) != Some(&content) {
            self.changes.push(change(id, version, Some(content)));
        }
    }
}

fn change(user: &str, version: u64, content: Option<String>) -> DocumentChange {
    DocumentChange {
        kind: DocumentKind::Profile,
        id: user.to_owned(),
        expected: Some(version),
        author: CONFIG.to_owned(),
        content: content.map(Into::into),
    }
}

#[cfg(test)]
mod tests;
