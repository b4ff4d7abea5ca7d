//! The council, as one of its building looks at it.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::fund::{Act, Fund};
use kaifong_domain::place::PlaceMap;
use kaifong_domain::{EntryHash, MemberId};
use kaifong_node::Node;
use kaifong_node::trust::agenda::DraftView;
use kaifong_node::trust::council::Electorate;
use kaifong_node::trust::entry::{Cutoff, Epoch, SEATS_MAX, SEATS_WHOLE, Seat};
use kaifong_node::trust::roster::EpochView;

use crate::dto::{ChangeKind, Council, DraftChange, DraftRow, SeatRow};
use crate::view::View;
use crate::{ApiError, Hex};

/// Tells who sits, and what lies before them.
///
/// # Errors
/// `no-building`.
pub(crate) fn council(node: &Node) -> Result<Council, ApiError> {
    let view = View::of(node)?;
    let roster = view.home.roster();
    let now = roster.now();
    let instance = roster.instance();
    let agenda = instance.as_ref().map(|(instance, electorate)| roster.agenda(instance, electorate));
    let electorate = instance.as_ref().map(|(_, electorate)| electorate);
    let mine = agenda.and_then(|agenda| agenda.seat_of(&node.device())).map(|(_, seat)| seat.member);
    let founder = now.is_founding() && view.me == Some(roster.founder());
    let sits: BTreeSet<MemberId> = now.seats.iter().map(|seat| seat.member).collect();
    let stands = roster.stands();
    let rows = agenda.zip(electorate).map(|(agenda, electorate)| {
        let row = |draft: DraftView<'_>| view.draft(node, now, electorate, &draft);
        agenda.drafts().into_iter().map(row).collect()
    });
    Ok(Council {
        founding: now.is_founding(),
        epoch: now.number,
        seats: now.seats.iter().map(|seat| view.seat(seat, mine, electorate)).collect(),
        seats_least: small(SEATS_WHOLE),
        seats_most: small(SEATS_MAX),
        needed: electorate.map_or(0, |electorate| small(electorate.majority())),
        against: instance.as_ref().is_some_and(|(instance, _)| !instance.void.is_empty()),
        seated: mine.is_some(),
        drafting: mine.is_some() || founder,
        turn: electorate
            .and_then(|electorate| electorate.seats.get(&electorate.turn(0)?))
            .map(|seat| view.person(seat.member)),
        drafts: rows.unwrap_or_default(),
        stands: stands.keys().filter(|who| !sits.contains(*who)).map(|who| view.person(*who)).collect(),
        standing: view.me.is_some_and(|me| stands.contains_key(&me)),
    })
}

/// Gives what lies before the council for this device's seat to look at; nothing where it speaks for none.
pub(crate) fn unread_drafts(node: &Node) -> Vec<EntryHash> {
    let Some(home) = node.home() else { return Vec::new() };
    let Some((instance, electorate)) = home.roster().instance() else { return Vec::new() };
    let agenda = home.roster().agenda(&instance, &electorate);
    if agenda.seat_of(&node.device()).is_none() {
        return Vec::new();
    }
    agenda.drafts().into_iter().map(|draft| draft.hash).filter(|draft| !node.has_agreed(draft)).collect()
}

impl View<'_> {
    fn seat(&self, seat: &Seat, mine: Option<MemberId>, electorate: Option<&Electorate>) -> SeatRow {
        SeatRow {
            person: self.person(seat.member),
            post: seat.post.into(),
            mine: mine == Some(seat.member),
            votes: electorate.is_none_or(|electorate| electorate.seats.values().any(|votes| votes == seat)),
        }
    }

    fn draft(&self, node: &Node, now: &EpochView, electorate: &Electorate, draft: &DraftView<'_>) -> DraftRow {
        let signed = |has: bool| {
            let seats = electorate.seats.iter().filter(move |(number, _)| draft.signed.contains(number) == has);
            seats.map(|(_, seat)| self.person(seat.member)).collect()
        };
        DraftRow {
            draft: Hex(draft.hash),
            by: self.person(draft.by),
            changes: self.changes(now, draft.epoch, draft.cutoffs),
            proposed: draft.proposed,
            signed: signed(true),
            missing: signed(false),
            agreed: node.has_agreed(&draft.hash),
        }
    }

    /// Tells what an epoch would change.
    fn changes(&self, now: &EpochView, next: &Epoch, cutoffs: &[Cutoff]) -> Vec<DraftChange> {
        let about = |what, member| DraftChange { person: Some(self.person(member)), ..change(what) };
        let mut changes = self.seat_changes(&now.seats, &next.seats);
        let roles: BTreeSet<_> = next.roles.iter().copied().collect();
        for (what, (member, role)) in now
            .roles
            .difference(&roles)
            .map(|held| (ChangeKind::RoleTaken, held))
            .chain(roles.difference(&now.roles).map(|held| (ChangeKind::RoleGiven, held)))
        {
            changes.push(DraftChange { role: Some((*role).into()), ..about(what, *member) });
        }
        changes.extend(cutoffs.iter().map(|cutoff| about(ChangeKind::CutOff, cutoff.member)));
        let witnesses: BTreeSet<_> = next.witnesses.iter().copied().collect();
        for (what, device) in now
            .witnesses
            .difference(&witnesses)
            .map(|device| (ChangeKind::WitnessLeft, device))
            .chain(witnesses.difference(&now.witnesses).map(|device| (ChangeKind::WitnessNamed, device)))
        {
            let member = self.home.roster().device(device).map(|device| device.member);
            changes.push(DraftChange { person: member.map(|member| self.person(member)), ..change(what) });
        }
        let numbers = [
            (ChangeKind::PointsPerHour, now.charter.points_per_hour, next.charter.points_per_hour),
            (ChangeKind::CreditLine, now.charter.credit_line, next.charter.credit_line),
            (ChangeKind::Quota, now.charter.quota, next.charter.quota),
        ];
        let differ = numbers.into_iter().filter(|(_, before, after)| before != after);
        changes.extend(differ.map(|(what, before, after)| DraftChange {
            before: Some(before.0),
            after: Some(after.0),
            ..change(what)
        }));
        changes.extend(self.place_changes(&now.places, &next.places));
        changes.extend(self.fund_changes(&now.fund, &next.fund));
        changes
    }

    /// Tells what another map would change; of a block that goes, how many let it be seen that they live there.
    fn place_changes(&self, now: &PlaceMap, next: &PlaceMap) -> Vec<DraftChange> {
        let live = |id| {
            let members = self.home.roster().members().map(|(member, _)| self.home.shown_place(member));
            small(members.filter(|place| *place == Some(id)).count())
        };
        let change = |place: super::places::PlaceChange| {
            let gone = place.what == ChangeKind::PlaceRemoved;
            DraftChange { before: gone.then(|| live(place.id)), was: place.was, is: place.is, ..change(place.what) }
        };
        super::places::differences(now, next).into_iter().map(change).collect()
    }

    /// Tells what another fund would change.
    fn fund_changes(&self, now: &Fund, next: &Fund) -> Vec<DraftChange> {
        let numbers = [
            (ChangeKind::FundStarter, now.starter, next.starter),
            (ChangeKind::FundAlone, now.alone, next.alone),
            (ChangeKind::FundQuota, now.quota, next.quota),
        ];
        let numbers = numbers.into_iter().map(|(what, before, after)| (before.0, after.0, change(what)));
        let rates = Act::ALL.into_iter().map(|act| {
            let rate = |fund: &Fund| fund.rate(act).map_or(0, |points| points.0);
            (rate(now), rate(next), DraftChange { act: Some(act.into()), ..change(ChangeKind::FundRate) })
        });
        let budgets = next.budgets.iter().map(|(journal, given)| {
            let keeper = self.home.keeper_of(journal).map(|keeper| self.person(keeper));
            let whole = |points: u64| u32::try_from(points).unwrap_or(u32::MAX);
            let about = DraftChange { person: keeper, ..change(ChangeKind::FundBudget) };
            (whole(now.given(journal)), whole(*given), about)
        });
        let all = numbers.chain(rates).chain(budgets).filter(|(before, after, _)| before != after);
        let told = |(before, after, about)| DraftChange { before: Some(before), after: Some(after), ..about };
        all.map(told).collect()
    }

    /// Tells what another council would change: who sits, for whom, with which keys, and who leads first.
    fn seat_changes(&self, now: &[Seat], next: &[Seat]) -> Vec<DraftChange> {
        let about = |what, member| DraftChange { person: Some(self.person(member)), ..change(what) };
        let by_member = |seats: &[Seat]| seats.iter().map(|seat| (seat.member, *seat)).collect::<BTreeMap<_, _>>();
        let (sat, sits) = (by_member(now), by_member(next));
        let mut changes = Vec::new();
        for (member, seat) in &sits {
            let post = Some(seat.post.into());
            match sat.get(member) {
                None => changes.push(DraftChange { post, ..about(ChangeKind::Seated, *member) }),
                Some(before) => {
                    if before.post != seat.post {
                        changes.push(DraftChange { post, ..about(ChangeKind::PostChanged, *member) });
                    }
                    if (before.device, before.paper) != (seat.device, seat.paper) {
                        changes.push(about(ChangeKind::KeyChanged, *member));
                    }
                }
            }
        }
        let gone = sat.keys().filter(|member| !sits.contains_key(member));
        changes.extend(gone.map(|member| about(ChangeKind::Unseated, *member)));
        let both = |seats: &[Seat]| {
            let stays = seats.iter().map(|seat| seat.member);
            stays.filter(|member| sat.contains_key(member) && sits.contains_key(member)).collect::<Vec<_>>()
        };
        let first = |seats: &[Seat]| seats.first().map(|seat| seat.member);
        if first(now) != first(next) || both(now) != both(next) {
            changes.extend(first(next).map(|member| about(ChangeKind::LeadsFirst, member)));
        }
        changes
    }
}

fn change(what: ChangeKind) -> DraftChange {
    DraftChange {
        what,
        person: None,
        role: None,
        post: None,
        act: None,
        before: None,
        after: None,
        was: None,
        is: None,
    }
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
