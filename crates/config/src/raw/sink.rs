//! A sink as it is written: one flat section for all types, so that a wrong key keeps its place.

use crate::{
    read::{At, Named, raw},
    values::{Secret, SeverityName, Span},
};

raw! {
    /// A subscription of a channel to raw events. Which keys a sink takes depends on its type.
    Sink {
        /// `webhook`, `log` or `bus`.
        #[schemars(required)]
        r#type: String,
        /// The sink's name in logs and counters; by default its type and place in the list, as `webhook-1`.
        name: String,
        /// The event types that are sent, `*` standing for any text within a segment: `tool.*`. All by default.
        events: Vec<At<String>>,
        /// The lowest severity that is sent. All by default.
        min_severity: SeverityName,
        /// webhook: the address, `http` or `https`. bus: the server, `nats` or `tls`; by default the bus of this process.
        url: Secret,
        /// webhook: headers that are added. Those of the signature and the connection cannot be given.
        headers: Named<Secret>,
        /// webhook: the key of the signature. By default one is generated and shown once. A `whsec_` secret also gives Standard Webhooks headers.
        secret: Secret,
        /// webhook: a file that holds the secret, relative to this one; its trailing line breaks are cut.
        secret_file: String,
        /// webhook: how often a failed request is repeated. Default 3.
        max_retries: u64,
        /// webhook: the wait before the first retry; it doubles with each. Default 1 s.
        retry_delay: Span,
        /// webhook, log, bus: whether secrets and personal data are taken out. Default true.
        redact_sensitive: bool,
        /// webhook: a template that gives the body instead of the event's JSON.
        template: String,
        /// webhook: whether private networks and loopback may be reached, never metadata services. Default false.
        allow_private_networks: bool,
        /// log: the tracing target. Default `promptise.events`.
        logger_name: String,
        /// bus: what the subjects begin with. Default `tidings`.
        topic: String,
        /// bus: the user at the server.
        username: String,
        /// bus: the password there.
        password: Secret,
        /// bus: a file that holds the password, relative to this one.
        password_file: String,
        /// bus: the token, instead of user and password.
        token: Secret,
        /// bus: a file that holds the token, relative to this one.
        token_file: String,
        /// bus: whether the server must have stored an event before it counts. Default false.
        jetstream: bool,
    }
}
