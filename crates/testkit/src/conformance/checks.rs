//! One function for each capability. A failure is a sentence.

use std::{error::Error, sync::Arc, time::Duration};

use tidings_core::{ErrorKind, Payload, Receipt, SendError, Verdict};

use super::{Capability, Subject, Suite, Target, plant};
use crate::{
    HttpPeer, Reply, Script,
    http::Fault,
    samples::{envelope, event, hostile_titles, notification, titled},
};

type Outcome = Result<(), String>;

pub(super) async fn run(capability: Capability, suite: &Suite) -> Outcome {
    match capability {
        Capability::Sends => sends(suite).await,
        Capability::BadAddress => bad_address(suite).await,
        Capability::RetryClasses => retry_classes(suite).await,
        Capability::Deadline => deadline(suite).await,
        Capability::Cancellation => cancellation(suite).await,
        Capability::KeepsSecrets => keeps_secrets(suite).await,
        Capability::Scrubs => scrubs(suite).await,
        Capability::DeliveryId => delivery_id(suite).await,
        Capability::HostileTitles => harmless_titles(suite).await,
    }
}

async fn sends(suite: &Suite) -> Outcome {
    let (peer, subject) = start(suite, Script::statuses([200])).await?;
    let payloads = [Payload::Event(Arc::new(event())), Payload::Notification(Arc::new(notification("plain")))];
    for payload in payloads {
        let envelope = envelope("sends", payload);
        subject.channel.send_boxed(&envelope).await.map_err(|error| format!("refused to send: {error}"))?;
    }
    expect(peer.requests().len() == 2, || format!("2 messages gave {} requests", peer.requests().len()))
}

async fn bad_address(suite: &Suite) -> Outcome {
    // A builder that refuses the address has done its duty.
    let Ok(subject) = (suite.factory)(Target::Bad) else { return Ok(()) };
    let error = refused(subject.channel.send_boxed(&titled("bad address")).await)?;
    expect(error.verdict() == Verdict::Permanent, || format!("a bad address gave {:?}", error.verdict()))
}

async fn retry_classes(suite: &Suite) -> Outcome {
    let wait = |seconds| Verdict::Transient { retry_after: Some(Duration::from_secs(seconds)) };
    let soon = Verdict::Transient { retry_after: None };
    let cases = [
        (Reply::status(400), Verdict::Permanent),
        (Reply::status(404), Verdict::Permanent),
        (Reply::status(410), Verdict::Permanent),
        (Reply::status(429).header("Retry-After", "7"), wait(7)),
        (Reply::status(503).header("Retry-After", "120"), wait(120)),
        (Reply::status(503).header("Retry-After", "-1"), soon),
        (Reply::status(500), soon),
    ];
    for (reply, verdict) in cases {
        let said = format!("{reply:?}");
        let (_peer, subject) = start(suite, Script::always(reply)).await?;
        let error = refused(subject.channel.send_boxed(&titled("retry classes")).await)?;
        expect(error.verdict() == verdict, || format!("{said} gave {:?}, not {verdict:?}", error.verdict()))?;
        let asks_for_less = error.kind() == ErrorKind::RateLimited;
        expect(asks_for_less == said.contains("429"), || format!("{said} gave the kind {:?}", error.kind()))?;
    }
    Ok(())
}

async fn deadline(suite: &Suite) -> Outcome {
    for fault in [Fault::Hang, Fault::DripHead(Duration::from_secs(1))] {
        let (_peer, subject) = start(suite, Script::always(Reply::fault(fault))).await?;
        let error = refused(subject.channel.send_boxed(&titled("deadline")).await)?;
        expect(error.kind() == ErrorKind::Timeout, || format!("{fault:?} gave {:?}", error.kind()))?;
    }
    Ok(())
}

async fn cancellation(suite: &Suite) -> Outcome {
    let (peer, subject) = start(suite, Script::sequence([Reply::fault(Fault::Hang), Reply::status(200)])).await?;
    let first = titled("cancelled");
    tokio::select! {
        outcome = subject.channel.send_boxed(&first) => return Err(format!("a hanging peer gave {outcome:?}")),
        _requests = peer.wait_for(1) => {}
    }
    let second = subject.channel.send_boxed(&titled("after it")).await;
    second.map(drop).map_err(|error| format!("after a cancelled attempt the channel said: {error}"))
}

async fn keeps_secrets(suite: &Suite) -> Outcome {
    let echo = |status| Reply::status(status).body(format!("you sent {}", suite.secret));
    for reply in [echo(200), echo(400), Reply::fault(Fault::Reset), Reply::fault(Fault::Hang)] {
        let (_peer, subject) = start(suite, Script::always(reply)).await?;
        let said = match subject.channel.send_boxed(&titled("secrets")).await {
            Ok(receipt) => format!("{receipt:?}"),
            Err(error) => told(&error),
        };
        for (place, text) in [("its Debug", &subject.debug), ("what it says of an attempt", &said)] {
            expect(!text.contains(&suite.secret), || format!("the secret is in {place}"))?;
        }
    }
    Ok(())
}

async fn scrubs(suite: &Suite) -> Outcome {
    let (peer, subject) = start(suite, Script::statuses([200])).await?;
    let mut envelope = titled(&plant::whole());
    envelope.scrub = Arc::new(plant::Planted);
    subject.channel.send_boxed(&envelope).await.map_err(|error| error.to_string())?;
    let requests = peer.wait_for(1).await;
    expect(!requests[0].text().contains(plant::HALVES.1), || "the final bytes were not scrubbed".to_owned())
}

async fn delivery_id(suite: &Suite) -> Outcome {
    let (peer, subject) = start(suite, Script::statuses([503, 200])).await?;
    let mut envelope = titled("delivery id");
    for attempt in 1..=2 {
        envelope.attempt = attempt;
        drop(subject.channel.send_boxed(&envelope).await);
    }
    let id = envelope.delivery.to_string();
    let told = peer.wait_for(2).await.iter().filter(|request| request.text().contains(&id)).count();
    expect(told == 2, || format!("{told} of 2 attempts carried the delivery id"))
}

async fn harmless_titles(suite: &Suite) -> Outcome {
    let (peer, subject) = start(suite, Script::statuses([200])).await?;
    for (index, title) in hostile_titles().iter().enumerate() {
        let name: String = title.chars().take(20).collect();
        let sent = subject.channel.send_boxed(&titled(title)).await;
        sent.map_err(|error| format!("the title {name:?} was not sent: {error}"))?;
        let requests = peer.wait_for(index + 1).await;
        expect(requests.len() == index + 1, || format!("the title {name:?} gave several requests"))?;
        let injected = requests[index].header("x-injected").is_some();
        expect(!injected, || format!("the title {name:?} injected a header"))?;
    }
    Ok(())
}

async fn start(suite: &Suite, script: Script) -> Result<(HttpPeer, Subject), String> {
    let peer = HttpPeer::start(script).await.map_err(|error| format!("no peer: {error}"))?;
    let subject = (suite.factory)(Target::Peer(&peer))?;
    Ok((peer, subject))
}

fn refused(outcome: Result<Receipt, SendError>) -> Result<SendError, String> {
    outcome.err().ok_or_else(|| "it counted as sent".to_owned())
}

/// An error with all its causes, as a log would show it.
fn told(error: &SendError) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(format!("{error} {error:?}"), |text, cause| format!("{text} {cause} {cause:?}"))
}

fn expect(holds: bool, failure: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(failure()) }
}
