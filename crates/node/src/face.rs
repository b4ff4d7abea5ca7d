//! Paying face to face with no network: what this device shows another one, and what it makes of what it is shown.
//!
//! A code carries signed entries and nothing else, so that they are judged as those that come in frames; what follows, the
//! accept among it, is what any arrival leads to.

use kaifong_domain::charter::Charter;
use kaifong_domain::{EntryHash, JournalId, MemberId, Points, Refusal};
use kaifong_ledger::{LineState, TransferRow};
use kaifong_sync::face::{Shown, What};
use kaifong_trust::Signed;
use kaifong_trust::entry::{Body, Entry};

use crate::event::{Done, NodeError};
use crate::home::Arrival;
use crate::node::Node;

/// How many entries are named at most as lacking or as held.
const NAMED_MAX: usize = 8;

/// Where a payment between two devices stands, seen from one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Face {
    /// The other one can be paid.
    Payee {
        /// Whose device it is.
        member: MemberId,
        /// Its journal.
        journal: JournalId,
    },
    /// A transfer between the two.
    Transfer {
        /// The entry.
        entry: EntryHash,
        /// The transfer.
        row: TransferRow,
        /// Whether this device has paid; else it is paid.
        paying: bool,
        /// What is to be shown to the other device; nothing when the payer has seen the answer, or when the payee has not
        /// answered yet.
        shows: Option<Box<Shown>>,
    },
    /// Something is missing here; that is to be shown to the other device.
    Lacking {
        /// Whose device showed it, if that is known here.
        member: Option<MemberId>,
        /// What is to be shown.
        shows: Box<Shown>,
    },
}

impl Node {
    /// Shows where this device can be paid.
    ///
    /// # Errors
    /// [`Refusal::NotYetMember`], or that there is no building.
    pub fn face_payee(&self) -> Result<Shown, NodeError> {
        let journal = self.own_journal().filter(|_| self.me().is_some()).ok_or(Refusal::NotYetMember)?;
        self.shown(What::Payee { journal })
    }

    /// How many points this device can pay face to face before a witness has seen it.
    pub fn face_left(&self) -> u32 {
        let Some((home, tip)) = self.home.as_ref().zip(self.tip()) else { return 0 };
        let quota = home.roster().now().charter.quota.min(Charter::FACE_POINTS);
        let stamp = home.ledger.newest_stamp(&tip);
        let fits = |points: &u32| home.ledger.check_transfer(&tip, stamp.as_ref(), Points(*points), quota).is_ok();
        (1..=quota.0).rev().find(fits).unwrap_or(0)
    }

    /// Gives points to a device that is shown.
    pub(crate) fn pay_face(&mut self, to: JournalId, points: Points) -> Result<Done, NodeError> {
        let payee = self.payee_in_front(&to)?;
        if points.0 == 0 || self.require_me()? == payee {
            return Err(Refusal::TransferMalformed.into());
        }
        self.require_not_gone(&payee)?;
        self.check_payment_within(points, Charter::FACE_POINTS)?;
        self.transfer(to, points, None)?;
        Ok(Done::Paid(self.tip().ok_or(Refusal::NotYetMember)?))
    }

    /// Takes what another device shows; what it leads to is for [`Node::face_of`] to tell.
    pub(crate) fn take_shown(&mut self, shown: Shown) -> Result<Done, NodeError> {
        self.require_me()?;
        if self.require_home()?.id() != shown.building {
            return Err(Refusal::OtherBuilding.into());
        }
        if let What::Entries { about, entries } = shown.what {
            if !entries.iter().any(|entry| entry.hash() == about.0) {
                return Err(Refusal::ShownFalse.into());
            }
            let mut arrival = Arrival::default();
            let refused = self.take_entries(entries, None, &mut arrival);
            self.arrived(arrival);
            if refused > 0 {
                return Err(Refusal::ShownFalse.into());
            }
        }
        Ok(Done::Saved)
    }

    /// Tells where things stand after a code was taken.
    ///
    /// # Errors
    /// [`Refusal::NotForThisDevice`], [`Refusal::PayeeUnknown`], [`Refusal::ShownTooLong`], [`Refusal::ShownFalse`].
    pub fn face_of(&self, shown: &Shown) -> Result<Face, NodeError> {
        let Some(home) = &self.home else { return Err(NodeError::NoBuilding) };
        match &shown.what {
            What::Payee { journal } => {
                let member = self.payee_in_front(journal)?;
                Ok(Face::Payee { member, journal: *journal })
            }
            What::Entries { about, .. } if home.journals.entry(about).is_some() => self.face(about),
            What::Entries { about, entries } => {
                let named = entries.iter().find(|entry| entry.hash() == about.0).ok_or(Refusal::ShownFalse)?;
                let entry = named.clone().verify().map_err(|_| Refusal::ShownFalse)?;
                let journal = home.journals.journal(&entry.value().journal);
                let held = journal.into_iter().flat_map(|journal| journal.tips()).copied().take(NAMED_MAX).collect();
                let lacking = home.journals.lacked_by(&entry.signer(), NAMED_MAX);
                let lacking = lacking.into_iter().take(NAMED_MAX).collect();
                let shows = Box::new(self.shown(What::Lacking { about: *about, held, lacking })?);
                Ok(Face::Lacking { member: journal.map(|journal| journal.member), shows })
            }
            What::Lacking { about, held, lacking } => match self.face(about)? {
                Face::Transfer { entry, row, paying, .. } => {
                    let shows = Some(Box::new(self.show(about, Some((held, lacking)))?));
                    Ok(Face::Transfer { entry, row, paying, shows })
                }
                other => Ok(other),
            },
        }
    }

    /// Tells how a transfer, or the answer to one, stands between this device and another.
    ///
    /// # Errors
    /// [`Refusal::NotForThisDevice`] if this device is neither the payer's nor the payee's.
    pub fn face(&self, about: &EntryHash) -> Result<Face, NodeError> {
        let Some((home, own)) = self.home.as_ref().zip(self.own_journal()) else { return Err(NodeError::NoBuilding) };
        let transfer = match home.journals.entry(about).map(|entry| &entry.value().body) {
            Some(Body::Transfer(_)) => *about,
            Some(Body::Accept { transfer } | Body::Decline { transfer }) => *transfer,
            _ => return Err(Refusal::NotForThisDevice.into()),
        };
        let row = home.ledger.transfer(&transfer).ok_or(Refusal::NotForThisDevice)?;
        let (paying, paid) = (row.payer == own, row.payee == own);
        if !paying && !paid {
            return Err(Refusal::NotForThisDevice.into());
        }
        let shows = match row.state {
            LineState::Accepted | LineState::Declined if paying => None,
            _ if paying => Some(self.show(&transfer, None)?),
            _ => self.answer_to(&transfer).map(|answer| self.show(&answer, None)).transpose()?,
        };
        Ok(Face::Transfer { entry: transfer, row, paying, shows: shows.map(Box::new) })
    }

    /// Finds this device's answer to a transfer.
    fn answer_to(&self, transfer: &EntryHash) -> Option<EntryHash> {
        let tip = self.tip()?;
        let mut own = self.home()?.journals().branch(&tip);
        let answers = |body: &Body| matches!(body, Body::Accept { transfer: other } | Body::Decline { transfer: other } if other == transfer);
        own.find(|entry| answers(&entry.value().body)).map(|entry| EntryHash(entry.hash()))
    }

    fn payee_in_front(&self, journal: &JournalId) -> Result<MemberId, NodeError> {
        let Some(home) = &self.home else { return Err(NodeError::NoBuilding) };
        let usable = |id: &JournalId| !home.ledger.is_forked(id) && home.is_in_use(id);
        let known = home.journals.journal(journal).filter(|payee| !payee.open.is_fund() && usable(journal));
        Ok(known.map(|journal| journal.member).ok_or(Refusal::PayeeUnknown)?)
    }

    /// Shows an entry with what comes before it, as far as a code takes it.
    pub(crate) fn shows(&self, about: &EntryHash) -> Result<Shown, NodeError> {
        self.show(about, None)
    }

    fn shown(&self, what: What) -> Result<Shown, NodeError> {
        let Some(home) = &self.home else { return Err(NodeError::NoBuilding) };
        Ok(Shown { building: home.id(), what })
    }

    /// Shows an entry with what comes before it in its journal: back to what the newest stamp vouches for, or as far as a code
    /// takes; when somebody has said what they hold and lack, all that they lack.
    fn show(&self, about: &EntryHash, asked: Option<(&[EntryHash], &[EntryHash])>) -> Result<Shown, NodeError> {
        let Some(home) = &self.home else { return Err(NodeError::NoBuilding) };
        let (held, lacking) = asked.unwrap_or_default();
        let mut code = Code { about: *about, lacking: Vec::new(), own: Vec::new() };
        let stamped = home.ledger.standing(about).and_then(|standing| standing.stamped_seq);
        let mut whole = false;
        for entry in home.journals.branch(about) {
            let (hash, seq) = (EntryHash(entry.hash()), entry.value().seq);
            let known = asked.is_none() && stamped.is_some_and(|stamped| seq <= stamped) && hash != *about;
            whole = known || held.contains(&hash);
            if whole {
                break;
            }
            code.own.push(entry.signed().clone());
            if !self.shown(code.what())?.fits() {
                code.own.pop();
                break;
            }
            whole = seq == 0;
        }
        for hash in lacking {
            // What is missing, and what comes before it as far as there is room.
            for (nth, entry) in home.journals.branch(hash).enumerate() {
                code.lacking.push(entry.signed().clone());
                if !self.shown(code.what())?.fits() {
                    code.lacking.pop();
                    whole &= nth > 0;
                    break;
                }
            }
        }
        if asked.is_some() && !whole {
            return Err(Refusal::ShownTooLong.into());
        }
        self.shown(code.what())
    }
}

/// Entries for one code, those of each part the newest first.
struct Code {
    about: EntryHash,
    lacking: Vec<Signed<Entry>>,
    own: Vec<Signed<Entry>>,
}

impl Code {
    fn what(&self) -> What {
        let entries = self.lacking.iter().rev().chain(self.own.iter().rev()).cloned().collect();
        What::Entries { about: self.about, entries }
    }
}

#[cfg(test)]
mod tests;
