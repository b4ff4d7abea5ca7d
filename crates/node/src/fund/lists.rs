//! Lists of grants as they stand: who has agreed to them, what of them is still to come, and which occasions are open.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::fund::Purpose;
use kaifong_domain::{EntryHash, MemberId, ReasonId};
use kaifong_ledger::{LineState, may_second};
use kaifong_trust::entry::{Body, GrantList, Terms};

use crate::event::Tag;
use crate::home::{Eyes, Home};

/// Lists of grants and second persons' words for them, as entries say.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    /// Lists in fund journals, in the order in which they came.
    pub(crate) all: Vec<EntryHash>,
    /// The words for each.
    pub(crate) seconds: BTreeMap<EntryHash, BTreeSet<EntryHash>>,
}

/// A list of grants as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The entry that holds it.
    pub list: EntryHash,
    /// The treasurer.
    pub treasurer: MemberId,
    /// When it was laid out, as the treasurer's device claims.
    pub at: kaifong_domain::Instant,
    /// What is to be granted.
    pub terms: Vec<Terms>,
    /// Who has agreed and could, with the entries that say so.
    pub seconded: BTreeMap<MemberId, EntryHash>,
    /// How many of them were granted.
    pub granted: usize,
    /// Whether the treasurer took it back.
    pub unlisted: bool,
}

/// Occasions, and whether somebody can be granted points for them now.
#[derive(Debug)]
pub struct Occasions<'a> {
    home: &'a Home,
    /// What lists to come name.
    listed: BTreeSet<ReasonId>,
}

impl Occasions<'_> {
    /// Tells whether nothing was granted to a member for this, nor waits to be.
    pub fn is_open(&self, member: &MemberId, purpose: &Purpose) -> bool {
        let reason = purpose.reason(member);
        !self.listed.contains(&reason) && !self.home.was_granted_for(&reason)
    }
}

impl Home {
    /// Tells whether a member could agree to a list.
    pub fn may_second(&self, list: &Listed, member: &MemberId) -> bool {
        let gets = list.terms.iter().any(|terms| terms.member == *member && terms.purpose != Purpose::Opening);
        let epoch = self.roster().newest_epoch();
        *member != list.treasurer && !gets && may_second(&Eyes(self.roster()), &epoch, member)
    }

    /// Gives the lists that were laid out, oldest first.
    pub fn grant_lists(&self) -> Vec<Listed> {
        self.lists.all.iter().filter_map(|list| self.grant_list(list)).collect()
    }

    /// Gives one list; `None` for what is none.
    pub fn grant_list(&self, list: &EntryHash) -> Option<Listed> {
        let entry = self.journals().entry(list)?;
        let value = entry.value();
        let Body::GrantList(GrantList { terms }) = &value.body else { return None };
        let journal = self.journals().journal(&value.journal).filter(|journal| journal.open.is_fund())?;
        let words = self.lists.seconds.get(list).into_iter().flatten();
        let said = words.filter_map(|word| {
            let second = self.journals().entry(word)?.value();
            let by = self.roster().owner_of_journal(&second.journal)?;
            // An honest treasurer grants on no word of a device that was closed or has forked, nor of somebody who could not
            // agree today.
            let today = may_second(&Eyes(self.roster()), &self.roster().newest_epoch(), &by);
            let stands = self.journals().counts(word) && !self.ledger().is_forked(&second.journal);
            (today && stands && by != journal.member).then_some((by, *word))
        });
        let unlisted = journal.tips().iter().all(|tip| self.ledger().is_unlisted(tip, list));
        Some(Listed {
            list: *list,
            treasurer: journal.member,
            at: value.at,
            terms: terms.clone(),
            seconded: said.collect(),
            granted: terms.iter().filter(|terms| self.ledger().was_granted(&value.journal, terms)).count(),
            unlisted,
        })
    }

    /// Looks at which occasions are open.
    pub fn occasions(&self) -> Occasions<'_> {
        let to_come = self.grant_lists().into_iter().filter(|list| self.is_to_come(list));
        let listed = to_come.flat_map(|list| list.terms).map(|terms| terms.reason()).collect();
        Occasions { home: self, listed }
    }

    /// Tells whether some grant for an occasion keeps others from granting it: it was accepted, or can still be. One of
    /// somebody who is no treasurer any more, or into a journal that nobody uses, keeps nobody waiting.
    pub(super) fn was_granted_for(&self, occasion: &ReasonId) -> bool {
        self.ledger().grants_for(occasion).iter().filter_map(|grant| self.ledger().transfer(grant)).any(|row| {
            let keeper = self.journals().journal(&row.payer).map(|journal| journal.member);
            let alive = keeper.is_some_and(|keeper| self.is_treasurer(&keeper)) && self.is_in_use(&row.payee);
            row.state == LineState::Accepted || alive
        })
    }

    /// Tells whether grants of a list are still to come: its treasurer keeps it with the journal that they grant from today.
    fn is_to_come(&self, list: &Listed) -> bool {
        let journal = self.journals().entry(&list.list).map(|entry| entry.value().journal);
        let keeps = self.is_treasurer(&list.treasurer) && self.purse_of(&list.treasurer) == journal;
        keeps && !list.unlisted && list.granted < list.terms.len()
    }

    /// Remembers lists and the words for them.
    pub(crate) fn note_list(&mut self, hash: EntryHash, body: &Body) -> Option<Tag> {
        match body {
            Body::GrantList(_) => {
                let entry = self.journals().entry(&hash)?;
                let journal = self.journals().journal(&entry.value().journal)?;
                if journal.open.is_fund() {
                    self.lists.all.push(hash);
                }
            }
            Body::Second { list } => {
                // What somebody says without the role that it takes, in the epoch that the word names, is nothing.
                let second = self.journals().entry(&hash)?.value();
                let by = self.roster().owner_of_journal(&second.journal)?;
                if may_second(&Eyes(self.roster()), &second.epoch, &by) {
                    self.lists.seconds.entry(*list).or_default().insert(hash);
                }
            }
            Body::Grant(_) | Body::Unlist { .. } => {}
            _ => return None,
        }
        Some(Tag::Points)
    }
}
