//! Donation drives, thanks, and who may post for somebody else: words in the own document.

use kaifong_domain::care::{
    Aside, CareRecord, CareRefusal, Closing, DRIVES_MAX, Drive, Pledge, Receipt, THANKS_MAX, Thanks,
};
use kaifong_domain::record::Edit;
use kaifong_domain::rows::Stage;
use kaifong_domain::{DealId, DriveId, Instant, MemberId, Refusal, ThanksId};
use kaifong_trust::entry::{Capacity, MemberKind, Role};
use rand_core::Rng;

use crate::event::{Done, Draft, NodeError};
use crate::home::Home;
use crate::node::Node;

/// The words of a drive before it has an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriveDraft {
    /// 1 to 60 characters.
    pub title: String,
    /// At most 500 characters.
    pub body: String,
    /// How many are wanted, 1 to 9,999.
    pub target: u32,
    /// In which unit, 1 to 6 characters.
    pub unit: String,
    /// Until when things can be promised.
    pub until: Instant,
}

impl Home {
    /// Tells whether somebody may post for another, who is not named: organisers, reviewers and volunteers, social workers and
    /// officials, organisations and the desk.
    pub fn posts_for_others(&self, member: &MemberId) -> bool {
        let roster = self.roster();
        let works = roster.member(member).is_some_and(|row| row.kind.is_organisation() || row.kind == MemberKind::Desk);
        let office = [Role::Organiser, Role::Reviewer, Role::Volunteer];
        let office = office.iter().any(|role| roster.now().roles.contains(&(*member, *role)));
        let founds = roster.now().is_founding() && roster.founder() == *member;
        let known = [Capacity::SocialWorker, Capacity::Official];
        let known = || roster.capacities(member).iter().any(|one| one.stands() && known.contains(&one.capacity));
        works || office || founds || known()
    }
}

impl Node {
    /// Refuses what is particular about a listing where it does not fit who posts it, or what it says.
    pub(crate) fn check_aside(&self, draft: &Draft) -> Result<(), NodeError> {
        match &draft.aside {
            Some(Aside::Discreet) if !draft.body.trim().is_empty() => Err(CareRefusal::SaysTooMuch.into()),
            Some(Aside::OnBehalf(_)) => {
                let me = self.require_me()?;
                let may = self.home().is_some_and(|home| home.posts_for_others(&me));
                if may { Ok(()) } else { Err(CareRefusal::NotAProxy.into()) }
            }
            _ => Ok(()),
        }
    }

    pub(super) fn thank(&mut self, to: MemberId, deal: Option<DealId>, words: String) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let (id, at) = (ThanksId(self.draw()), self.now);
        let thanks = Thanks { id, to, deal, text: words.trim().to_owned(), at, withdrawn_at: None };
        thanks.check()?;
        let home = self.require_home()?;
        if to == me || home.roster().member(&to).is_none() {
            return Err(Refusal::MemberUnknown.into());
        }
        if let Some(deal) = deal {
            let row = home.board().deal(&deal).ok_or(Refusal::DealUnknown)?;
            if row.other(&me) != Some(to) {
                return Err(Refusal::NotAParty.into());
            }
            if row.stage != Stage::Done {
                return Err(Refusal::NotFinished.into());
            }
            // That it is about this deal would tell what nobody else is to know.
            if home.board().is_discreet(&deal) {
                return Err(CareRefusal::NotReviewed.into());
            }
        }
        if home.care.thanks().filter(|(by, _)| *by == me).count() >= THANKS_MAX {
            return Err(CareRefusal::CareFull { most: THANKS_MAX }.into());
        }
        self.edit(&Edit::PutCare(CareRecord::Thanks(thanks)))?;
        Ok(Done::Saved)
    }

    pub(super) fn take_thanks(&mut self, id: ThanksId) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let thanks = self.require_home()?.care.thanks_by(&me, &id).cloned();
        match thanks.filter(|thanks| thanks.withdrawn_at.is_none()) {
            Some(thanks) => {
                self.edit(&Edit::PutCare(CareRecord::Thanks(Thanks { withdrawn_at: Some(now), ..thanks })))?
            }
            None => return Err(Refusal::ListingUnknown.into()),
        }
        Ok(Done::Saved)
    }

    pub(super) fn call_drive(&mut self, draft: DriveDraft) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let DriveDraft { title, body, target, unit, until } = draft;
        let (id, title, unit) = (DriveId(self.draw()), title.trim().to_owned(), unit.trim().to_owned());
        let drive = Drive { id, title, body, target, unit, until, put_at: self.now, closed: None };
        drive.check()?;
        if until <= self.now {
            return Err(CareRefusal::DriveOver.into());
        }
        let open = |(key, drive): &(&(MemberId, DriveId), &Drive)| key.0 == me && drive.closed.is_none();
        if self.require_home()?.care.drives().filter(open).count() >= DRIVES_MAX {
            return Err(CareRefusal::CareFull { most: DRIVES_MAX }.into());
        }
        self.edit(&Edit::PutCare(CareRecord::Drive(drive)))?;
        Ok(Done::Called(id))
    }

    pub(super) fn close_drive(&mut self, id: DriveId, report: String) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let drive = self.require_home()?.care.drive(&(me, id)).ok_or(CareRefusal::DriveUnknown)?.clone();
        if drive.closed.is_some() {
            return Err(CareRefusal::DriveOver.into());
        }
        let drive = Drive { closed: Some(Closing { at: now, report: report.trim().to_owned() }), ..drive };
        drive.check()?;
        self.edit(&Edit::PutCare(CareRecord::Drive(drive)))?;
        Ok(Done::Saved)
    }

    pub(super) fn pledge(
        &mut self,
        owner: MemberId,
        drive: DriveId,
        count: u32,
        note: String,
    ) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let row = self.require_home()?.care.drive(&(owner, drive)).ok_or(CareRefusal::DriveUnknown)?;
        let (id, note) = (Pledge::id_of(&owner, &drive), note.trim().to_owned());
        let pledge = Pledge { id, owner, drive, count, note, at: now };
        pledge.check()?;
        if owner == me {
            return Err(CareRefusal::OwnDrive.into());
        }
        if !row.is_open(now) {
            return Err(CareRefusal::DriveOver.into());
        }
        self.edit(&Edit::PutCare(CareRecord::Pledge(pledge)))?;
        Ok(Done::Saved)
    }

    pub(super) fn receive(&mut self, drive: DriveId, donor: MemberId, count: u32) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let home = self.require_home()?;
        let row = home.care.drive(&(me, drive)).ok_or(CareRefusal::DriveUnknown)?;
        if row.closed.is_some() {
            return Err(CareRefusal::DriveOver.into());
        }
        if !home.care.donors(&(me, drive)).any(|one| one.member == donor) {
            return Err(Refusal::MemberUnknown.into());
        }
        let receipt = Receipt { id: Receipt::id_of(&donor, &drive), drive, donor, count, at: now };
        receipt.check()?;
        self.edit(&Edit::PutCare(CareRecord::Receipt(receipt)))?;
        Ok(Done::Saved)
    }

    fn draw(&mut self) -> [u8; 16] {
        let mut id = [0; 16];
        self.rng.fill_bytes(&mut id);
        id
    }
}
