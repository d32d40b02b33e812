//! The memory of a process without a store: bounded in users and in messages, gone at its end.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fmt,
    future::ready,
    hash::{BuildHasher, RandomState},
    ops::RangeInclusive,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tidings_core::{BoxFuture, NotificationId};

use crate::{
    memory::{Appended, Memory, MemoryError, NewMessage, Page, Span},
    message::Message,
};

/// How many messages of a user are kept, unless told otherwise.
const MESSAGES: usize = 1_000;
/// How many users are kept, unless told otherwise.
const USERS: usize = 10_000;

/// A [`Memory`] in this process. When there are more users than it keeps, the one who was told nothing for the longest time goes;
/// numbers begin behind those of all who went, so that no number comes twice. `Debug` names no user.
pub struct MemoryInbox {
    messages: usize,
    users: usize,
    stream: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    boxes: HashMap<String, UserBox>,
    /// Who was told something when, by a count that only goes up.
    by_turn: BTreeMap<u64, String>,
    turn: u64,
    /// The highest number of all users that went.
    floor: u64,
}

#[derive(Default)]
struct UserBox {
    kept: VecDeque<Message>,
    numbers: HashMap<NotificationId, u64>,
    latest: u64,
    turn: u64,
}

impl MemoryInbox {
    /// Keeps the last 1,000 messages of each of 10,000 users.
    #[must_use]
    pub fn new() -> Self {
        Self::bounded(USERS, MESSAGES)
    }

    /// Keeps the last `messages` messages of each of `users` users; at least one of one.
    #[must_use]
    pub fn bounded(users: usize, messages: usize) -> Self {
        // Random enough that no two memories share it; nobody is harmed who guesses it.
        let stream = RandomState::new().hash_one(());
        Self { messages: messages.max(1), users: users.max(1), stream, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, user: &str, read: impl FnOnce(&UserBox) -> T) -> Option<T> {
        self.state().boxes.get(user).map(read)
    }
}

impl Default for MemoryInbox {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    /// The user's box, as the one that was used last; made if there is none.
    fn open(&mut self, user: &str, users: usize) -> &mut UserBox {
        if !self.boxes.contains_key(user) && self.boxes.len() >= users {
            self.forget_one();
        }
        self.turn += 1;
        let (turn, latest) = (self.turn, self.floor);
        let fresh = || UserBox { latest, ..UserBox::default() };
        let opened = self.boxes.entry(user.to_owned()).or_insert_with(fresh);
        self.by_turn.remove(&opened.turn);
        self.by_turn.insert(turn, user.to_owned());
        opened.turn = turn;
        opened
    }

    fn forget_one(&mut self) {
        let Some((_, user)) = self.by_turn.pop_first() else { return };
        if let Some(gone) = self.boxes.remove(&user) {
            self.floor = self.floor.max(gone.latest);
        }
    }
}

impl UserBox {
    fn append(&mut self, new: NewMessage, limit: usize) -> Appended {
        let NewMessage { id, content, at, .. } = new;
        if let Some(message) = self.numbers.get(&id).and_then(|seq| self.at(*seq)) {
            return Appended { message: message.clone(), is_new: false };
        }
        if self.kept.len() >= limit
            && let Some(gone) = self.kept.pop_front()
        {
            self.numbers.remove(&gone.id);
        }
        self.latest += 1;
        let message = Message { seq: self.latest, id, content, at, read: false };
        self.numbers.insert(id, message.seq);
        self.kept.push_back(message.clone());
        Appended { message, is_new: true }
    }

    fn at(&self, seq: u64) -> Option<&Message> {
        self.kept.get(self.after(seq.checked_sub(1)?)).filter(|message| message.seq == seq)
    }

    /// How many of those that are kept have this number or a lower one.
    fn after(&self, seq: u64) -> usize {
        self.kept.partition_point(|message| message.seq <= seq)
    }

    fn span(&self) -> Span {
        Span { oldest: self.kept.front().map_or(self.latest + 1, |message| message.seq), latest: self.latest }
    }

    fn list(&self, page: Page) -> Vec<Message> {
        let end = page.before.map_or(self.kept.len(), |seq| seq.checked_sub(1).map_or(0, |last| self.after(last)));
        let wanted = |message: &&Message| page.read.is_none_or(|read| message.read == read);
        self.kept.iter().take(end).rev().filter(wanted).take(page.limit).cloned().collect()
    }

    fn mark_read(&mut self, seqs: &RangeInclusive<u64>) -> usize {
        let newly = self.kept.iter_mut().filter(|message| seqs.contains(&message.seq) && !message.read);
        newly.map(|message| message.read = true).count()
    }
}

impl fmt::Debug for MemoryInbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryInbox").field("users", &self.state().boxes.len()).finish_non_exhaustive()
    }
}

impl Memory for MemoryInbox {
    fn stream(&self) -> Option<u64> {
        Some(self.stream)
    }

    fn append(&self, message: NewMessage) -> BoxFuture<'_, Result<Appended, MemoryError>> {
        let mut state = self.state();
        let user = message.user.clone();
        let appended = state.open(&user, self.users).append(message, self.messages);
        Box::pin(ready(Ok(appended)))
    }

    fn since<'a>(&'a self, user: &'a str, seq: u64, limit: usize) -> BoxFuture<'a, Result<Vec<Message>, MemoryError>> {
        let found = self.read(user, |kept| kept.kept.iter().skip(kept.after(seq)).take(limit).cloned().collect());
        Box::pin(ready(Ok(found.unwrap_or_default())))
    }

    fn span<'a>(&'a self, user: &'a str) -> BoxFuture<'a, Result<Span, MemoryError>> {
        let state = self.state();
        let unknown = Span { oldest: state.floor + 1, latest: state.floor };
        Box::pin(ready(Ok(state.boxes.get(user).map_or(unknown, UserBox::span))))
    }

    fn list<'a>(&'a self, user: &'a str, page: Page) -> BoxFuture<'a, Result<Vec<Message>, MemoryError>> {
        Box::pin(ready(Ok(self.read(user, |kept| kept.list(page)).unwrap_or_default())))
    }

    fn mark_read<'a>(&'a self, user: &'a str, seqs: RangeInclusive<u64>) -> BoxFuture<'a, Result<usize, MemoryError>> {
        let marked = self.state().boxes.get_mut(user).map(|kept| kept.mark_read(&seqs));
        Box::pin(ready(Ok(marked.unwrap_or_default())))
    }
}

#[cfg(test)]
mod tests;
