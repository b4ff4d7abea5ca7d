//! The rules, asked of an entry that would follow a tip.
//!
//! They look only at what the tip and the cited entry descend from: the answer is the same wherever and whenever it is
//! asked (L5). The fold asks them of entries that exist, a device of entries that it is about to sign.

use kaifong_domain::Points;

use crate::fold::{Given, Ledger, Payment};
use crate::outcome::{NotCited, NotCounted, NotReclaimed, Uncovered};
use crate::tree::{At, Fact, Figures, JournalAt, PaymentAt, Rest};

/// What an accept that counts stands on.
#[derive(Clone, Copy)]
pub(crate) struct Grounds {
    pub(crate) payment: PaymentAt,
    pub(crate) payer: JournalAt,
    /// The deepest transfer of the payer's journal that the branch has accepted with this one.
    pub(crate) deepest: At,
}

impl Figures {
    /// L3: tells whether one more transfer, signed now, would be covered.
    pub(crate) fn cover(&self, points: Points, quota: Points) -> Result<(), Uncovered> {
        if points.0 == 0 || points > Points::MAX {
            return Err(Uncovered::Malformed);
        }
        #[cfg(test)]
        if crate::testing::planted(crate::testing::Planted::CoversAnything) {
            return Ok(());
        }
        let points = i64::from(points.0);
        if self.lowest.min(self.rights.saturating_sub(points)) < 0 {
            return Err(Uncovered::BelowZero);
        }
        if !self.rest.witnessed {
            return Err(Uncovered::NotOpened);
        }
        if self.unseen.saturating_add(points) > i64::from(quota.0) {
            return Err(Uncovered::BeyondQuota);
        }
        Ok(())
    }
}

impl Ledger {
    /// L4.
    pub(crate) fn judge_accept(&self, tip: At, cited: At) -> Result<Grounds, NotCounted> {
        let place = self.transfer_for(tip, cited)?;
        let payment = self.payment(place).ok_or(NotCounted::Unknown)?;
        if let Some(grant) = &payment.grant
            && self.member_at(self.tree.node(tip).journal) != Some(grant.member)
        {
            return Err(NotCounted::NotForYou);
        }
        payment.covered.map_err(NotCounted::NotCovered)?;
        self.unanswered(tip, payment)?;
        let payee = self.tree.node(tip).journal;
        if let Some(reason) = payment.reason
            && let Some(taken) = self.reasons.get(&(payee, reason))
            && self.on_branch(tip, taken)
        {
            return Err(NotCounted::ReasonTaken);
        }
        let payer = self.tree.node(payment.at).journal;
        let accepted = self.lines.get(&(payee, payer)).into_iter().flat_map(|lines| lines.iter()).rev();
        let deepest = accepted.copied().find(|(accept, _)| self.tree.runs_through(tip, *accept));
        let deepest = match deepest {
            None => payment.at,
            Some((_, deepest)) if self.tree.runs_through(payment.at, deepest) => payment.at,
            Some((_, deepest)) if self.tree.runs_through(deepest, payment.at) => deepest,
            Some(_) => return Err(NotCounted::ConflictingBranch),
        };
        Ok(Grounds { payment: place, payer, deepest })
    }

    /// What a decline needs: a transfer of points that names this journal and that this branch has not answered.
    pub(crate) fn judge_answer(&self, tip: At, cited: At) -> Result<PaymentAt, NotCounted> {
        let place = self.transfer_for(tip, cited)?;
        let payment = self.payment(place).ok_or(NotCounted::Unknown)?;
        if payment.covered == Err(Uncovered::Malformed) {
            return Err(NotCounted::NotCovered(Uncovered::Malformed));
        }
        self.unanswered(tip, payment)?;
        Ok(place)
    }

    fn transfer_for(&self, tip: At, cited: At) -> Result<PaymentAt, NotCounted> {
        let Fact::Transfer(place) = self.tree.node(cited).fact else { return Err(NotCounted::NotATransfer) };
        let payment = self.payment(place).ok_or(NotCounted::Unknown)?;
        if payment.to == self.tree.node(tip).journal { Ok(place) } else { Err(NotCounted::NotYours) }
    }

    pub(crate) fn unanswered(&self, tip: At, payment: &Payment) -> Result<(), NotCounted> {
        if self.on_branch(tip, &payment.accepts) {
            return Err(NotCounted::AlreadyAccepted);
        }
        if self.on_branch(tip, &payment.declines) {
            return Err(NotCounted::AlreadyDeclined);
        }
        Ok(())
    }

    /// A transfer is reclaimed once, however many branches of its payee have declined it.
    pub(crate) fn judge_reclaim(&self, tip: At, cited: At) -> Result<PaymentAt, NotReclaimed> {
        let Fact::Decline(place) = self.tree.node(cited).fact else { return Err(NotReclaimed::NotADecline) };
        let payment = self.payment(place).ok_or(NotReclaimed::NotADecline)?;
        if !self.tree.runs_through(tip, payment.at) {
            return Err(NotReclaimed::NotYours);
        }
        if self.on_branch(tip, &payment.reclaims) {
            return Err(NotReclaimed::AlreadyReclaimed);
        }
        Ok(place)
    }

    /// J4: gives what the branch would rest on.
    pub(crate) fn judge_cite(&self, tip: At, cited: At) -> Result<Rest, NotCited> {
        let Fact::Stamp(place) = self.tree.node(cited).fact else { return Err(NotCited::NotAStamp) };
        let given = self.stamps.get(place as usize).ok_or(NotCited::NotAStamp)?;
        if !given.witness {
            return Err(NotCited::NotAWitness);
        }
        let from = self.stamped(tip, given)?;
        let rest = self.tree.rest(tip);
        if rest.witnessed && self.tree.node(from).seq <= self.tree.node(rest.from).seq {
            return Err(NotCited::NotNewer);
        }
        let recomputed = self.tree.figures(from);
        let honest = recomputed.rest.honest && recomputed.rights == given.stamp.rights;
        Ok(Rest { from, rights: given.stamp.rights, witnessed: true, honest })
    }

    /// Finds the entry on the branch that a witness has stamped.
    pub(crate) fn stamped(&self, tip: At, given: &Given) -> Result<At, NotCited> {
        let journal = self.tree.node(tip).journal;
        if self.find_journal(&given.stamp.journal) != Some(journal) {
            return Err(NotCited::NotYours);
        }
        if self.device_at(self.tree.node(given.at).journal) == self.device_at(journal) {
            return Err(NotCited::OwnStamp);
        }
        u32::try_from(given.stamp.seq)
            .ok()
            .and_then(|seq| self.tree.ancestor(tip, seq))
            .filter(|at| self.tree.node(*at).hash == given.stamp.hash)
            .ok_or(NotCited::NotThisBranch)
    }

    /// Tells whether the branch runs through any of these. Newest first: in a linear journal that is the first look.
    pub(crate) fn on_branch(&self, tip: At, entries: &[At]) -> bool {
        entries.iter().rev().any(|at| self.tree.runs_through(tip, *at))
    }
}
