//! One page of a b-tree: which kind it is, its cells, and the rows or children in them. The order of pages is told in `tree`.

use rusqlite::types::Value;

use super::{
    Image,
    bytes::{u16_at, u32_at, varint},
    record,
};

/// A row as it lies in the file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RawRow {
    /// Its number; `None` in a table that has none.
    pub rowid: Option<i64>,
    /// Its columns. One that is the row's number is null here.
    pub columns: Vec<Value>,
}

/// What a page of a b-tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Rows with numbers.
    TableLeaf,
    /// Children of a table, parted by numbers.
    TableInterior,
    /// Rows without numbers, or entries of an index.
    IndexLeaf,
    /// Children of an index, parted by rows.
    IndexInterior,
}

impl Kind {
    fn of(byte: u8) -> Option<Self> {
        Some(match byte {
            0x0d => Self::TableLeaf,
            0x05 => Self::TableInterior,
            0x0a => Self::IndexLeaf,
            0x02 => Self::IndexInterior,
            _ => return None,
        })
    }

    const fn is_leaf(self) -> bool {
        matches!(self, Self::TableLeaf | Self::IndexLeaf)
    }
}

/// A page with its cells found.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    bytes: Vec<u8>,
    /// Where the cells begin; `None` where that is not on the page.
    cells: Vec<Option<usize>>,
    /// The last child of an interior page.
    last_child: u32,
}

impl Node {
    /// Reads a page; `None` if it is none of a b-tree.
    pub(super) fn read(bytes: Vec<u8>, is_first: bool) -> Option<Self> {
        let start = if is_first { 100 } else { 0 };
        let kind = Kind::of(*bytes.get(start)?)?;
        let pointers = start + if kind.is_leaf() { 8 } else { 12 };
        let count = u16_at(&bytes, start + 3)?;
        let area = bytes.get(pointers..pointers + 2 * count)?;
        let floor = pointers + 2 * count;
        let within = |at: &usize| (floor..bytes.len()).contains(at);
        let cells = (0..count).map(|place| u16_at(area, 2 * place).filter(within)).collect();
        let last_child = if kind.is_leaf() { 0 } else { u32_at(&bytes, start + 8)? };
        Some(Self { kind, bytes, cells, last_child })
    }

    /// The rows of a leaf, or of an index's interior page; `None` for a cell that does not hold one.
    pub(super) fn rows(&self, image: &mut Image) -> Vec<Option<RawRow>> {
        let row = |at: &Option<usize>| self.row_at((*at)?, image);
        match self.kind {
            Kind::TableInterior => Vec::new(),
            _ => self.cells.iter().map(row).collect(),
        }
    }

    /// The children of an interior page, each with the number up to which its rows go, where the page tells one.
    pub(super) fn children(&self) -> Vec<(u32, Option<i64>)> {
        if self.kind.is_leaf() {
            return Vec::new();
        }
        let child = |at: &Option<usize>| {
            let cell = self.bytes.get((*at)?..)?;
            let bound = varint(cell.get(4..)?).map(|(key, _)| key.cast_signed());
            Some((u32_at(cell, 0)?, bound.filter(|_| self.kind == Kind::TableInterior)))
        };
        let last = std::iter::once((self.last_child, None));
        self.cells.iter().filter_map(child).chain(last).collect()
    }

    /// Whether a cell of an interior page is not on it.
    pub(super) fn lacks_cells(&self) -> bool {
        self.cells.iter().any(Option::is_none)
    }

    /// Every row that can be made out on the page, wherever it begins: for a page whose own order is damaged. Rows that were
    /// removed or replaced may be among them.
    pub(super) fn carve(bytes: Vec<u8>, image: &mut Image) -> Vec<RawRow> {
        let node = Self { kind: Kind::TableLeaf, bytes, cells: Vec::new(), last_child: 0 };
        (0..node.bytes.len()).filter_map(|at| node.row_at(at, image)).collect()
    }

    fn row_at(&self, at: usize, image: &mut Image) -> Option<RawRow> {
        let skipped = if self.kind == Kind::IndexInterior { 4 } else { 0 };
        let (length, mut cell) = varint(self.bytes.get(at + skipped..)?)?;
        let mut rowid = None;
        if self.kind == Kind::TableLeaf {
            let (number, rest) = varint(cell)?;
            rowid = Some(number.cast_signed());
            cell = rest;
        }
        let length = usize::try_from(length).ok()?;
        let local = local_length(self.kind, length, self.bytes.len());
        let (payload, rest) = cell.split_at_checked(local)?;
        if !record::announces(payload, length) {
            return None;
        }
        if local == length {
            return Some(RawRow { rowid, columns: record::decode(payload)? });
        }
        let mut payload = payload.to_vec();
        payload.extend(image.overflow(u32_at(rest, 0)?, length - local)?);
        Some(RawRow { rowid, columns: record::decode(&payload)? })
    }
}

/// How much of a payload lies on the page itself (section 1.6 of SQLite's file format).
fn local_length(kind: Kind, length: usize, usable: usize) -> usize {
    let most = if kind == Kind::TableLeaf { usable - 35 } else { (usable - 12) * 64 / 255 - 23 };
    if length <= most {
        return length;
    }
    let least = (usable - 12) * 32 / 255 - 23;
    let fitting = least + (length - least) % (usable - 4);
    if fitting <= most { fitting } else { least }
}

/// Whether these bytes have the order of a page of a b-tree, with a cell in it.
pub(super) fn looks_like_page(bytes: &[u8], is_first: bool) -> bool {
    let start = if is_first { 100 } else { 0 };
    let Some(kind) = bytes.get(start).and_then(|byte| Kind::of(*byte)) else { return false };
    let pointers = start + if kind.is_leaf() { 8 } else { 12 };
    let header = (u16_at(bytes, start + 3), u16_at(bytes, start + 5));
    let (Some(count @ 1..), Some(content)) = header else { return false };
    let floor = pointers + 2 * count;
    let on_page = |at: usize| (content.max(floor)..bytes.len()).contains(&at);
    floor <= bytes.len()
        && (0..count).all(|place| u16_at(bytes, pointers + 2 * place).is_some_and(on_page))
        && !(kind.is_leaf() && bytes.get(floor).is_none())
}
