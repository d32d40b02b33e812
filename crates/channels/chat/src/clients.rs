//! The clients of one channel: its own, and one for addresses that users give. What may be sent there is the guard's to say.

use std::sync::OnceLock;

use tidings_core::{ErrorKind, SendError};
use tidings_http::{BuildError, Client, Policy};

/// Two clients of the same settings that may reach different things.
pub(crate) struct Clients {
    own: Client,
    public: OnceLock<Client>,
}

impl Clients {
    /// Those of a channel that may reach this; it takes the common client where that one may do so already.
    pub(crate) fn new(common: &Client, policy: Policy) -> Result<Self, BuildError> {
        Ok(Self { own: reaching(common, policy)?, public: OnceLock::new() })
    }

    /// The one that reaches what the operator lets this channel reach.
    pub(crate) const fn own(&self) -> &Client {
        &self.own
    }

    /// The one that reaches the public internet alone, since no exception of the operator's holds for a user's data. It is built when it
    /// is wanted first.
    pub(crate) fn public(&self) -> Result<&Client, SendError> {
        if let Some(client) = self.public.get() {
            return Ok(client);
        }
        // How public addresses are written in this network is no exception.
        let policy = Policy { nat64: self.own.policy().nat64, ..Policy::default() };
        let client = reaching(&self.own, policy).map_err(|error| {
            SendError::transient(ErrorKind::Other, "cannot build the client for users' own addresses").caused_by(error)
        })?;
        Ok(self.public.get_or_init(|| client))
    }
}

fn reaching(client: &Client, policy: Policy) -> Result<Client, BuildError> {
    if policy == *client.policy() { Ok(client.clone()) } else { client.with_policy(policy) }
}
