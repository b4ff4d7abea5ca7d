//! What others ask of the ledger: balances, where a branch stands, what its device may sign next, statements.

use std::collections::BTreeMap;

use kaifong_domain::fund::Purpose;
use kaifong_domain::{EntryHash, Instant, JournalId, MemberId, Points, ReasonId, Refusal};
use kaifong_trust::entry::Stamp;

use crate::fold::{Given, Journal, Ledger, Payment};
use crate::outcome::{NotCounted, Uncovered};
use crate::tree::{At, Fact, Figures, PaymentAt};

/// How many journals of one member, besides the first, an honest witness opens (L2).
pub const FURTHER_JOURNALS_MAX: usize = 3;

/// The state at the end of one branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The journal.
    pub journal: JournalId,
    /// Whose it is.
    pub member: MemberId,
    /// The place of the branch's last entry.
    pub seq: u64,
    /// What the branch may still spend, in points; negative only when its author broke L6.
    pub rights: i64,
    /// Outgoing transfers since the newest cited stamp, in points.
    pub unseen: u64,
    /// The place of the newest entry that a cited stamp vouches for; the certificate vouches for the first journal's 0.
    pub stamped_seq: Option<u64>,
    /// Points that the branch has reclaimed although another branch of the payee is now known to have accepted them.
    /// Rights do not fall by it (nothing is un-counted), but an honest device leaves them unspent.
    pub contested: u64,
}

/// A transfer as it stands for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferRow {
    /// The journal that signed it.
    pub payer: JournalId,
    /// Whose journal that is.
    pub payer_member: MemberId,
    /// The journal that alone can accept it.
    pub payee: JournalId,
    /// How many.
    pub points: Points,
    /// What for.
    pub reason: Option<ReasonId>,
    /// What the fund gives it for; `None` for what is no grant.
    pub purpose: Option<Purpose>,
    /// What became of it.
    pub state: LineState,
}

/// One line of a member's statement. A transfer between two journals of one member has two lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// When the transfer was signed, as the payer's device claims.
    pub signed_at: Instant,
    /// The transfer.
    pub entry: EntryHash,
    /// Into or out of the member's account.
    pub direction: Direction,
    /// The other member; `None` while the payee's journal is not known here.
    pub counterpart: Option<MemberId>,
    /// How many.
    pub points: Points,
    /// What for.
    pub reason: Option<ReasonId>,
    /// What the fund gives it for; `None` for what is no grant.
    pub purpose: Option<Purpose>,
    /// What became of it.
    pub state: LineState,
    /// Whether a witness has stamped the member's own side: the transfer when paid out, the accept when received.
    pub stamped: bool,
    /// Whether the fund bears it, because its journal was handed over as it stood before (L7).
    pub borne: bool,
}

/// Which way points go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// The member pays.
    Out,
    /// The member is paid.
    In,
}

/// What became of a transfer. It only ever moves down this list (L5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineState {
    /// Signed by the payer.
    Signed,
    /// It cannot count, or no accept of it has counted so far: the reason.
    NotCounted(NotCounted),
    /// The payee declined it.
    Declined,
    /// The payee accepted it, and that counts.
    Accepted,
}

impl Ledger {
    /// Gives a member's balance in points: distinct transfers with a counted accept (L5); 0 for an unknown member.
    pub fn balance(&self, member: &MemberId) -> i64 {
        self.balances.get(member).copied().unwrap_or(0)
    }

    /// Adds up all balances: always zero (I3).
    pub fn sum(&self) -> i64 {
        self.balances.values().sum()
    }

    /// Gives the balances of all members with a journal.
    pub fn balances(&self) -> &BTreeMap<MemberId, i64> {
        &self.balances
    }

    /// Tells whether two entries with one seq of this journal are known (J3).
    pub fn is_forked(&self, journal: &JournalId) -> bool {
        self.find_journal(journal).and_then(|place| self.journal(place)).is_some_and(|journal| journal.forked)
    }

    /// Tells whether every stamp that this entry's branch rests on gives the rights that anybody recomputes. A witness that
    /// lies can make rights out of nothing, and L4 cannot see that (it asks the branch alone); an honest device can, and
    /// takes nothing from such a branch (L6).
    pub fn rests_on_honest_stamps(&self, entry: &EntryHash) -> bool {
        self.tree.find(entry).is_some_and(|at| self.tree.rest(at).honest)
    }

    /// Gives a transfer by its entry; `None` for any other entry.
    pub fn transfer(&self, entry: &EntryHash) -> Option<TransferRow> {
        let Fact::Transfer(place) = self.tree.node(self.tree.find(entry)?).fact else { return None };
        let payment = self.payment(place)?;
        let payer = self.journal(self.tree.node(payment.at).journal)?;
        Some(TransferRow {
            payer: payer.id,
            payer_member: payer.owner?.0,
            payee: self.journal(payment.to)?.id,
            points: payment.points,
            reason: payment.reason,
            purpose: payment.grant.as_ref().map(|grant| grant.purpose),
            state: payment.state(),
        })
    }

    /// Gives the state at the end of one branch; `None` for an unknown entry.
    pub fn standing(&self, tip: &EntryHash) -> Option<Standing> {
        let at = self.tree.find(tip)?;
        let (node, figures) = (self.tree.node(at), self.tree.figures(at));
        let journal = self.journal(node.journal)?;
        Some(Standing {
            journal: journal.id,
            member: journal.owner?.0,
            seq: u64::from(node.seq),
            rights: figures.rights,
            unseen: u64::try_from(figures.unseen).unwrap_or(0),
            stamped_seq: figures.rest.witnessed.then(|| u64::from(self.tree.node(figures.rest.from).seq)),
            contested: u64::try_from(self.contested(at)).unwrap_or(0),
        })
    }

    /// Tells what a transfer of `points`, signed after `tip`, would be refused for (L3). A device that knows a newer stamp
    /// cites it first: it is passed, and ignored if it could not be cited. `quota` is that of the charter of the epoch that
    /// the transfer will name.
    ///
    /// # Errors
    /// [`Refusal::TransferMalformed`], [`Refusal::NotYetMember`] for an unknown tip, [`Refusal::BeyondRights`] or
    /// [`Refusal::BeyondQuota`], in this order.
    pub fn check_transfer(
        &self,
        tip: &EntryHash,
        newest_stamp: Option<&EntryHash>,
        points: Points,
        quota: Points,
    ) -> Result<(), Refusal> {
        let at = self.tree.find(tip);
        let cited = newest_stamp.and_then(|stamp| self.judge_cite(at?, self.tree.find(stamp)?).ok());
        let mut figures = match (at, cited) {
            (None, _) => Figures::NONE,
            (Some(at), None) => self.tree.figures(at),
            (Some(at), Some(rest)) => self.tree.figures_from(at, rest),
        };
        // Beyond what L3 asks: an honest device leaves unspent what it may yet turn out to owe.
        let spendable = at.map_or(0, |at| self.spendable(at, figures));
        figures.rights = spendable;
        let fund = at.and_then(|at| self.journal(self.tree.node(at).journal)).is_some_and(|own| own.keeper.is_some());
        match figures.cover(points, quota) {
            _ if fund => Err(Refusal::TransferMalformed),
            // The last three are about grants.
            Err(Uncovered::Malformed | Uncovered::NotTreasurer | Uncovered::OffRate | Uncovered::NotSeconded) => {
                Err(Refusal::TransferMalformed)
            }
            _ if at.is_none() => Err(Refusal::NotYetMember),
            Err(Uncovered::BelowZero) if spendable < i64::from(points.0) => {
                Err(Refusal::BeyondRights { rights: spendable, needed: points })
            }
            // The rights are there, but the branch has overdrawn in the past or was never opened: a witness comes first.
            Err(Uncovered::BelowZero | Uncovered::NotOpened) => Err(Refusal::BeyondQuota { left: 0, needed: points }),
            Err(Uncovered::BeyondQuota) => {
                let left = i64::from(quota.0).saturating_sub(figures.unseen).max(0);
                Err(Refusal::BeyondQuota { left, needed: points })
            }
            Ok(()) => Ok(()),
        }
    }

    /// Tells whether an accept of `transfer`, signed after `tip`, would count (L4). Whether an honest device should sign it
    /// is another question: L6 also asks [`Ledger::is_forked`] of the payer's journal.
    ///
    /// # Errors
    /// The first rule that it would break.
    pub fn check_accept(&self, tip: &EntryHash, transfer: &EntryHash) -> Result<(), NotCounted> {
        let tip = self.tree.find(tip).ok_or(NotCounted::Unknown)?;
        let cited = self.tree.find(transfer).ok_or(NotCounted::Unknown)?;
        self.judge_accept(tip, cited).map(|_| ())
    }

    /// Lists the accepts of a transfer that count, by hash.
    pub fn accepts_of(&self, transfer: &EntryHash) -> Vec<EntryHash> {
        let at = self.tree.find(transfer).map(|at| self.tree.node(at).fact);
        let Some(crate::tree::Fact::Transfer(place)) = at else { return Vec::new() };
        self.payment(place).map(|paid| self.hashes(paid.accepts.iter().copied())).unwrap_or_default()
    }

    /// Lists the transfers that name this journal and that this branch has neither accepted (with effect) nor declined,
    /// by hash. Those that are not covered are left out: no accept of them ever counts, and to answer each would let a
    /// payer fill the payee's journal with answers. Of the others some may be such that an accept would not count; they can
    /// be declined.
    pub fn incoming(&self, tip: &EntryHash) -> Vec<EntryHash> {
        let Some(tip) = self.tree.find(tip) else { return Vec::new() };
        let Some(journal) = self.journal(self.tree.node(tip).journal) else { return Vec::new() };
        // What some branch has answered may be open on another one, or below the answer; at the end of the only branch not.
        let elsewhere = if journal.forked || self.tree.is_followed(tip) { journal.answered.as_slice() } else { &[] };
        let elsewhere = elsewhere
            .iter()
            .filter(|place| self.payment(**place).is_some_and(|payment| self.unanswered(tip, payment).is_ok()));
        let payments = journal.waiting.iter().chain(elsewhere).filter_map(|place| self.payment(*place));
        self.hashes(payments.filter(|payment| payment.covered.is_ok()).map(|payment| payment.at))
    }

    /// Lists the declines of this branch's own transfers that it has not reclaimed, one for each transfer, by hash. An
    /// honest device leaves out (L6) what another branch of the payee is known to have accepted.
    pub fn reclaimable(&self, tip: &EntryHash) -> Vec<EntryHash> {
        let Some(tip) = self.tree.find(tip) else { return Vec::new() };
        let Some(journal) = self.journal(self.tree.node(tip).journal) else { return Vec::new() };
        let payments = journal.returned.iter().chain(&journal.reclaimed).filter_map(|place| self.payment(*place));
        let open = payments.filter(|payment| {
            payment.accepts.is_empty()
                && self.tree.runs_through(tip, payment.at)
                && !self.on_branch(tip, &payment.reclaims)
        });
        self.hashes(
            open.filter_map(|payment| payment.declines.iter().copied().min_by_key(|at| self.tree.node(*at).hash)),
        )
    }

    /// Gives the newest stamp (highest seq, then hash) that this branch could cite and that looks honest: its figure is what
    /// anybody recomputes, and its witness's journal is not known to be forked. `None` if there is nothing newer than what
    /// the branch rests on.
    pub fn newest_stamp(&self, tip: &EntryHash) -> Option<EntryHash> {
        let tip = self.tree.find(tip)?;
        let rest = self.tree.rest(tip);
        let (at, stamp) = self.honest_stamp(tip)?;
        let newer = !rest.witnessed || self.tree.node(at).seq > self.tree.node(rest.from).seq;
        newer.then_some(stamp)
    }

    /// Gives the last entry of this branch that a witness has seen, whatever rights its stamp gives: the one that the newest
    /// stamp names or, while that one has not arrived, the end. `None` where no witness has seen anything.
    pub fn seen_upto(&self, tip: &EntryHash) -> Option<EntryHash> {
        let at = self.tree.find(tip)?;
        let node = self.tree.node(at);
        let own = self.device_at(node.journal);
        let by_another = |given: &&Given| self.device_at(self.tree.node(given.at).journal) != own;
        let stamps = self.journal(node.journal)?.stamps.values().rev();
        let newest = stamps.filter_map(|place| self.stamps.get(*place as usize)).find(by_another)?;
        let seq = u32::try_from(newest.stamp.seq).unwrap_or(u32::MAX).min(node.seq);
        self.tree.ancestor(at, seq).map(|seen| self.tree.node(seen).hash)
    }

    /// Gives what a witness stamps at this tip, from its own recomputation. `None` if no points have moved since the newest
    /// honest stamp known here, if the journal is known to be forked or handed over (L6), or if it is one too many (L2).
    pub fn stamp_for(&self, tip: &EntryHash) -> Option<Stamp> {
        let at = self.tree.find(tip)?;
        let node = self.tree.node(at);
        let journal = self.journal(node.journal)?;
        if journal.forked || self.estates.contains_key(&node.journal) {
            return None;
        }
        let seen = self.honest_stamp(at).map(|(seen, _)| seen);
        let seen = if journal.first || journal.keeper.is_some() { seen.or(self.tree.ancestor(at, 0)) } else { seen };
        match seen {
            Some(seen) if !self.tree.moved_between(seen, at) => return None,
            None if self.further_opened(journal.owner?.0) >= FURTHER_JOURNALS_MAX => return None,
            _ => {}
        }
        let rights = self.tree.figures(at).rights;
        Some(Stamp { journal: journal.id, seq: u64::from(node.seq), hash: node.hash, rights })
    }

    /// Lists every transfer in or out of a member's journals, by claimed instant, then entry, then direction.
    pub fn statement(&self, member: &MemberId) -> Vec<Line> {
        let mut lines = Vec::new();
        let journals = self.members.get(member).into_iter().flatten();
        for journal in journals.filter_map(|place| self.journal(*place)) {
            let paid = journal.sent.iter().filter_map(|place| self.line(*place, Direction::Out));
            let received = journal.waiting.iter().chain(&journal.answered);
            lines.extend(paid.chain(received.filter_map(|place| self.line(*place, Direction::In))));
        }
        lines.sort_unstable_by_key(|line| (line.signed_at, line.entry, line.direction));
        lines
    }

    /// Feeds the canonical state: balances by member, counted transfers by hash, journals that were handed over.
    pub fn digest(&self, hasher: &mut blake3::Hasher) {
        hasher.update(&(self.balances.len() as u64).to_le_bytes());
        for (member, balance) in &self.balances {
            hasher.update(&member.0).update(&balance.to_le_bytes());
        }
        let counted = self.hashes(self.payments.iter().filter(|paid| !paid.accepts.is_empty()).map(|paid| paid.at));
        hasher.update(&(counted.len() as u64).to_le_bytes());
        for transfer in &counted {
            hasher.update(&transfer.0);
        }
        for legacy in self.legacies().values() {
            hasher.update(&legacy.closed.0).update(&legacy.last.0);
            for (heir, points) in &legacy.heirs {
                hasher.update(&heir.0).update(&points.to_le_bytes());
            }
        }
    }

    fn line(&self, place: PaymentAt, direction: Direction) -> Option<Line> {
        let payment = self.payment(place)?;
        let payer = self.tree.node(payment.at).journal;
        let (counterpart, stamped) = match direction {
            Direction::Out => (payment.to, self.is_stamped(payment.at)),
            Direction::In => (payer, payment.accepts.iter().any(|at| self.is_stamped(*at))),
        };
        Some(Line {
            signed_at: payment.signed_at,
            entry: self.tree.node(payment.at).hash,
            direction,
            counterpart: self.member_at(counterpart),
            points: payment.points,
            reason: payment.reason,
            purpose: payment.grant.as_ref().map(|grant| grant.purpose),
            state: payment.state(),
            stamped,
            borne: self.is_beyond(payment.at),
        })
    }

    /// Tells whether a witness has stamped this entry or one after it.
    fn is_stamped(&self, at: At) -> bool {
        let node = self.tree.node(at);
        let Some(journal) = self.journal(node.journal) else { return false };
        let later = journal.stamps.range((u64::from(node.seq), EntryHash([0; 32]))..);
        later.filter_map(|(_, place)| self.stamps.get(*place as usize)).any(|given| {
            self.tree
                .find(&given.stamp.hash)
                .is_some_and(|tip| self.stamped(tip, given).is_ok() && self.tree.runs_through(tip, at))
        })
    }

    /// Finds the newest honest-looking stamp on a branch: the entry that it stamps, and its own.
    fn honest_stamp(&self, tip: At) -> Option<(At, EntryHash)> {
        let journal = self.journal(self.tree.node(tip).journal)?;
        journal.stamps.iter().rev().find_map(|((_, hash), place)| {
            let given = self.stamps.get(*place as usize)?;
            let at = self.stamped(tip, given).ok()?;
            let witness = self.journal(self.tree.node(given.at).journal)?;
            let honest = !witness.forked && self.tree.figures(at).rights == given.stamp.rights;
            honest.then_some((at, *hash))
        })
    }

    /// Counts a member's journals besides the first that some witness has opened, and that were not handed over.
    fn further_opened(&self, member: MemberId) -> usize {
        let journals =
            self.members.get(&member).into_iter().flatten().filter(|place| !self.estates.contains_key(place));
        journals.filter_map(|place| self.journal(*place)).filter(|other| self.is_further_opened(other)).count()
    }

    fn is_further_opened(&self, journal: &Journal) -> bool {
        !journal.first && !journal.stamps.is_empty()
    }

    /// Adds up what the branch has reclaimed and some branch of the payee has accepted.
    pub(crate) fn contested(&self, tip: At) -> i64 {
        let reclaimed = self.journal(self.tree.node(tip).journal).map(|journal| journal.reclaimed.as_slice());
        let payments = reclaimed.unwrap_or_default().iter().filter_map(|place| self.payment(*place));
        let both = payments.filter(|paid| !paid.accepts.is_empty() && self.on_branch(tip, &paid.reclaims));
        both.map(|paid| i64::from(paid.points.0)).sum()
    }

    pub(crate) fn hashes(&self, entries: impl Iterator<Item = At>) -> Vec<EntryHash> {
        let mut hashes: Vec<_> = entries.map(|at| self.tree.node(at).hash).collect();
        hashes.sort_unstable();
        hashes
    }
}

impl Payment {
    /// What became of it; only ever moves down the list of [`LineState`].
    pub(crate) fn state(&self) -> LineState {
        if !self.accepts.is_empty() {
            LineState::Accepted
        } else if !self.declines.is_empty() {
            LineState::Declined
        } else if let Err(why) = self.covered {
            LineState::NotCounted(NotCounted::NotCovered(why))
        } else {
            self.refused.map_or(LineState::Signed, LineState::NotCounted)
        }
    }
}
