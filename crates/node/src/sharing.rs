//! Commands about listings, deals, reviews and points.

use kaifong_domain::deal::{DealAct, Direction, Terms};
use kaifong_domain::kept::Kept;
use kaifong_domain::record::{Check, Edit, Kind, Listing, Profile, Reply, Review, Side};
use kaifong_domain::rows::DealRow;
use kaifong_domain::staff::{STAFF_MAX, Staff};
use kaifong_domain::{DealId, DeviceId, Instant, JournalId, ListingId, MemberId, Points, ReasonId, Refusal, StaffId};
use kaifong_trust::entry::{Body, Link, SealKey, Transfer};
use rand_core::Rng;

use crate::event::{Done, Draft, NodeError};
use crate::node::Node;

impl Node {
    pub(crate) fn set_profile(&mut self, profile: Profile) -> Result<Done, NodeError> {
        profile.check()?;
        self.check_place(profile.place)?;
        self.edit(&Edit::SetProfile(profile))?;
        Ok(Done::Saved)
    }

    /// Says who works at one of this organisation's devices, or that they do no longer.
    pub(crate) fn name_staff(
        &mut self,
        device: Option<DeviceId>,
        name: String,
        post: String,
        left: bool,
    ) -> Result<Done, NodeError> {
        let (me, device, now) = (self.require_me()?, device.unwrap_or(self.device()), self.now);
        let home = self.require_home()?;
        let roster = home.roster();
        if roster.member(&me).is_none_or(|member| !member.kind.is_organisation()) {
            return Err(Refusal::NotAnOrganisation.into());
        }
        if !roster.ever_of(&me).contains(&device) && !roster.linked_of(&me).contains(&device) {
            return Err(Refusal::DeviceUnknown.into());
        }
        let before = home.board.staff_at(&me, &device);
        // A colleague may have named what is no device.
        let devices = roster.ever_of(&me).into_iter().chain(roster.linked_of(&me));
        if before.is_none() && devices.filter(|other| home.board.staff_at(&me, other).is_some()).count() >= STAFF_MAX {
            return Err(Refusal::StaffFull { most: STAFF_MAX }.into());
        }
        let left_at = left.then(|| before.and_then(|staff| staff.left_at).unwrap_or(now));
        let (name, post) = (name.trim().to_owned(), post.trim().to_owned());
        let staff = Staff { id: StaffId::from(device), name, post, left_at };
        staff.check()?;
        self.edit(&Edit::PutStaff(staff))?;
        Ok(Done::Saved)
    }

    pub(crate) fn post(&mut self, draft: Draft) -> Result<Done, NodeError> {
        self.require_me()?;
        let mut id = [0; 16];
        self.rng.fill_bytes(&mut id);
        let id = ListingId(id);
        self.check_place(draft.audience)?;
        self.check_aside(&draft)?;
        self.check_sort(&draft, None)?;
        self.check_kept(&draft, None)?;
        let listing = listing(id, draft, self.now);
        listing.check()?;
        self.edit(&Edit::PutListing(listing))?;
        Ok(Done::Posted(id))
    }

    pub(crate) fn edit_listing(&mut self, id: ListingId, draft: Draft) -> Result<Done, NodeError> {
        let old = self.own_listing(&id)?;
        // A place that was taken out of the map may stay where it stands already.
        self.check_place(draft.audience.filter(|_| draft.audience != old.audience))?;
        self.check_aside(&draft)?;
        self.check_sort(&draft, Some(&old))?;
        self.check_kept(&draft, Some(&old))?;
        let new = Listing { closed_at: old.closed_at, checked: old.checked, ..listing(id, draft, old.posted_at) };
        new.check()?;
        self.edit(&Edit::PutListing(new))?;
        Ok(Done::Saved)
    }

    /// Refuses a category that does not stand in the tree, places of what has none, and an entry for somebody else by who may
    /// not make it; what the listing says already may stay.
    fn check_sort(&mut self, draft: &Draft, old: Option<&Listing>) -> Result<(), NodeError> {
        let me = self.require_me()?;
        let home = self.require_home()?;
        let new_category = draft.category.filter(|one| old.and_then(|old| old.category) != Some(*one));
        if new_category.is_some_and(|one| !home.has_category(&one)) {
            return Err(Refusal::CategoryUnknown.into());
        }
        let counted = matches!(draft.kind, Some(Kind::Skill | Kind::Knowledge | Kind::Time));
        if draft.places.is_some() && !(counted && draft.side == Side::Offer) {
            return Err(Refusal::PlacesMismatch.into());
        }
        // A need of somebody else is posted by proxy.
        if draft.behalf.is_some() && draft.side == Side::Need {
            return Err(Refusal::DirectionMismatch.into());
        }
        let same = draft.behalf.is_none() || old.is_some_and(|old| old.behalf == draft.behalf);
        if !same && !home.may_enter_for_others(&me) {
            return Err(Refusal::RoleMissing { role: "volunteer" }.into());
        }
        Ok(())
    }

    pub(crate) fn close_listing(&mut self, id: ListingId) -> Result<Done, NodeError> {
        let old = self.own_listing(&id)?;
        if old.closed_at.is_some() {
            return Err(Refusal::ListingClosed.into());
        }
        self.edit(&Edit::PutListing(Listing { closed_at: Some(self.now), ..old }))?;
        Ok(Done::Saved)
    }

    /// Records that an own medical device was cleaned and checked after all the loans that are back by now.
    pub(crate) fn check_device(&mut self, id: ListingId, by: String) -> Result<Done, NodeError> {
        let old = self.own_listing(&id)?;
        if old.side != Side::Offer || old.kind != Some(Kind::Medical) {
            return Err(Refusal::NotMedical.into());
        }
        if old.closed_at.is_some() {
            return Err(Refusal::ListingClosed.into());
        }
        let me = self.require_me()?;
        let loans = self.require_home()?.board.loans_returned(&me, &id);
        let check = Check { loans, at: self.now, by: by.trim().to_owned() };
        check.check()?;
        self.edit(&Edit::PutListing(Listing { checked: Some(check), ..old }))?;
        Ok(Done::Saved)
    }

    pub(crate) fn answer(
        &mut self,
        owner: MemberId,
        id: ListingId,
        points: Option<Points>,
        due_at: Option<Instant>,
        counterpart: Option<ListingId>,
    ) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let place = self.own_place();
        let row = self.require_home()?.board.listing(&owner, &id).cloned().ok_or(Refusal::ListingUnknown)?;
        // What is one's own, too, costs nothing unless one says so, wherever one lives.
        let co_owns = self.co_owns(owner, &row.listing);
        let home = self.require_home()?;
        let for_me = co_owns || home.is_for(&row.listing, place);
        let direction = match row.listing.side {
            Side::Offer => Direction::OwnerGives,
            Side::Need => Direction::AnswererGives,
        };
        let asked = row.listing.points.filter(|_| !co_owns);
        let points = points.or(asked).unwrap_or_default();
        let terms = Terms { listing: id, owner, direction, points, due_at, counterpart };
        let act = DealAct::Answer { terms };
        home.board.check(me, &act)?;
        self.require_here(&owner)?;
        self.require_not_blocked(&owner)?;
        if !for_me {
            return Err(Refusal::NotAddressed.into());
        }
        // Who stands in line for a thing does not know when it is there; who takes it now brings it back before it is reserved.
        let (now, home) = (self.now, self.require_home()?);
        let free = home.is_free(&(owner, id));
        if let Some(due) = due_at.filter(|_| free && row.listing.lends()) {
            home.require_unreserved(&terms, &me, now, due)?;
        }
        // A deal that its payer could not pay today is not begun: better a no now than after the help.
        if direction == Direction::OwnerGives {
            self.check_payment(points)?;
        }
        let entry = self.write(Body::Deal(act))?;
        Ok(Done::Answered(DealId::from(entry)))
    }

    pub(crate) fn agree(&mut self, deal: DealId) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let home = self.require_home()?;
        let row = home.board.deal(&deal).ok_or(Refusal::DealUnknown)?;
        let terms = row.terms;
        let listing = home.board.listing(&terms.owner, &terms.listing).ok_or(Refusal::ListingUnknown)?;
        let hold = listing.listing.hold(home.board.last_hold(&terms.owner, &terms.listing));
        let act = DealAct::Agree { deal, hold };
        home.board.check(me, &act)?;
        let (answerer, pays) = (row.answerer, row.receiver == me);
        let waited = home.board.days_waited(row, now);
        if let Some(due) = row.day(waited).filter(|_| row.giver == me && terms.owner == me) {
            home.require_unreserved(&terms, &answerer, now, due)?;
        }
        self.require_here(&answerer)?;
        self.require_not_blocked(&answerer)?;
        if pays {
            self.check_payment(terms.points)?;
        }
        self.write(Body::Deal(act))?;
        // Whoever stood in line has the thing as long as they asked for, counted from their turn.
        if waited > 0 {
            self.write(Body::Deal(DealAct::Extend { deal, days: waited }))?;
        }
        Ok(Done::Saved)
    }

    /// Does a step that moves no points.
    pub(crate) fn act(&mut self, act: DealAct) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        self.require_home()?.board.check(me, &act)?;
        self.write(Body::Deal(act))?;
        Ok(Done::Saved)
    }

    /// Confirms the end of a deal: the receiver's confirmation goes with the payment, in one write.
    pub(crate) fn confirm(&mut self, deal: DealId, act: DealAct) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let home = self.require_home()?;
        home.board.check(me, &act)?;
        let row = home.board.deal(&deal).ok_or(Refusal::DealUnknown)?.clone();
        // While the two differ about the points the step is signed and nothing is paid.
        let figure = home.dispute(&row).figure().filter(|_| row.receiver == me);
        let points = figure.unwrap_or_default();
        let to = if points.0 > 0 { Some(self.payee(&row, &row.giver)?) } else { None };
        self.check_payment(points)?;
        self.write(Body::Deal(act))?;
        if let Some(to) = to {
            self.transfer(to, points, Some(deal.into()))?;
        }
        Ok(Done::Saved)
    }

    pub(crate) fn review(&mut self, deal: DealId, stars: u8, text: String) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let review = Review { deal, stars, text, at: self.now };
        self.require_home()?.board.check_review(me, &review)?;
        self.edit(&Edit::PutReview(review))?;
        Ok(Done::Saved)
    }

    pub(crate) fn reply(&mut self, deal: DealId, text: String) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let reply = Reply { deal, text, at: self.now };
        self.require_home()?.board().check_reply(me, &reply)?;
        self.edit(&Edit::PutReply(reply))?;
        Ok(Done::Saved)
    }

    pub(crate) fn give(&mut self, to: MemberId, points: Points) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        if to == me {
            return Err(Refusal::TransferMalformed.into());
        }
        if self.require_home()?.roster().member(&to).is_none() {
            return Err(Refusal::MemberUnknown.into());
        }
        self.require_not_gone(&to)?;
        let journal = self.journal_of(&to).ok_or(Refusal::PayeeUnknown)?;
        self.check_payment(points)?;
        self.transfer(journal, points, None)?;
        Ok(Done::Saved)
    }

    pub(crate) fn link_device(&mut self, device: DeviceId, seal: SealKey) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let roster = self.require_home()?.roster();
        // A link by somebody else counts for nothing until the device agrees to it.
        if roster.settled(&device).is_some() || roster.linked_by(&device, &me).is_some() {
            return Err(Refusal::AlreadyMember.into());
        }
        self.write(Body::Link(Link { device, seal }))?;
        Ok(Done::Saved)
    }

    /// Refuses a payment that this journal could not make now.
    pub(crate) fn check_payment(&mut self, points: Points) -> Result<(), NodeError> {
        self.check_payment_within(points, Points::MAX)
    }

    /// The same where less than the quota may be spent before a witness has stamped the journal.
    pub(crate) fn check_payment_within(&mut self, points: Points, most: Points) -> Result<(), NodeError> {
        if points.0 == 0 {
            return Ok(());
        }
        let (tip, first) = (self.tip(), self.opens_first_journal());
        let home = self.require_home()?;
        let quota = home.roster().now().charter.quota.min(most);
        match tip {
            Some(tip) => {
                let stamp = home.ledger.newest_stamp(&tip);
                Ok(home.ledger.check_transfer(&tip, stamp.as_ref(), points, quota)?)
            }
            // Nothing was written yet: in a member's first journal the whole credit line is there, in any other nothing.
            None => {
                let line = if first { home.roster().now().charter.credit_line } else { Points(0) };
                let rights = i64::from(line.0);
                let within = points <= line && points <= quota;
                if within { Ok(()) } else { Err(Refusal::BeyondRights { rights, needed: points }.into()) }
            }
        }
    }

    pub(crate) fn transfer(
        &mut self,
        to: JournalId,
        points: Points,
        reason: Option<ReasonId>,
    ) -> Result<(), NodeError> {
        self.cite_newest_stamp()?;
        self.write(Body::Transfer(Transfer { to, points, reason }))?;
        Ok(())
    }

    /// Rests the own journal on the newest stamp that it has, so that what was seen no longer counts against the quota.
    fn cite_newest_stamp(&mut self) -> Result<(), NodeError> {
        let Some(tip) = self.tip() else { return Ok(()) };
        if let Some(stamp) = self.require_home()?.ledger.newest_stamp(&tip) {
            self.write(Body::Cite { stamp })?;
        }
        Ok(())
    }

    /// Chooses the journal that a party acts in; it is certainly in use.
    pub(crate) fn payee(&mut self, row: &DealRow, party: &MemberId) -> Result<JournalId, NodeError> {
        let home = self.require_home()?;
        let acted = home.deal_journals.get(&(row.id, *party)).copied();
        let usable = acted.filter(|id| !home.ledger.is_forked(id) && home.is_in_use(id));
        usable.or_else(|| self.journal_of(party)).ok_or_else(|| Refusal::PayeeUnknown.into())
    }

    pub(crate) fn journal_of(&self, member: &MemberId) -> Option<JournalId> {
        // The first journal first: it carries the credit line and lives longest.
        self.home()?.journals_in_use(member).first().map(|own| own.journal)
    }

    fn own_listing(&mut self, id: &ListingId) -> Result<Listing, NodeError> {
        let me = self.require_me()?;
        let board = &self.require_home()?.board;
        match board.listing(&me, id) {
            Some(row) => Ok(row.listing.clone()),
            None if board.find_listing(id).is_some() => Err(Refusal::ListingNotYours.into()),
            None => Err(Refusal::ListingUnknown.into()),
        }
    }
}

fn listing(id: ListingId, draft: Draft, posted_at: Instant) -> Listing {
    let Draft {
        side,
        kind,
        mode,
        task,
        title,
        body,
        points,
        audience,
        aside,
        form,
        topic,
        category,
        behalf,
        kept,
        places,
    } = draft;
    let shelf = kept.shelf.map(|shelf| shelf.trim().to_owned());
    let (title, behalf) = (title.trim().to_owned(), behalf.map(|name| name.trim().to_owned()));
    let (closed_at, checked) = (None, None);
    Listing {
        id,
        side,
        kind,
        mode,
        title,
        body,
        points,
        posted_at,
        closed_at,
        audience,
        checked,
        aside,
        form,
        topic,
        category,
        behalf,
        task,
        kept: Kept::of(kept.owners, shelf),
        places,
    }
}
