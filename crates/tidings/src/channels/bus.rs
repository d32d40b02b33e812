//! A NATS server from a configuration.

use std::{sync::Arc, time::Duration};

use tidings_bus::{Nats, NatsConfig};
use tidings_config::{NatsLogin, NatsPlan};
use tidings_core::DynChannel;

use crate::Error;

/// The channel of a plan.
pub(super) fn channel(plan: NatsPlan, timeout: Option<Duration>) -> Result<Arc<dyn DynChannel>, Error> {
    let config = NatsConfig::new(plan.url).topic(plan.topic).jetstream(plan.jetstream);
    let config = match plan.login {
        NatsLogin::Anonymous => config,
        NatsLogin::Password { username, password } => config.login(username, password),
        NatsLogin::Token(token) => config.token(token),
    };
    let config = match timeout {
        Some(timeout) => config.deadline(timeout),
        None => config,
    };
    Ok(Arc::new(Nats::new(config)?))
}
