//! The write-ahead log beside a SQLite file: which of its frames hold, and which page each is a version of. What stands on the
//! pages is told elsewhere.

use std::{collections::HashMap, fs::File, io, path::Path};

use super::{
    bytes::u32_at,
    file::{open_if_there, read_fully},
    shared::Extent,
};

const HEADER: u64 = 32;
const FRAME_HEADER: u64 = 24;
/// The magic number; its last bit says which end of a word the checksums take first.
const MAGIC: u32 = 0x377f_0682;

/// Two running sums over words; the second makes the order count.
type Sum = (u32, u32);

/// One version of a page.
#[derive(Clone, Copy, Debug)]
struct Frame {
    page: u32,
    offset: u64,
}

/// A log that was read through once.
#[derive(Debug)]
pub(super) struct Wal {
    file: File,
    page_size: usize,
    /// All frames with a believable page number that a transaction was committed with, in the order of the file.
    frames: Vec<Frame>,
    /// The newest version of each page, as an index into `frames`.
    newest: HashMap<u32, usize>,
    damaged: bool,
    generation: (u32, u32),
    committed: u64,
}

/// What a frame's own header says.
struct Head {
    page: u32,
    commits: bool,
    salts: (u32, u32),
    sum: Sum,
    /// Whether the frame's sum follows from the sum before it.
    holds: bool,
}

/// How far the log holds, while it is read.
struct Reading {
    salts: (u32, u32),
    big_end_first: bool,
    before: Sum,
    damaged: bool,
    heads: Vec<Head>,
}

/// Whether a log of this length ends in the middle of a frame.
pub(super) const fn is_ragged(length: u64, page_size: usize) -> bool {
    match length.checked_sub(HEADER) {
        Some(frames) => !frames.is_multiple_of(FRAME_HEADER + page_size as u64),
        None => length > 0,
    }
}

impl Wal {
    /// Reads the log; `None` if there is none, or none with a frame in it. What its index told tells what was committed.
    pub(super) fn open(path: &Path, page_size: usize, told: Option<Extent>) -> io::Result<Option<Self>> {
        let Some(mut file) = open_if_there(path)? else { return Ok(None) };
        let mut header = [0; HEADER as usize];
        if read_fully(&mut file, 0, &mut header).is_none() {
            return Ok(None);
        }
        let mut reading = Reading::begin(&header);
        let stride = FRAME_HEADER + page_size as u64;
        let mut bytes = vec![0; FRAME_HEADER as usize + page_size];
        let mut offset = HEADER;
        while read_fully(&mut file, offset, &mut bytes).is_some() {
            reading.take(&bytes);
            offset += stride;
        }
        Ok(reading.end(file, page_size, told))
    }

    /// Whether frames of this generation do not hold: SQLite would drop them and all behind them without a word.
    pub(super) const fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// What tells this generation of the log from those before, and how many frames of it were committed.
    pub(super) const fn extent(&self) -> ((u32, u32), u64) {
        (self.generation, self.committed)
    }

    /// The newest version of a page that the log has.
    pub(super) fn page(&mut self, number: u32) -> Option<Vec<u8>> {
        let frame = *self.frames.get(*self.newest.get(&number)?)?;
        self.read(frame)
    }

    /// Whether the log has a version of this page that was committed.
    pub(super) fn has(&self, number: u32) -> bool {
        self.newest.contains_key(&number)
    }

    /// The pages that the log has.
    pub(super) fn pages(&self) -> impl Iterator<Item = u32> {
        self.newest.keys().copied()
    }

    /// The number of versions, those included that newer ones replace.
    pub(super) const fn versions(&self) -> usize {
        self.frames.len()
    }

    /// A version that a newer one replaces, from 0 for the oldest; `None` for one that is the newest of its page.
    pub(super) fn replaced(&mut self, index: usize) -> Option<(u32, Vec<u8>)> {
        let frame = *self.frames.get(index)?;
        if self.newest.get(&frame.page) == Some(&index) {
            return None;
        }
        self.read(frame).map(|bytes| (frame.page, bytes))
    }

    fn read(&mut self, frame: Frame) -> Option<Vec<u8>> {
        let mut bytes = vec![0; self.page_size];
        read_fully(&mut self.file, frame.offset, &mut bytes).map(|()| bytes)
    }
}

impl Reading {
    fn begin(header: &[u8]) -> Self {
        let word = |at| u32_at(header, at).unwrap_or_default();
        let big_end_first = word(0) & 1 == 1;
        let before = sum(big_end_first, (0, 0), header.get(..24).unwrap_or_default());
        let holds = word(0) & !1 == MAGIC && before == (word(24), word(28));
        Self {
            salts: (word(16), word(20)),
            big_end_first,
            before: (word(24), word(28)),
            damaged: !holds,
            heads: Vec::new(),
        }
    }

    fn take(&mut self, frame: &[u8]) {
        let word = |at| u32_at(frame, at).unwrap_or_default();
        let stored = (word(16), word(20));
        let body = frame.get(FRAME_HEADER as usize..).unwrap_or_default();
        let found = sum(self.big_end_first, self.before, frame.get(..8).unwrap_or_default());
        let holds = sum(self.big_end_first, found, body) == stored;
        let head = Head { page: word(0), commits: word(4) != 0, salts: (word(8), word(12)), sum: stored, holds };
        // The next frame is judged by what this one says, so that a flaw in one does not take along all behind it.
        self.before = head.sum;
        self.heads.push(head);
    }

    /// Settles which frames are this generation's, and up to where it was committed.
    fn end(mut self, file: File, page_size: usize, told: Option<Extent>) -> Option<Wal> {
        self.settle_salts();
        let told = told.filter(|told| told.generation == self.salts);
        let told = told.map(|told| usize::try_from(told.frames).unwrap_or(usize::MAX));
        let (ours, settled) = (self.ours(), self.settled());
        let (committed, damaged) = self.committed(&ours, told);
        let mut wal = Wal {
            file,
            page_size,
            frames: Vec::new(),
            newest: HashMap::new(),
            damaged,
            generation: self.salts,
            committed: committed as u64,
        };
        let is_there = self.heads.iter().any(|head| head.page > 0);
        let whole = committed.max(told.unwrap_or_default());
        for (index, head) in self.heads.iter().enumerate().filter(|(_, head)| head.page > 0) {
            let of = |flags: &[bool]| flags.get(index).copied().unwrap_or_default();
            if of(&ours) && index < committed {
                wal.newest.insert(head.page, wal.frames.len());
            }
            // A transaction that was never committed may have been repeated since, under the same numbers.
            if index < whole || (head.salts != self.salts && of(&settled)) {
                let offset = HEADER + index as u64 * (FRAME_HEADER + page_size as u64) + FRAME_HEADER;
                wal.frames.push(Frame { page: head.page, offset });
            }
        }
        is_there.then_some(wal)
    }

    /// How many frames were committed, and whether any of them does not hold.
    ///
    /// Where all that the index tells of holds, what lies behind is nothing from the first frame on that does not follow: a process
    /// that is killed, or has no room, leaves a part of a transaction there, over what another that failed had left.
    fn committed(&self, ours: &[bool], told: Option<usize>) -> (usize, bool) {
        let commits = |head: &Head| head.commits && head.page > 0;
        let holds = |head: &Head| head.holds && head.salts == self.salts;
        let last = |heads: &[Head]| heads.iter().rposition(commits).map_or(0, |last| last + 1);
        let sound = self.heads.iter().position(|head| !holds(head)).unwrap_or(self.heads.len());
        let sound = last(self.heads.get(..sound).unwrap_or_default());
        if !self.damaged && told.is_some_and(|told| told <= sound) {
            return (sound, false);
        }
        let committed =
            self.heads.iter().zip(ours).rposition(|(head, ours)| *ours && commits(head)).map_or(0, |last| last + 1);
        (committed, committed > sound || (self.damaged && committed > 0))
    }

    /// Which frames a commit of their own generation stands behind.
    fn settled(&self) -> Vec<bool> {
        let mut settled = vec![false; self.heads.len()];
        let mut next: Option<(&Head, bool)> = None;
        for (head, is_settled) in self.heads.iter().zip(&mut settled).rev() {
            let goes_on = next.is_some_and(|(next, settled)| settled && next.holds && next.salts == head.salts);
            *is_settled = head.commits || goes_on;
            next = Some((head, *is_settled));
        }
        settled
    }

    /// Which frames are this generation's: by their salts, or since their sum follows from one that is. Behind them may lie what an
    /// older generation left.
    fn ours(&self) -> Vec<bool> {
        let follows = |before: &mut bool, head: &Head| {
            *before = head.salts == self.salts || (*before && head.holds);
            Some(*before)
        };
        self.heads.iter().scan(true, follows).collect()
    }

    /// A damaged header does not tell the salts: then the first two frames that agree do.
    fn settle_salts(&mut self) {
        if !self.damaged {
            return;
        }
        let written: Vec<&Head> = self.heads.iter().filter(|head| head.page > 0).collect();
        let agree = written.windows(2).find(|pair| matches!(pair, [one, other] if one.salts == other.salts));
        if let Some(head) = agree.and_then(|pair| pair.first()).or(written.first()) {
            self.salts = head.salts;
        }
    }
}

fn sum(big_end_first: bool, before: Sum, bytes: &[u8]) -> Sum {
    let word = |bytes: &[u8]| {
        let bytes = bytes.try_into().unwrap_or_default();
        if big_end_first { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    };
    bytes.chunks_exact(8).fold(before, |(first, second), pair| {
        let (one, other) = pair.split_at(4);
        let first = first.wrapping_add(word(one)).wrapping_add(second);
        (first, second.wrapping_add(word(other)).wrapping_add(first))
    })
}
