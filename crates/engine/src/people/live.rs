//! Changes while a notifier runs: durable first, then seen by the very next decision, then by all that waits. What may be changed is left
//! to `records` and `silences`.

use std::sync::Arc;

use tidings_core::Timestamp;
use tidings_policy::{Judgement, Matcher, Silence};
use tidings_store::StoreError;

use super::{Kept, People, Profile, ProfileError, Question, Records, SilenceError};
use crate::{emit::Notifier, shared::Shared};

impl Notifier {
    /// Who can be told, what everybody wishes and which silences there are, at this moment.
    #[must_use]
    pub fn people(&self) -> Arc<People> {
        self.shared.pipeline().people.now()
    }

    /// The word on a message to a user at `question.at`, by channel: see [`People::judge`]. It counts what the rule has told the user
    /// lately.
    #[must_use]
    pub fn judge(&self, user: &str, question: &Question) -> Vec<(String, Judgement)> {
        let recent = self.shared.pipeline().lately.of(&question.message(user), question.at);
        self.people().judge(user, question, recent)
    }

    /// What this rule would say at a moment, to be judged; `None` if there is no such rule.
    #[must_use]
    pub fn question(&self, rule: &str, at: Timestamp) -> Option<Question> {
        let pipeline = self.shared.pipeline();
        let rule = pipeline.rules.iter().find(|other| &*other.name == rule)?;
        Some(Question::of(rule, at))
    }

    /// See [`Records::profiles`].
    ///
    /// # Errors
    /// As there.
    pub async fn profiles(&self) -> Result<Vec<Kept<Profile>>, ProfileError> {
        self.shared.records().profiles().await
    }

    /// See [`Records::profile`].
    ///
    /// # Errors
    /// As there.
    pub async fn profile(&self, user: &str) -> Result<Option<Kept<Profile>>, ProfileError> {
        self.shared.records().profile(user).await
    }

    /// Puts a profile in the place of the user's: see [`Records::put_profile`]. The next decision goes by it, and what waits for the
    /// user is judged again. What is on its way keeps its address.
    ///
    /// # Errors
    /// As there; then nothing has changed.
    pub async fn put_profile(
        &self,
        user: &str,
        profile: &Profile,
        expected: Option<u64>,
        author: &str,
    ) -> Result<u64, ProfileError> {
        let (profile, _) = profile.kept()?;
        let (shared, user, author) = (Arc::clone(&self.shared), user.to_owned(), author.to_owned());
        let work = async move {
            let people = Arc::clone(&shared.pipeline().people);
            let _turn = people.turn().await;
            let version = shared.records().put_profile(&user, &profile, expected, &author).await?;
            shared.see_profile(&user, Some(&profile));
            Ok(version)
        };
        self.shared.to_the_end(work).await.unwrap_or(Err(ProfileError::Store(StoreError::Closed)))
    }

    /// Removes a user's profile: see [`Records::remove_profile`]. From the next decision on he is not among all users any more.
    ///
    /// # Errors
    /// As there; then nothing has changed.
    pub async fn remove_profile(&self, user: &str, expected: Option<u64>, author: &str) -> Result<u64, ProfileError> {
        let (shared, user, author) = (Arc::clone(&self.shared), user.to_owned(), author.to_owned());
        let work = async move {
            let people = Arc::clone(&shared.pipeline().people);
            let _turn = people.turn().await;
            let version = shared.records().remove_profile(&user, expected, &author).await?;
            shared.see_profile(&user, None);
            Ok(version)
        };
        self.shared.to_the_end(work).await.unwrap_or(Err(ProfileError::Store(StoreError::Closed)))
    }

    /// See [`Records::silences`].
    ///
    /// # Errors
    /// As there.
    pub async fn silences(&self) -> Result<Vec<Kept<Silence>>, SilenceError> {
        Ok(self.shared.records().silences().await?)
    }

    /// Silences what the matcher matches: see [`Records::add_silence`]. It holds from the next decision on, for what waits too.
    ///
    /// # Errors
    /// As there; then nothing has changed.
    pub async fn add_silence(
        &self,
        matcher: &Matcher,
        span: (Timestamp, Timestamp),
        author: &str,
        reason: &str,
    ) -> Result<Silence, SilenceError> {
        let (shared, matcher) = (Arc::clone(&self.shared), matcher.clone());
        let (author, reason) = (author.to_owned(), reason.to_owned());
        let work = async move {
            let people = Arc::clone(&shared.pipeline().people);
            let _turn = people.turn().await;
            let silence = shared.records().add_silence(&matcher, span, &author, &reason).await?;
            shared.see_silence(&silence);
            Ok(silence)
        };
        self.shared.to_the_end(work).await.unwrap_or(Err(SilenceError::Store(StoreError::Closed)))
    }

    /// Ends a silence now: see [`Records::end_silence`].
    ///
    /// # Errors
    /// As there; then nothing has changed.
    pub async fn end_silence(&self, id: &str, author: &str) -> Result<Silence, SilenceError> {
        let (shared, id, author) = (Arc::clone(&self.shared), id.to_owned(), author.to_owned());
        let work = async move {
            let people = Arc::clone(&shared.pipeline().people);
            let _turn = people.turn().await;
            let silence = shared.records().end_silence(&id, &author).await?;
            shared.see_silence(&silence);
            Ok(silence)
        };
        self.shared.to_the_end(work).await.unwrap_or(Err(SilenceError::Store(StoreError::Closed)))
    }
}

impl Shared {
    fn records(&self) -> Records<'_> {
        Records::of(&*self.store, self.clock.now())
    }

    /// Lets profiles follow the configuration, and finds who else there is. Before anybody is told anything.
    pub(crate) async fn find_people(&self) -> Result<(), StoreError> {
        let registry = Arc::clone(&self.pipeline().people);
        let _turn = registry.turn().await;
        let given = registry.now();
        let mut found = People::seeded(&*self.store, &given, self.clock.now()).await?;
        if self.event_time {
            // What is over by the clock may cover what is told in the time of the events.
            found.silences = People::standing(&*self.store, &given).await?.silences;
        }
        registry.change(|people| *people = found);
        Ok(())
    }

    /// Lets everything see a person's profile.
    fn see_profile(&self, user: &str, profile: Option<&Profile>) {
        self.pipeline().people.change(|people| people.put(user, profile));
        self.later.look_again(user);
    }

    /// Lets everything see a silence as it stands. One that is over leaves the memory.
    fn see_silence(&self, silence: &Silence) {
        let (now, all) = (self.clock.now(), self.event_time);
        self.pipeline().people.change(|people| {
            people.silences.retain(|other| other.id != silence.id);
            people.silences.push(silence.clone());
            people.silences.retain(|silence| all || now < silence.until);
        });
        self.later.look_again_at_all();
    }
}
