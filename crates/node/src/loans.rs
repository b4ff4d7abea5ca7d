//! Commands about what is lent: handing over and giving back, later days, and the line of those who wait.

use kaifong_domain::deal::{Condition, DAY_MS, DealAct, EXTENSION_DAYS_MAX};
use kaifong_domain::kept::Share;
use kaifong_domain::rows::DealRow;
use kaifong_domain::{DealId, Instant, ListingId, MemberId, Points, Refusal};
use kaifong_trust::entry::Body;

use crate::event::{Done, NodeError};
use crate::home::Home;
use crate::node::Node;

/// What is done about a thing that is lent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoanCommand {
    /// Confirms that the thing changed hands. Where it came straight from the one before, its owner's also confirms
    /// that it is back from there.
    HandOver {
        /// The deal.
        deal: DealId,
        /// When it truly happened, if that is entered late.
        on: Option<Instant>,
    },
    /// Confirms that the thing is back. The borrower's also pays what was agreed.
    Return {
        /// The deal.
        deal: DealId,
        /// When it truly happened, if that is entered late.
        on: Option<Instant>,
        /// How it came back.
        condition: Option<Condition>,
    },
    /// Asks for a later day, or as who lends offers one or agrees with the one that is asked for.
    Extend {
        /// The deal.
        deal: DealId,
        /// Until when; `None` agrees with what the other has named.
        until: Option<Instant>,
    },
    /// Says no to the later day that is asked for.
    KeepDay {
        /// The deal.
        deal: DealId,
    },
    /// Passes over whoever does not come for an own thing, and agrees with the next in line.
    PassOver {
        /// The deal of whoever does not come.
        deal: DealId,
    },
}

impl Home {
    /// Gives who waits for a thing that is lent and can have it next, the first one first, as `me` sees it. Whoever is away or has
    /// left keeps the place and lets the next one go first; its owner sees nobody whom they have blocked.
    pub fn line_here(
        &self,
        owner: &MemberId,
        listing: &ListingId,
        me: Option<MemberId>,
        now: Instant,
    ) -> Vec<&DealRow> {
        let mut line = self.board.line(owner, listing);
        line.retain(|deal| {
            let hushed = me == Some(*owner) && self.has_blocked(&deal.answerer);
            !hushed && self.journals.whereabouts(&deal.answerer).is_here(now)
        });
        line
    }
}

impl Node {
    pub(crate) fn loan_command(&mut self, command: LoanCommand) -> Result<Done, NodeError> {
        match command {
            LoanCommand::HandOver { deal, on } => self.hand_over(deal, on),
            LoanCommand::Return { deal, on, condition } => self.give_back(deal, on, condition),
            LoanCommand::Extend { deal, until } => self.extend(deal, until),
            LoanCommand::KeepDay { deal } => self.keep_day(deal),
            LoanCommand::PassOver { deal } => self.pass_over(deal),
        }
    }

    /// Confirms that a lent thing changed hands. Where the one before still has it, its owner says with it that it came
    /// straight from there, on the same day. Whoever waited for it has it as long as they asked for, however late it came.
    pub(crate) fn hand_over(&mut self, deal: DealId, on: Option<Instant>) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let home = self.require_home()?;
        let board = &home.board;
        let act = match on {
            Some(on) => DealAct::HandedOver { deal, on },
            None => DealAct::HandOver { deal },
        };
        if let Some(on) = on {
            board.check_late(&deal, on, now)?;
        }
        let checked = board.check(me, &act);
        let row = board.deal(&deal).ok_or(Refusal::DealUnknown)?;
        let (straight, offered) = match checked {
            Err(Refusal::StillOut) => {
                // What is cleaned and checked after each loan comes home first.
                let medical = board.listing(&row.terms.owner, &row.terms.listing);
                if medical.is_some_and(|row| row.listing.lacks_check(u32::MAX)) {
                    return Err(Refusal::CheckMissing.into());
                }
                // Where two have it by the owner's own word, it is for the owner to say from where it is back.
                if board.out_of(&row.terms.owner, &row.terms.listing).count() > 1 {
                    return Err(Refusal::StillOut.into());
                }
                let before = board.out_before(&deal).map(|before| before.id);
                (before, None)
            }
            checked => {
                checked?;
                let offered = row.extension.offered.filter(|_| row.receiver == me);
                let unreserved = |until| home.require_unreserved(&row.terms, &row.answerer, now, until).is_ok();
                (None, offered.filter(|days| row.day(*days).is_none_or(unreserved)))
            }
        };
        if let Some(before) = straight {
            let back = match on {
                Some(_) => DealAct::Returned { deal: before, on, condition: None },
                None => DealAct::Return { deal: before },
            };
            let board = &self.require_home()?.board;
            board.check(me, &back)?;
            if let Some(on) = on {
                board.check_late(&before, on, now)?;
            }
            self.write(Body::Deal(back))?;
        }
        self.write(Body::Deal(act))?;
        self.give_the_days_waited(me, deal)?;
        // Who takes a thing agrees with the later day that they were given.
        if let Some(days) = offered {
            self.write(Body::Deal(DealAct::Extend { deal, days }))?;
        }
        Ok(Done::Saved)
    }

    /// As who lends a thing that was handed over now, names the later day of whoever waited for it behind somebody late.
    fn give_the_days_waited(&mut self, me: MemberId, deal: DealId) -> Result<(), NodeError> {
        let now = self.now;
        let home = self.require_home()?;
        let board = &home.board;
        let row = board.deal(&deal).ok_or(Refusal::DealUnknown)?;
        let days = board.days_given(&deal, now);
        // Whoever has reserved the thing has it before them.
        if row.day(days).is_some_and(|until| home.require_unreserved(&row.terms, &row.answerer, now, until).is_err()) {
            return Ok(());
        }
        let named = row.extension.offered.unwrap_or(row.extension.days);
        let act = DealAct::Extend { deal, days };
        if row.giver == me && row.terms.owner == me && days > named && board.check(me, &act).is_ok() {
            self.write(Body::Deal(act))?;
        }
        Ok(())
    }

    /// Confirms that a lent thing is back.
    pub(crate) fn give_back(
        &mut self,
        deal: DealId,
        on: Option<Instant>,
        condition: Option<Condition>,
    ) -> Result<Done, NodeError> {
        let now = self.now;
        if let Some(on) = on {
            self.require_home()?.board.check_late(&deal, on, now)?;
        }
        let plain = on.is_none() && condition.is_none();
        let act = if plain { DealAct::Return { deal } } else { DealAct::Returned { deal, on, condition } };
        self.confirm(deal, act)
    }

    /// Names a later day; without one agrees with the day that the other has named.
    pub(crate) fn extend(&mut self, deal: DealId, until: Option<Instant>) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let home = self.require_home()?;
        let row = home.board.deal(&deal).ok_or(Refusal::DealUnknown)?;
        let theirs = if row.giver == me { row.extension.asked } else { row.extension.offered };
        let days = match (until, row.terms.due_at) {
            (None, _) => theirs.ok_or(Refusal::NoLaterDay)?,
            (Some(until), Some(due)) => days_between(due, until),
            (Some(_), None) => 0,
        };
        if let Some(due) = row.day(days).filter(|_| row.giver == row.terms.owner) {
            home.require_unreserved(&row.terms, &row.answerer, now, due)?;
        }
        self.act(DealAct::Extend { deal, days })
    }

    /// Says no to the later day that is asked for.
    pub(crate) fn keep_day(&mut self, deal: DealId) -> Result<Done, NodeError> {
        let row = self.require_home()?.board.deal(&deal).ok_or(Refusal::DealUnknown)?;
        let days = row.extension.asked.ok_or(Refusal::NoLaterDay)?;
        self.act(DealAct::KeepDay { deal, days })
    }

    /// Calls off the deal of whoever does not come for the thing, and agrees with the first in line who can have it. An answer
    /// that names fewer points than the thing asks for is for its owner to look at, unless who wrote it owns the thing, too.
    pub(crate) fn pass_over(&mut self, deal: DealId) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let row = self.require_home()?.board.deal(&deal).ok_or(Refusal::DealUnknown)?;
        let (owner, listing) = (row.terms.owner, row.terms.listing);
        if owner != me {
            return Err(Refusal::NotYourStep.into());
        }
        self.act(DealAct::CallOff { deal })?;
        let home = self.require_home()?;
        let line = home.line_here(&owner, &listing, Some(me), now);
        let lent = home.board().listing(&owner, &listing).map(|row| &row.listing);
        let asked = lent.and_then(|lent| lent.points).unwrap_or(Points(0));
        let owns = |one: &MemberId| {
            lent.is_some_and(|lent| home.board().commons().share_of(owner, lent, one) == Some(Share::Owns))
        };
        let seen = |next: &&&DealRow| next.terms.points >= asked || owns(&next.answerer);
        let next: Vec<DealId> = line.iter().take_while(seen).map(|next| next.id).collect();
        // What is taken down is promised to nobody any more, and who asks for days that somebody has reserved lets the next one go
        // first; who did not come is passed over all the same.
        for next in next {
            match self.agree(next) {
                Err(NodeError::Refused(_)) => {}
                agreed => return agreed,
            }
        }
        Ok(Done::Saved)
    }
}

/// Gives how many days one instant lies after the other, a part of a day as a day; 0 if it lies before.
pub(crate) fn days_between(from: Instant, to: Instant) -> u16 {
    u16::try_from(to.0.saturating_sub(from.0).div_ceil(DAY_MS)).unwrap_or(EXTENSION_DAYS_MAX + 1)
}

#[cfg(test)]
mod tests;
