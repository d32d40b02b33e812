//! One life of the process: from its start to its end, however that comes. What it answered counts to its last word.

use std::{
    collections::BTreeMap,
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::mpsc,
    task::JoinHandle,
    time::timeout,
};

use super::protocol::{Order, Report, Setup, Word};

/// No answer takes that long; a process that is silent for so long hangs.
const SILENCE: Duration = Duration::from_secs(60);

/// What became of each batch: which of its events were in before, or why none is in.
pub type Answers = BTreeMap<u64, Result<Vec<bool>, String>>;

/// A process that runs.
#[derive(Debug)]
pub struct Life {
    child: Child,
    orders: Option<ChildStdin>,
    words: mpsc::Receiver<Word>,
    answers: Arc<Mutex<Answers>>,
    reading: JoinHandle<()>,
}

impl Life {
    /// Starts the program; `number` is told to receivers in the header `X-Life`. A limit to the size of its files does not kill it.
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    pub fn begin(program: &Path, setup: &Setup, number: usize) -> Self {
        // A signal that is ignored stays so in the program: a write beyond a limit then fails, as on a full disk.
        let mut command = std::process::Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$1\""]).arg(program);
        Self::spawn(command, setup, number)
    }

    /// Starts what ends as the program, given its argument.
    pub(super) fn spawn(mut command: std::process::Command, setup: &Setup, number: usize) -> Self {
        command.arg(serde_json::to_string(setup).expect("a set-up is JSON")).env("LIFE", number.to_string());
        let mut command = Command::from(command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("the program can be started");
        let (sender, words) = mpsc::channel(64);
        let answers = Arc::<Mutex<Answers>>::default();
        let output = child.stdout.take().expect("it was asked for");
        let reading = tokio::spawn(listen(output, Arc::clone(&answers), sender));
        Self { orders: child.stdin.take(), child, words, answers, reading }
    }

    /// Gives an order; `false` if nobody is there any more.
    pub async fn order(&mut self, order: &Order) -> bool {
        let mut line = serde_json::to_vec(order).expect("an order is JSON");
        line.push(b'\n');
        match &mut self.orders {
            Some(orders) => orders.write_all(&line).await.is_ok(),
            None => false,
        }
    }

    /// The next word that is no answer to a batch; `None` if there will be none.
    ///
    /// # Panics
    /// If it is silent for too long.
    pub async fn word(&mut self) -> Option<Word> {
        self.word_within(SILENCE).await
    }

    async fn word_within(&mut self, limit: Duration) -> Option<Word> {
        timeout(limit, self.words.recv()).await.expect("the process does not hang")
    }

    /// Waits until it runs; the reason, where it does not.
    ///
    /// # Errors
    /// If it says that it cannot start, or ends first.
    pub async fn started(&mut self) -> Result<(), String> {
        match self.word().await {
            Some(Word::Started) => Ok(()),
            Some(Word::Failed { reason }) => Err(reason),
            other => Err(format!("it did not start: {other:?}")),
        }
    }

    /// Lets it settle everything; whether it could.
    pub async fn drain(&mut self, limit: Duration) -> bool {
        let millis = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        if !self.order(&Order::Drain { millis }).await {
            return false;
        }
        loop {
            match self.word_within(limit + SILENCE).await {
                Some(Word::Started) => {}
                word => return matches!(word, Some(Word::Drained { done: true })),
            }
        }
    }

    /// How things stand.
    pub async fn report(&mut self) -> Option<Report> {
        self.order(&Order::Report).await;
        match self.word_but_started().await {
            Some(Word::Reported(report)) => Some(*report),
            _ => None,
        }
    }

    /// Stops it politely; what it told at the end, and all its answers.
    pub async fn stop(mut self, limit: Duration) -> (Option<Report>, Answers) {
        let millis = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        self.order(&Order::Stop { millis }).await;
        self.stopped().await
    }

    /// Waits for its last report.
    pub async fn stopped(mut self) -> (Option<Report>, Answers) {
        let report = match self.word_but_started().await {
            Some(Word::Stopped(report)) => Some(*report),
            _ => None,
        };
        (report, self.ended().await)
    }

    async fn word_but_started(&mut self) -> Option<Word> {
        loop {
            match self.word().await {
                Some(Word::Started) => {}
                other => return other,
            }
        }
    }

    /// Kills it, and waits for its end.
    ///
    /// # Panics
    /// If the system does not let it be killed.
    pub async fn kill(mut self) -> Answers {
        // One that has killed itself before is as dead as it should be.
        drop(self.child.start_kill());
        self.ended().await
    }

    /// Asks it to end, as a service manager would.
    ///
    /// # Panics
    /// If there is no such process.
    pub fn terminate(&self) {
        kill_process(self.id(), Signal::TERM).expect("it runs");
    }

    /// Waits for its end; all that it has answered.
    ///
    /// # Panics
    /// If it does not end.
    pub async fn ended(mut self) -> Answers {
        self.orders = None;
        // Who still had words for us must not wait for an ear.
        self.words.close();
        timeout(SILENCE, self.child.wait()).await.expect("the process ends").expect("it can be waited for");
        self.reading.await.expect("its last word is read");
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.clone()
    }

    /// Whether it has ended by itself.
    pub fn is_gone(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// What it has answered so far.
    pub fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a batch is answered, or nothing comes any more.
    ///
    /// # Panics
    /// If it is silent for too long.
    pub async fn answered(&mut self, number: u64) -> Option<Result<Vec<bool>, String>> {
        let waiting = async {
            loop {
                if let Some(answer) = self.answers().get(&number) {
                    return Some(answer.clone());
                }
                if self.is_gone() {
                    return None;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(SILENCE, waiting).await.expect("the process does not hang")
    }

    /// Limits the size of its files to so many bytes from now on; `None`: no limit.
    ///
    /// # Panics
    /// If the system does not let it.
    pub fn limit_files(&self, bytes: Option<u64>) {
        let limit = Rlimit { current: bytes, maximum: None };
        prlimit(Some(self.id()), Resource::Fsize, limit).expect("a parent may limit its child");
    }

    /// The most memory that it has held so far, in bytes.
    ///
    /// # Panics
    /// If it does not run.
    #[must_use]
    pub fn peak_memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.number());
        let status = std::fs::read_to_string(path).expect("it runs, on Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the line is there");
        let kilobytes = line.trim().trim_end_matches("kB").trim();
        kilobytes.parse::<u64>().expect("it is a number") * 1_024
    }

    /// The number of its process.
    pub(super) fn number(&self) -> i32 {
        self.id().as_raw_nonzero().get()
    }

    fn id(&self) -> Pid {
        let id = self.child.id().expect("it was not waited for");
        Pid::from_raw(i32::try_from(id).expect("ids are small")).expect("no process has the id 0")
    }
}

/// Reads to the last word: what is in the pipe was said.
async fn listen(output: ChildStdout, answers: Arc<Mutex<Answers>>, words: mpsc::Sender<Word>) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(word) = serde_json::from_str(&line) else { continue };
        let (number, answer) = match word {
            Word::Accepted { number, duplicates } => (number, Ok(duplicates)),
            Word::Refused { number, reason } => (number, Err(reason)),
            other => {
                // Who has stopped listening wants the answers alone.
                drop(words.send(other).await);
                continue;
            }
        };
        answers.lock().unwrap_or_else(PoisonError::into_inner).insert(number, answer);
    }
}
