//! Whether a file is damaged: at every start, before SQLite opens it, since that mends traces away. What is done about it is told
//! elsewhere.

use std::{io, path::Path};

use rusqlite::{Connection, OpenFlags};

use super::{
    known::Known,
    pages::{Image, beside, is_reachable, peek, u32_at},
    report::Why,
    roots::Roots,
    survey::Survey,
    swap,
};
use crate::sqlite::{
    lock::Left,
    schema::{self, Table},
};

/// Up to this many bytes all of a file is looked at; beyond that, what is needed to start.
const SMALL: u64 = 16 << 20;
/// The page size of a file in which none can be made out.
pub(super) const PAGE: usize = 4096;

/// Tables without which the store cannot do its work.
const HOT: [Table; 7] =
    [Table::Meta, Table::Name, Table::Outbox, Table::Delivery, Table::State, Table::Cursor, Table::Disabled];

/// Says why a file is damaged, if it is. One that is not ours, or of a newer version, is not damaged by that.
///
/// What the process before left tells a store that is gone from one that is new. To be asked by who holds the file's lock, before SQLite opens it.
///
/// # Errors
/// If the file cannot be read at all.
pub(in crate::sqlite) fn is_damaged(path: &Path, left: Left) -> io::Result<Option<Why>> {
    if swap::mark(path).exists() {
        return Ok(Some(Why::Marked));
    }
    let mut image = Image::open(path, PAGE)?;
    if image.is_empty() {
        return Ok(left.used.then_some(Why::FileMissing));
    }
    let roots = Roots::find(&mut image);
    let verdict = of_header(&mut image, &roots);
    // Whatever else is odd about a file that is not ours: it is not for us to touch. Where a store was, one without a table is what
    // is left of it.
    let is_rest = left.used && verdict == Verdict::Unused;
    if !is_rest && matches!(verdict, Verdict::Unused | Verdict::Foreign | Verdict::Newer(_)) {
        return Ok(None);
    }
    if left.open && !beside(path, "-wal").exists() {
        return Ok(Some(Why::LogMissing));
    }
    if let Some(why) = of_files(&mut image) {
        return Ok(Some(why));
    }
    let why = match verdict {
        Verdict::Unused | Verdict::Foreign | Verdict::Newer(_) => return Ok(None),
        Verdict::Damaged(why) => Some(why),
        Verdict::Ours if image.size() <= SMALL => of_rows(&mut image, &roots),
        Verdict::Ours => of_pages(&mut image, &roots),
    };
    let is_small = image.size() <= SMALL;
    drop(image);
    Ok(why.or_else(|| if is_small { of_sqlite(path) } else { None }))
}

/// What the files themselves say.
fn of_files(image: &mut Image) -> Option<Why> {
    if image.length() == 0 {
        return Some(Why::FileMissing);
    }
    let flaws = image.flaws();
    if flaws.log_missing {
        return Some(Why::LogMissing);
    }
    if flaws.log_damaged {
        return Some(Why::LogDamaged);
    }
    flaws.cut.then_some(Why::Cut)
}

/// What the first page says of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sqlite) enum Verdict {
    Ours,
    Damaged(Why),
    /// A database without a table, as one that was just made.
    Unused,
    /// Another program's: not for us to touch.
    Foreign,
    /// A newer version's, which is told.
    Newer(i64),
}

/// Whose file it is; `None` if there is nothing in it.
pub(in crate::sqlite) fn whose(path: &Path) -> io::Result<Option<Verdict>> {
    let mut image = Image::open(path, PAGE)?;
    if image.is_empty() {
        return Ok(None);
    }
    let roots = Roots::find(&mut image);
    Ok(Some(of_header(&mut image, &roots)))
}

/// Counts all rows of a file that nobody writes.
pub(in crate::sqlite) fn survey(path: &Path) -> io::Result<Survey> {
    let mut image = Image::open(path, PAGE)?;
    let roots = Roots::find(&mut image);
    let mut survey = Survey::default();
    for table in Table::ALL {
        if let Some(root) = roots.of(table, &mut image) {
            survey.take(table, &mut image, root);
        }
    }
    Ok(survey)
}

fn of_header(image: &mut Image, roots: &Roots) -> Verdict {
    let first = image.page(1).unwrap_or_default();
    let word = |at| u32_at(&first, at).unwrap_or_default();
    let has_name = first.starts_with(b"SQLite format 3\0");
    let is_ours = word(68) == schema::APPLICATION.cast_unsigned();
    if !is_ours && !has_our_rows(image, roots) {
        let is_foreign = if has_name { roots.tell_of_others() } else { is_text(&first) };
        return if is_foreign { Verdict::Foreign } else { of_nothing(&first, has_name) };
    }
    let told = roots.told_version;
    let version = i64::from(word(60));
    if is_ours && has_name && is_set(&first, image.page_size()) && is_newer(version, told) {
        return Verdict::Newer(version);
    }
    let fits = is_ours && has_name && told == Some(version) && roots.are_told() && is_set(&first, image.page_size());
    if fits { Verdict::Ours } else { Verdict::Damaged(Why::Header) }
}

/// Whether a version is a newer one, and not ours with a flaw in it: the file's own table says ours then, and the version differs
/// from that by one bit, or beyond all reason.
fn is_newer(version: i64, told: Option<i64>) -> bool {
    let ours = i64::from(schema::VERSION);
    let is_flawed = told == Some(ours) && ((version ^ ours).count_ones() == 1 || version > i64::from(u16::MAX));
    version > ours && !is_flawed
}

/// A file in which nothing of ours is found: one that was just made may have no table yet.
fn of_nothing(first: &[u8], has_name: bool) -> Verdict {
    let pages = u32_at(first, 28).unwrap_or_default();
    if has_name && pages <= 1 { Verdict::Unused } else { Verdict::Damaged(Why::Header) }
}

/// Whether what SQLite goes by is set as we set it (section 1.3 of its file format).
fn is_set(first: &[u8], page_size: usize) -> bool {
    let byte = |at: usize| first.get(at).copied().unwrap_or_default();
    let told_size = usize::from(byte(16)) << 8 | usize::from(byte(17));
    let zeros = [20..21, 52..56, 64..68, 72..92];
    (told_size == page_size || (told_size == 1 && page_size == 65_536))
        && [byte(18), byte(19)].iter().all(|version| (1..=2).contains(version))
        && [byte(21), byte(22), byte(23)] == [64, 32, 32]
        && u32_at(first, 44) == Some(4)
        && u32_at(first, 56) == Some(1)
        && zeros.into_iter().all(|place| first.get(place).is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0)))
}

fn is_text(first: &[u8]) -> bool {
    let start = first.get(..512).unwrap_or(first);
    let end = start.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let start = start.get(..end).unwrap_or_default();
    !b"SQLite format 3".starts_with(start) && std::str::from_utf8(start).is_ok() && !start.contains(&0)
}

fn has_our_rows(image: &mut Image, roots: &Roots) -> bool {
    Table::ALL.into_iter().any(|table| {
        let root = roots.of(table, image);
        root.is_some_and(|root| peek(image, root).iter().any(|row| Known::of(table, row).is_some()))
    })
}

/// Looks at every row.
fn of_rows(image: &mut Image, roots: &Roots) -> Option<Why> {
    let mut survey = Survey::default();
    for table in Table::ALL.into_iter().filter(|table| roots.has(*table)) {
        let root = roots.of(table, image)?;
        survey.take(table, image, root);
    }
    survey.verdict()
}

/// Looks at the way to the pages of the tables that are needed.
fn of_pages(image: &mut Image, roots: &Roots) -> Option<Why> {
    let lost = HOT.into_iter().find(|table| !roots.of(*table, image).is_some_and(|root| is_reachable(image, root)));
    lost.map(|table| Why::Pages(table.name().to_owned()))
}

/// What SQLite's own check says: it looks at indexes too.
fn of_sqlite(path: &Path) -> Option<Why> {
    let check = || -> rusqlite::Result<String> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
    };
    match check() {
        Ok(text) if text == "ok" => None,
        Ok(text) => Some(Why::Check(text)),
        Err(error) => is_corrupt(&error).then(|| Why::Check(error.to_string())),
    }
}

fn is_corrupt(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_version_is_told_from_a_flaw_in_ours() {
        let ours = i64::from(schema::VERSION);
        for (version, told, expected) in [
            (ours, Some(ours), false),
            (99, Some(99), true),
            (99, Some(ours), true),
            (99, None, true),
            (ours ^ 64, Some(ours), false),
            (ours ^ 64, Some(ours ^ 64), true),
            (ours | 0xab_0000, Some(ours), false),
            (0, Some(ours), false),
        ] {
            assert_eq!(is_newer(version, told), expected, "{version} {told:?}");
        }
    }
}
