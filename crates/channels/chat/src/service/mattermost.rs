//! Mattermost: `text` in Markdown, as one post.

use serde_json::json;
use tidings_render::clip;

use crate::{
    order::Order,
    subject::{Subject, join},
};

/// Characters of a post that every server takes as one; newer ones take 16,383. Source: Mattermost, "Incoming webhooks" and the
/// server's `POST_MESSAGE_MAX_RUNES`.
pub(super) const TEXT: usize = 4000;

pub(super) fn order(subject: &Subject) -> Order {
    let title = format!("**{}**", subject.message.title.replace('*', "\\*"));
    let text = join(&[&title, &subject.message.text, &subject.message.facts_line()]);
    Order::of(json!({"text": clip(&text, TEXT)}))
}
