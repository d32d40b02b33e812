//! `explain`: why somebody was told, and why not.

use serde_json::json;

use crate::{
    Exit,
    args::{Explain, Output},
    kept, output,
};

/// Explains an event, a notification or a delivery.
pub(crate) async fn explain(explain: &Explain, output: &Output) -> anyhow::Result<Exit> {
    let store = kept::to_read(&explain.store)?;
    let Some(told) = tidings::explain::explain(&store, &explain.id).await? else {
        let text = format!("the store knows no event, notification or delivery `{}`", output::plain(&explain.id));
        if output.json {
            output::json(&json!({"error": text}));
        }
        output::error(&text);
        return Ok(Exit::Failed);
    };
    if output.json {
        output::json(&told);
    } else {
        output::line(told);
    }
    Ok(Exit::Done)
}
