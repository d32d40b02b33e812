//! One rule, one person, one closure: the smallest program that notifies. The log is its channel.

use serde_json::json;
use tidings::{AgentContext, Error, Event, Notifier, Rule, Severity, User, emit_event};

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().init();
    let failing = Rule::new("tools fail", "error_rate > 0.05 && tool_calls >= 20")?
        .title("{{ agent_id }}: error rate {{ data.error_rate }}")?;
    let notifier = Notifier::builder()
        .user("ann", User::default())
        .rule(failing)
        .sink(|event: &Event| tracing::info!("heard of {}", event.event_type))
        .build()?
        .start()
        .await?;
    let data = json!({"error_rate": 0.2, "tool_calls": 25});
    notifier.emit(Event::new("tool.error").severity(Severity::Error).agent("billing").data(data));
    AgentContext::new()
        .user("u1")
        .agent("support")
        .scope(async { emit_event(Some(&notifier), "custom.hello", None, json!({})) })
        .await;
    let account = notifier.stop().await;
    tracing::info!("{} notification was delivered", account.deliveries.delivered);
    Ok(())
}
