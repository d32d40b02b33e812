//! Where providers of text messages call back to: one pair of routes for all Twilio channels, told to Twilio by itself where the daemon has a public
//! address. What a call says is `twilio`'s; what it says of a delivery goes into the log.

use std::{
    future::ready,
    sync::{Arc, OnceLock},
};

use axum::Router;
use secrecy::SecretString;
use tidings::{
    Notifier,
    config::{ChannelKind, Plan, SmsProvider, TwilioPlan},
    http::SafeUrl,
    sms::callback::{self, Status},
};
use tidings_core::BoxFuture;
use url::Url;

use crate::{
    app::App,
    twilio::{self, Call, Callbacks, Reported, TwilioCalls},
};

/// Where Twilio reports what became of a message.
const STATUS: &str = "v1/callbacks/twilio/status";

/// Lets Twilio report to a daemon at its public address, where the configuration names no other `status_callback`: before the notifier is
/// made of it.
pub fn name_callbacks(plan: &mut Plan) {
    let Some(public) = plan.server.public_url.as_deref() else { return };
    let address = format!("{}/{STATUS}", public.trim_end_matches('/'));
    // An address that nobody outside could reach is none for Twilio.
    let Ok(address) = SafeUrl::parse(&address, &plan.destinations) else { return };
    for channel in plan.channels.values_mut() {
        if let ChannelKind::Sms(sms) = &mut channel.kind
            && let SmsProvider::Twilio(twilio) = &mut sms.provider
        {
            twilio.status_callback.get_or_insert_with(|| address.clone());
        }
    }
}

/// The routes, where there is an address that calls are signed for.
pub(crate) fn router(app: &App) -> Router {
    let plan = app.plan();
    let public: Option<Url> = plan.server.public_url.as_deref().and_then(|url| url.parse().ok());
    let Some(public) = public else { return Router::new() };
    warn_of_others(&plan, &public);
    let calls = Calls { app: app.clone(), taker: OnceLock::new() };
    twilio::router(public, Arc::new(calls), app.guard())
}

/// Takes calls by the configuration as it stands: a token that was exchanged for another must neither keep a STOP out nor let a forged
/// one in.
struct Calls {
    app: App,
    taker: OnceLock<TwilioCalls>,
}

impl Calls {
    /// What takes them, once there is a channel for text messages.
    fn taker(&self) -> Option<&TwilioCalls> {
        let notifier = self.app.notifier();
        let list = notifier.suppressions()?;
        Some(self.taker.get_or_init(|| {
            let notifier = notifier.clone();
            // It verifies nothing by itself.
            TwilioCalls::new(String::new(), Arc::clone(list)).on_report(move |report| note(notifier.clone(), report))
        }))
    }
}

impl Callbacks for Calls {
    fn is_genuine(&self, url: &str, form: &[(String, String)], signature: &str) -> bool {
        let plan = self.app.plan();
        let tokens: Vec<SecretString> = accounts(&plan).map(|account| account.auth_token.clone()).collect();
        callback::verify(&tokens, url, form, signature)
    }

    fn take(&self, call: Call) -> BoxFuture<'_, Result<(), String>> {
        match self.taker() {
            Some(taker) => taker.take(call),
            None => Box::pin(ready(Err("nothing keeps who said STOP: send this again later".to_owned()))),
        }
    }
}

fn accounts(plan: &Plan) -> impl Iterator<Item = &TwilioPlan> {
    plan.channels.values().filter_map(|channel| match &channel.kind {
        ChannelKind::Sms(sms) => match &sms.provider {
            SmsProvider::Twilio(account) => Some(account),
            SmsProvider::Gateway(_) => None,
        },
        _ => None,
    })
}

/// Tells of reports that go where this daemon does not see them.
fn warn_of_others(plan: &Plan, public: &Url) {
    let own = format!("{}/{STATUS}", public.as_str().trim_end_matches('/'));
    let elsewhere = |account: &&TwilioPlan| {
        let named = account.status_callback.as_ref().map(|url| url.url().as_str());
        named.is_some_and(|named| named.split('?').next() != Some(&*own))
    };
    if accounts(plan).any(|account| elsewhere(&account)) {
        tracing::warn!("a `status_callback` is not this daemon's {own}: what Twilio reports there is not in the log");
    }
}

/// Notes a report in the log. What is about no delivery of ours is taken all the same: it will not become one.
async fn note(notifier: Notifier, reported: Reported) -> Result<(), String> {
    let is_over = |word: &str| Status::parse(word).is_some_and(|status| status.state().is_final());
    let (word, text) = (reported.report.status.as_str(), reported.report.to_string());
    match notifier.note_report(reported.delivery, (word, &text), is_over).await {
        Ok(_) => Ok(()),
        Err(error) => {
            tracing::error!(%error, "a report on a text message cannot be noted");
            Err("the store takes nothing now: send this again later".to_owned())
        }
    }
}
