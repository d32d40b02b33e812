//! Peers that speak as providers do: the suite's behaviours in Twilio's words, and requests with their forms decoded.

use std::{sync::Arc, time::Duration};

use tidings_core::{Address, BoxFuture};
use tidings_sms::{Provider, Sms};
use tidings_testkit::{
    Behaviour, HttpPeer, Peer, Reply, Scene, Script, Stage,
    http::{Fault, Recorded},
};

use crate::{ACCOUNT, ANN, MESSAGE, TOKEN, client, config};

/// Aims a provider at a peer.
type Aim = fn(&HttpPeer) -> Provider;

/// Scenes of one provider.
pub(crate) struct ProviderStage(pub(crate) Aim);

/// A peer whose forms are read as forms.
struct FormPeer(HttpPeer);

/// Twilio's answer to a message that it took.
pub(crate) fn taken() -> Reply {
    let body = serde_json::json!({
        "account_sid": ACCOUNT, "api_version": "2010-04-01", "body": "the text", "error_code": null,
        "error_message": null, "sid": MESSAGE, "status": "queued", "to": ANN,
    });
    Reply::status(201).header("Content-Type", "application/json").body(body.to_string())
}

/// Twilio's answer to a message that it did not take.
pub(crate) fn refused(status: u16, code: u32) -> Reply {
    let body = serde_json::json!({
        "code": code, "message": format!("The 'To' number {ANN} is wrong, {ACCOUNT}."),
        "more_info": format!("https://www.twilio.com/docs/errors/{code}"), "status": status,
    });
    Reply::status(status).header("Content-Type", "application/json").body(body.to_string())
}

fn script(behaviour: Behaviour) -> Script {
    let wait = |reply: Reply, wait: Duration| reply.header("Retry-After", &wait.as_secs().to_string());
    let repeats = |reply: Reply| reply.body(format!("you sent {TOKEN} of {ACCOUNT} to {ANN}"));
    match behaviour {
        Behaviour::Takes => Script::always(taken()),
        Behaviour::Refuses => Script::always(refused(400, 21211)),
        Behaviour::Busy(None) => Script::always(refused(503, 20503)),
        Behaviour::Busy(Some(delay)) => Script::always(wait(refused(503, 20503), delay)),
        Behaviour::AsksForLess(delay) => Script::always(wait(refused(429, 20429), delay)),
        Behaviour::BusyOnce => Script::sequence([refused(500, 20500), taken()]),
        Behaviour::HangsOnce => Script::sequence([Reply::fault(Fault::Hang), taken()]),
        Behaviour::Drips => Script::always(Reply::fault(Fault::DripHead(Duration::from_secs(1)))),
        Behaviour::Breaks => Script::always(Reply::fault(Fault::Reset)),
        Behaviour::TakesAndRepeats => Script::always(repeats(Reply::status(201))),
        Behaviour::RefusesAndRepeats => Script::always(repeats(Reply::status(400))),
        _ => Script::always(Reply::fault(Fault::Hang)),
    }
}

impl ProviderStage {
    async fn scene(&self, behaviour: Behaviour, to: &str) -> Result<Scene, String> {
        let peer = HttpPeer::start(script(behaviour)).await.map_err(|error| format!("no peer: {error}"))?;
        let sms = Sms::new(config((self.0)(&peer)), &client()).map_err(|error| error.to_string())?;
        let debug = format!("{sms:?}");
        Ok(Scene { channel: Arc::new(sms), debug, peer: Arc::new(FormPeer(peer)), to: Some(Address::new(to)) })
    }
}

impl Stage for ProviderStage {
    fn set(&self, behaviour: Behaviour) -> BoxFuture<'_, Result<Scene, String>> {
        Box::pin(self.scene(behaviour, ANN))
    }

    fn misaddressed(&self) -> BoxFuture<'_, Result<Scene, String>> {
        Box::pin(self.scene(Behaviour::Takes, "555-0101"))
    }
}

/// The pairs of a form, decoded.
pub(crate) fn form(request: &Recorded) -> Vec<(String, String)> {
    url::form_urlencoded::parse(&request.body).into_owned().collect()
}

impl Peer for FormPeer {
    fn received(&self) -> Vec<String> {
        let decoded = |request: &Recorded| format!("{}\n{:?}", request.text(), form(request));
        self.0.requests().iter().map(decoded).collect()
    }

    fn attempts(&self) -> usize {
        self.0.requests().len()
    }

    fn injected(&self) -> Option<String> {
        self.0.injected()
    }
}
