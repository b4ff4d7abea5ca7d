//! Who is who.

use kaifong_domain::rows::Stage;
use kaifong_domain::{DeviceId, MemberId, Refusal};
use kaifong_node::trust::entry::Role as TrustRole;
use kaifong_node::{ApplicationState as State, Node};

use super::View;
use crate::dto::{
    ApplicationNote, ApplicationState, Building, Charter, CreditRecord, Held, Invite, Invites, KeyKept, Me, Member,
    MemberRow, Members, Peer, Peers, Request, Requests, ReviewNote, Role, Status,
};
use crate::{ApiError, Hex};

impl View<'_> {
    pub(crate) fn building(&self) -> Building {
        let roster = self.home.roster();
        let (now, founder) = (roster.now(), roster.founder());
        Building {
            id: Hex(self.home.id()),
            name: roster.name().to_owned(),
            founded_at: roster.member(&founder).map_or(0, |member| member.since.0),
            founder: self.person(founder),
            epoch: now.number,
            members: roster.members().count() as u64,
            charter: Charter {
                points_per_hour: now.charter.points_per_hour.0,
                credit_line: now.charter.credit_line.0,
                quota: now.charter.quota.0,
            },
            roles: now
                .roles
                .iter()
                .map(|(member, role)| Held { person: self.person(*member), role: (*role).into() })
                .collect(),
            witnesses: now.witnesses.iter().copied().map(Hex).collect(),
        }
    }

    pub(crate) fn members(&self) -> Members {
        let roster = self.home.roster();
        let mut rows: Vec<_> = roster
            .members()
            .map(|(id, member)| MemberRow {
                person: self.person(*id),
                kind: member.kind.into(),
                roles: self.roles(id),
                since: member.since.0,
                record: self.record(id),
            })
            .collect();
        rows.sort_by(|a, b| {
            (&a.person.block, &a.person.name, a.person.member).cmp(&(&b.person.block, &b.person.name, b.person.member))
        });
        Members { rows }
    }

    pub(crate) fn member(&self, id: &MemberId) -> Result<Member, ApiError> {
        let member = self.home.roster().member(id).ok_or(Refusal::MemberUnknown)?;
        let board = self.home.board();
        let open = board.listings_of(id).filter(|row| super::listings::is_open(row.stage));
        let mut listings: Vec<_> = open.map(|row| self.listing(row)).collect();
        listings.sort_by_key(|listing| (std::cmp::Reverse(listing.posted_at), listing.id));
        Ok(Member {
            person: self.person(*id),
            about: board.profile(id).map(|profile| profile.about.clone()).unwrap_or_default(),
            kind: member.kind.into(),
            roles: self.roles(id),
            since: member.since.0,
            verified_by: member.verified_by.map(|by| self.person(by)),
            devices: member.devices.len() as u64,
            record: self.record(id),
            reviews: self.reviews(id),
            listings,
        })
    }

    pub(crate) fn reviews(&self, about: &MemberId) -> Vec<ReviewNote> {
        let mut rows: Vec<_> = self.home.board().reviews_about(about).map(|row| self.review(row)).collect();
        rows.sort_by_key(|review| (std::cmp::Reverse(review.at), review.deal, review.by.member));
        rows
    }

    pub(super) fn review(&self, row: &kaifong_domain::rows::ReviewRow) -> ReviewNote {
        ReviewNote {
            by: self.person(row.by),
            about: self.person(row.about),
            deal: Hex(row.review.deal),
            stars: row.review.stars,
            text: row.review.text.clone(),
            at: row.review.at.0,
        }
    }

    pub(super) fn roles(&self, member: &MemberId) -> Vec<Role> {
        self.home.roster().now().roles.iter().filter(|(holder, _)| holder == member).map(|(_, r)| (*r).into()).collect()
    }

    pub(super) fn is_reviewer(&self, member: &MemberId) -> bool {
        let roster = self.home.roster();
        roster.held(&roster.newest_epoch(), member, TrustRole::Reviewer)
    }

    fn record(&self, member: &MemberId) -> CreditRecord {
        let board = self.home.board();
        let mut record = CreditRecord {
            completed: 0,
            given: 0,
            received: 0,
            loans_returned: 0,
            loans_out: 0,
            reviews: 0,
            stars: None,
        };
        for deal in board.deals_with(member) {
            let (gives, loan) = (deal.giver == *member, deal.terms.is_loan());
            match deal.stage {
                Stage::Done => {
                    record.completed += 1;
                    record.given += u64::from(gives);
                    record.received += u64::from(!gives);
                    record.loans_returned += u64::from(loan && !gives);
                }
                Stage::OnLoan => record.loans_out += u64::from(!gives),
                _ => {}
            }
        }
        let mut stars = 0_u32;
        for review in board.reviews_about(member) {
            record.reviews += 1;
            stars += u32::from(review.review.stars);
        }
        if record.reviews > 0 {
            record.stars = Some(f64::from(stars) / record.reviews as f64);
        }
        record
    }

    /// Finds members or devices whose id begins with these digits.
    pub(crate) fn member_ids(&self) -> impl Iterator<Item = String> {
        self.home.roster().members().map(|(id, _)| id.to_string())
    }

    pub(crate) fn device_ids(&self) -> impl Iterator<Item = String> {
        self.home.roster().devices().map(|(id, _)| id.to_string())
    }
}

/// Tells the state of a device, also of one without a building. What leaves the projection out costs nothing; with it,
/// all rows of the building are read.
pub(crate) fn status(node: &Node, key_kept: KeyKept, addresses: Vec<String>, with_projection: bool) -> Status {
    let home = node.home();
    Status {
        building: home.map(|home| Hex(home.id())),
        name: home.map(|home| home.roster().name().to_owned()),
        member: node.me().map(Hex),
        device: Hex(node.device()),
        key_kept,
        documents: home.map_or(0, |home| home.documents().len() as u64),
        changes: home.map_or(0, |home| home.documents().changes()),
        peers: peers(node).rows,
        projection: home.filter(|_| with_projection).map(|home| hex(&home.projection())),
        addresses,
        aside: node.aside().map(|path| path.display().to_string()),
    }
}

pub(crate) fn me(node: &Node) -> Me {
    let view = View::of(node).ok();
    let me = view.and_then(|view| view.me.map(|me| (view, me)));
    Me {
        device: Hex(node.device()),
        seal: hex(&node.seal_key().0),
        person: me.map(|(view, me)| view.person(me)),
        about: me
            .and_then(|(view, me)| view.home.board().profile(&me))
            .map(|profile| profile.about.clone())
            .unwrap_or_default(),
        roles: me.map(|(view, me)| view.roles(&me)).unwrap_or_default(),
        reviewer: me.is_some_and(|(view, me)| view.is_reviewer(&me)),
    }
}

pub(crate) fn peers(node: &Node) -> Peers {
    let view = View::of(node).ok();
    let rows = node.peers().into_iter().map(|peer| Peer {
        device: Hex(peer.device),
        person: peer.member.and_then(|member| view.map(|view| view.person(member))),
        path: peer.path.into(),
        last_sync: peer.last_sync.map(|at| at.0),
        refused: peer.refused,
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|peer| peer.device);
    Peers { rows }
}

/// Lists what waits for this reviewer.
///
/// # Errors
/// `no-building`, `not-yet-member`; `role-missing` for who is no reviewer, so that an empty list is not misread.
pub(crate) fn requests(node: &Node) -> Result<Requests, ApiError> {
    let view = View::of(node)?;
    let me = view.require_me()?;
    if !view.is_reviewer(&me) {
        return Err(Refusal::RoleMissing { role: Role::Reviewer.name() }.into());
    }
    let rows = node.requests().into_iter().map(|waiting| Request {
        device: Hex(waiting.device),
        kind: waiting.request.kind.into(),
        name: waiting.request.display_name,
        household: waiting.request.household,
        real_name: waiting.request.real_name,
        phone: waiting.request.phone,
        at: waiting.at.0,
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|request| (request.at, request.device));
    Ok(Requests { rows })
}

pub(crate) fn application(node: &Node) -> ApplicationNote {
    let (state, reason) = match node.application_state() {
        State::None => (ApplicationState::None, None),
        State::Searching => (ApplicationState::Searching, None),
        State::Sent => (ApplicationState::Sent, None),
        State::Refused { reason, .. } => (ApplicationState::Refused, Some(reason)),
        State::Approved => (ApplicationState::Approved, None),
        State::Closed => (ApplicationState::Closed, None),
        State::Disputed => (ApplicationState::Disputed, None),
    };
    ApplicationNote { state, reason }
}

/// Lists one's own invitations; `now` is in milliseconds since 1970.
pub(crate) fn invites(node: &Node, now: u64) -> Result<Invites, ApiError> {
    let view = View::of(node)?;
    let me = view.require_me()?;
    let own = view.home.documents().invites().filter(|(member, _)| *member == me);
    let rows = own.map(|(_, invite)| Invite {
        id: Hex(invite.id),
        expires_at: invite.expires_at.0,
        withdrawn_at: invite.withdrawn_at.map(|at| at.0),
        open: invite.withdrawn_at.is_none() && invite.expires_at.0 > now,
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|invite| (std::cmp::Reverse(invite.expires_at), invite.id));
    Ok(Invites { rows })
}

/// The ids of devices that wait for a reviewer.
pub(crate) fn waiting_devices(node: &Node) -> impl Iterator<Item = DeviceId> {
    node.requests().into_iter().map(|waiting| waiting.device)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
