//! What a link does to what a person wishes, and how that is undone. Whether it may is decided before.

use tidings::{
    Profile, ProfileError, Timestamp,
    config::{Plan, RulePlan},
    policy::Preferences,
};

use super::token::{Action, Link};
use crate::app::App;

/// How often it is tried again where somebody else changes the same person.
const TRIES: usize = 100;
/// Who a change by a link is noted as.
const AUTHOR: &str = "link in a message";

/// What was done, in words.
pub(super) struct Done {
    pub(super) what: String,
    pub(super) undo: String,
}

/// Why nothing was done.
pub(super) enum Failed {
    /// There is nobody of that name any more.
    Nobody,
    /// The store takes nothing now.
    Later,
}

/// Does it.
pub(super) async fn act(app: &App, link: &Link) -> Result<Done, Failed> {
    for _ in 0..TRIES {
        let kept = app.notifier().profile(&link.user).await.map_err(|_| Failed::Later)?;
        let known = app.notifier().people().users().get(&link.user).map(Profile::from).ok_or(Failed::Nobody)?;
        let version = kept.as_ref().map_or(0, |kept| kept.version);
        let mut profile = kept.map_or(known, |kept| kept.value);
        let mut wishes = profile.preferences.take().unwrap_or_default();
        let mut done = change(&mut wishes, &link.action, app.now());
        if is_in_part_mandatory(&app.plan(), &link.action) {
            done.what.push_str(" What whoever runs this has made mandatory comes all the same.");
        }
        profile.preferences = Some(wishes);
        match app.notifier().put_profile(&link.user, &profile, Some(version), AUTHOR).await {
            Ok(_) => return Ok(done),
            Err(ProfileError::Conflict { .. }) => {}
            Err(error) => {
                tracing::error!(%error, "a link could not be acted on");
                return Err(Failed::Later);
            }
        }
    }
    Err(Failed::Later)
}

/// Whether some of it comes whatever anybody wishes.
fn is_in_part_mandatory(plan: &Plan, action: &Action) -> bool {
    let Action::Unsubscribe { topic } = action else { return false };
    plan.rules.iter().any(|rule| rule.mandatory && topic_of(rule) == topic)
}

/// The topic by which people switch a rule's messages on and off.
pub(super) fn topic_of(rule: &RulePlan) -> &str {
    rule.topic.as_deref().unwrap_or(&rule.name)
}

fn change(wishes: &mut Preferences, action: &Action, now: Timestamp) -> Done {
    match action {
        Action::Unsubscribe { topic } => {
            wishes.default.settings.topics.insert(topic.clone(), false);
            // What is said of one agent goes before what is said of all.
            let own = wishes.agents.values_mut().filter_map(|block| block.settings.topics.get_mut(topic));
            own.for_each(|on| *on = false);
            Done {
                what: format!("You get no more messages of “{topic}”, on any channel."),
                undo: format!(
                    "To get them again, switch the topic “{topic}” on in your preferences, or ask whoever runs this."
                ),
            }
        }
        Action::Snooze { hours } => {
            let span = std::time::Duration::from_secs(u64::from(*hours) * 3_600);
            wishes.default.settings.snooze_until = Some(now + span);
            Done {
                what: format!(
                    "For {}, you get nothing but what is critical. The rest waits until then.",
                    hours_of(*hours)
                ),
                undo: "To end it before, remove the snooze from your preferences, or ask whoever runs this.".to_owned(),
            }
        }
    }
}

/// So many hours, in words.
pub(super) fn hours_of(hours: u8) -> String {
    if hours == 1 { "1 hour".to_owned() } else { format!("{hours} hours") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_topic_is_off_for_every_agent_and_the_rest_stays() {
        let given = json!({"default": {"sms": false}, "agents": {"a": {"topics": {"x": true}}, "b": {"email": true}}});
        let mut wishes = Preferences::read(&given).unwrap();
        drop(change(&mut wishes, &Action::Unsubscribe { topic: "x".to_owned() }, Timestamp::EPOCH));
        let expected = json!({"default": {"sms": false, "topics": {"x": false}},
            "agents": {"a": {"topics": {"x": false}}, "b": {"email": true}}});
        assert_eq!(serde_json::to_value(&wishes).unwrap(), expected);
        drop(change(&mut wishes, &Action::Snooze { hours: 8 }, Timestamp::from_secs(100)));
        assert_eq!(wishes.default.settings.snooze_until, Some(Timestamp::from_secs(100 + 8 * 3_600)));
    }
}
