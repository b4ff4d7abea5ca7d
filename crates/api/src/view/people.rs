//! Who is who.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::staff::Written;
use kaifong_domain::{Credit, DealId, DeviceId, EntryHash, MemberId, Refusal};
use kaifong_node::Node;
use kaifong_node::trust::entry::{Basis, Role as TrustRole};
use kaifong_node::trust::roster::Standing as Said;

use super::View;
use crate::dto::{
    Building, Charter, CreditRecord, Held, KeyKept, Me, Member, MemberRow, Members, Peer, Peers, Person, Reply,
    ReviewNote, Role, Standing, StandingWord, Status, Stay,
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
            members: roster.members().filter(|(id, _)| !self.is_gone(id)).count() as u64,
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
            zones: self.zones(),
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
                capacities: self.said_of(id).iter().filter(|one| one.stands()).map(|one| one.capacity.into()).collect(),
                since: member.since.0,
                record: self.record(id),
            })
            .collect();
        rows.sort_by(|a, b| {
            let key = |row: &MemberRow| matches!(row.person.stay, Stay::Left | Stay::Deceased);
            (key(a), &a.person.block, &a.person.name, a.person.member).cmp(&(
                key(b),
                &b.person.block,
                &b.person.name,
                b.person.member,
            ))
        });
        Members { rows }
    }

    pub(crate) fn member(&self, id: &MemberId) -> Result<Member, ApiError> {
        let member = self.home.roster().member(id).ok_or(Refusal::MemberUnknown)?;
        let board = self.home.board();
        let open = board.listings_of(id).filter(|row| super::listings::is_open(row.stage) && self.is_shown(row));
        let mut listings: Vec<_> = open.map(|row| self.listing(row)).collect();
        listings.sort_by_key(|listing| (std::cmp::Reverse(listing.posted_at), listing.id));
        Ok(Member {
            person: self.person(*id),
            about: board.profile(id).map(|profile| profile.about.clone()).unwrap_or_default(),
            kind: member.kind.into(),
            roles: self.roles(id),
            capacities: self.capacities(id),
            since: member.since.0,
            alike: self.alike(&self.person(*id).name, Some(id)),
            verified_by: member.verified_by.map(|by| self.verifier(id, by)),
            certificate: self.certificate(id).map(Hex),
            verified_block: member
                .household
                .block
                .and_then(|block| self.home.roster().now().places.place(&block))
                .map(|place| place.name()),
            votes: member.household.votes_for.is_some(),
            devices: member.devices.len() as u64,
            record: self.record(id),
            reviews: self.reviews(id),
            listings,
            life: self.life(id),
            staff: self.staff(id),
        })
    }

    pub(crate) fn reviews(&self, about: &MemberId) -> Vec<ReviewNote> {
        let mut rows: Vec<_> = self.home.board().reviews_about(about).map(|row| self.review(row)).collect();
        rows.sort_by_key(|review| (std::cmp::Reverse(review.at), review.deal, review.by.member));
        rows
    }

    pub(crate) fn review(&self, row: &kaifong_domain::rows::ReviewRow) -> ReviewNote {
        let (by, mended_by) = self.written_by(row.by, &Written::Review(row.review.deal));
        let reply = row.reply.as_ref().map(|reply| {
            let (first, since) = self.written_by(row.about, &Written::Reply(reply.deal));
            let hands = first.hand.into_iter().chain(since).collect();
            Reply { text: reply.text.clone(), at: reply.at.0, hands }
        });
        ReviewNote {
            by,
            mended_by,
            about: self.person(row.about),
            deal: Hex(row.review.deal),
            stars: row.review.stars,
            text: row.review.text.clone(),
            at: row.review.at.0,
            reply,
        }
    }

    pub(super) fn roles(&self, member: &MemberId) -> Vec<Role> {
        self.home.roster().now().roles.iter().filter(|(holder, _)| holder == member).map(|(_, r)| (*r).into()).collect()
    }

    fn capacities(&self, member: &MemberId) -> Vec<Standing> {
        let words = |said: &BTreeMap<MemberId, EntryHash>| {
            said.iter()
                .map(|(by, entry)| (self.signed_by(entry).unwrap_or_else(|| self.person(*by)), entry))
                .map(|(by, entry)| StandingWord { by, entry: Hex(*entry) })
                .collect()
        };
        let standings = self.said_of(member).into_iter().map(|one| Standing {
            capacity: one.capacity.into(),
            stands: one.stands(),
            words: one.words() as u64,
            needed: one.capacity.needed() as u64,
            by: words(&one.by),
            against: words(&one.against),
        });
        standings.collect()
    }

    /// Gives what reviewers say of a member; nothing of who is a neighbour no longer.
    fn said_of(&self, member: &MemberId) -> Vec<Said> {
        if self.is_gone(member) { Vec::new() } else { self.home.roster().capacities(member) }
    }

    pub(super) fn is_reviewer(&self, member: &MemberId) -> bool {
        let roster = self.home.roster();
        roster.held(&roster.newest_epoch(), member, TrustRole::Reviewer)
    }

    pub(super) fn record(&self, member: &MemberId) -> CreditRecord {
        let credit = Credit::of(self.home.board(), member);
        let many = |deals: &BTreeSet<DealId>| deals.len() as u64;
        CreditRecord {
            completed: credit.completed() as u64,
            given: many(&credit.given),
            received: many(&credit.received),
            loans_lent: many(&credit.lent),
            loans_returned: many(&credit.returned),
            loans_in_time: many(&credit.in_time),
            loans_out: many(&credit.borrowed),
            reviews: many(&credit.reviewed),
            stars: credit.stars_mean(),
        }
    }

    /// Gives the entry by which a reviewer certified the member; nothing for the founder.
    fn certificate(&self, member: &MemberId) -> Option<EntryHash> {
        let roster = self.home.roster();
        let mut devices = roster.member(member)?.devices.iter().filter_map(|device| roster.settled(device));
        devices.find_map(|device| match device.basis {
            Basis::Certificate(entry) => Some(entry),
            Basis::Genesis | Basis::Link(_) | Basis::Recover(_) | Basis::Reapprove(_) => None,
        })
    }

    /// Gives the reviewer who certified a member, and who of them did if an organisation reviews.
    fn verifier(&self, member: &MemberId, by: MemberId) -> Person {
        let signed = self.certificate(member).and_then(|entry| self.signed_by(&entry));
        signed.filter(|signer| signer.member.0 == by).unwrap_or_else(|| self.person(by))
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
    let person = me.map(|(view, me)| view.person(me));
    // What neighbours see was never hidden where nothing is kept apart.
    let kept = node.kept_block().unwrap_or_else(|error| {
        tracing::warn!(%error, "where one lives could not be read");
        None
    });
    let shown = person.as_ref().map(|person| person.block.clone()).unwrap_or_default();
    Me {
        device: Hex(node.device()),
        seal: hex(&node.seal_key().0),
        block_kept: kept.filter(|_| shown.is_empty()).unwrap_or(shown),
        place: node.own_place().filter(|place| view.is_some_and(|view| view.has_place(place))).map(|place| place.0),
        kin: super::places::kin(node),
        person,
        about: me
            .and_then(|(view, me)| view.home.board().profile(&me))
            .map(|profile| profile.about.clone())
            .unwrap_or_default(),
        roles: me.map(|(view, me)| view.roles(&me)).unwrap_or_default(),
        reviewer: me.is_some_and(|(view, me)| view.is_reviewer(&me)),
        posts_for_others: me.is_some_and(|(view, me)| view.home.posts_for_others(&me)),
        hand: me.and_then(|(view, me)| view.hand(&me, Some(node.device()))),
    }
}

pub(crate) fn peers(node: &Node) -> Peers {
    let view = View::of(node).ok();
    let rows = node.peers().into_iter().map(|peer| Peer {
        device: Hex(peer.device),
        person: peer.member.and_then(|member| view.map(|view| view.person_by(member, Some(peer.device)))),
        path: peer.path.into(),
        last_sync: peer.last_sync.map(|at| at.0),
        refused: peer.refused,
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|peer| peer.device);
    Peers { rows }
}

/// The ids of devices that wait for a reviewer.
pub(crate) fn waiting_devices(node: &Node) -> impl Iterator<Item = DeviceId> {
    node.requests().into_iter().map(|waiting| waiting.device)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
