//! The walk through one b-tree from its root, and through all pages wherever they are. Which rows are right is the visitor's to
//! say: the walk never believes what it reads, and ends on every file.

use std::collections::HashSet;

use super::{
    Image, RawRow,
    cell::{Kind, Node},
};

/// No tree of SQLite is deeper.
const DEEPEST: usize = 20;

/// Numbers from the first to the last, both included; empty where the last is below the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// The first.
    pub first: i64,
    /// The last.
    pub last: i64,
}

impl Numbers {
    /// All there are.
    pub(crate) const ALL: Self = Self { first: i64::MIN, last: i64::MAX };

    /// Whether this number is one of them.
    pub(crate) const fn contain(self, number: i64) -> bool {
        self.first <= number && number <= self.last
    }

    /// Whether there is none.
    pub(crate) const fn is_empty(self) -> bool {
        self.last < self.first
    }
}

/// What a walk finds.
#[derive(Debug)]
pub(crate) enum Found {
    /// A leaf (or a page of an index that holds rows): what its cells hold, `None` for a cell that holds no row, and which
    /// numbers belong here.
    Rows(Vec<Option<RawRow>>, Numbers),
    /// A page that is not there, or is something else: the rows of these numbers are not to be had.
    Hole(Numbers),
}

/// The pages that were walked through.
pub(crate) type Seen = HashSet<u32>;

/// Walks through a tree from its root. A page that was seen before is a hole: so the walk ends, whatever the pages say.
pub(crate) fn walk(image: &mut Image, root: u32, seen: &mut Seen, visit: &mut dyn FnMut(u32, Found)) {
    let mut ahead = Vec::new();
    step_into(image, (root, Numbers::ALL), seen, &mut ahead, visit);
    while let Some((page, numbers)) = ahead.pop() {
        let Some(node) = node(image, page) else {
            visit(page, Found::Hole(numbers));
            continue;
        };
        let rows = node.rows(image);
        if !rows.is_empty() || node.kind == Kind::TableLeaf {
            visit(page, Found::Rows(rows, numbers));
        }
        let (children, sound) = children(&node, numbers);
        if !sound {
            visit(page, Found::Hole(numbers));
        }
        for child in children.into_iter().rev() {
            step_into(image, child, seen, &mut ahead, visit);
        }
    }
}

fn step_into(
    image: &Image,
    (page, numbers): (u32, Numbers),
    seen: &mut Seen,
    ahead: &mut Vec<(u32, Numbers)>,
    visit: &mut dyn FnMut(u32, Found),
) {
    if image.has(page) && seen.insert(page) {
        ahead.push((page, numbers));
    } else {
        visit(page, Found::Hole(numbers));
    }
}

/// The children of a page with their numbers, and whether these can be: where they are out of order each child may hold any.
fn children(node: &Node, numbers: Numbers) -> (Vec<(u32, Numbers)>, bool) {
    let children = node.children();
    let mut first = numbers.first;
    let mut sound = !node.lacks_cells();
    let mut parted = Vec::with_capacity(children.len());
    for (page, bound) in &children {
        let last = bound.unwrap_or(numbers.last);
        sound &= node.kind != Kind::TableInterior || (first <= last && numbers.contain(last));
        parted.push((*page, Numbers { first, last }));
        first = last.saturating_add(1);
    }
    if sound && node.kind == Kind::TableInterior {
        return (parted, true);
    }
    (children.into_iter().map(|(page, _)| (page, numbers)).collect(), sound)
}

/// The rows of the first leaf of a tree, or of the root itself where it holds some.
pub(crate) fn peek(image: &mut Image, root: u32) -> Vec<RawRow> {
    let mut page = root;
    for _ in 0..DEEPEST {
        let Some(node) = node(image, page) else { break };
        let rows: Vec<RawRow> = node.rows(image).into_iter().flatten().collect();
        match node.children().first() {
            Some((child, _)) if rows.is_empty() => page = *child,
            _ => return rows,
        }
    }
    Vec::new()
}

/// Whether all pages of a tree are there, as far as its interior pages tell: its leaves are not looked at.
pub(crate) fn is_reachable(image: &mut Image, root: u32) -> bool {
    let mut level = vec![root];
    for _ in 0..DEEPEST {
        let mut below = Vec::new();
        let first = level.first().and_then(|page| node(image, *page));
        match first {
            None => return false,
            Some(node) if node.children().is_empty() => return level.iter().all(|page| image.has(*page)),
            Some(_) => {}
        }
        for page in &level {
            match node(image, *page) {
                Some(node) if node.kind == Kind::TableInterior && !node.lacks_cells() => {
                    below.extend(node.children().into_iter().map(|(child, _)| child));
                }
                _ => return false,
            }
        }
        if below.len() > image.most_pages() {
            return false;
        }
        level = below;
    }
    false
}

fn node(image: &mut Image, page: u32) -> Option<Node> {
    image.page(page).and_then(|bytes| Node::read(bytes, page == 1))
}

/// The rows of a version of a page, whatever tree it is of; none if it is no leaf.
pub(crate) fn rows_on(image: &mut Image, page: u32, bytes: &[u8]) -> Vec<RawRow> {
    let node = Node::read(bytes.to_vec(), page == 1).filter(|node| node.kind != Kind::TableInterior);
    node.map(|node| node.rows(image).into_iter().flatten().collect()).unwrap_or_default()
}

/// Every row that can be made out on a version of a page, wherever it begins; those that were removed may be among them.
pub(crate) fn carve(image: &mut Image, bytes: Vec<u8>) -> Vec<RawRow> {
    Node::carve(bytes, image)
}
