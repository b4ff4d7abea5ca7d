//! Journals as trees: every entry is a node below the entry before it, and a forked journal has several leaves.
//!
//! Each node carries one jump pointer besides its predecessor (Myers, *An applicative random-access stack*, 1983), so
//! that "the ancestor at this seq" and "the lowest point on the way" take a logarithmic number of steps, in a linear
//! journal and in one that was forked a thousand times alike. Running totals make every sum over a stretch of a branch
//! one subtraction.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use hashbrown::HashTable;
use kaifong_domain::EntryHash;
use kaifong_trust::entry::NO_ENTRY;

/// The place of an entry in the tree. Places are numbered by arrival, which nothing that is shown may depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct At(u32);

/// The place of a journal in the ledger's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct JournalAt(pub(crate) u32);

/// The place of a payment (a transfer with its answers) in the ledger's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PaymentAt(pub(crate) u32);

/// What an entry means to later entries that cite it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// Nothing.
    Aside,
    /// A certificate, by its place in the ledger's table.
    Certificate(u32),
    /// A transfer.
    Transfer(PaymentAt),
    /// A decline that holds.
    Decline(PaymentAt),
    /// A stamp, by its place in the ledger's table.
    Stamp(u32),
    /// A list of grants in a fund journal, by its place in the ledger's table.
    List(u32),
    /// A second person's word for a list, by its place in the ledger's table.
    Second(u32),
    /// A reviewer's word that hands a journal over, by its place in the ledger's table.
    Succession(u32),
}

/// How an entry moves its own journal's figures.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Movement {
    /// Added to the rights, in points.
    pub(crate) net: i64,
    /// Added to the outgoing transfers, in points; never negative.
    pub(crate) out: i64,
}

/// What a branch's figures rest on: the opening, or the newest stamp that the branch cites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rest {
    /// The entry that was stamped.
    pub(crate) from: At,
    /// The rights after that entry, as given.
    pub(crate) rights: i64,
    /// Whether anybody but the journal's own device has vouched for it.
    pub(crate) witnessed: bool,
    /// Whether the rights, here and in every rest before, are those that anybody recomputes.
    pub(crate) honest: bool,
}

/// What one branch may do at one entry, as L3 measures it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    /// What may still be spent.
    pub(crate) rights: i64,
    /// The least that the rights have been since the rest, the rest included.
    pub(crate) lowest: i64,
    /// Outgoing transfers since the rest.
    pub(crate) unseen: i64,
    /// What they are measured from.
    pub(crate) rest: Rest,
}

impl Figures {
    /// Those of a branch that does not exist.
    pub(crate) const NONE: Self = Self {
        rights: 0,
        lowest: 0,
        unseen: 0,
        rest: Rest { from: At(u32::MAX), rights: 0, witnessed: false, honest: false },
    };
}

/// One entry in the tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) hash: EntryHash,
    pub(crate) journal: JournalAt,
    /// The distance from the first entry, which is also the entry's own seq.
    pub(crate) seq: u32,
    pub(crate) fact: Fact,
    prev: At,
    jump: At,
    /// Whether an entry follows it, so that the next one to do so is a fork.
    followed: bool,
    rest: u32,
    /// Net movement from the first entry up to this one.
    net: i64,
    /// Outgoing from the first entry up to this one.
    out: i64,
    /// The least `net` of the entries after `jump` up to this one. Whether `jump` itself is counted does not matter, as
    /// it is only asked for stretches that include it.
    low: i64,
    /// The least `net` from the rest's entry up to this one, both included.
    least: i64,
}

/// A rest, with the totals at its entry.
#[derive(Clone, Copy, Debug)]
struct Ground {
    rest: Rest,
    net: i64,
    out: i64,
}

/// Stands in for a place that does not exist. Only [`Tree::push`] makes places, so it is never seen.
const NOWHERE: Node = Node {
    hash: NO_ENTRY,
    journal: JournalAt(u32::MAX),
    seq: 0,
    fact: Fact::Aside,
    prev: At(u32::MAX),
    jump: At(u32::MAX),
    followed: false,
    rest: u32::MAX,
    net: 0,
    out: 0,
    low: 0,
    least: 0,
};

/// All entries of all journals.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    grounds: Vec<Ground>,
    /// Entries by their hashes, which stand in the nodes alone: a map that holds them a second time would be half of what
    /// the ledger takes. Nobody can grind hashes that meet in one bucket, as `hasher` has a secret of the process.
    places: HashTable<At>,
    hasher: RandomState,
}

impl Tree {
    /// Finds an entry by its hash.
    pub(crate) fn find(&self, hash: &EntryHash) -> Option<At> {
        self.places.find(self.hasher.hash_one(hash), |at| self.node(*at).hash == *hash).copied()
    }

    fn note(&mut self, hash: EntryHash, at: At) {
        let (nodes, hasher) = (&self.nodes, &self.hasher);
        let hash_at = |at: &At| nodes.get(at.0 as usize).map_or(NO_ENTRY, |node| node.hash);
        self.places.insert_unique(hasher.hash_one(hash), at, |at| hasher.hash_one(hash_at(at)));
    }

    /// Gives the entry at a place.
    pub(crate) fn node(&self, at: At) -> &Node {
        let node = self.nodes.get(at.0 as usize);
        debug_assert!(node.is_some(), "a place that was never made");
        node.unwrap_or(&NOWHERE)
    }

    /// Adds the first entry of a journal, which rests on itself with these rights. `None` when four billion are held.
    pub(crate) fn plant(&mut self, hash: EntryHash, journal: JournalAt, rights: i64, witnessed: bool) -> Option<At> {
        let at = At(u32::try_from(self.nodes.len()).ok()?);
        let rest = u32::try_from(self.grounds.len()).ok()?;
        self.grounds.push(Ground { rest: Rest { from: at, rights, witnessed, honest: true }, net: 0, out: 0 });
        self.nodes.push(Node { hash, journal, rest, prev: at, jump: at, ..NOWHERE });
        self.note(hash, at);
        Some(at)
    }

    /// Adds an entry after `prev`, and tells whether it forks the journal (J3); `rest` is given when it cites a stamp.
    /// `None` when four billion are held.
    pub(crate) fn push(
        &mut self,
        hash: EntryHash,
        prev: At,
        moved: Movement,
        fact: Fact,
        rest: Option<Rest>,
    ) -> Option<(At, bool)> {
        let at = At(u32::try_from(self.nodes.len()).ok()?);
        let before = *self.node(prev);
        // At most 2^32 entries of at most Points::MAX (10^6) each: totals stay below 2^53, far from i64's end.
        let net = before.net.saturating_add(moved.net);
        let out = before.out.saturating_add(moved.out);
        let (rest, least) = match rest {
            None => (before.rest, before.least),
            Some(rest) => {
                let place = u32::try_from(self.grounds.len()).ok()?;
                let from = self.node(rest.from);
                self.grounds.push(Ground { rest, net: from.net, out: from.out });
                (place, self.lowest(prev, rest.from))
            }
        };
        let least = least.min(net);
        let (first, second) = (*self.node(before.jump), *self.node(self.node(before.jump).jump));
        let even = before.seq.saturating_sub(first.seq) == first.seq.saturating_sub(second.seq);
        let (jump, low) = if even { (first.jump, net.min(before.low).min(first.low)) } else { (prev, net) };
        let (journal, seq) = (before.journal, before.seq.checked_add(1)?);
        self.nodes.push(Node { hash, journal, seq, fact, prev, jump, followed: false, rest, net, out, low, least });
        self.note(hash, at);
        let fork = self.nodes.get_mut(prev.0 as usize).is_some_and(|node| std::mem::replace(&mut node.followed, true));
        Some((at, fork))
    }

    /// Gives the entry with this seq on the branch that ends at `tip`; `None` above the tip.
    pub(crate) fn ancestor(&self, tip: At, seq: u32) -> Option<At> {
        let (mut at, mut node) = (tip, self.node(tip));
        while node.seq > seq {
            at = if self.node(node.jump).seq >= seq { node.jump } else { node.prev };
            node = self.node(at);
        }
        (node.seq == seq).then_some(at)
    }

    /// Tells whether the branch that ends at `tip` runs through `at` (a tip runs through itself).
    pub(crate) fn runs_through(&self, tip: At, at: At) -> bool {
        let node = self.node(at);
        // Journals share no entries: to compare them first only saves the walk.
        self.node(tip).journal == node.journal && self.ancestor(tip, node.seq) == Some(at)
    }

    /// Tells whether any entry follows this one.
    pub(crate) fn is_followed(&self, at: At) -> bool {
        self.node(at).followed
    }

    /// Gives what the branch that ends at `tip` rests on.
    pub(crate) fn rest(&self, tip: At) -> Rest {
        self.ground(tip).rest
    }

    fn ground(&self, tip: At) -> Ground {
        let ground = self.grounds.get(self.node(tip).rest as usize).copied();
        debug_assert!(ground.is_some(), "a rest that was never made");
        ground.unwrap_or(Ground {
            rest: Rest { from: tip, rights: 0, witnessed: false, honest: false },
            net: 0,
            out: 0,
        })
    }

    /// Gives the figures at `tip`, resting where its branch rests.
    pub(crate) fn figures(&self, tip: At) -> Figures {
        self.measured(tip, self.ground(tip), self.node(tip).least)
    }

    /// Gives the figures at `tip` as they would be if they rested on `rest`, whose entry its branch runs through.
    pub(crate) fn figures_from(&self, tip: At, rest: Rest) -> Figures {
        let from = self.node(rest.from);
        self.measured(tip, Ground { rest, net: from.net, out: from.out }, self.lowest(tip, rest.from))
    }

    fn measured(&self, tip: At, Ground { rest, net, out }: Ground, least: i64) -> Figures {
        let to = self.node(tip);
        // A witness may give any figure at all, so these additions, and only these, can meet i64's end.
        let rights_after = |after: i64| rest.rights.saturating_add(after.saturating_sub(net));
        Figures { rights: rights_after(to.net), lowest: rights_after(least), unseen: to.out.saturating_sub(out), rest }
    }

    /// Tells whether rights or outgoing differ between two entries of one branch. A transfer or a grant always moves `out`,
    /// and nothing else lowers `net`: so they are equal exactly when nothing has moved in between.
    pub(crate) fn moved_between(&self, from: At, to: At) -> bool {
        let (from, to) = (self.node(from), self.node(to));
        (from.net, from.out) != (to.net, to.out)
    }

    /// Gives the least `net` from `from` to `tip`, both included.
    fn lowest(&self, tip: At, from: At) -> i64 {
        let start = self.node(from);
        let (mut low, mut node) = (start.net, self.node(tip));
        while node.seq > start.seq {
            let jump = self.node(node.jump);
            if jump.seq >= start.seq {
                low = low.min(node.low);
                node = jump;
            } else {
                low = low.min(node.net);
                node = self.node(node.prev);
            }
        }
        low
    }
}
