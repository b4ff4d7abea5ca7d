//! Moving out, being away, family, erasure.

use kaifong_domain::rows::{DealRow, Stage};
use kaifong_domain::{MemberId, Refusal};
use kaifong_node::Node;
use kaifong_node::trust::entry::Marked;
use kaifong_node::trust::life::{Marking, Whereabouts};

use super::View;
use crate::ApiError;
use crate::dto::{Deeds, Hindrance, Leaving, MarkNote, MarkState, MemberLife, Person, Stay, Words};

/// How many reviewers are named where there is no family.
const REVIEWERS_NAMED_MAX: usize = 3;

/// Tells how it stands with one's own leaving.
///
/// # Errors
/// `no-building`, `not-yet-member`.
pub(crate) fn leaving(node: &Node) -> Result<Leaving, ApiError> {
    let view = View::of(node)?;
    let me = view.require_me()?;
    let there = node.whereabouts();
    let (board, roster) = (view.home.board(), view.home.roster());
    let hindrance = match node.may_go() {
        Err(Refusal::LastReviewer) => Some(Hindrance::LastReviewer),
        Err(_) if roster.now().is_founding() => Some(Hindrance::Founder),
        Err(_) => Some(Hindrance::Seat),
        Ok(()) => None,
    };
    let journals = view.home.journals().journals().filter(|journal| journal.member == me);
    let named_me = roster.members().filter(|(id, _)| view.whereabouts(id).kin == Some(me));
    let of_me = |deal: &&DealRow| deal.stage == Stage::Answered;
    Ok(Leaving {
        ends_at: there.ends_at.map(|end| end.0),
        left: there.has_left(view.now),
        erased: there.erased.is_some(),
        hindrance,
        roles: view.roles(&me),
        to_end: view.home.to_end(&me).map(|row| view.deal(row)).collect(),
        answered: board.deals_with(&me).filter(of_me).count() as u64,
        listings: board.listings_of(&me).filter(|row| row.listing.closed_at.is_none()).count() as u64,
        balance: view.home.ledger().balance(&me),
        can_give: node.can_move().0,
        kin: there.kin.map(|kin| view.person(kin)),
        kin_of: named_me.map(|(id, _)| view.person(*id)).collect(),
        marked: there.marked.as_ref().map(|marking| view.mark_note(marking)),
        to_confirm: view.waiting_for(&me).map(|(id, _)| view.person(id)).collect(),
        goes: Words {
            profile: board.profile(&me).is_some(),
            listings: board.listings_of(&me).count() as u64,
            reviews: board.reviews().filter(|row| row.by == me).count() as u64,
            replies: board.reviews_about(&me).filter(|row| row.reply.is_some()).count() as u64,
            matters: board.hall().words_of(&me) as u64,
            activities: board.activities_of(&me).count() as u64,
            invites: view.home.documents().invites().filter(|(by, _)| *by == me).count() as u64,
        },
        remains: Deeds {
            entries: journals.map(|journal| journal.len() as u64).sum(),
            deals: board.deals_with(&me).count() as u64,
            reviews: board.reviews_about(&me).count() as u64,
        },
    })
}

impl View<'_> {
    pub(super) fn whereabouts(&self, member: &MemberId) -> Whereabouts {
        self.home.journals().whereabouts(member)
    }

    /// Tells whether something can be begun with a member.
    pub(super) fn is_here(&self, member: &MemberId) -> bool {
        self.whereabouts(member).is_here(self.now)
    }

    pub(super) fn is_gone(&self, member: &MemberId) -> bool {
        matches!(self.stay(member), Stay::Left | Stay::Deceased)
    }

    pub(super) fn stay(&self, member: &MemberId) -> Stay {
        let there = self.whereabouts(member);
        match () {
            () if there.is_deceased() => Stay::Deceased,
            () if there.has_left(self.now) => Stay::Left,
            () if there.is_away(self.now) => Stay::Away,
            () => Stay::Here,
        }
    }

    /// Gives the members of whom another reviewer has said something that waits for this one's word.
    pub(super) fn waiting_for(&self, me: &MemberId) -> impl Iterator<Item = (MemberId, Marking)> {
        let me = *me;
        let members = self.home.roster().members().map(|(id, _)| *id).filter(move |id| *id != me);
        let reviews = self.is_reviewer(&me);
        let asked = members.filter(move |_| reviews).flat_map(|id| {
            let asked = self.whereabouts(&id).asked.into_iter();
            asked.map(move |marking| (id, marking))
        });
        asked.filter(move |(_, marking)| !marking.by.contains(&me))
    }

    pub(super) fn life(&self, member: &MemberId) -> MemberLife {
        let there = self.whereabouts(member);
        let kin = there.kin.is_some() && there.kin == self.me;
        let reviews = self.me.is_some_and(|me| me != *member && self.is_reviewer(&me));
        let mine = |deal: &&DealRow| self.me.is_some_and(|me| deal.is_party(&me));
        let family = kin && !there.is_here(self.now);
        let open = self.home.to_end(member).filter(|deal| family || mine(deal));
        MemberLife {
            ends_at: there.ends_at.map(|end| end.0),
            // A day of return that has come ends it by itself.
            marked: there.marked.as_ref().filter(|_| !there.is_here(self.now)).map(|marking| self.mark_note(marking)),
            asked: there.asked.iter().map(|marking| self.mark_note(marking)).collect(),
            open: open.map(|row| self.deal(row)).collect(),
            kin,
            turn_to: self.turn_to(member),
            can_mark: reviews,
        }
    }

    /// Gives whom to turn to while a member cannot see to their things: their family, or else reviewers.
    pub(super) fn turn_to(&self, member: &MemberId) -> Vec<Person> {
        let there = self.whereabouts(member);
        if there.is_here(self.now) {
            return Vec::new();
        }
        let other = |id: &MemberId| id != member && Some(*id) != self.me && self.is_here(id);
        if let Some(kin) = there.kin.filter(|kin| kin != member && self.is_here(kin)) {
            return vec![self.person(kin)];
        }
        let members = self.home.roster().members().map(|(id, _)| *id);
        let reviewers = members.filter(|id| other(id) && self.is_reviewer(id)).take(REVIEWERS_NAMED_MAX);
        reviewers.map(|id| self.person(id)).collect()
    }

    fn mark_note(&self, marking: &Marking) -> MarkNote {
        let (state, until) = match marking.state {
            Marked::Away { until } => (MarkState::Away, until.map(|until| until.0)),
            Marked::Deceased => (MarkState::Deceased, None),
            Marked::Back => (MarkState::Back, None),
        };
        let mine = self.me.is_some_and(|me| marking.by.contains(&me));
        MarkNote { state, until, by: marking.by.iter().map(|by| self.person(*by)).collect(), mine }
    }
}
