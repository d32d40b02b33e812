//! A channel of one's own: a type with one async method. This one hands each message to a screen in the same program.

use serde_json::json;
use tidings::{
    Channel, Envelope, Error, ErrorKind, Event, Notifier, Payload, Receipt, Rule, SendError, Severity, User,
};
use tokio::sync::mpsc::{self, error::TrySendError};

/// Shows messages on a screen that takes a few at a time.
struct Screen(mpsc::Sender<String>);

impl Channel for Screen {
    /// One attempt. Whether there is another, and what is tried instead, is decided by what the error says of itself.
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        let Payload::Notification(told) = &envelope.payload else {
            return Err(SendError::permanent(ErrorKind::Render, "the screen shows notifications, not raw events"));
        };
        // The text as a whole, since parts without a secret may make one together.
        let text = format!("[{}] {}: {}", told.priority, told.title, told.body);
        let shown = String::from_utf8_lossy(&envelope.scrub.scrub(text.as_bytes())).into_owned();
        self.0.try_send(shown).map_err(|error| match error {
            TrySendError::Full(_) => SendError::transient(ErrorKind::Destination, "the screen is full"),
            TrySendError::Closed(_) => SendError::permanent(ErrorKind::Gone, "the screen is off"),
        })?;
        Ok(Receipt::default())
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().init();
    let (screen, mut shown) = mpsc::channel(16);
    let rule = Rule::new("tools fail", "error_rate > 0.05")?
        .title("{{ agent_id }} fails")?
        .body("error rate {{ data.error_rate }}, with the key {{ data.key }}")?
        .channels(["screen"]);
    let notifier = Notifier::builder()
        .channel("screen", Screen(screen))
        .user("ann", User::default())
        .rule(rule)
        .build()?
        .start()
        .await?;
    let data = json!({"error_rate": 0.2, "key": "AKIAIOSFODNN7EXAMPLE"});
    notifier.emit(Event::new("tool.error").severity(Severity::Error).agent("billing").data(data));
    let account = notifier.stop().await;
    while let Ok(text) = shown.try_recv() {
        tracing::info!("on the screen: {text}");
    }
    tracing::info!("{} notification was delivered", account.deliveries.delivered);
    Ok(())
}
