//! Where each value and each key of a YAML text stands. What the values are is decided by `yaml`; should the two readers ever
//! disagree, a value's place is that of what surrounds it.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, Span};

use crate::{problem::Position, yaml::DEPTH_LIMIT};

/// One value or key, by its index in [`Marks`].
pub(crate) type MarkIndex = usize;

/// A place, with those of what it holds.
#[derive(Debug)]
struct Mark {
    position: Position,
    /// Items of a list; keys and values of a map in turn.
    inner: Vec<MarkIndex>,
    /// The anchor that is meant, where this is an alias.
    alias: Option<usize>,
}

/// The places of one document.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    all: Vec<Mark>,
    anchors: HashMap<usize, MarkIndex>,
    root: Option<MarkIndex>,
    /// Where a second document begins.
    pub(crate) second_document: Option<Position>,
    /// Where the nesting goes too deep to be read on.
    pub(crate) too_deep: Option<Position>,
    /// Whether there is a document at all.
    pub(crate) has_document: bool,
}

impl Marks {
    /// Reads as far as the text can be read.
    pub(crate) fn read(text: &str) -> Self {
        let mut marks = Self::default();
        let mut open: Vec<MarkIndex> = Vec::new();
        for event in Parser::new_from_str(text) {
            let Ok((event, span)) = event else {
                marks.broken_off(text);
                break;
            };
            if !marks.take(&event, span, &mut open) {
                break;
            }
        }
        marks
    }

    /// Takes one event; false where reading ends: after the first document, or too deep.
    fn take(&mut self, event: &Event<'_>, span: Span, open: &mut Vec<MarkIndex>) -> bool {
        match event {
            Event::DocumentStart(_) if self.has_document => {
                self.second_document = Some(position(span));
                return false;
            }
            Event::DocumentStart(_) => self.has_document = true,
            Event::Scalar(_, _, anchor, _) => drop(self.add(span, *anchor, open)),
            Event::Alias(anchor) => {
                let index = self.add(span, 0, open);
                self.all[index].alias = Some(*anchor);
            }
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                let index = self.add(span, *anchor, open);
                open.push(index);
                if open.len() > DEPTH_LIMIT {
                    self.too_deep = Some(position(span));
                    return false;
                }
            }
            Event::SequenceEnd | Event::MappingEnd => drop(open.pop()),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        true
    }

    /// What this reader gives up on, the other one may read: but its time grows with the square of the depth, so brackets are counted.
    fn broken_off(&mut self, text: &str) {
        let mut depth = 0_usize;
        for byte in text.bytes() {
            match byte {
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > 4 * DEPTH_LIMIT {
                self.too_deep = Some(Position::START);
                return;
            }
        }
    }

    fn add(&mut self, span: Span, anchor: usize, open: &[MarkIndex]) -> MarkIndex {
        let index = self.all.len();
        self.all.push(Mark { position: position(span), inner: Vec::new(), alias: None });
        if anchor != 0 {
            self.anchors.insert(anchor, index);
        }
        match open.last() {
            Some(parent) => self.all[*parent].inner.push(index),
            None if self.root.is_none() => self.root = Some(index),
            None => {}
        }
        index
    }

    /// The document's outermost value.
    pub(crate) const fn root(&self) -> Option<MarkIndex> {
        self.root
    }

    /// The place of a value; of an alias, that of what it stands for.
    pub(crate) fn position(&self, index: MarkIndex) -> Position {
        self.all[self.meant(index)].position
    }

    /// The places of what a list or map holds, where there are `count` of them.
    pub(crate) fn inner(&self, index: Option<MarkIndex>, count: usize) -> Option<&[MarkIndex]> {
        let inner = &self.all[self.meant(index?)].inner;
        (inner.len() == count).then_some(inner)
    }

    /// An alias names an anchor that is never an alias itself.
    fn meant(&self, index: MarkIndex) -> MarkIndex {
        let alias = self.all[index].alias;
        alias.and_then(|anchor| self.anchors.get(&anchor).copied()).unwrap_or(index)
    }
}

fn position(span: Span) -> Position {
    Position { line: span.start.line(), column: span.start.col() + 1 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn places_count_characters_and_follow_aliases() {
        let marks = Marks::read("ä: &x [1, é]\nb: *x\n");
        let root = marks.inner(marks.root(), 4).unwrap();
        let at = |index: MarkIndex| (marks.position(index).line, marks.position(index).column);
        assert_eq!(at(root[0]), (1, 1));
        assert_eq!(at(root[2]), (2, 1));
        let items = marks.inner(Some(root[3]), 2).unwrap();
        assert_eq!(at(items[1]), (1, 11));
        assert!(marks.inner(Some(root[3]), 3).is_none());
    }

    proptest! {
        #[test]
        fn any_text_can_be_marked(text in "[-\\[\\]{}:,&*#|>'\"a\n \t]{0,40}") {
            let marks = Marks::read(&text);
            prop_assert!(marks.root().is_none() || marks.has_document);
        }
    }
}
