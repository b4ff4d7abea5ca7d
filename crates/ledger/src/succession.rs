//! L7: what a closed journal had left goes on in another one of its member.
//!
//! Two reviewers name the last entry of a closed journal that its member answers for, and the journal that goes on
//! ([`Body::Succeed`](kaifong_trust::entry::Body::Succeed), the second word naming the first). The successor takes it up with
//! [`Body::Inherit`](kaifong_trust::entry::Body::Inherit). Whether that has effect follows from the entry's causal past alone;
//! what it needs, in the order of asking, is [`NotInherited`]. Then
//!
//! > the successor's rights rise by what the closed journal may spend at that entry, from 1 to a million points, less what
//! > this branch has inherited from that journal before.
//!
//! So a figure is cumulative, as the fund's are: a word that is repeated adds nothing, and one that names a later entry adds
//! the difference. Rights move, and no balance: the quota is the successor's own, and only a stamp opens it (L2).
//!
//! Nothing counted is un-counted, whatever the closed journal still signs. But its member answers for it up to the named
//! entry only (of several that were inherited: the one with the greatest figure, then seq, then hash). Counted transfers
//! that do not lie at or below it are booked to the community fund instead of the member, payee's side unchanged; so are
//! the figures that a second journal has inherited of the same closed one. Both are functions of the set of entries, the sum
//! stays zero, and whoever has been handed over to owes no more than before.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::{EntryHash, JournalId, MemberId, Points};
use kaifong_trust::entry::{Entry, Role, Succession};

use crate::fold::{Added, Ledger, Payment, Rights, Step};
use crate::outcome::{NotInherited, Outcome};
use crate::tree::{At, Fact, JournalAt, Movement, PaymentAt};

/// A reviewer's word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Succeeded {
    at: At,
    last: At,
    successor: JournalId,
    by: MemberId,
    /// Whether its signer was a reviewer.
    may: bool,
    first: Option<At>,
}

/// What became of a closed journal's rights.
#[derive(Clone, Debug, Default)]
pub(crate) struct Estate {
    /// Entries by which something was inherited, each with its branch's figure from there on.
    inherited: Vec<(At, i64)>,
    /// The greatest figure of each successor.
    heirs: BTreeMap<JournalAt, i64>,
    /// The entry up to which its member answers for it: figure, seq, hash, place.
    upto: Option<(i64, u32, EntryHash, At)>,
    /// What it has spent beyond that entry.
    spent: i64,
    /// What the fund has borne for its member in all.
    borne: i64,
}

/// What an entry that inherits moves.
pub(crate) struct Moved {
    closed: JournalAt,
    last: At,
    figure: i64,
    pub(crate) more: i64,
}

/// A reviewer's word that hands a journal over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Whose.
    pub by: MemberId,
    /// The journal that goes on.
    pub successor: JournalId,
    /// The word that it seconds.
    pub seconds: Option<EntryHash>,
}

/// A closed journal that was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Legacy {
    /// The closed journal.
    pub closed: JournalId,
    /// Whose it is.
    pub member: MemberId,
    /// The entry up to which its member answers for it.
    pub last: EntryHash,
    /// Who has inherited how many points of it; one journal, unless reviewers have named several.
    pub heirs: BTreeMap<JournalId, i64>,
    /// What it has spent beyond that entry, in points: the fund's loss.
    pub spent: i64,
    /// What was handed over more than once, in points: the fund's loss too.
    pub twice: i64,
}

impl Ledger {
    /// A reviewer's word; whether its signer was one is settled here.
    pub(crate) fn add_succeed(
        &mut self,
        step: Step,
        said: &Succession,
        epoch: &EntryHash,
        rights: &dyn Rights,
    ) -> Option<Added> {
        let last = self.tree.find(&said.last)?;
        let first = match said.seconds {
            Some(first) => Some(self.tree.find(&first)?),
            None => None,
        };
        let by = self.member_at(step.journal)?;
        let place = u32::try_from(self.successions.len()).ok()?;
        let at = self.push(step, Movement::default(), Fact::Succession(place), None)?;
        let may = rights.holds(epoch, &by, Role::Reviewer);
        self.successions.push(Succeeded { at, last, successor: said.successor, by, may, first });
        // Whoever is no reviewer hands nothing over, and costs nobody anything.
        if may {
            self.handed_to.entry(said.successor).or_default().push(place);
        }
        Some((Outcome::Aside, None))
    }

    /// L7: rights move, and from here on the fund bears what lies beyond.
    pub(crate) fn add_inherit(&mut self, step: Step, succession: &EntryHash, entry: &Entry) -> Option<Outcome> {
        let judged = self.judge_inherit(step.tip, self.tree.find(succession)?);
        let net = judged.as_ref().map_or(0, |moved| moved.more);
        let at = self.push(step, Movement { net, out: 0 }, Fact::Aside, None)?;
        let moved = match judged {
            Ok(moved) => moved,
            Err(why) => return Some(Outcome::Inherited(Err(why))),
        };
        let Moved { closed, last, figure, .. } = moved;
        let node = self.tree.node(last);
        let named = (figure, node.seq, node.hash, last);
        let estate = self.estates.entry(closed).or_default();
        estate.inherited.push((at, figure));
        let heir = estate.heirs.entry(step.journal).or_default();
        *heir = figure.max(*heir);
        let further = estate.upto.is_none_or(|upto| upto < named);
        if further {
            estate.upto = Some(named);
        }
        if further {
            let spent = self.spent_beyond(closed);
            self.estates.get_mut(&closed)?.spent = spent;
        }
        self.bear(closed, MemberId::fund(&entry.building))?;
        Some(Outcome::Inherited(Ok(())))
    }

    /// What an entry that inherits needs.
    pub(crate) fn judge_inherit(&self, tip: At, cited: At) -> Result<Moved, NotInherited> {
        let word = self.succession(cited).ok_or(NotInherited::NotASuccession)?;
        let own = self.tree.node(tip).journal;
        if self.find_journal(&word.successor) != Some(own) {
            return Err(NotInherited::NotYours);
        }
        let closed = self.tree.node(word.last).journal;
        let ordinary = |place| self.journal(place).is_some_and(|journal| journal.keeper.is_none());
        let member = self.member_at(own);
        if closed == own || self.member_at(closed) != member || !ordinary(own) || !ordinary(closed) {
            return Err(NotInherited::NotTheSameMember);
        }
        let first = word.first.and_then(|first| self.succession(first));
        let agrees = |first: &&Succeeded| (first.last, first.successor) == (word.last, word.successor);
        let first = first.filter(agrees).filter(|first| first.by != word.by).ok_or(NotInherited::NotTwo)?;
        if !word.may || !first.may || [word.by, first.by].into_iter().any(|by| Some(by) == member) {
            return Err(NotInherited::NotAReviewer);
        }
        let figure = self.tree.figures(word.last).rights.clamp(0, i64::from(Points::MAX.0));
        let more = figure.saturating_sub(self.had_inherited(tip, closed));
        if more > 0 { Ok(Moved { closed, last: word.last, figure, more }) } else { Err(NotInherited::NotMore) }
    }

    fn succession(&self, at: At) -> Option<&Succeeded> {
        let Fact::Succession(place) = self.tree.node(at).fact else { return None };
        self.successions.get(place as usize)
    }

    /// What a branch has inherited of a closed journal: its last figure, which is its greatest.
    fn had_inherited(&self, tip: At, closed: JournalAt) -> i64 {
        let inherited = self.estates.get(&closed).map(|estate| estate.inherited.as_slice()).unwrap_or_default();
        inherited.iter().rev().find(|(at, _)| self.tree.runs_through(tip, *at)).map_or(0, |(_, figure)| *figure)
    }

    /// Whether a transfer lies beyond what its journal's member answers for.
    pub(crate) fn is_beyond(&self, transfer: At) -> bool {
        let estate = self.estates.get(&self.tree.node(transfer).journal);
        estate.and_then(|estate| estate.upto).is_some_and(|(_, _, _, last)| !self.tree.runs_through(last, transfer))
    }

    fn spent_beyond(&self, closed: JournalAt) -> i64 {
        let sent = self.journal(closed).map(|journal| journal.sent.as_slice()).unwrap_or_default();
        let counted = sent.iter().filter_map(|place| self.payment(*place)).filter(|paid| !paid.accepts.is_empty());
        counted.filter(|paid| self.is_beyond(paid.at)).map(|paid| i64::from(paid.points.0)).sum()
    }

    /// A transfer that counts from now on was signed beyond what its member answers for.
    pub(crate) fn count_beyond(&mut self, place: PaymentAt, fund: MemberId) -> Option<()> {
        let Payment { at, points, .. } = self.payment(place)?;
        let (beyond, points) = (self.is_beyond(*at), i64::from(points.0));
        let closed = self.tree.node(*at).journal;
        if beyond {
            let estate = self.estates.get_mut(&closed)?;
            estate.spent = estate.spent.saturating_add(points);
            self.bear(closed, fund)?;
        }
        Some(())
    }

    /// Books what the fund bears for a closed journal, as far as it is not booked yet. Each figure is at most a million and
    /// each transfer counts once, so nothing comes near i64's end.
    fn bear(&mut self, closed: JournalAt, fund: MemberId) -> Option<()> {
        let member = self.member_at(closed)?;
        let estate = self.estates.get_mut(&closed)?;
        let borne = estate.spent.saturating_add(estate.twice());
        let more = borne.saturating_sub(std::mem::replace(&mut estate.borne, borne));
        if more != 0 {
            let balance = self.balances.entry(member).or_default();
            *balance = balance.saturating_add(more);
            let balance = self.balances.entry(fund).or_default();
            *balance = balance.saturating_sub(more);
        }
        Some(())
    }

    /// Tells how many points an entry that inherits, signed after `tip`, would bring.
    ///
    /// # Errors
    /// The first rule that it would break.
    pub fn check_inherit(&self, tip: &EntryHash, succession: &EntryHash) -> Result<i64, NotInherited> {
        let found = self.tree.find(tip).zip(self.tree.find(succession));
        let (tip, cited) = found.ok_or(NotInherited::NotASuccession)?;
        self.judge_inherit(tip, cited).map(|moved| moved.more)
    }

    /// Lists the reviewers' words that bring something to the end of this branch: what brings most first, then by hash.
    pub fn inheritances(&self, tip: &EntryHash) -> Vec<EntryHash> {
        let Some(at) = self.tree.find(tip) else { return Vec::new() };
        let own = self.journal(self.tree.node(at).journal).map(|journal| journal.id);
        let named = own.and_then(|own| self.handed_to.get(&own)).into_iter().flatten();
        let words = named.filter_map(|place| self.successions.get(*place as usize));
        let more = words.filter_map(|word| {
            let more = self.judge_inherit(at, word.at).ok()?.more;
            Some((Reverse(more), self.tree.node(word.at).hash))
        });
        more.collect::<BTreeSet<_>>().into_iter().map(|(_, word)| word).collect()
    }

    /// Lists the reviewers' words that hand a journal over as it stands at this entry, by hash.
    pub fn words_for(&self, last: &EntryHash) -> BTreeMap<EntryHash, Word> {
        let named = self.tree.find(last);
        let member = named.and_then(|at| self.member_at(self.tree.node(at).journal));
        let words = self.successions.iter().filter(|word| Some(word.last) == named);
        let good = words.filter(|word| word.may && Some(word.by) != member);
        let word = |word: &Succeeded| Word {
            by: word.by,
            successor: word.successor,
            seconds: word.first.map(|first| self.tree.node(first).hash),
        };
        good.map(|said| (self.tree.node(said.at).hash, word(said))).collect()
    }

    /// Gives what became of a journal that was handed over; `None` for any other.
    pub fn legacy(&self, closed: &JournalId) -> Option<Legacy> {
        let place = self.find_journal(closed)?;
        let estate = self.estates.get(&place)?;
        let (_, _, last, _) = estate.upto?;
        let heirs = estate.heirs.iter().filter_map(|(heir, figure)| Some((self.journal(*heir)?.id, *figure))).collect();
        let (spent, twice) = (estate.spent, estate.twice());
        Some(Legacy { closed: *closed, member: self.member_at(place)?, last, heirs, spent, twice })
    }

    /// Gives all journals that were handed over, ascending.
    pub fn legacies(&self) -> BTreeMap<JournalId, Legacy> {
        let closed = self.estates.keys().filter_map(|place| Some(self.journal(*place)?.id));
        closed.filter_map(|id| Some((id, self.legacy(&id)?))).collect()
    }

    /// Tells whether the fund bears a transfer, because its journal was handed over as it stood before.
    pub fn is_borne(&self, transfer: &EntryHash) -> bool {
        self.tree.find(transfer).is_some_and(|at| self.is_beyond(at))
    }
}

impl Estate {
    /// What was handed over more than once: all figures but the greatest.
    fn twice(&self) -> i64 {
        let (sum, most) = self
            .heirs
            .values()
            .fold((0_i64, 0), |(sum, most), figure| (sum.saturating_add(*figure), (*figure).max(most)));
        sum.saturating_sub(most)
    }
}
