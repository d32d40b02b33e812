//! Text messages: by which provider, from whom, and how long.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use secrecy::SecretString;
use tidings_http::{Policy, SafeUrl};
use tidings_template::{Template, TemplateError};

use crate::percent;

/// Text messages.
#[derive(Clone, Debug)]
pub struct SmsPlan {
    /// Who carries them.
    pub provider: SmsProvider,
    /// The most parts of one message, 1 to 10; default 2.
    pub max_parts: u8,
    /// What gives the text; `None`: title and body.
    pub template: Option<Template>,
    /// The file of the numbers that said STOP; `None`: one beside the store, and without a store they are forgotten at the end of the
    /// process. A relative path is taken from the folder that the process runs in.
    pub suppressions_file: Option<PathBuf>,
    /// Whether secrets are taken out; default true.
    pub redact_sensitive: bool,
    /// What may be reached beyond the public internet.
    pub policy: Policy,
}

/// Who carries text messages.
#[derive(Clone, Debug)]
pub enum SmsProvider {
    /// Twilio.
    Twilio(TwilioPlan),
    /// Any provider that takes an HTTP request.
    Gateway(GatewayPlan),
}

/// An account at Twilio.
#[derive(Clone)]
pub struct TwilioPlan {
    /// The account.
    pub account_sid: String,
    /// Its token.
    pub auth_token: SecretString,
    /// Who sends.
    pub sender: SmsSender,
    /// Where Twilio tells what became of a message.
    pub status_callback: Option<SafeUrl>,
    /// Another base than Twilio's own: a region.
    pub api_url: Option<SafeUrl>,
}

/// Shows neither the account nor its token.
impl fmt::Debug for TwilioPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioPlan")
            .field("sender", &self.sender)
            .field("status_callback", &self.status_callback)
            .field("api_url", &self.api_url)
            .finish_non_exhaustive()
    }
}

/// Who sends at Twilio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SmsSender {
    /// A number, a short code, or a name of letters.
    Number(String),
    /// A messaging service.
    Service(String),
}

/// A provider that takes an HTTP request.
#[derive(Clone)]
pub struct GatewayPlan {
    /// The address.
    pub url: SafeUrl,
    /// Headers that are added, in the file's order.
    pub headers: Vec<(String, SecretString)>,
    /// What gives the request's body; see [`GatewayPlan::render`].
    pub body: Template,
    /// What the body is.
    pub content: SmsContent,
}

impl GatewayPlan {
    /// The body of one request. In a form the values are percent-encoded before they are put in, as a template cannot do it itself.
    ///
    /// # Errors
    /// Where the template cannot be rendered.
    pub fn render(&self, to: &str, text: &str, delivery_id: &str) -> Result<String, TemplateError> {
        let value = |text: &str| match self.content {
            SmsContent::Json => text.to_owned(),
            SmsContent::Form => percent::encode(text),
        };
        let values: BTreeMap<&str, String> =
            [("to", value(to)), ("text", value(text)), ("delivery_id", value(delivery_id))].into();
        self.body.render(&values)
    }
}

/// Shows neither the address's path nor the values of headers.
impl fmt::Debug for GatewayPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatewayPlan")
            .field("url", &self.url)
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("content", &self.content)
            .finish_non_exhaustive()
    }
}

/// What a gateway's body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsContent {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}
