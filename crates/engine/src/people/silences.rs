//! Silences in a store: begun, ended, listed, bounded. What one covers is the policy's; that a notifier sees it is left to `live`.

use std::{sync::Arc, time::Duration};

use tidings_core::{EventPattern, Timestamp};
use tidings_policy::{Matcher, Silence};
use tidings_store::{Document, DocumentChange, DocumentKind, Put, Store, StoreError};

use super::records::{Kept, Records, TRIES, check_name};

/// The longest silence: what is meant for ever is a change of the configuration. A leap year.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);
/// So many may be active or to come at a time.
const MOST: usize = 1_000;
/// So many that are over are still listed, for so long after they were begun or ended: a run over past events goes by old ones.
const OVER: usize = 1_000;
const REMEMBERED: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The longest text of a silence, in bytes.
const LONGEST_TEXT: usize = 1_000;
/// The length of an id. Of so many there are more than any list holds.
const ID: usize = 8;
/// What ids are made of: nothing that looks like something else.
const LETTERS: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// A silence could not be begun or ended; then nothing is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SilenceError {
    /// It cannot be as it is.
    #[error("{0}")]
    Invalid(String),
    /// There are as many as there may be.
    #[error("there are {MOST} silences already: end some of them, or silence more by one")]
    TooMany,
    /// There is none of this id.
    #[error("there is no silence `{id}`; {}", shown(known))]
    Unknown {
        /// The id.
        id: String,
        /// Those that are not over.
        known: Vec<String>,
    },
    /// The store has not done it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Names what there is, as far as a line goes.
fn shown(known: &[String]) -> String {
    let named = known.iter().take(10).map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    match known.len() {
        0 => "none is active".to_owned(),
        1..=10 => format!("there are {named}"),
        more => format!("there are {named} and {} more", more - 10),
    }
}

impl Kept<Silence> {
    /// Whether it covers what it matches at this moment: it has begun and is not over.
    #[must_use]
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.value.from <= now && now < self.value.until
    }
}

impl Records<'_> {
    /// All silences, the first to end first; those that are over for a while too. [`Kept::author`] is who changed one last,
    /// [`Silence::author`] who began it.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn silences(&self) -> Result<Vec<Kept<Silence>>, StoreError> {
        let mut silences = all(self.store).await?;
        silences.sort_by(|one, other| (one.value.until, &one.id).cmp(&(other.value.until, &other.id)));
        Ok(silences)
    }

    /// Silences what `matcher` matches from a moment to another, at most a year, and gives the silence with its id. It begins with the
    /// whole second in which `from` is.
    ///
    /// # Errors
    /// If the matcher is empty or can match nothing, the end is not after the beginning, the silence is too long, author or reason is
    /// missing, there are 1,000 that are not over, or the store does not take it.
    pub async fn add_silence(
        &self,
        matcher: &Matcher,
        (from, until): (Timestamp, Timestamp),
        author: &str,
        reason: &str,
    ) -> Result<Silence, SilenceError> {
        check(matcher, (from, until), author, reason).map_err(SilenceError::Invalid)?;
        let kept = all(self.store).await?;
        if kept.iter().filter(|silence| self.now < silence.value.until).count() >= MOST {
            return Err(SilenceError::TooMany);
        }
        self.forget(kept).await?;
        for _ in 0..TRIES {
            let silence = Silence {
                id: id(),
                matcher: matcher.clone(),
                from: Timestamp::from_secs(from.as_secs()),
                until,
                author: author.to_owned(),
                reason: reason.to_owned(),
            };
            if let Put::Done { .. } = self.put(&change(&silence, 0, author)).await? {
                return Ok(silence);
            }
        }
        Err(SilenceError::Store(StoreError::Unavailable("every id is taken".to_owned())))
    }

    /// Ends a silence now, and gives it as it stands then. One that is over already stays as it is.
    ///
    /// # Errors
    /// If there is none of this id, the author is missing, or the store does not take it.
    pub async fn end_silence(&self, id: &str, author: &str) -> Result<Silence, SilenceError> {
        check_name("author", author).map_err(SilenceError::Invalid)?;
        for _ in 0..TRIES {
            let document = self.store.document(DocumentKind::Silence, id).await?;
            let Some(kept) = document.as_ref().and_then(read) else { return Err(self.unknown(id).await?) };
            if kept.value.until <= self.now {
                return Ok(kept.value);
            }
            let ended = Silence { until: self.now, ..kept.value };
            if let Put::Done { .. } = self.put(&change(&ended, kept.version, author)).await? {
                return Ok(ended);
            }
        }
        Err(SilenceError::Store(StoreError::Unavailable("the silence changes all the time".to_owned())))
    }

    async fn unknown(&self, id: &str) -> Result<SilenceError, StoreError> {
        let silences = self.silences().await?;
        let lasting = silences.into_iter().filter(|silence| self.now < silence.value.until);
        Ok(SilenceError::Unknown { id: id.to_owned(), known: lasting.map(|silence| silence.id).collect() })
    }

    /// Removes what has been over for long, and what is too much of it.
    async fn forget(&self, kept: Vec<Kept<Silence>>) -> Result<(), StoreError> {
        let mut over: Vec<_> = kept.into_iter().filter(|silence| silence.value.until <= self.now).collect();
        let last = |silence: &Kept<Silence>| silence.value.until.max(silence.at);
        over.sort_by_key(|silence| std::cmp::Reverse(last(silence)));
        let gone = over
            .iter()
            .enumerate()
            .filter(|(place, silence)| *place >= OVER || self.now.since(last(silence)) > REMEMBERED);
        let removals: Vec<_> = gone
            .map(|(_, silence)| DocumentChange {
                content: None,
                ..change(&silence.value, silence.version, &silence.author)
            })
            .collect();
        if !removals.is_empty() {
            // Where somebody else changed one of them meanwhile, the next silence tries again.
            self.store.put_documents(&removals, self.now).await?;
        }
        Ok(())
    }
}

/// Those that are not over by then.
pub(super) async fn lasting(store: &dyn Store, now: Timestamp) -> Result<Vec<Silence>, StoreError> {
    let all = all(store).await?.into_iter().map(|silence| silence.value);
    Ok(all.filter(|silence| now < silence.until).collect())
}

async fn all(store: &dyn Store) -> Result<Vec<Kept<Silence>>, StoreError> {
    Ok(store.documents(DocumentKind::Silence).await?.iter().filter_map(read).collect())
}

/// A silence as it is kept; one that cannot be read is told to the log.
fn read(document: &Document) -> Option<Kept<Silence>> {
    let read = serde_json::from_str(document.content.as_deref()?);
    let read = read.map_err(|error| tracing::error!(silence = document.id, "a silence cannot be read: {error}"));
    Some(Kept::of(document, read.ok()?))
}

fn change(silence: &Silence, version: u64, author: &str) -> DocumentChange {
    // Texts and numbers: there is nothing in it that JSON cannot say.
    let content = serde_json::to_string(silence).unwrap_or_default();
    DocumentChange {
        kind: DocumentKind::Silence,
        id: silence.id.clone(),
        expected: Some(version),
        author: author.to_owned(),
        content: Some(Arc::from(content)),
    }
}

fn id() -> String {
    let letter = || fastrand::choice(LETTERS).copied().map_or('x', char::from);
    std::iter::repeat_with(letter).take(ID).collect()
}

/// Says what is wrong with a silence.
fn check(matcher: &Matcher, (from, until): (Timestamp, Timestamp), author: &str, reason: &str) -> Result<(), String> {
    if matcher.is_empty() {
        return Err("it would silence everything: name an agent, a rule, an event type or a user".to_owned());
    }
    let named = [
        ("agent", &matcher.agent),
        ("rule", &matcher.rule),
        ("event type", &matcher.event_type),
        ("user", &matcher.user),
    ];
    for (what, text) in named {
        text.as_deref().map_or(Ok(()), |text| check_text(what, text))?;
    }
    if let Some(event_type) = &matcher.event_type {
        event_type.parse::<EventPattern>().map_err(|error| format!("the event type: {error}"))?;
    }
    if until <= from {
        return Err("it ends before it begins: the end must be after the beginning".to_owned());
    }
    if until.since(from) > LONGEST {
        return Err("it is longer than a year: silence less, or change the rule".to_owned());
    }
    check_name("author", author)?;
    check_text("reason", reason)
}

fn check_text(what: &str, text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err(format!("the {what} is empty"));
    }
    if text.len() > LONGEST_TEXT || text.chars().any(char::is_control) {
        return Err(format!("the {what} is one line of text of at most {LONGEST_TEXT} bytes"));
    }
    Ok(())
}
