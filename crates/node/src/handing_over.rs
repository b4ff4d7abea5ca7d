//! Points on a member's several devices: what each can spend, moving some from one to another, and handing over what a
//! closed device has left (rule L7).
//!
//! Two reviewers say it, each after having met the person; the journal that goes on takes it up by itself.

use std::collections::BTreeMap;

use kaifong_domain::{DeviceId, EntryHash, JournalId, MemberId, Points, Refusal};
use kaifong_ledger::Word;
use kaifong_trust::entry::{Body, Succession};
use kaifong_trust::journals::Journal;

use crate::event::{Done, NodeError};
use crate::home::Home;
use crate::node::Node;

/// What a journal holds that nobody writes any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranded {
    /// The journal.
    pub closed: JournalId,
    /// The device that wrote it.
    pub device: DeviceId,
    /// Whose it is.
    pub member: MemberId,
    /// The last entry that they answer for.
    pub last: EntryHash,
    /// What would go on, in points; more than 0.
    pub points: i64,
    /// The journal that would go on; `None` while the member has none.
    pub successor: Option<JournalId>,
    /// Reviewers' words that say just this and count.
    pub words: BTreeMap<EntryHash, Word>,
}

/// A journal of one's own that is in use, as one device sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnJournal {
    /// The journal.
    pub journal: JournalId,
    /// The device that writes it.
    pub device: DeviceId,
    /// What it can spend, in points.
    pub rights: i64,
    /// Whether a witness, or its certificate, has opened it (rule L2).
    pub opened: bool,
}

impl Stranded {
    /// Tells whether two reviewers have said it: it waits for the member's device.
    pub fn is_decided(&self) -> bool {
        self.words.values().any(|word| {
            let first = word.seconds.and_then(|first| self.words.get(&first));
            first.is_some_and(|first| first.by != word.by)
        })
    }

    /// Gives the word of somebody else that a reviewer would second.
    fn other(&self, me: &MemberId) -> Option<EntryHash> {
        self.words.iter().find(|(_, word)| word.by != *me).map(|(hash, _)| *hash)
    }

    /// Tells whether there is something for a reviewer to say: a first word, or the second one.
    pub fn wants(&self, me: &MemberId) -> bool {
        let said = self.words.values().any(|word| word.by == *me);
        let open = self.successor.is_some() && self.member != *me && !self.is_decided();
        open && (!said || self.other(me).is_some())
    }
}

impl Home {
    /// Lists a member's journals that are in use, the one that is paid into first.
    pub fn journals_in_use(&self, member: &MemberId) -> Vec<OwnJournal> {
        let all = self.ordinary(member);
        let in_use = |journal: &&&Journal| self.is_in_use(&journal.id) && !self.ledger().is_forked(&journal.id);
        let mut theirs: Vec<&Journal> =
            all.iter().filter(in_use).filter(|journal| self.replaced(journal, &all).is_none()).copied().collect();
        theirs.sort_by_key(|journal| (journal.open.nonce, journal.id));
        let row = |journal: &Journal| {
            let tip = journal.tips().first()?;
            let standing = self.ledger().standing(tip)?;
            let rights = standing.rights.saturating_sub_unsigned(standing.contested);
            // A stamp that has arrived is cited by what is paid next.
            let opened = standing.stamped_seq.is_some() || self.ledger().newest_stamp(tip).is_some();
            Some(OwnJournal { journal: journal.id, device: journal.device, rights, opened })
        };
        theirs.into_iter().filter_map(row).collect()
    }

    /// Lists what a member's closed journals hold that could go on in another one, by journal.
    pub fn stranded_of(&self, member: &MemberId) -> Vec<Stranded> {
        self.stranded_in(&self.ordinary(member))
    }

    /// Lists the same of all members.
    pub fn stranded_of_all(&self) -> Vec<Stranded> {
        let mut of: BTreeMap<MemberId, Vec<&Journal>> = BTreeMap::new();
        for journal in self.journals().journals().filter(|journal| !journal.open.is_fund()) {
            of.entry(journal.member).or_default().push(journal);
        }
        of.values().flat_map(|theirs| self.stranded_in(theirs)).collect()
    }

    fn stranded_in(&self, theirs: &[&Journal]) -> Vec<Stranded> {
        theirs.iter().filter_map(|journal| self.stranded(journal, theirs)).collect()
    }

    /// A member's journals but the fund's.
    fn ordinary(&self, member: &MemberId) -> Vec<&Journal> {
        let all = self.journals().journals();
        all.filter(|journal| journal.member == *member && !journal.open.is_fund()).collect()
    }

    /// Gives the last entry of a journal after which its device has opened another one (rule J2).
    fn replaced(&self, journal: &Journal, theirs: &[&Journal]) -> Option<EntryHash> {
        let opened = |one: &Journal| self.journals().entry(&one.opened_by).map(|entry| entry.value().at);
        let mut others = theirs.iter().filter(|other| other.device == journal.device && other.id != journal.id);
        let before = opened(journal)?;
        let replaced = others.any(|other| opened(other).is_some_and(|at| at > before));
        let mut tips = journal.tips().iter();
        let only = tips.next().filter(|_| tips.next().is_none());
        only.filter(|_| replaced).copied()
    }

    /// Gives the last entry of a journal that its member answers for, if nobody writes it any more: where a cut leaves it, or
    /// the last one that a witness has seen, where that lies beyond. A member names the cut of their own device, and what was
    /// seen to be spent is not to be had a second time. `None` where the journal is forked.
    fn last_in(&self, journal: &Journal, theirs: &[&Journal]) -> Option<EntryHash> {
        if self.ledger().is_forked(&journal.id) {
            return None;
        }
        let closed = self.journals().left_of(&journal.id).map(|tip| tip.hash);
        let left = closed.or_else(|| self.replaced(journal, theirs).filter(|_| self.journals().is_kept(journal)))?;
        let seen = journal.tips().first().and_then(|tip| self.ledger().seen_upto(tip));
        let further = seen.filter(|seen| self.seq_of(seen) > self.seq_of(&left));
        Some(further.unwrap_or(left))
    }

    fn seq_of(&self, entry: &EntryHash) -> Option<u64> {
        self.journals().entry(entry).map(|entry| entry.value().seq)
    }

    /// Tells whether nobody writes a journal any more, and its member answers for nothing beyond this entry of it.
    fn is_left_at(&self, journal: &Journal, entry: &EntryHash) -> bool {
        let last = self.last_in(journal, &self.ordinary(&journal.member));
        last.is_some_and(|last| self.seq_of(&last).is_some_and(|last| self.seq_of(entry) >= Some(last)))
    }

    fn stranded(&self, journal: &Journal, theirs: &[&Journal]) -> Option<Stranded> {
        let last = self.last_in(journal, theirs)?;
        let (member, ledger) = (journal.member, self.ledger());
        let figure = ledger.standing(&last)?.rights.min(i64::from(Points::MAX.0));
        let heirs = ledger.legacy(&journal.id).map(|legacy| legacy.heirs).unwrap_or_default();
        // What goes on in one journal goes on in no other; what that one leaves is its own.
        let heir = heirs.iter().max_by_key(|(_, points)| **points).map(|(heir, points)| (*heir, *points));
        let points = figure.saturating_sub(heir.map_or(0, |(_, had)| had));
        if points <= 0 || !ledger.rests_on_honest_stamps(&last) {
            return None;
        }
        let mut open = self.journals_in_use(&member).into_iter().map(|own| own.journal).filter(|id| *id != journal.id);
        let successor = match heir {
            Some((heir, _)) => Some(open.find(|id| *id == heir)?),
            None => open.next(),
        };
        let said = ledger.words_for(&last).into_iter();
        let words = said.filter(|(hash, word)| Some(word.successor) == successor && self.journals().counts(hash));
        let (closed, device, words) = (journal.id, journal.device, words.collect());
        Some(Stranded { closed, device, member, last, points, successor, words })
    }
}

impl Node {
    /// As a reviewer, says that what a member's closed journals hold goes on. Who comes second takes up the first one's word.
    pub(crate) fn hand_points_over(&mut self, member: MemberId) -> Result<Done, NodeError> {
        self.require_reviewer()?;
        let me = self.require_me()?;
        let home = self.require_home()?;
        if home.roster().member(&member).is_none() || member == me {
            return Err(Refusal::MemberUnknown.into());
        }
        let rows: Vec<Stranded> = home.stranded_of(&member).into_iter().filter(|row| row.wants(&me)).collect();
        if rows.is_empty() {
            return Err(Refusal::NothingLeft.into());
        }
        for row in rows {
            let Some(successor) = row.successor else { continue };
            self.write(Body::Succeed(Succession { last: row.last, successor, seconds: row.other(&me) }))?;
        }
        Ok(Done::Saved)
    }

    /// Gives what a journal that this device writes takes up at its end. An honest one takes up what nobody writes any more,
    /// what no other journal has taken up, and what two reviewers have said who were not cut off before (rule L6).
    pub(crate) fn next_inheritance(&self, tip: &EntryHash) -> Option<Body> {
        let home = self.home()?;
        let own = home.journals().entry(tip)?.value().journal;
        let honest = |succession: &EntryHash| {
            let Some(Body::Succeed(said)) = home.journals().entry(succession).map(|entry| &entry.value().body) else {
                return false;
            };
            let last = home.journals().entry(&said.last).map(|entry| entry.value().journal);
            let closed = last.and_then(|closed| home.journals().journal(&closed));
            let words = [Some(*succession), said.seconds].into_iter().flatten();
            words.into_iter().all(|word| home.journals().counts(&word))
                && home.ledger().rests_on_honest_stamps(&said.last)
                && closed.is_some_and(|closed| {
                    let heirs = home.ledger().legacy(&closed.id).map(|legacy| legacy.heirs).unwrap_or_default();
                    home.is_left_at(closed, &said.last) && heirs.keys().all(|heir| *heir == own)
                })
        };
        let succession = home.ledger().inheritances(tip).into_iter().find(honest)?;
        Some(Body::Inherit { succession })
    }

    /// Moves points to another device of this member: a transfer that moves rights, and no balance.
    pub(crate) fn move_points(&mut self, device: DeviceId, points: Points) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let own = self.device();
        let theirs = self.require_home()?.journals_in_use(&me);
        let to = theirs.into_iter().find(|to| to.device == device && device != own).ok_or(Refusal::DeviceUnknown)?;
        if points.0 == 0 {
            return Err(Refusal::TransferMalformed.into());
        }
        self.check_payment(points)?;
        self.transfer(to.journal, points, None)?;
        Ok(Done::Saved)
    }
}

#[cfg(test)]
mod tests;
