//! Channels and network sinks from a configuration: each kind in a file of its own, behind its feature. What goes around them, and how
//! they are named in rules, is `assemble`'s.

#[cfg(feature = "bus-nats")]
mod bus;
#[cfg(feature = "chat")]
mod chat;
#[cfg(feature = "email")]
mod email;
#[cfg(feature = "push")]
mod push;
mod receiver;
#[cfg(feature = "sms")]
mod sms;
#[cfg(feature = "sms")]
mod stopped;
#[cfg(any(feature = "webhook", feature = "chat", feature = "email", feature = "sms"))]
mod template;
mod unavailable;
#[cfg(feature = "webhook")]
mod webhook;

use std::{sync::Arc, time::Duration};

use tidings_config::{BusPlan, ChannelKind, ChannelPlan, Plan, WebhookPlan};
use tidings_core::DynChannel;
use tidings_engine::{LogChannel, Sink};
#[cfg(feature = "_http")]
use tidings_http::{Client, ClientConfig};
use tidings_redact::Redactor;
use tidings_store::Store;

#[cfg(feature = "sms")]
pub use self::sms::preview_sms;
use self::{receiver::WithReceiver, unavailable::Unavailable};
use crate::{Error, builder::boxed, doors::Doors};

/// Makes channels; those over HTTP share one client, push and inbox one hub.
pub(crate) struct Workshop {
    /// What was made on the way and is talked to from outside.
    pub(crate) doors: Doors,
    /// The store that outlives the process, where there is one.
    #[cfg(feature = "push")]
    store: Option<Arc<dyn Store>>,
    /// The files of those who said STOP.
    #[cfg(feature = "sms")]
    stopped: std::collections::BTreeSet<std::path::PathBuf>,
    #[cfg(feature = "_http")]
    client: Client,
}

impl Workshop {
    #[cfg_attr(
        not(all(feature = "push", feature = "_http")),
        expect(unused_variables, reason = "some parts need neither plan nor store")
    )]
    pub(crate) fn new(plan: &Plan, store: Option<Arc<dyn Store>>) -> Result<Self, Error> {
        Ok(Self {
            doors: Doors::default(),
            #[cfg(feature = "push")]
            store,
            #[cfg(feature = "sms")]
            stopped: stopped::files(plan),
            #[cfg(feature = "_http")]
            client: Client::new(ClientConfig { policy: plan.destinations.clone(), ..ClientConfig::default() })?,
        })
    }

    /// A webhook, as a sink or as a channel.
    pub(crate) fn webhook(
        &self,
        name: &str,
        plan: WebhookPlan,
        timeout: Option<Duration>,
    ) -> Result<Arc<dyn DynChannel>, Error> {
        #[cfg(feature = "webhook")]
        return webhook::channel(name, plan, &self.client(timeout)?);
        #[cfg(not(feature = "webhook"))]
        {
            drop((plan, timeout));
            Err(absent(name, "webhook"))
        }
    }

    /// The channel of this plan.
    pub(crate) fn channel(&mut self, name: &str, mut plan: ChannelPlan) -> Result<Arc<dyn DynChannel>, Error> {
        let to = plan.to.take();
        Ok(WithReceiver::around(self.kind(name, plan)?, to))
    }

    fn kind(&mut self, name: &str, plan: ChannelPlan) -> Result<Arc<dyn DynChannel>, Error> {
        let (timeout, type_name) = (plan.timeout, plan.type_name);
        match plan.kind {
            ChannelKind::Log(_) => Ok(boxed(LogChannel)),
            ChannelKind::Webhook(webhook) => self.webhook(name, *webhook, timeout),
            #[cfg(feature = "email")]
            ChannelKind::Email(email) => email::channel(*email, timeout, self.doors.unsubscribing.clone()),
            #[cfg(feature = "chat")]
            ChannelKind::Chat(chat) => chat::channel(*chat, &self.client(timeout)?),
            #[cfg(feature = "sms")]
            ChannelKind::Sms(sms) => self.sms(*sms, timeout),
            #[cfg(feature = "push")]
            ChannelKind::Push => push::push(self.hub()?, timeout),
            #[cfg(feature = "push")]
            ChannelKind::Inbox => Ok(push::inbox(self.hub()?)),
            #[cfg(feature = "bus-nats")]
            ChannelKind::Bus(BusPlan { nats: Some(nats), .. }) => bus::channel(*nats, timeout),
            ChannelKind::Code | ChannelKind::Unset => Ok(boxed(Unavailable::named(name))),
            _ => Err(absent(name, feature(&type_name))),
        }
    }

    /// A sink that hands events to the subscribers of the process's own bus.
    pub(crate) fn bus(&mut self, name: &str, redactor: Option<Redactor>) -> Result<Sink, Error> {
        #[cfg(feature = "bus")]
        return Ok(crate::builder::bus_sink(name, self.doors.bus.get_or_init(Default::default).clone(), redactor));
        #[cfg(not(feature = "bus"))]
        {
            let _ = redactor;
            Err(absent(name, "bus"))
        }
    }

    /// A sink that hands events to a NATS server.
    pub(crate) fn nats(&self, name: &str, plan: BusPlan) -> Result<Arc<dyn DynChannel>, Error> {
        match plan.nats {
            #[cfg(feature = "bus-nats")]
            Some(nats) => bus::channel(*nats, None),
            _ => Err(absent(name, "bus-nats")),
        }
    }

    #[cfg(feature = "sms")]
    fn sms(&mut self, plan: tidings_config::SmsPlan, timeout: Option<Duration>) -> Result<Arc<dyn DynChannel>, Error> {
        let list = match self.doors.suppressions.get() {
            Some(list) => Arc::clone(list),
            None => {
                let list = stopped::list(&self.stopped)?;
                Arc::clone(self.doors.suppressions.get_or_init(|| list))
            }
        };
        sms::channel(plan, &self.client(timeout)?, list)
    }

    #[cfg(feature = "push")]
    fn hub(&mut self) -> Result<tidings_push::Hub, Error> {
        if let Some(hub) = self.doors.hub.get() {
            return Ok(hub.clone());
        }
        let hub = push::hub(self.store.as_ref())?;
        Ok(self.doors.hub.get_or_init(|| hub).clone())
    }

    /// The common client, or one that waits longer.
    #[cfg(feature = "_http")]
    fn client(&self, timeout: Option<Duration>) -> Result<Client, Error> {
        match timeout {
            Some(timeout) if timeout > self.client.timeout() => Ok(self.client.with_timeout(timeout)?),
            _ => Ok(self.client.clone()),
        }
    }
}

/// The feature that a type of channel needs.
fn feature(type_name: &str) -> &'static str {
    match type_name {
        "email" => "email",
        "sms" => "sms",
        "push" | "inbox" => "push",
        "bus" => "bus-nats",
        _ => "chat",
    }
}

fn absent(name: &str, feature: &'static str) -> Error {
    Error::Feature { name: name.to_owned(), feature }
}
