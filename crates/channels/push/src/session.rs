//! One session: first what the memory has, then what comes, in sequence order and each message once. The socket around it is the
//! server's.

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::Stream;
use tidings_core::BoxFuture;

use crate::{
    frame::{Closed, Frame},
    hub::{Shared, SubscribeError},
    memory::MemoryError,
    message::Message,
    position::Position,
    slot::{Cut, Next, Slot},
};

/// How many messages are read from the memory at once.
const PAGE: usize = 64;

type Pull = BoxFuture<'static, Result<Vec<Message>, MemoryError>>;

/// One reader of one user's messages: a stream of [`Frame`]. Dropping it ends it.
pub struct Session {
    hub: Arc<Shared>,
    user: String,
    slot: Arc<Slot>,
    page: VecDeque<Message>,
    pull: Option<Pull>,
    reset: Option<u64>,
    is_over: bool,
}

/// Waits for a session to be cut off, beside whatever holds its transport up.
#[derive(Clone, Debug)]
pub struct CutOff(Arc<Slot>);

impl CutOff {
    /// Ends when the session is cut off.
    pub async fn wait(&self) {
        self.0.until_cut().await;
    }
}

impl Session {
    pub(crate) async fn open(
        hub: Arc<Shared>,
        user: String,
        slot: Arc<Slot>,
        since: Option<Position>,
    ) -> Result<Self, SubscribeError> {
        let mut session = Self { hub, user, slot, page: VecDeque::new(), pull: None, reset: None, is_over: false };
        let span = session.hub.memory.span(&session.user).await?;
        match since {
            None => session.slot.begin(span.latest, span.latest),
            // Who asks for what follows a number has everything up to it.
            Some(Position { stream, seq })
                if session.knows(stream) && seq <= span.latest && seq >= span.oldest.saturating_sub(1) =>
            {
                session.slot.begin(0, seq);
            }
            // Of another stream or beyond the end: the numbers are those of another memory.
            Some(_) => session.start_over(span.oldest),
        }
        if since.is_some() {
            session.pull_more();
        }
        Ok(session)
    }

    /// The next frame; `None` after the last one.
    pub async fn next(&mut self) -> Option<Frame> {
        std::future::poll_fn(|context| self.poll_frame(context)).await
    }

    /// Acknowledges everything up to this number, as far as this session was given it.
    pub fn ack(&self, seq: u64) {
        if self.slot.acknowledge(seq) {
            self.hub.roster.settle(&self.user);
        }
    }

    /// The transport has taken everything up to this number.
    pub fn sent(&self, seq: u64) {
        if self.slot.note_sent(seq) {
            self.hub.roster.settle(&self.user);
        }
    }

    /// The last number that it gave, or the one that it began behind.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.slot.last()
    }

    /// The place of this number, as a client keeps it to resume from.
    #[must_use]
    pub fn position(&self, seq: u64) -> Position {
        Position { stream: self.hub.memory.stream(), seq }
    }

    /// Whoever names no stream is taken at their word.
    fn knows(&self, stream: Option<u64>) -> bool {
        stream.is_none() || stream == self.hub.memory.stream()
    }

    /// Why the session was cut off, if it was: for a transport that cannot send the rest any more. Nothing follows then.
    pub fn next_if_closed(&mut self) -> Option<Closed> {
        let cut = self.slot.reason().filter(|_| !self.is_over)?;
        Some(self.end(cut))
    }

    /// Waits for this session to be cut off, while its transport is busy.
    #[must_use]
    pub fn cut_off(&self) -> CutOff {
        CutOff(Arc::clone(&self.slot))
    }

    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Frame>> {
        loop {
            if self.is_over {
                return Poll::Ready(None);
            }
            if let Some(cut) = self.slot.reason() {
                return Poll::Ready(Some(Frame::Closed(self.end(cut))));
            }
            if let Some(frame) = self.known() {
                return Poll::Ready(Some(frame));
            }
            if self.pull.is_some() {
                std::task::ready!(self.poll_pull(context));
                continue;
            }
            match self.slot.poll_next(context) {
                Poll::Ready(Next::Live(message)) => return Poll::Ready(Some(self.give(message))),
                Poll::Ready(Next::Behind) => self.pull_more(),
                // It may have been cut off since it was asked.
                Poll::Pending if self.slot.reason().is_some() => {}
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// What can be given without asking anybody: a reset, or what was read from the memory.
    fn known(&mut self) -> Option<Frame> {
        let last = self.slot.last();
        while self.page.front().is_some_and(|message| message.seq <= last) {
            self.page.pop_front();
        }
        if self.reset.is_none()
            && let Some(gap) = self.page.front().map(|message| message.seq).filter(|seq| *seq > last + 1)
        {
            self.start_over(gap);
        }
        if let Some(oldest) = self.reset.take() {
            return Some(Frame::Reset { oldest });
        }
        let message = self.page.pop_front()?;
        Some(self.give(Arc::new(message)))
    }

    fn poll_pull(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(pull) = &mut self.pull else { return Poll::Ready(()) };
        let Poll::Ready(read) = pull.as_mut().poll(context) else {
            self.slot.watch(context);
            // It may have been cut off before it was watched.
            return if self.slot.reason().is_some() { Poll::Ready(()) } else { Poll::Pending };
        };
        self.pull = None;
        match read {
            Ok(page) => self.read(page),
            Err(_) => {
                self.slot.cut(Cut::MemoryFailed);
                // Nobody waits any more for what cannot be given here.
                self.hub.roster.settle(&self.user);
            }
        }
        Poll::Ready(())
    }

    fn read(&mut self, mut page: Vec<Message>) {
        let last = self.slot.last();
        page.retain(|message| message.seq > last);
        if page.len() >= PAGE {
            // There may be more: it is asked for when these are given.
            self.slot.expect_more();
        }
        self.page = page.into();
        // The memory has nothing, and yet something waits further on: what lies between is gone.
        if self.page.is_empty()
            && let Some(seq) = self.slot.front().filter(|seq| *seq > last + 1)
        {
            self.start_over(seq);
        }
    }

    fn pull_more(&mut self) {
        let (memory, user, last) = (Arc::clone(&self.hub.memory), self.user.clone(), self.slot.last());
        self.pull = Some(Box::pin(async move { memory.since(&user, last, PAGE).await }));
    }

    fn start_over(&mut self, oldest: u64) {
        self.slot.restart(oldest.saturating_sub(1));
        self.reset = Some(oldest);
    }

    fn give(&self, message: Arc<Message>) -> Frame {
        self.slot.took(message.seq);
        Frame::Message(message)
    }

    fn end(&mut self, cut: Cut) -> Closed {
        self.is_over = true;
        let resume = self.slot.last();
        match cut {
            Cut::TooSlow => Closed::TooSlow { resume },
            Cut::ShuttingDown => Closed::ShuttingDown { resume },
            Cut::MemoryFailed => Closed::MemoryFailed { resume },
        }
    }
}

impl Stream for Session {
    type Item = Frame;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Frame>> {
        self.poll_frame(context)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.hub.roster.leave(&self.user, self.slot.id);
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("last", &self.slot.last())
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}
