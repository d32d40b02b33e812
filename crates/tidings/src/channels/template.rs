//! The templates of channels: what they see of a message.

use tidings_core::{ErrorKind, Payload, SendError};
use tidings_template::{Template, context_of};

/// The text that a template gives; it sees the fields of the message and the message as a whole.
pub(super) fn render(template: &Template, payload: &Payload) -> Result<String, SendError> {
    let rendered = match payload {
        Payload::Event(event) => template.render(&context_of(event)),
        Payload::Notification(told) => {
            let mut values = serde_json::to_value(told.as_ref()).unwrap_or_default();
            values["notification"] = values.clone();
            values["kind"] = told.kind.as_str().into();
            values["incident"] = told.incident.map(|incident| incident.to_string()).into();
            template.render(&values)
        }
        _ => return Err(SendError::permanent(ErrorKind::Render, "a template cannot show this kind of message")),
    };
    rendered
        .map_err(|error| SendError::permanent(ErrorKind::Render, "the template cannot be rendered").caused_by(error))
}

/// A template as the text of a message.
#[cfg(any(feature = "chat", feature = "email", feature = "sms"))]
pub(super) fn text(template: Template) -> tidings_render::Text {
    tidings_render::Text::new(move |payload| render(&template, payload))
}
