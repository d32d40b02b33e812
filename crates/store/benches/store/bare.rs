//! The measure: a file to which lines are appended, with one sync for all that has come in meanwhile, by the store's own queue.

use std::{fs::File, io::Write, path::Path, sync::Arc, thread::JoinHandle};

use tokio::sync::oneshot;

#[path = "../../src/sqlite/queue.rs"]
#[expect(dead_code, reason = "the store uses more of it")]
mod queue;

use queue::Queue;

struct Append {
    lines: Vec<Vec<u8>>,
    answer: oneshot::Sender<usize>,
}

/// The file with its thread.
pub(crate) struct Bare {
    queue: Arc<Queue<Append>>,
    thread: Option<JoinHandle<()>>,
}

impl Bare {
    pub(crate) fn open(path: &Path) -> Self {
        let queue = Arc::new(Queue::new(4_096));
        let file = File::create(path).unwrap();
        let own = Arc::clone(&queue);
        let thread = std::thread::spawn(move || append_all(&own, file));
        Self { queue, thread: Some(thread) }
    }

    /// Appends lines; they are on the disk then.
    pub(crate) async fn append(&self, lines: Vec<Vec<u8>>) -> usize {
        let (answer, answered) = oneshot::channel();
        self.queue.push(Append { lines, answer }).await.unwrap();
        answered.await.unwrap()
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.queue.close();
        self.thread.take().unwrap().join().unwrap();
    }
}

fn append_all(queue: &Queue<Append>, mut file: File) {
    while let Some(group) = queue.take_all(2_048) {
        let mut bytes = Vec::new();
        for line in group.iter().flat_map(|append| &append.lines) {
            bytes.extend(line);
            bytes.push(b'\n');
        }
        file.write_all(&bytes).unwrap();
        file.sync_data().unwrap();
        for append in group {
            append.answer.send(append.lines.len()).unwrap();
        }
    }
}
