//! Mail from a configuration.

use std::{sync::Arc, time::Duration};

use tidings_config::{EmailPlan, EmailTransport, SmtpPlan, SmtpTls};
use tidings_core::DynChannel;
use tidings_email::{Email, EmailConfig, SmtpConfig, Tls, Transport, Unsubscribe};

use super::template;
use crate::{Error, doors::Unsubscribing};

/// The channel of a plan.
pub(super) fn channel(
    plan: EmailPlan,
    timeout: Option<Duration>,
    links: Unsubscribing,
) -> Result<Arc<dyn DynChannel>, Error> {
    let transport = match plan.transport {
        EmailTransport::Smtp(smtp) => Transport::Smtp(server(smtp)),
        EmailTransport::Folder(folder) => Transport::Folder(folder),
    };
    let mut config = EmailConfig::new(transport, plan.from).redact_sensitive(plan.redact_sensitive);
    config.text = plan.template.map(template::text);
    config.unsubscribe = Some(Unsubscribe::new(move |told| links.link(told)));
    config.timeout = timeout.unwrap_or(config.timeout);
    Ok(Arc::new(Email::new(config)?))
}

fn server(plan: SmtpPlan) -> SmtpConfig {
    let mut config = SmtpConfig::new(plan.host).tls(match plan.tls {
        SmtpTls::StartTls => Tls::StartTls,
        SmtpTls::Implicit => Tls::Implicit,
        SmtpTls::None => Tls::None,
    });
    config.port = plan.port;
    config.username = plan.username;
    config.password = plan.password;
    config
}
