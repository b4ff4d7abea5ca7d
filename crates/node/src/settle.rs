//! What a device does by itself after something arrived: it takes what is owed to it, takes back what was declined, as a
//! witness stamps what it can recompute, and as a seat of the council gives the votes that its person has agreed to.

use std::collections::BTreeSet;

use kaifong_domain::record::Edit;
use kaifong_domain::rows::Stage;
use kaifong_domain::{DealId, EntryHash, JournalId, MemberId};
use kaifong_ledger::TransferRow;
use kaifong_trust::entry::Body;

use crate::event::Tag;
use crate::fund::Into;
use crate::home::Home;
use crate::links::Link;
use crate::node::Node;

/// How many entries one event may lead to; the rest follows with the next event. Nothing honest comes near it.
const SETTLED_PER_EVENT_MAX: usize = 4096;

impl Home {
    /// Gives whom a payment is for: whose journal it names, which at a desk is not whose device takes it. `None` for the
    /// fund: what somebody is owed goes to them, and not to the fund that they keep.
    pub(crate) fn payee_of(&self, row: &TransferRow) -> Option<MemberId> {
        let payee = self.journals().journal(&row.payee).filter(|payee| !payee.open.is_fund());
        payee.map(|payee| payee.member)
    }
}

impl Node {
    /// Settles until nothing is left to do.
    pub(crate) fn settle(&mut self) {
        self.look_for_own_closing();
        self.drop_erased();
        if self.look_for_own_certificate() {
            // Who was certified before has said who they are.
            let said = self.me().zip(self.home()).is_some_and(|(me, home)| home.board().profile(&me).is_some());
            if let Some(profile) = self.profile_to_publish().filter(|_| !said) {
                let profile = self.placed(profile);
                self.write_or_say(|node| node.edit(&Edit::SetProfile(profile)));
            }
            self.write_or_say(Self::speak_for_oneself);
            // Who is reconciling with this device already is not asked for everything a second time.
            let waits = |link: &Link| link.page_of.is_some() && !link.is_asked_by_them();
            let met: Vec<_> = self.links.iter().filter(|(_, link)| waits(link)).map(|(id, _)| *id).collect();
            met.into_iter().for_each(|connection| self.reconcile(connection));
        }
        self.apply_again();
        let newly: BTreeSet<_> = self
            .arrival
            .entries
            .iter()
            .filter_map(|entry| match &entry.value().body {
                Body::Certify(certificate) => Some(certificate.device),
                _ => None,
            })
            .collect();
        self.tidy_applications(&newly);
        if self.arrival.tags.contains(&Tag::Building) {
            self.read_letters_again();
        }
        if self.arrival.tags.contains(&Tag::Deals) {
            self.tend_phones();
        }
        self.promote_guests();
        self.write_or_say(Self::close_the_lost);
        self.write_or_say(Self::link_the_fallen);
        self.write_or_say(Self::keep_the_purse);
        self.write_or_say(Self::wind_up);
        // What this step has written itself counts too.
        self.drop_erased();
        let mut last = None;
        for _ in 0..SETTLED_PER_EVENT_MAX {
            let grown = std::mem::take(&mut self.arrival.journals);
            let purse = || self.next_purse_duty().filter(|_| !grown.is_empty()).map(|body| (Into::Fund, body));
            let owed = self.next_duty(&grown).map(|body| (Into::Own, body)).or_else(purse);
            let Some((journal, body)) = owed else {
                if grown.is_empty() {
                    break;
                }
                continue;
            };
            // What is owed again right after it was done had no effect, and would be owed for ever.
            if last.replace((journal, body.clone())).as_ref() == Some(&(journal, body.clone())) {
                tracing::error!(?body, "a duty that has no effect");
                break;
            }
            // A journal that was stamped may not be the only one that grew.
            self.arrival.journals.extend(grown);
            if !self.write_or_say(|node| node.write_into(journal, body)) {
                break;
            }
        }
        self.arrival.entries.clear();
    }

    /// Reads the requests that came before this device heard that it reviews.
    pub(crate) fn read_letters_again(&mut self) {
        let mine = self.letters.to(&self.key.id());
        for envelope in mine.into_iter().filter_map(|envelope| envelope.verify().ok()) {
            self.read_letter(&envelope);
        }
    }

    /// Gives the next entry that this device owes.
    fn next_duty(&self, grown: &BTreeSet<JournalId>) -> Option<Body> {
        self.me()?;
        let tip = self.tip();
        tip.and_then(|tip| self.next_answer_to_transfer(&tip))
            .or_else(|| self.next_reclaim())
            .or_else(|| self.next_place())
            .or_else(|| self.next_lost_slot())
            .or_else(|| self.next_days_given_up())
            .or_else(|| self.next_return())
            .or_else(|| self.next_inheritance(&tip?))
            .or_else(|| self.next_stamp(grown))
            .or_else(|| self.next_vote())
    }

    pub(crate) fn next_answer_to_transfer(&self, tip: &EntryHash) -> Option<Body> {
        let home = self.home()?;
        for transfer in home.ledger().incoming(tip) {
            let row = home.ledger().transfer(&transfer)?;
            // An honest device takes nothing from a journal that it knows to be forked, nor rights that a witness has made
            // up (rule L6). It does not answer either: a cheat could have it sign without end.
            if home.ledger().is_forked(&row.payer) || !home.ledger().rests_on_honest_stamps(&transfer) {
                continue;
            }
            // Nor from a device that was closed before it paid, or what its journal could spend was handed over.
            if !home.journals().counts(&transfer) || home.ledger().is_borne(&transfer) {
                continue;
            }
            let earned = match row.purpose {
                Some(_) => home.may_take_grant(&transfer, &row),
                None => self.earned(&row),
            };
            if earned == Some(false) || home.ledger().check_accept(tip, &transfer).is_err() {
                return Some(Body::Decline { transfer });
            }
            if earned == Some(true) {
                return Some(Body::Accept { transfer });
            }
        }
        None
    }

    /// Tells whether a payment may be taken: a gift always; one with a reason when it is just what its payer owes for that.
    /// Anybody can name what somebody else owes as the reason of a smaller payment, and one reason is taken once. `None`
    /// while nothing here has this reason, or it is not known yet what is owed.
    fn earned(&self, row: &TransferRow) -> Option<bool> {
        if row.reason.is_none() {
            return Some(true);
        }
        self.deal_owes(row)
            .or_else(|| self.correction_owes(row))
            .or_else(|| self.booking_owes(row))
            .or_else(|| self.help_owes(row))
            .or_else(|| self.slip_owes(row))
            .or_else(|| self.order_owes(row))
    }

    /// A deal's receiver owes its giver what the two agreed, or have settled since, once both have confirmed.
    fn deal_owes(&self, row: &TransferRow) -> Option<bool> {
        let home = self.home()?;
        let deal = home.board().deal(&DealId(row.reason?.0))?;
        if home.payee_of(row) != Some(deal.giver) || row.payer_member != deal.receiver {
            return Some(false);
        }
        // In dispute nothing is taken and nothing refused.
        if row.points != home.dispute(deal).figure()? {
            return Some(false);
        }
        (deal.stage == Stage::Done).then_some(true)
    }

    fn next_reclaim(&self) -> Option<Body> {
        let (home, tip) = (self.home()?, self.tip()?);
        home.ledger().reclaimable(&tip).first().map(|decline| Body::Reclaim { decline: *decline })
    }

    fn next_stamp(&self, grown: &BTreeSet<JournalId>) -> Option<Body> {
        let home = self.home()?;
        if !home.roster().now().witnesses.contains(&self.key.id()) {
            return None;
        }
        // A stamp on a journal of this very device would be void.
        let own = self.key.id();
        let tips = grown.iter().filter_map(|journal| {
            let journal = home.journals().journal(journal).filter(|journal| journal.device != own)?;
            if home.is_in_use(&journal.id) && journal.tips().len() == 1 {
                journal.tips().first().copied()
            } else {
                None
            }
        });
        tips.filter_map(|tip: EntryHash| home.ledger().stamp_for(&tip)).map(Body::Stamp).next()
    }

    pub(crate) fn write_or_say(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<(), crate::event::NodeError>,
    ) -> bool {
        match write(self) {
            Ok(()) => true,
            Err(why) => {
                tracing::error!(%why, "could not write what this device owes");
                false
            }
        }
    }
}
