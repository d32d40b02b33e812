//! What must be true of an event for a condition to hold, as far as postings can tell it from one path: the operands of its `&&`
//! that compare a path with constants. Which of them a rule is posted under is left to `layout`.

use tidings_core::{Event, Severity, Timestamp};

use super::{
    catalog::{Catalog, Key, PathId, SEVERITY},
    number::Place,
};
use crate::{
    evaluate::{Scope, evaluate, truth},
    node::{Node, Op},
    path::{Field, Frame, Path},
    syntax::{Logic, Relation},
    value::{List, Value},
};

/// More operands than this are not looked at: each further one hardly selects anything.
const OPERAND_LIMIT: usize = 16;
/// The most constants that one operand may allow.
const KEY_LIMIT: usize = 16;

/// How a path is asked: it decides which values fit, which are an error, and what null is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Class {
    /// `==`: a bool is the number that it equals.
    Equal,
    /// `in` a list with numbers: a bool is no number.
    Member,
    /// The path itself is the operand.
    Truth,
    /// The severity's position.
    Rank,
    /// An ordering with a number.
    Order,
}

/// A path and how it is asked: what shares a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SlotName {
    pub(super) path: PathId,
    pub(super) class: Class,
}

/// What an operand asks of a slot; it holds exactly where this does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// One of these constants.
    Keys(Vec<Key>),
    /// A number above the place.
    Above(Place),
    /// A number below the place.
    Below(Place),
}

/// An operand that postings can decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Access {
    pub(super) slot: SlotName,
    pub(super) wanted: Wanted,
}

/// The operands of a condition.
#[derive(Debug)]
pub(super) struct Operands {
    pub(super) count: usize,
    pub(super) decidable: Vec<Access>,
}

impl Operands {
    /// Of a condition outside of CEL's profile; `paths` are those of its slots.
    pub(super) fn of(condition: &Node, paths: &[Path], catalog: &mut Catalog) -> Self {
        let mut operands = Vec::new();
        flatten(condition, &mut operands);
        let mut reader = Reader { paths, catalog };
        let decidable = operands.iter().take(OPERAND_LIMIT).filter_map(|operand| reader.access(operand)).collect();
        Self { count: operands.len(), decidable }
    }
}

/// The operands of `&&`, also of those inside of it: it is true only where all of them are.
fn flatten<'n>(node: &'n Node, operands: &mut Vec<&'n Node>) {
    match &node.op {
        Op::Logic(Logic::All, parts) => parts.iter().for_each(|part| flatten(part, operands)),
        _ => operands.push(node),
    }
}

struct Reader<'r> {
    paths: &'r [Path],
    catalog: &'r mut Catalog,
}

impl Reader<'_> {
    fn access(&mut self, node: &Node) -> Option<Access> {
        let simple = match &node.op {
            Op::Slot(slot) => self.flag(*slot, true),
            Op::Not(part) => self.denied(part),
            Op::Relate(relation, sides) => self.relation(*relation, sides),
            Op::Logic(Logic::Any, parts) => self.either(parts),
            _ => None,
        };
        simple.or_else(|| self.ranks(node))
    }

    fn flag(&mut self, slot: u16, wanted: bool) -> Option<Access> {
        self.keys(slot, Class::Truth, vec![Key::from(wanted)])
    }

    /// `not` before what has an opposite: it is missing or wrong where that is.
    fn denied(&mut self, part: &Node) -> Option<Access> {
        match &part.op {
            Op::Slot(slot) => self.flag(*slot, false),
            Op::Not(inner) => self.access(inner),
            Op::Relate(relation, sides) => self.relation(relation.opposite()?, sides),
            _ => None,
        }
    }

    fn relation(&mut self, relation: Relation, sides: &[Node; 2]) -> Option<Access> {
        let (slot, constant, relation) = match (&sides[0].op, &sides[1].op) {
            (Op::Slot(slot), _) => (*slot, &sides[1], relation),
            (_, Op::Slot(slot)) if relation != Relation::In => (*slot, &sides[0], relation.mirrored()),
            _ => return None,
        };
        match relation {
            Relation::Equal => self.equality(slot, constant),
            Relation::In => self.membership(slot, constant),
            Relation::NotEqual => None,
            _ => self.bound(slot, relation, number(constant)?),
        }
    }

    fn equality(&mut self, slot: u16, constant: &Node) -> Option<Access> {
        let key = match constant.as_constant() {
            Some(Value::Text(text)) => self.catalog.add_text(text),
            Some(Value::Bool(flag)) => self.catalog.add_number(Place::truth(*flag)),
            _ => self.catalog.add_number(number(constant)?),
        };
        self.keys(slot, Class::Equal, vec![key])
    }

    /// `in` a short list of texts and numbers.
    fn membership(&mut self, slot: u16, constant: &Node) -> Option<Access> {
        let Some(Value::List(List::Owned(items))) = constant.as_constant() else { return None };
        if items.len() > KEY_LIMIT {
            return None;
        }
        let numbers = items.iter().any(|item| Place::of(item).is_some());
        let keys = items.iter().map(|item| self.key(item)).collect::<Option<_>>()?;
        self.keys(slot, if numbers { Class::Member } else { Class::Equal }, keys)
    }

    fn key(&mut self, item: &Value<'_>) -> Option<Key> {
        match item {
            Value::Text(text) => Some(self.catalog.add_text(text)),
            _ => Place::of(item).map(|place| self.catalog.add_number(place)),
        }
    }

    fn keys(&mut self, slot: u16, class: Class, mut keys: Vec<Key>) -> Option<Access> {
        keys.sort_unstable();
        keys.dedup();
        let path = self.path(slot)?;
        Some(Access { slot: SlotName { path, class }, wanted: Wanted::Keys(keys) })
    }

    fn bound(&mut self, slot: u16, relation: Relation, place: Place) -> Option<Access> {
        let wanted = match relation {
            Relation::Greater => Wanted::Above(place.just_above()),
            Relation::GreaterEqual => Wanted::Above(place.just_below()),
            Relation::Less => Wanted::Below(place.just_below()),
            _ => Wanted::Below(place.just_above()),
        };
        Some(Access { slot: SlotName { path: self.path(slot)?, class: Class::Order }, wanted })
    }

    /// The path of a slot, unless it is the severity, which is compared by rank.
    fn path(&mut self, slot: u16) -> Option<PathId> {
        let path = self.catalog.path(self.paths.get(usize::from(slot))?)?;
        (path != SEVERITY).then_some(path)
    }

    /// `||` of equalities with one path: a membership.
    fn either(&mut self, parts: &[Node]) -> Option<Access> {
        let mut union: Option<(SlotName, Vec<Key>)> = None;
        for part in parts {
            let Access { slot, wanted: Wanted::Keys(keys) } = self.access(part)? else { return None };
            let (name, all) = union.get_or_insert_with(|| (slot, Vec::new()));
            if *name != slot || all.len() + keys.len() > KEY_LIMIT {
                return None;
            }
            all.extend(keys);
        }
        let (slot, mut keys) = union?;
        keys.sort_unstable();
        keys.dedup();
        Some(Access { slot, wanted: Wanted::Keys(keys) })
    }

    /// An operand that reads nothing but the severity: there are only four, so that all answers are known.
    fn ranks(&self, node: &Node) -> Option<Access> {
        if !reads_only_severity(node, self.paths) {
            return None;
        }
        let mut keys = Vec::new();
        for (severity, key) in Severity::ALL.into_iter().zip(0..) {
            let event = bare_event(severity);
            if truth(node, Scope::new(&Frame::new(&event, self.paths, false))).ok()? {
                keys.push(key);
            }
        }
        // What holds for every severity selects nothing.
        let slot = SlotName { path: SEVERITY, class: Class::Rank };
        (keys.len() < Severity::ALL.len()).then_some(Access { slot, wanted: Wanted::Keys(keys) })
    }
}

fn reads_only_severity(node: &Node, paths: &[Path]) -> bool {
    match &node.op {
        Op::Constant(_) => true,
        Op::Slot(slot) => {
            paths.get(usize::from(*slot)).is_some_and(|path| path.field == Field::Severity && path.keys.is_empty())
        }
        Op::Not(part) => reads_only_severity(part, paths),
        Op::Relate(_, sides) => sides.iter().all(|side| reads_only_severity(side, paths)),
        Op::Logic(_, parts) => parts.iter().all(|part| reads_only_severity(part, paths)),
        _ => false,
    }
}

/// A number that is known before any event is.
fn number(node: &Node) -> Option<Place> {
    if !is_calculated(node) {
        return None;
    }
    let event = bare_event(Severity::Info);
    let value = evaluate(node, Scope::new(&Frame::new(&event, &[], false))).ok()?;
    Place::of(&value)
}

fn is_calculated(node: &Node) -> bool {
    match &node.op {
        Op::Constant(_) => true,
        Op::Negate(part) => is_calculated(part),
        Op::Compute(_, sides) => sides.iter().all(is_calculated),
        _ => false,
    }
}

/// Something to evaluate over where nothing of it is read but the severity.
fn bare_event(severity: Severity) -> Event {
    Event {
        event_type: String::new(),
        severity,
        timestamp: Timestamp::EPOCH,
        agent_id: None,
        user_id: None,
        session_id: None,
        data: serde_json::Map::new(),
        metadata: serde_json::Map::new(),
        id: None,
        source: None,
    }
}
