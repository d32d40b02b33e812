//! Puts rules onto shelves: each under the operand that the fewest events get past, what shares a constant onto a shelf of its
//! own and so on. Finding them again is left to `shelf`.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    Touch, Touched,
    access::{Access, Class, Operands, SlotName, Wanted},
    catalog::Key,
    number::Place,
    shelf::{Bounds, Postings, SLOT_COUNTERS, Shelf, Slot},
};
use crate::rules::hash::QuickMap;

/// Fewer rules than this that share all constants so far are evaluated rather than told apart further.
const WORTH_A_SHELF: usize = 4;
/// How many shelves may stand within each other.
const DEPTH_LIMIT: usize = 4;
/// In how many places a rule may stand: one for each of the constants that it allows, and for each pair where two operands do.
const COPY_LIMIT: usize = 16;

/// A rule on its way to its place.
#[derive(Clone, Debug)]
pub(super) struct Member<'o> {
    pub(super) rule: u32,
    pub(super) operands: &'o Operands,
    /// The operands that led here, a bit each.
    used: u32,
    copies: usize,
}

/// A slot that a rule stands under, and the shelf of it: the counters that say how often the rule was not touched, and why.
#[derive(Clone, Copy, Debug)]
pub(super) struct Home {
    pub(super) visits: usize,
    pub(super) slot: usize,
}

/// All shelves share one row of counters.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) counters: usize,
    /// The homes of each rule, as they come.
    pub(super) homes: Vec<(u32, Home)>,
}

impl<'o> Member<'o> {
    pub(super) const fn new(rule: u32, operands: &'o Operands) -> Self {
        Self { rule, operands, used: 0, copies: 1 }
    }

    /// The operands that may still lead on, with their positions.
    fn open(&self, depth: usize) -> impl Iterator<Item = (usize, &'o Access)> {
        let fits = move |access: &Access, copies: usize| match &access.wanted {
            Wanted::Keys(keys) => depth < DEPTH_LIMIT && copies * keys.len() <= COPY_LIMIT,
            Wanted::Above(_) | Wanted::Below(_) => true,
        };
        let (used, copies) = (self.used, self.copies);
        let all = self.operands.decidable.iter().enumerate();
        all.filter(move |(position, access)| used & 1 << position == 0 && fits(access, copies))
    }

    /// The same rule behind one more operand.
    fn behind(&self, position: usize, copies: usize) -> Self {
        Self { used: self.used | 1 << position, copies: self.copies * copies.max(1), ..self.clone() }
    }

    /// Whatever gets here holds if all operands led here.
    fn touched(&self) -> Touched {
        let certain = self.used.count_ones() as usize == self.operands.count;
        Touched { rule: self.rule, touch: if certain { Touch::Certain } else { Touch::Evaluate } }
    }
}

impl Layout {
    /// A shelf with these rules, told apart as far as that helps.
    pub(super) fn shelf(&mut self, members: Vec<Member<'_>>, depth: usize) -> Shelf {
        let variety = Variety::of(&members, depth);
        let mut slots: BTreeMap<SlotName, Vec<(Member<'_>, &Wanted)>> = BTreeMap::new();
        let mut always = Vec::new();
        let few =
            depth > 0 && members.iter().filter(|member| member.open(depth).next().is_some()).count() < WORTH_A_SHELF;
        for member in members {
            let best = if few { None } else { variety.best(&member, depth) };
            match best {
                Some((position, access)) => {
                    let copies = if let Wanted::Keys(keys) = &access.wanted { keys.len() } else { 1 };
                    slots.entry(access.slot).or_default().push((member.behind(position, copies), &access.wanted));
                }
                None => always.push(member.touched()),
            }
        }
        always.sort_unstable();
        let counters = self.counters;
        self.counters += 1 + slots.len() * SLOT_COUNTERS;
        let places = (counters + 1..).step_by(SLOT_COUNTERS);
        let slots = slots.into_iter().zip(places).map(|((name, members), slot)| {
            let home = Home { visits: counters, slot };
            self.homes.extend(members.iter().map(|(member, _)| (member.rule, home)));
            Slot { name, postings: self.postings(name.class, members, depth) }
        });
        let slots = slots.collect();
        Shelf { always: always.into(), slots, counters }
    }

    fn postings(&mut self, class: Class, members: Vec<(Member<'_>, &Wanted)>, depth: usize) -> Postings {
        if class == Class::Order {
            return Postings::Bounds(bounds(&members));
        }
        let mut shared: BTreeMap<Key, Vec<Member<'_>>> = BTreeMap::new();
        for (member, wanted) in members {
            let Wanted::Keys(keys) = wanted else { continue };
            for key in keys {
                shared.entry(*key).or_default().push(member.clone());
            }
        }
        let mut shelves = QuickMap::with_capacity_and_hasher(shared.len(), Default::default());
        shelves.extend(shared.into_iter().map(|(key, members)| (key, self.shelf(members, depth + 1))));
        Postings::Keys(shelves)
    }
}

fn bounds(members: &[(Member<'_>, &Wanted)]) -> Bounds {
    let sorted = |place_of: fn(&Wanted) -> Option<Place>| {
        let placed = members.iter().filter_map(|(member, wanted)| Some((place_of(wanted)?, member.touched())));
        let mut placed: Vec<_> = placed.collect();
        placed.sort_unstable();
        placed.into_boxed_slice()
    };
    Bounds {
        above: sorted(|wanted| if let Wanted::Above(place) = wanted { Some(*place) } else { None }),
        below: sorted(|wanted| if let Wanted::Below(place) = wanted { Some(*place) } else { None }),
    }
}

/// How the rules of a shelf ask each slot: what can be known of its selectivity before any event.
#[derive(Debug, Default)]
struct Variety {
    slots: HashMap<SlotName, Asked>,
}

#[derive(Debug, Default)]
struct Asked {
    times: usize,
    keys: HashSet<Key>,
    places: HashSet<Place>,
}

impl Asked {
    fn add(&mut self, wanted: &Wanted) {
        self.times += 1;
        match wanted {
            Wanted::Keys(keys) => self.keys.extend(keys),
            Wanted::Above(place) | Wanted::Below(place) => {
                self.places.insert(*place);
            }
        }
    }

    /// About how many rules an event with a value touches in this slot, in thousandths: those that share its constant, or the
    /// half of all thresholds; all of them where there is but one.
    fn crowd(&self, wanted: &Wanted) -> usize {
        let thousandths = self.times.saturating_mul(1_000);
        match wanted {
            Wanted::Keys(keys) => thousandths.saturating_mul(keys.len()) / self.keys.len().max(1),
            Wanted::Above(_) | Wanted::Below(_) => (thousandths + thousandths / self.places.len().max(1)) / 2,
        }
    }
}

impl Variety {
    fn of(members: &[Member<'_>], depth: usize) -> Self {
        let mut variety = Self::default();
        // Where nobody has a choice there is nothing to know.
        if members.iter().any(|member| member.open(depth).nth(1).is_some()) {
            for (_, access) in members.iter().flat_map(|member| member.open(depth)) {
                variety.slots.entry(access.slot).or_default().add(&access.wanted);
            }
        }
        variety
    }

    /// The operand to post a rule under. One constant comes first, then a few; thresholds last, for they can still be told apart
    /// behind the others. Among equals the least crowded slot is best; the first in the source wins a tie.
    fn best<'o>(&self, member: &Member<'o>, depth: usize) -> Option<(usize, &'o Access)> {
        member.open(depth).min_by_key(|(position, access)| {
            let rank = match &access.wanted {
                Wanted::Keys(keys) if keys.len() == 1 && access.slot.class == Class::Equal => 0,
                Wanted::Keys(_) => 1,
                Wanted::Above(_) | Wanted::Below(_) => 2,
            };
            let crowd = self.slots.get(&access.slot).map_or(0, |asked| asked.crowd(&access.wanted));
            (rank, crowd, *position)
        })
    }
}
