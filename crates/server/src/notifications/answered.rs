//! What is answered to whoever sends a message: what became of it for each user. Sending it is the notifier's.

use serde::Serialize;
use tidings::{
    NotificationId, Notifier, Told,
    explain::{SilenceTold, WaitTold},
    store::StoreError,
};

/// The longest title that is kept as it is, in characters.
const LONGEST_TITLE: usize = 256;

/// What became of a message for one user. `Display` tells it in a line.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Answered {
    /// The user.
    pub user: String,
    /// `planned`, `duplicate`, `later`, `silenced` or `denied`.
    pub answer: &'static str,
    /// The message's own id, which `explain` tells more of.
    pub id: NotificationId,
    /// What it repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<NotificationId>,
    /// What it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits: Option<WaitTold>,
    /// The silence that covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silence: Option<SilenceTold>,
}

impl Answered {
    /// What is answered for each user. Why something is told later is asked before it may be told: ask at once.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn all(notifier: &Notifier, told: &[(String, Told)]) -> Result<Vec<Self>, StoreError> {
        let mut answers = Vec::with_capacity(told.len());
        for (user, told) in told {
            answers.push(Self::one(notifier, user, told).await?);
        }
        Ok(answers)
    }

    async fn one(notifier: &Notifier, user: &str, told: &Told) -> Result<Self, StoreError> {
        let (answer, of) = match told {
            Told::Planned(_) => ("planned", None),
            Told::Duplicate { of, .. } => ("duplicate", Some(*of)),
            Told::Later(_) => ("later", None),
            Told::Silenced(_) => ("silenced", None),
            Told::Denied(_) => ("denied", None),
        };
        let mut answered = Self { user: user.to_owned(), answer, id: told.id(), of, waits: None, silence: None };
        if matches!(told, Told::Later(_) | Told::Silenced(_)) {
            let explained = notifier.explain(&told.id().to_string()).await?;
            let own = explained.and_then(|explained| explained.notifications.into_iter().next());
            (answered.waits, answered.silence) = own.map(|own| (own.waits, own.silence)).unwrap_or_default();
        }
        Ok(answered)
    }
}

impl std::fmt::Display for Answered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (user, id) = (&self.user, self.id);
        match (self.answer, self.of, &self.waits, &self.silence) {
            ("planned", ..) => write!(f, "{user}: sent as {id}"),
            (_, Some(of), ..) => write!(f, "{user}: said before, within the window, as {of}"),
            (_, _, Some(waits), _) => write!(f, "{user}: {waits}; see {id}"),
            ("later", ..) => write!(f, "{user}: told later: see {id}"),
            (_, _, _, Some(silence)) => write!(f, "{user}: {silence}; see {id}"),
            ("silenced", ..) => write!(f, "{user}: silenced: see {id}"),
            _ => write!(f, "{user}: not wanted on any of the channels: see {id}"),
        }
    }
}

/// A title and a body. What a title has no room for goes on in the body, so that nothing of it is cut.
#[must_use]
pub fn whole(title: String, body: String) -> (String, String) {
    let Some((end, _)) = title.char_indices().nth(LONGEST_TITLE) else { return (title, body) };
    let (head, _) = title.split_at(end);
    // Between words, where there are any near.
    let end = head.rfind(' ').filter(|blank| *blank > end / 2).unwrap_or(end);
    let (head, tail) = title.split_at(end);
    let body = if body.is_empty() { tail.trim_start().to_owned() } else { format!("{}\n{body}", tail.trim_start()) };
    (head.to_owned(), body)
}
