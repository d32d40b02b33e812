//! What a receiver called gone. The store knows the addresses, which are shown to nobody; the log knows whose they are.

use std::fmt;

use serde_json::{Value, json};
use tidings::{
    Timestamp,
    store::{Disabled, LogFilter, Page, Step, Store, StoreError},
};

/// So many entries of one moment are looked at.
const AT_ONCE: usize = 1_000;

/// What is disabled, and whose it is where that is known. It shows its address to nobody.
pub struct Gone {
    /// What the store keeps of it, the address among it.
    pub row: Disabled,
    /// Whose address it is.
    pub user: Option<String>,
}

impl Gone {
    /// All that is disabled.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn all(store: &dyn Store) -> Result<Vec<Self>, StoreError> {
        let mut gone = Vec::new();
        for row in store.disabled().await? {
            let user = if row.address.is_some() { user(store, &row).await? } else { None };
            gone.push(Self { row, user });
        }
        Ok(gone)
    }

    /// Without the address.
    pub(super) fn to_json(&self) -> Value {
        json!({"user": self.user, "whole": self.row.address.is_none(), "since": self.row.since})
    }
}

impl fmt::Debug for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gone").field("endpoint", &self.row.endpoint).field("user", &self.user).finish_non_exhaustive()
    }
}

/// Whose address it is: that of whom the log tells at that moment, if it is one.
async fn user(store: &dyn Store, row: &Disabled) -> Result<Option<String>, StoreError> {
    let filter = LogFilter {
        steps: vec![Step::Disabled],
        endpoint: Some(row.endpoint.clone()),
        since: Some(row.since),
        until: Some(Timestamp::from_nanos(row.since.as_nanos().saturating_add(1))),
        ..LogFilter::default()
    };
    let entries = store.log_query(&filter, Page::After { number: 0, limit: AT_ONCE }).await?;
    let first = entries.first().and_then(|entry| entry.user.clone());
    Ok(first.filter(|user| entries.iter().all(|entry| entry.user.as_ref() == Some(user))))
}
