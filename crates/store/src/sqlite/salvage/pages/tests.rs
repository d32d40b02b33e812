//! The page reader against real files: what it yields of a sound one is all, and of any other nothing that was not written.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use fastrand::Rng;
use proptest::prelude::*;
use rusqlite::{Connection, params_from_iter, types::Value};
use tempfile::TempDir;

use super::{Found, Image, Seen, beside, carve, rows_on, walk};

type Rows = BTreeMap<i64, Vec<Value>>;

/// A file with a table of rows of every kind, and where its root is.
struct Made {
    folder: TempDir,
    rows: Rows,
    root: u32,
    connection: Option<Connection>,
}

impl Made {
    fn path(&self) -> PathBuf {
        self.folder.path().join("made.db")
    }
}

fn any_value(random: &mut Rng) -> Value {
    let length = [0, 1, 7, 60, 300, 700, 9_000][random.usize(..7) * usize::from(random.u8(..4) > 0)];
    match random.u8(..8) {
        0 => Value::Null,
        1 => Value::Integer(random.i64(-2..=2)),
        2 => Value::Integer(random.i64(..) >> random.u32(..64)),
        3 => Value::Real(random.f64() * 1e9),
        4 => Value::Blob((0..length).map(|_| random.u8(..)).collect()),
        _ => Value::Text((0..length).map(|_| random.alphabetic()).collect()),
    }
}

/// Writes a file of pages of this size; `logged` rows of it stay in the log.
fn make(seed: u64, page_size: u32, rows: usize, logged: usize) -> Made {
    let folder = TempDir::new().unwrap();
    let connection = Connection::open(folder.path().join("made.db")).unwrap();
    connection.pragma_update(None, "page_size", page_size).unwrap();
    let _: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).unwrap();
    connection.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    connection.pragma_update(None, "synchronous", "OFF").unwrap();
    connection.execute_batch("CREATE TABLE other (x); CREATE TABLE made (a, b, c, d);").unwrap();
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'made'";
    let root = connection.query_row(root, [], |row| row.get(0)).unwrap();
    let mut made = Made { folder, rows: Rows::new(), root, connection: Some(connection) };
    let mut random = Rng::with_seed(seed);
    insert(&mut made, &mut random, rows);
    let connection = made.connection.as_ref().unwrap();
    let _: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
    insert(&mut made, &mut random, logged);
    made
}

fn insert(made: &mut Made, random: &mut Rng, count: usize) {
    let connection = made.connection.as_ref().unwrap();
    for _ in 0..count {
        let number = random.i64(..) >> random.u32(..60);
        let columns: Vec<Value> = (0..4).map(|_| any_value(random)).collect();
        let all = std::iter::once(Value::Integer(number)).chain(columns.iter().cloned());
        let sql = "INSERT OR REPLACE INTO made (rowid, a, b, c, d) VALUES (?, ?, ?, ?, ?)";
        connection.execute(sql, params_from_iter(all)).unwrap();
        made.rows.insert(number, columns);
    }
}

/// All that a walk finds, and whether there was a hole.
fn found(path: &Path, root: u32) -> (Rows, bool) {
    let mut image = Image::open(path, 4096).unwrap();
    let (mut rows, mut hole) = (Rows::new(), false);
    walk(&mut image, root, &mut Seen::new(), &mut |_, found| match found {
        Found::Hole(_) => hole = true,
        Found::Rows(all, numbers) => {
            hole |= all.iter().any(Option::is_none);
            let all = all.into_iter().flatten().filter_map(|row| Some((row.rowid?, row.columns)));
            rows.extend(all.filter(|(number, _)| numbers.contain(*number)));
        }
    });
    (rows, hole)
}

/// Everything that is on any version of any page.
fn everything(path: &Path) -> Vec<(i64, Vec<Value>)> {
    let mut image = Image::open(path, 4096).unwrap();
    let mut rows = Vec::new();
    for number in image.pages() {
        for bytes in [image.page(number), image.replaced_in_main(number)].into_iter().flatten() {
            rows.extend(rows_on(&mut image, number, &bytes));
            if number % 8 == 0 {
                rows.extend(carve(&mut image, bytes));
            }
        }
    }
    for version in 0..image.versions() {
        if let Some((number, bytes)) = image.replaced(version) {
            rows.extend(rows_on(&mut image, number, &bytes));
        }
    }
    rows.into_iter().filter_map(|row| Some((row.rowid?, row.columns))).collect()
}

#[test]
fn all_of_a_sound_file_is_read() {
    for page_size in [512, 1024, 4096, 8192, 65_536] {
        for (rows, logged) in [(0, 0), (1, 0), (0, 1), (100, 0), (60, 60)] {
            let mut made = make(u64::from(page_size) + rows as u64, page_size, rows, logged);
            let place = format!("{page_size} {rows} {logged}");
            let check = |made: &Made| {
                let (rows, hole) = found(&made.path(), made.root);
                assert!(rows == made.rows && !hole, "{place}");
                let flaws = Image::open(&made.path(), 4096).unwrap().flaws();
                assert_eq!(flaws, super::Flaws::default(), "{place}");
            };
            check(&made);
            made.connection = None;
            check(&made);
        }
    }
}

/// Copies what is there of the file, its log and the log's index, as a kill would leave them.
fn leave(made: &Made) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("made.db");
    for end in ["", "-wal", "-shm"] {
        std::fs::copy(beside(&made.path(), end), beside(&path, end)).unwrap();
    }
    (folder, path)
}

#[test]
fn a_log_that_is_gone_or_cut_is_told_from_one_that_is_whole() {
    let made = make(7, 4096, 50, 50);
    let (_folder, path) = leave(&made);
    let log = beside(&path, "-wal");
    let whole = std::fs::read(&log).unwrap();
    let flaws = || Image::open(&path, 4096).unwrap().flaws();
    assert_eq!(flaws(), super::Flaws::default());
    for length in [0, 10, 32, 33, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&log, &whole[..length]).unwrap();
        assert!(flaws().log_missing, "{length}");
    }
    std::fs::remove_file(&log).unwrap();
    assert!(flaws().log_missing);
    for at in (0..whole.len()).step_by(997) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x40;
        std::fs::write(&log, &flipped).unwrap();
        let flaws = flaws();
        assert!(flaws.log_damaged || flaws.log_missing, "{at}");
    }
}

/// What is behind the last commit is nothing as long as the index shows that all commits are there; without one, an end in the
/// middle of a frame may be that of a copy that was cut.
#[test]
fn what_was_never_committed_is_neither_missing_nor_read() {
    let made = make(11, 4096, 50, 50);
    let connection = made.connection.as_ref().unwrap();
    let (_folder, before) = leave(&made);
    connection.execute("INSERT INTO made (rowid, a) VALUES (1234567, 'x')", []).unwrap();
    let (_folder, path) = leave(&made);
    let log = beside(&path, "-wal");
    let (whole, committed) = (std::fs::read(&log).unwrap(), std::fs::read(beside(&before, "-wal")).unwrap().len());
    std::fs::copy(beside(&before, "-shm"), beside(&path, "-shm")).unwrap();
    let is_there = || everything(&path).iter().any(|(number, _)| *number == 1_234_567);
    let flaws = || Image::open(&path, 4096).unwrap().flaws();
    assert!(is_there(), "it was committed, although its process did not live to say so");
    for length in [committed, committed + 24, committed + 4_000, whole.len() - 4_120, whole.len() - 1] {
        std::fs::write(&log, &whole[..length]).unwrap();
        assert_eq!(flaws(), super::Flaws::default(), "{length}");
        assert!(!is_there(), "{length}");
    }
    std::fs::remove_file(beside(&path, "-shm")).unwrap();
    assert!(flaws().log_missing);
}

#[test]
fn either_copy_of_the_index_tells() {
    let made = make(12, 4096, 50, 50);
    let (_folder, path) = leave(&made);
    let index = std::fs::read(beside(&path, "-shm")).unwrap();
    std::fs::write(beside(&path, "-wal"), []).unwrap();
    for (places, expected) in [(&[20][..], true), (&[68], true), (&[20, 68], false)] {
        let mut bytes = index.clone();
        places.iter().for_each(|place| bytes[*place] ^= 1);
        std::fs::write(beside(&path, "-shm"), bytes).unwrap();
        assert_eq!(Image::open(&path, 4096).unwrap().flaws().log_missing, expected, "{places:?}");
    }
}

#[test]
fn a_log_is_read_on_behind_a_flaw() {
    let made = make(8, 4096, 50, 200);
    let (_folder, path) = leave(&made);
    let log = beside(&path, "-wal");
    let mut bytes = std::fs::read(&log).unwrap();
    // In the middle of the third frame's page, and the salts of the fifth.
    bytes[32 + 2 * 4120 + 2_000] ^= 1;
    bytes[32 + 4 * 4120 + 9] ^= 1;
    std::fs::write(&log, &bytes).unwrap();
    let (rows, _) = found(&path, made.root);
    assert!(rows.len() + 3 > made.rows.len(), "{} of {}", rows.len(), made.rows.len());
}

/// Does one of many kinds of harm to a file.
fn harm(bytes: &mut Vec<u8>, random: &mut Rng) {
    if bytes.is_empty() {
        return;
    }
    let at = random.usize(..bytes.len());
    let end = bytes.len().min(at + random.usize(1..5_000));
    match random.u8(..6) {
        0 => bytes[at] ^= 1 << random.u8(..8),
        1 => bytes.truncate(at),
        2 => bytes[at..end].fill(0),
        3 => bytes[at..end].iter_mut().for_each(|byte| *byte = random.u8(..)),
        4 if bytes.len() > 2 * 4096 => {
            let pages = bytes.len() / 4096;
            let (one, other) = (random.usize(..pages) * 4096, random.usize(..pages) * 4096);
            for place in 0..4096 {
                bytes.swap(one + place, other + place);
            }
        }
        _ => bytes[at] = random.u8(..),
    }
}

/// Rows here carry no checksum, so a flaw inside of a value goes unnoticed: but for those on the flaw itself, all is as it was.
#[test]
fn whatever_harm_is_done_rows_are_read_as_they_were_or_nearly_none() {
    let made = make(9, 4096, 150, 40);
    let mut random = Rng::with_seed(9);
    for round in 0..60 {
        let (_folder, path) = leave(&made);
        let harmed = if random.bool() { path.clone() } else { beside(&path, "-wal") };
        let mut bytes = std::fs::read(&harmed).unwrap();
        (0..random.usize(1..3)).for_each(|_| harm(&mut bytes, &mut random));
        std::fs::write(&harmed, bytes).unwrap();
        let (rows, hole) = found(&path, made.root);
        let right = rows.iter().filter(|(number, columns)| made.rows.get(*number) == Some(*columns)).count();
        assert!(rows.len() - right < 40, "round {round}: {} of {} are wrong", rows.len() - right, rows.len());
        let _ = everything(&path);
        let lost = made.rows.len() - right;
        assert!(lost <= 60 || hole || Image::open(&path, 4096).unwrap().flaws() != super::Flaws::default());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_end_quickly(main in proptest::collection::vec(any::<u8>(), 0..20_000), log in proptest::collection::vec(any::<u8>(), 0..9_000)) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("any");
        std::fs::write(&path, main).unwrap();
        std::fs::write(beside(&path, "-wal"), &log).unwrap();
        std::fs::write(beside(&path, "-shm"), &log).unwrap();
        for root in [0, 1, 2, u32::MAX] {
            let _ = found(&path, root);
        }
        let _ = everything(&path);
        let _ = Image::open(&path, 512).unwrap().flaws();
    }

    /// Bytes that look like pages, with pointers and lengths that point anywhere.
    #[test]
    fn pages_of_nonsense_end_quickly(seed: u64) {
        let mut random = Rng::with_seed(seed);
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("nonsense");
        let mut bytes = Vec::new();
        for number in 0..random.usize(1..64) {
            let mut page: Vec<u8> = (0..512).map(|_| random.u8(..) & random.u8(..)).collect();
            let start = if number == 0 { 100 } else { 0 };
            page[start] = [2, 5, 10, 13][random.usize(..4)];
            page[start + 3..start + 5].copy_from_slice(&[0, random.u8(..60)]);
            page[start + 8..start + 12].copy_from_slice(&[0, 0, 0, random.u8(..64)]);
            for cell in 0..60 {
                page[start + 12 + 2 * cell..start + 14 + 2 * cell].copy_from_slice(&[1, random.u8(..)]);
                page[256 + cell..260 + cell].copy_from_slice(&[0, 0, 0, random.u8(..64)]);
            }
            bytes.extend(page);
        }
        std::fs::write(&path, bytes).unwrap();
        for root in 1..64 {
            let _ = found(&path, root);
        }
        let _ = everything(&path);
    }
}
