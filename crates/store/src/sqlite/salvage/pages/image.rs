//! A SQLite file and its log as pages: the newest committed version of each, and the older ones that are still around. What
//! stands on them is told elsewhere.
//!
//! The header on the first page is not believed: it may be what is damaged. The size of a page is the one by which most of
//! what is there looks like pages.

use std::{cmp::Reverse, collections::BTreeSet, fs::File, io, path::Path};

use super::{
    bytes::u32_at,
    cell,
    file::{beside, open_if_there, read_fully, read_some},
    shared,
    wal::{Wal, is_ragged},
};

const SMALLEST: usize = 512;
const LARGEST: usize = 65_536;
/// So many places of the file are looked at to tell the size of its pages.
const SAMPLES: u64 = 16;
/// A payload is believed up to this: nothing that we write is as long.
const LONGEST: usize = 64 << 20;

/// A file and its log, open for reading.
#[derive(Debug)]
pub(crate) struct Image {
    main: Option<File>,
    length: u64,
    wal: Option<Wal>,
    /// What the log's index tells of the log.
    told: Option<shared::Extent>,
    /// Whether the log ends in the middle of a frame.
    log_is_ragged: bool,
    page_size: usize,
    /// How many overflow pages may still be read: a file that is sound needs each once.
    allowance: u64,
}

/// What is wrong with the files themselves, before anything on their pages is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flaws {
    /// The log, or its end, was committed and is not there.
    pub log_missing: bool,
    /// Parts of the log do not hold.
    pub log_damaged: bool,
    /// The file is shorter than its header says, or does not end with a whole page.
    pub cut: bool,
    /// The file begins with something else than SQLite's name.
    pub nameless: bool,
}

impl Image {
    /// Opens the file and its log; either may be missing. To be done before SQLite opens them, since that mends traces away.
    pub(crate) fn open(path: &Path, usual_page_size: usize) -> io::Result<Self> {
        let mut main = open_if_there(path)?;
        let length = main.as_ref().map_or(Ok(0), |file| file.metadata().map(|metadata| metadata.len()))?;
        let log = beside(path, "-wal");
        let page_size = main.as_mut().and_then(|file| measure(file, length));
        let page_size = page_size.or_else(|| size_by_log(&log)).unwrap_or(usual_page_size);
        let log_length = std::fs::metadata(&log).map_or(0, |metadata| metadata.len());
        let told = shared::extent(path);
        let wal = Wal::open(&log, page_size, told)?;
        let versions = wal.as_ref().map_or(0, Wal::versions) as u64;
        let allowance = 8 * (length / page_size as u64 + versions) + 64;
        let log_is_ragged = is_ragged(log_length, page_size);
        Ok(Self { main, length, wal, told, log_is_ragged, page_size, allowance })
    }

    /// The size of a page in bytes.
    pub(crate) const fn page_size(&self) -> usize {
        self.page_size
    }

    /// How many bytes the file itself has.
    pub(crate) const fn length(&self) -> u64 {
        self.length
    }

    /// How many bytes there are to look at, those of the log included.
    pub(crate) fn size(&self) -> u64 {
        self.length + (self.versions() * self.page_size) as u64
    }

    /// Whether there is neither a file nor a log with something in it.
    pub(crate) const fn is_empty(&self) -> bool {
        self.length == 0 && self.wal.is_none()
    }

    /// What is wrong with the files themselves.
    pub(crate) fn flaws(&mut self) -> Flaws {
        let first = self.page(1).unwrap_or_default();
        let pages = u32_at(&first, 28).unwrap_or_default();
        // The log may hold the page that the file ends in the middle of.
        let is_logged = |number| self.wal.as_ref().is_some_and(|wal| wal.has(number));
        let whole = self.length.is_multiple_of(self.page_size as u64) || is_logged(self.pages_of_main());
        Flaws {
            log_missing: self.log_is_missing(),
            log_damaged: self.wal.as_ref().is_some_and(Wal::is_damaged),
            cut: !whole || (pages > 0 && !self.has(pages)),
            nameless: !first.starts_with(b"SQLite format 3\0"),
        }
    }

    /// Whether the log, or its end, was committed and is not there.
    ///
    /// Only the index can tell: a log that ends in the middle of a frame is what every process leaves that is killed in a commit, or
    /// finds no room for one. Where the index is gone too, such an end is taken for that of a copy that was cut. A power cut may keep
    /// an index that tells of more than came to the disk: those were commits that nobody waited for, but nothing tells them from
    /// others that somebody took away, so that this is said.
    fn log_is_missing(&self) -> bool {
        let Some(told) = self.told else { return self.log_is_ragged };
        match self.wal.as_ref().map(Wal::extent) {
            Some((generation, frames)) if generation == told.generation => frames < told.frames,
            // A new generation begins once the one before it is carried over.
            _ => told.carried_over < told.frames,
        }
    }

    /// The pages that there are, in their order.
    pub(crate) fn pages(&self) -> BTreeSet<u32> {
        let logged = self.wal.iter().flat_map(Wal::pages);
        (1..=self.pages_of_main()).chain(logged).collect()
    }

    /// No more pages than this are there.
    pub(crate) fn most_pages(&self) -> usize {
        self.pages_of_main() as usize + self.versions()
    }

    /// Whether there is such a page.
    pub(crate) fn has(&self, number: u32) -> bool {
        (1..=self.pages_of_main()).contains(&number) || self.wal.as_ref().is_some_and(|wal| wal.has(number))
    }

    /// The newest committed version of a page, from 1; a page that is cut ends with zeros.
    pub(crate) fn page(&mut self, number: u32) -> Option<Vec<u8>> {
        let logged = self.wal.as_mut().and_then(|wal| wal.page(number));
        logged.or_else(|| self.page_of_main(number))
    }

    /// The version of a page in the file itself, where the log has a newer one.
    pub(crate) fn replaced_in_main(&mut self, number: u32) -> Option<Vec<u8>> {
        let is_replaced = self.wal.as_ref().is_some_and(|wal| wal.has(number));
        if is_replaced { self.page_of_main(number) } else { None }
    }

    /// How many versions of pages the log has.
    pub(crate) fn versions(&self) -> usize {
        self.wal.as_ref().map_or(0, Wal::versions)
    }

    /// A version in the log that a newer one replaces, or that was not committed; the oldest is 0.
    pub(crate) fn replaced(&mut self, version: usize) -> Option<(u32, Vec<u8>)> {
        self.wal.as_mut().and_then(|wal| wal.replaced(version))
    }

    /// The rest of a payload that goes on in a chain of pages.
    pub(super) fn overflow(&mut self, first: u32, length: usize) -> Option<Vec<u8>> {
        let per_page = self.page_size - 4;
        let needed = length.div_ceil(per_page) as u64;
        if length > LONGEST || needed > self.allowance {
            return None;
        }
        let (mut rest, mut next) = (Vec::new(), first);
        while rest.len() < length {
            self.allowance = self.allowance.checked_sub(1)?;
            let page = self.page(next)?;
            let (link, content) = page.split_at_checked(4)?;
            rest.extend_from_slice(content.get(..per_page.min(length - rest.len()))?);
            next = u32_at(link, 0)?;
        }
        Some(rest)
    }

    fn pages_of_main(&self) -> u32 {
        u32::try_from(self.length.div_ceil(self.page_size as u64)).unwrap_or(u32::MAX)
    }

    fn page_of_main(&mut self, number: u32) -> Option<Vec<u8>> {
        let offset = u64::from(number.checked_sub(1)?) * self.page_size as u64;
        if offset >= self.length {
            return None;
        }
        let mut bytes = vec![0; self.page_size];
        read_some(self.main.as_mut()?, offset, &mut bytes).map(|()| bytes)
    }
}

/// The size by which most pages of samples of the file look like pages; `None` if none does by any.
fn measure(file: &mut File, length: u64) -> Option<usize> {
    let blocks = length.div_ceil(LARGEST as u64);
    let step = blocks.div_ceil(SAMPLES).max(1);
    let sizes = || std::iter::successors(Some(SMALLEST), |size| Some(size * 2)).take_while(|size| *size <= LARGEST);
    let mut scores: Vec<(usize, usize)> = sizes().map(|size| (0, size)).collect();
    let mut block = vec![0; LARGEST];
    for index in (0..blocks).step_by(usize::try_from(step).ok()?) {
        let Some(()) = read_some(file, index * LARGEST as u64, &mut block) else { continue };
        for (score, size) in &mut scores {
            let pages = block.chunks_exact(*size).enumerate();
            *score += pages.filter(|(place, page)| cell::looks_like_page(page, index == 0 && *place == 0)).count();
        }
    }
    // Half of all pages look like pages of twice the size too, and all of them where there is but one.
    let best = scores.into_iter().filter(|(score, _)| *score > 0).max_by_key(|(score, size)| (*score, Reverse(*size)));
    best.map(|(_, size)| size)
}

/// The size of a page as the log's header tells it.
fn size_by_log(log: &Path) -> Option<usize> {
    let mut header = [0; 12];
    read_fully(&mut open_if_there(log).ok()??, 0, &mut header)?;
    let size = usize::try_from(u32_at(&header, 8)?).ok()?;
    (size.is_power_of_two() && (SMALLEST..=LARGEST).contains(&size)).then_some(size)
}
