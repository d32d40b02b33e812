//! One function for each capability. A failure is a sentence.

use std::{error::Error, sync::Arc, time::Duration};

use tidings_core::{Envelope, ErrorKind, Payload, Receipt, SendError, Verdict};

use super::{Behaviour, Capability, Scene, Suite, plant};
use crate::samples::{envelope, event, hostile_titles, notification, titled};

type Outcome = Result<(), String>;

pub(super) async fn run(capability: Capability, suite: &Suite) -> Outcome {
    match capability {
        Capability::Sends => sends(suite).await,
        Capability::TriesOnce => tries_once(suite).await,
        Capability::BadAddress => bad_address(suite).await,
        Capability::RetryClasses => retry_classes(suite).await,
        Capability::RetryAfter => retry_after(suite).await,
        Capability::BrokenConnection => broken_connection(suite).await,
        Capability::Deadline => deadline(suite).await,
        Capability::Cancellation => cancellation(suite).await,
        Capability::KeepsSecrets => keeps_secrets(suite).await,
        Capability::Scrubs => scrubs(suite).await,
        Capability::DeliveryId => delivery_id(suite).await,
        Capability::HostileTitles => harmless_titles(suite).await,
    }
}

async fn sends(suite: &Suite) -> Outcome {
    let scene = suite.stage.set(Behaviour::Takes).await?;
    let payloads = [Payload::Event(Arc::new(event())), Payload::Notification(Arc::new(notification("plain")))];
    for (sent, payload) in payloads.into_iter().enumerate() {
        scene
            .send(envelope(&format!("sends {sent}"), payload))
            .await
            .map_err(|error| format!("refused to send: {error}"))?;
        let received = scene.wait_for(sent + 1).await;
        expect(received.len() == sent + 1, || format!("{} messages gave {}", sent + 1, received.len()))?;
    }
    Ok(())
}

async fn tries_once(suite: &Suite) -> Outcome {
    let delay = Duration::from_secs(1);
    let answers = [
        Behaviour::Takes,
        Behaviour::Refuses,
        Behaviour::Busy(None),
        Behaviour::Busy(Some(delay)),
        Behaviour::AsksForLess(delay),
        Behaviour::Breaks,
        Behaviour::Hangs,
    ];
    for behaviour in answers {
        let scene = suite.stage.set(behaviour).await?;
        let outcome = scene.send(titled("once")).await;
        let attempts = scene.peer.attempts();
        expect(attempts == 1, || format!("{behaviour:?} was met {attempts} times: {outcome:?}"))?;
    }
    Ok(())
}

async fn bad_address(suite: &Suite) -> Outcome {
    // A builder that refuses the address has done its duty.
    let Ok(scene) = suite.stage.misaddressed().await else { return Ok(()) };
    let error = refused(scene.send(titled("bad address")).await)?;
    expect(error.verdict() == Verdict::Permanent, || format!("a bad address gave {:?}", error.verdict()))
}

async fn retry_classes(suite: &Suite) -> Outcome {
    let soon = Verdict::Transient { retry_after: None };
    for (behaviour, verdict) in [(Behaviour::Refuses, Verdict::Permanent), (Behaviour::Busy(None), soon)] {
        let scene = suite.stage.set(behaviour).await?;
        let error = refused(scene.send(titled("retry classes")).await)?;
        expect(error.verdict() == verdict, || format!("{behaviour:?} gave {:?}, not {verdict:?}", error.verdict()))?;
        expect(error.kind() != ErrorKind::RateLimited, || format!("{behaviour:?} counts as a rate limit"))?;
    }
    Ok(())
}

async fn retry_after(suite: &Suite) -> Outcome {
    let (short, long) = (Duration::from_secs(7), Duration::from_secs(120));
    for (behaviour, delay) in [(Behaviour::AsksForLess(short), short), (Behaviour::Busy(Some(long)), long)] {
        let scene = suite.stage.set(behaviour).await?;
        let error = refused(scene.send(titled("retry after")).await)?;
        let verdict = Verdict::Transient { retry_after: Some(delay) };
        expect(error.verdict() == verdict, || format!("{behaviour:?} gave {:?}, not {verdict:?}", error.verdict()))?;
        let less = matches!(behaviour, Behaviour::AsksForLess(_));
        let told = error.kind() == ErrorKind::RateLimited;
        expect(told == less, || format!("{behaviour:?} gave the kind {:?}", error.kind()))?;
    }
    Ok(())
}

async fn broken_connection(suite: &Suite) -> Outcome {
    let scene = suite.stage.set(Behaviour::Breaks).await?;
    let error = refused(scene.send(titled("broken")).await)?;
    expect(error.verdict() == Verdict::Unknown, || {
        format!("a connection that broke after the message gave {:?}: {error}", error.verdict())
    })
}

async fn deadline(suite: &Suite) -> Outcome {
    for behaviour in [Behaviour::Hangs, Behaviour::Drips] {
        let scene = suite.stage.set(behaviour).await?;
        let error = refused(scene.send(titled("deadline")).await)?;
        expect(error.kind() == ErrorKind::Timeout, || format!("{behaviour:?} gave {:?}", error.kind()))?;
    }
    Ok(())
}

async fn cancellation(suite: &Suite) -> Outcome {
    let scene = suite.stage.set(Behaviour::HangsOnce).await?;
    tokio::select! {
        outcome = scene.send(titled("cancelled")) => return Err(format!("a hanging peer gave {outcome:?}")),
        () = scene.wait_for_attempt() => {}
    }
    let second = scene.send(titled("after it")).await;
    second.map(drop).map_err(|error| format!("after a cancelled attempt the channel said: {error}"))
}

async fn keeps_secrets(suite: &Suite) -> Outcome {
    let answers = [Behaviour::TakesAndRepeats, Behaviour::RefusesAndRepeats, Behaviour::Breaks, Behaviour::Hangs];
    for behaviour in answers {
        let scene = suite.stage.set(behaviour).await?;
        let said = match scene.send(titled("secrets")).await {
            Ok(receipt) => format!("{receipt:?}"),
            Err(error) => told(&error),
        };
        for (place, text) in [("its Debug", &scene.debug), ("what it says of an attempt", &said)] {
            expect(!text.contains(&suite.secret), || format!("{behaviour:?}: the secret is in {place}"))?;
        }
    }
    Ok(())
}

async fn scrubs(suite: &Suite) -> Outcome {
    let scene = suite.stage.set(Behaviour::Takes).await?;
    let mut envelope = titled(&plant::whole());
    envelope.scrub = Arc::new(plant::Planted);
    scene.send(envelope).await.map_err(|error| error.to_string())?;
    let received = scene.wait_for(1).await;
    expect(!received[0].contains(plant::HALVES.1), || "the final bytes were not scrubbed".to_owned())
}

async fn delivery_id(suite: &Suite) -> Outcome {
    let scene = suite.stage.set(Behaviour::BusyOnce).await?;
    let mut envelope = titled("delivery id");
    for attempt in 1..=2 {
        envelope.attempt = attempt;
        drop(scene.send(envelope.clone()).await);
    }
    let id = envelope.delivery.to_string();
    let received = scene.peer.received();
    let told = received.iter().filter(|message| message.contains(&id)).count();
    // A peer may turn the first one away before it has heard of the message.
    expect(told >= 1 && told == received.len(), || {
        format!("{told} of {} messages carried the delivery id", received.len())
    })
}

async fn harmless_titles(suite: &Suite) -> Outcome {
    let scene = suite.stage.set(Behaviour::Takes).await?;
    for (index, title) in hostile_titles().iter().enumerate() {
        let name: String = title.chars().take(20).collect();
        let sent = scene.send(titled(title)).await;
        sent.map_err(|error| format!("the title {name:?} was not sent: {error}"))?;
        let received = scene.wait_for(index + 1).await;
        expect(received.len() == index + 1, || format!("the title {name:?} gave several messages"))?;
        let injected = scene.peer.injected();
        expect(injected.is_none(), || format!("the title {name:?} injected {injected:?}"))?;
    }
    Ok(())
}

impl Scene {
    async fn send(&self, mut envelope: Envelope) -> Result<Receipt, SendError> {
        envelope.to.clone_from(&self.to);
        self.channel.send_boxed(&envelope).await
    }

    /// What was received, once it is this much: a channel may be told of its success before the peer has looked at its own.
    async fn wait_for(&self, count: usize) -> Vec<String> {
        loop {
            let received = self.peer.received();
            if received.len() >= count {
                return received;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn wait_for_attempt(&self) {
        while self.peer.attempts() == 0 {
            tokio::task::yield_now().await;
        }
    }
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
