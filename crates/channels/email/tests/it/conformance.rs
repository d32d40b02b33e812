//! The suite that every channel runs.

use std::{sync::Arc, time::Duration};

use tidings_core::{Address, BoxFuture};
use tidings_testkit::{
    Behaviour, Capability, Scene, SmtpPeer, SmtpScript, Stage, Suite,
    smtp::{Act, Point, Turn},
};

use crate::{ANN, hasty, server};

const SECRET: &str = "hunter2-of-the-mail-server";

/// Scenes with a scripted mail server that the channel logs in to.
struct SmtpStage;

#[tokio::test]
async fn it_conforms() {
    let suite = Suite {
        // SMTP has no way to say how long to wait.
        capabilities: Capability::all_but(&[Capability::RetryAfter]),
        stage: Box::new(SmtpStage),
        secret: SECRET.to_owned(),
        patience: Duration::from_secs(30),
    };
    suite.run().await;
}

impl Stage for SmtpStage {
    fn set(&self, behaviour: Behaviour) -> BoxFuture<'_, Result<Scene, String>> {
        Box::pin(scene(script(behaviour), ANN))
    }

    fn misaddressed(&self) -> BoxFuture<'_, Result<Scene, String>> {
        Box::pin(scene(SmtpScript::default(), "ann at example"))
    }
}

async fn scene(script: SmtpScript, to: &str) -> Result<Scene, String> {
    let peer = SmtpPeer::start(script.login()).await.map_err(|error| error.to_string())?;
    let channel = hasty(server(&peer).username("agents").password(SECRET));
    let debug = format!("{channel:?}");
    Ok(Scene { channel: Arc::new(channel), debug, peer: Arc::new(peer), to: Some(Address::new(to)) })
}

fn script(behaviour: Behaviour) -> SmtpScript {
    let repeats = |point, code| Turn::answers(point, &format!("{code} you are {SECRET}"));
    match behaviour {
        Behaviour::Refuses => SmtpScript::always(Turn::answers(Point::Recipient, "550 5.1.1 no such user")),
        Behaviour::Busy(_) => SmtpScript::always(Turn::answers(Point::Sender, "451 4.3.0 later")),
        Behaviour::AsksForLess(_) => SmtpScript::always(Turn::answers(Point::Recipient, "450 4.7.1 slower")),
        Behaviour::BusyOnce => SmtpScript::sequence([Turn::answers(Point::Dot, "452 4.3.1 full"), Turn::takes()]),
        Behaviour::Hangs => SmtpScript::always(Turn::at(Point::Greeting, Act::Hang)),
        Behaviour::HangsOnce => SmtpScript::sequence([Turn::at(Point::Greeting, Act::Hang), Turn::takes()]),
        Behaviour::Drips => SmtpScript::always(Turn::at(Point::Greeting, Act::Drip(Duration::from_millis(20)))),
        Behaviour::Breaks => SmtpScript::always(Turn::at(Point::Dot, Act::Break)),
        Behaviour::TakesAndRepeats => SmtpScript::always(repeats(Point::Dot, 250)),
        Behaviour::RefusesAndRepeats => SmtpScript::always(repeats(Point::Recipient, 550)),
        _ => SmtpScript::default(),
    }
}
