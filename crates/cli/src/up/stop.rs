//! How a daemon stops: nothing more is let in, what was accepted is delivered for as long as the configuration allows, and the account is
//! told.

use std::time::Duration;

use tidings::Account;

use super::Running;
use crate::{Exit, args::Output, output};

/// How long those who are connected may go on once all is delivered.
const FAREWELL: Duration = Duration::from_millis(500);

impl Running {
    /// Stops. A second signal cuts the drain short.
    pub(super) async fn stop(self, output: &Output) -> anyhow::Result<Exit> {
        let Self { app, notifier, mut serving, mut signals, note, .. } = self;
        app.begin_stop();
        output::note("stopping: what was accepted is still delivered; a second signal stops at once");
        let account = tokio::select! {
            account = notifier.stop() => account,
            () = signals.stop() => notifier.stop_within(Duration::ZERO).await,
        };
        // A page that stays connected must not hold up the end.
        if tokio::time::timeout(FAREWELL, &mut serving).await.is_err() {
            serving.abort();
        }
        // Nobody looks for a daemon that holds its store no more.
        drop(note);
        tell(&account, notifier.is_durable(), output);
        Ok(Exit::Done)
    }
}

/// The account, as JSON or on one line.
fn tell(account: &Account, is_durable: bool, output: &Output) {
    if output.json {
        output::json(account);
    } else {
        output::line(line(account, is_durable));
    }
    if let Err(error) = account.closes() {
        output::error(&format!("{error}: this is a defect of this program"));
    }
}

fn line(account: &Account, is_durable: bool) -> String {
    let (events, told, sent) = (account.events, account.notifications, account.deliveries);
    let suppressed = told.duplicate + told.silenced + told.denied;
    let failed = sent.dead + sent.expired + account.sinks.values().map(|sink| sink.dead).sum::<u64>();
    let waiting = sent.waiting + sent.held + sent.digested + events.waiting;
    let waiting = waiting + account.sinks.values().map(|sink| sink.waiting).sum::<u64>();
    let place = if is_durable { " in the store" } else { "" };
    format!(
        "stopped: {} events, {} notifications, {} delivered, {suppressed} suppressed, {failed} failed, {waiting} waiting{place}",
        events.offered, told.made, sent.delivered
    )
}
