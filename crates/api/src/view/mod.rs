//! From what a node holds to what travels.

mod activities;
mod cards;
mod care;
mod confided;
mod council;
mod deals;
mod devices;
mod dispute;
mod flows;
mod fund;
mod hall;
mod joining;
mod kept;
mod life;
mod listings;
mod loans;
mod own_points;
mod people;
mod places;
mod points;
mod recurring;
mod refounding;
mod resolve;
mod shop;
mod slips;
mod spaces;
mod staff;
mod today;
mod verify;

use kaifong_domain::care::Aside;
use kaifong_domain::place::PlaceId;
use kaifong_domain::rows::{DealRow, ListingRow, Stage};
use kaifong_domain::staff::Written;
use kaifong_domain::{Instant, ListingId, MemberId, Refusal};
use kaifong_node::{Home, Node};

use crate::dto::{Checked, Deal, Hand, Listing, Person, Stay};
use crate::host::now_ms;
use crate::{ApiError, Hex, words};

pub(crate) use cards::{card_account, card_paper, cards};
pub(crate) use care::{blocked, introductions, talk};
pub(crate) use confided::{complaints, openings};
pub(crate) use council::council;
pub(crate) use deals::deal_detail;
pub(crate) use devices::devices;
pub(crate) use fund::{fund, openings_read, rated, require_treasurer};
pub(crate) use joining::{application, invites, register, requests};
pub(crate) use kept::counted;
pub(crate) use life::leaving;
pub(crate) use listings::{fits, found};
pub(crate) use loans::loan_step;
pub(crate) use people::{hex, me, peers, status};
pub(crate) use places::{household, place, residence, zone_drafts};
pub(crate) use points::{read_code, unread};
pub(crate) use refounding::{arrivals, lives_in, refoundings};
pub(crate) use resolve::resolve;
pub(crate) use slips::blank_slips;
pub(crate) use today::{notable, today};
pub(crate) use verify::audit;

/// What the fund is called where a member's name would stand.
const FUND: &str = "街坊基金";

/// The building as one member looks at it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(crate) home: &'a Home,
    /// Who looks; nobody yet on a device that was not approved.
    pub(crate) me: Option<MemberId>,
    /// By which clock it is judged who has gone.
    pub(crate) now: Instant,
    /// Where they live by the map, as this device knows it.
    pub(crate) place: Option<PlaceId>,
}

impl<'a> View<'a> {
    /// Looks at the node's building.
    ///
    /// # Errors
    /// `no-building`.
    pub(crate) fn of(node: &'a Node) -> Result<Self, ApiError> {
        let home = node.home().ok_or_else(ApiError::no_building)?;
        Ok(Self::by(home, node.me(), node.own_place()))
    }

    /// Looks at a building as this member, who lives there, now.
    pub(crate) fn by(home: &'a Home, me: Option<MemberId>, place: Option<PlaceId>) -> Self {
        Self { home, me, now: Instant(now_ms()), place }
    }

    pub(crate) fn require_me(&self) -> Result<MemberId, ApiError> {
        self.me.ok_or_else(|| Refusal::NotYetMember.into())
    }

    pub(crate) fn person(&self, member: MemberId) -> Person {
        if member == self.home.fund() {
            let (name, block) = (FUND.to_owned(), String::new());
            return Person { member: Hex(member), name, block, place: None, stay: Stay::Here, hand: None };
        }
        let profile = self.home.board().profile(&member);
        let place = self.home.shown_place(&member);
        // A block that is called otherwise since is called so everywhere.
        let block = place.and_then(|place| self.home.roster().now().places.place(&place)).map(|place| place.name());
        Person {
            member: Hex(member),
            name: profile.map(|profile| profile.name.clone()).unwrap_or_default(),
            block: block.or_else(|| profile.map(|profile| profile.block.clone())).unwrap_or_default(),
            place: places::number(place),
            stay: self.stay(&member),
            hand: None,
        }
    }

    pub(crate) fn listing(&self, row: &ListingRow) -> Listing {
        let listing = &row.listing;
        let (owner, mended_by) = self.written_by(row.owner, &Written::Listing(listing.id));
        Listing {
            id: Hex(listing.id),
            owner,
            mended_by,
            mine: self.me == Some(row.owner),
            side: listing.side.into(),
            kind: listing.kind.map(Into::into),
            mode: listing.mode.map(Into::into),
            task: listing.task.map(Into::into),
            title: listing.title.clone(),
            // What is private says its name only.
            body: if listing.is_discreet() { String::new() } else { listing.body.clone() },
            on_behalf: match &listing.aside {
                Some(Aside::OnBehalf(of)) => Some(of.clone()),
                _ => None,
            },
            proxy_known: listing.is_on_behalf() && self.home.posts_for_others(&row.owner),
            discreet: listing.is_discreet(),
            points: listing.points.map(|points| points.0),
            audience: self.audience(row.owner, listing),
            loan: listing.is_loan(),
            posted_at: listing.posted_at.0,
            closed_at: listing.closed_at.map(|at| at.0),
            form: listing.form.map(Into::into),
            topic: listing.topic.map(Into::into),
            word: listing.kind.map(|kind| kaifong_domain::sort::Word::of(kind, listing.form).into()),
            category: listing.category.filter(|one| self.home.has_category(one)).map(|one| one.to_string()),
            // Anybody can write a name there; it counts by who may.
            behalf: listing.behalf.clone().filter(|_| {
                listing.side == kaifong_domain::record::Side::Offer && self.home.may_enter_for_others(&row.owner)
            }),
            owners: self.co_owners(row),
            my_share: self.my_share(row),
            shelf: listing.kept.shelf.clone(),
            places: listing.places(),
            places_left: self.home.board().places_left(row),
            seen: self.seen(row),
            checked: listing.checked.as_ref().map(|check| Checked { at: check.at.0, by: check.by.clone() }),
            check_due: self.home.board().lacks_check(&row.owner, &listing.id),
            stage: self.stage_shown(row).into(),
            deal: row.deal.map(Hex),
        }
    }

    /// Finds a listing; by its id alone when the owner is not told.
    ///
    /// # Errors
    /// `listing-unknown`.
    pub(crate) fn find(&self, owner: Option<MemberId>, id: &ListingId) -> Result<&'a ListingRow, ApiError> {
        let board = self.home.board();
        let row = match owner {
            Some(owner) => board.listing(&owner, id),
            // Somebody may have copied an id: one's own listing is meant first.
            None => self.me.and_then(|me| board.listing(&me, id)).or_else(|| board.find_listing(id)),
        };
        row.ok_or_else(|| Refusal::ListingUnknown.into())
    }

    pub(crate) fn deal(&self, row: &DealRow) -> Deal {
        let board = self.home.board();
        let listing = board.listing(&row.terms.owner, &row.terms.listing);
        let gives = self.me == Some(row.giver);
        let for_place = self.waits_for_a_place(row);
        let my_step = self.me.and_then(|me| self.home.next_step(row, &me)).map(crate::dto::Step::from);
        let my_step = my_step.filter(|step| !(for_place && *step == crate::dto::Step::Agree));
        let waits_for: Vec<_> = row.waits_for().into_iter().map(|member| self.person(member)).collect();
        let others = waits_for.iter().filter(|person| Some(person.member.0) != self.me);
        let others: Vec<_> = others.map(Person::shown).collect();
        let stage = row.stage.into();
        let dispute = self.dispute(row);
        let waiting = match &dispute {
            Some(note) if note.figure.is_none() => words::differ(note.giver, note.receiver),
            _ => words::waiting(stage, others.len() < waits_for.len(), &others),
        };
        let party = self.me.is_some_and(|me| row.is_party(&me));
        Deal {
            id: Hex(row.id),
            listing: Hex(row.terms.listing),
            title: listing.map(|row| row.listing.title.clone()),
            side: if row.giver == row.terms.owner { crate::dto::Side::Offer } else { crate::dto::Side::Need },
            owner: self.party(row, row.terms.owner),
            answerer: self.party(row, row.answerer),
            giver: self.party(row, row.giver),
            receiver: self.party(row, row.receiver),
            points: row.terms.points.0,
            loan: row.terms.is_loan(),
            due_at: row.due_at.filter(|_| party || row.stage != Stage::Done).map(|at| at.0),
            returned_in_time: board.returned_in_time(&row.id).filter(|in_time| party || *in_time),
            counterpart: row.terms.counterpart.map(Hex),
            stage,
            giver_confirmed: row.confirmed.giver,
            receiver_confirmed: row.confirmed.receiver,
            waiting,
            waits_for,
            my_verb: my_step.map(|step| words::verb(step, gives).to_owned()),
            my_step,
            dispute,
            winner: board.winner_of(&row.id).map(|winner| Hex(winner.deal)),
            asked_until: row.extension.asked.filter(|_| party).and_then(|days| row.day(days)).map(|at| at.0),
            offered_until: row.extension.offered.filter(|_| party).and_then(|days| row.day(days)).map(|at| at.0),
            line: self.line_place(row),
            behind: self.behind(row),
            in_line: self.in_line(row),
            for_place,
            found: row.conditions.giver.filter(|_| self.sees_terms(row)).map(Into::into),
            brought: row.conditions.receiver.filter(|_| self.sees_terms(row)).map(Into::into),
            answered_at: row.answered_at.0,
            changed_at: row.changed_at.0,
        }
    }
}

impl Person {
    /// Gives how people call them: where they live and their name, as far as they say, and who of an organisation it was.
    pub fn shown(&self) -> String {
        let member = self.shown_alone();
        match self.hand.as_ref().filter(|_| !self.name.is_empty()) {
            Some(hand) => format!("{member} · {}", hand.shown()),
            None => member,
        }
    }

    fn shown_alone(&self) -> String {
        match (self.block.is_empty(), self.name.is_empty()) {
            // They have erased what they said.
            (_, true) if self.stay == Stay::Left => "搬走的街坊".to_owned(),
            (false, false) => format!("{} {}", self.block, self.name),
            (true, false) => self.name.clone(),
            // Their document has not arrived: an id is better than nobody.
            (_, true) => format!("街坊 {}", self.member.0.short()),
        }
    }
}

impl Hand {
    /// Gives how people call them; a colleague where nobody has named them.
    pub fn shown(&self) -> &str {
        if self.name.is_empty() { "一位同事" } else { &self.name }
    }
}
