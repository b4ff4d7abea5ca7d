//! The council as one device takes part in it.
//!
//! People draft and agree. What a seat's device then writes by itself (rule M2) is [`Node::next_vote`], asked after every
//! arrival like the other duties.

use std::collections::BTreeSet;

use kaifong_domain::charter::Charter;
use kaifong_domain::place::PlaceMap;
use kaifong_domain::{DeviceId, EntryHash, MemberId, Points, Refusal};
use kaifong_store::{Space, Store, StoreError};
use kaifong_trust::agenda::Agenda;
use kaifong_trust::entry::{
    Body, CUTOFFS_MAX, Capacity, Cutoff, Epoch, EpochCutting, MemberKind, Opinion, Post, Replace, Replacement, Role,
    SEATS_MAX, SEATS_MIN, Seat, TIPS_MAX, Vouch,
};
use kaifong_trust::paper::SheetSecret;

use crate::event::{Done, NodeError, Tag};
use crate::fund::FundDraft;
use crate::home::Home;
use crate::node::Node;
use crate::places::ZoneDraft;

const AGREED: &[u8] = b"agreed/";
/// How large an epoch with a new map may be: an entry has room for it, and for some more who hold roles later.
const EPOCH_SIZE_BYTES_MAX: usize = 14 * 1024;

/// Reads which drafts this device's person has agreed to.
pub(crate) fn load_agreed(store: &dyn Store) -> Result<BTreeSet<EntryHash>, StoreError> {
    let mut agreed = BTreeSet::new();
    store.visit(Space::Private, AGREED, &mut |key, _| {
        let hash = key.get(AGREED.len()..).and_then(|hash| <[u8; 32]>::try_from(hash).ok());
        agreed.extend(hash.map(EntryHash));
    })?;
    Ok(agreed)
}

/// What is to be otherwise from the next epoch on; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpochDraft {
    /// Who sits in the council, in the order in which they lead. Each of them stands or sits already.
    pub seats: Option<Vec<(MemberId, Post)>>,
    /// Who holds which roles.
    pub roles: Option<BTreeSet<(MemberId, Role)>>,
    /// Whose devices are witnesses.
    pub witnesses: Option<BTreeSet<DeviceId>>,
    /// The numbers.
    pub charter: Option<Charter>,
    /// The zones and blocks.
    pub places: Option<Vec<ZoneDraft>>,
    /// The community fund.
    pub fund: Option<FundDraft>,
}

impl Node {
    pub(crate) fn stand(&mut self) -> Result<Done, NodeError> {
        self.require_me()?;
        let sheet = SheetSecret::generate(&mut self.rng);
        self.write(Body::Stand { paper: sheet.seat_key().id() })?;
        Ok(Done::Sheet(sheet))
    }

    pub(crate) fn draft_epoch(&mut self, mut draft: EpochDraft) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let device = self.device();
        let home = self.require_home()?;
        let may = match home.roster().instance() {
            None => home.roster().founder() == me,
            Some((instance, electorate)) => home.roster().agenda(&instance, &electorate).seat_of(&device).is_some(),
        };
        if !may && home.roster().now().is_founding() {
            return Err(Refusal::RoleMissing { role: "founder" }.into());
        }
        if !may {
            return Err(Refusal::SeatMissing.into());
        }
        let places = draft.places.take().map(|zones| self.number_places(zones)).transpose()?;
        let home = self.require_home()?;
        let epoch = next_epoch(home, draft, places)?;
        let founding = home.roster().now().is_founding();
        let cutoffs = cutoffs(home, &epoch);
        let hash = self.write(match cutoffs.is_empty() {
            true => Body::Epoch(epoch),
            false => Body::EpochCutting(EpochCutting { epoch, cutoffs }),
        })?;
        if !founding {
            self.remember_agreed(hash);
            // Where nobody has begun and it is not this seat's turn, it takes the lead: the others follow by themselves.
            self.lead_if_idle()?;
        }
        Ok(Done::Drafted(hash))
    }

    pub(crate) fn agree_to_draft(&mut self, draft: EntryHash) -> Result<Done, NodeError> {
        let device = self.device();
        let home = self.require_home()?;
        let (instance, electorate) = home.roster().instance().ok_or(Refusal::NoCouncil)?;
        let agenda = home.roster().agenda(&instance, &electorate);
        if agenda.seat_of(&device).is_none() {
            return Err(Refusal::SeatMissing.into());
        }
        if !agenda.drafts().iter().any(|known| known.hash == draft) {
            return Err(Refusal::DraftUnknown.into());
        }
        if home.journals().cuts_below_a_stamp(&draft) {
            return Err(Refusal::CutoffTooLow.into());
        }
        self.remember_agreed(draft);
        Ok(Done::Saved)
    }

    pub(crate) fn lead_council(&mut self) -> Result<Done, NodeError> {
        let device = self.device();
        let tip = self.tip().ok_or(Refusal::SeatMissing)?;
        let home = self.require_home()?;
        let (instance, electorate) = home.roster().instance().ok_or(Refusal::NoCouncil)?;
        let lead = home.roster().agenda(&instance, &electorate).lead(&device, &tip).ok_or(Refusal::SeatMissing)?;
        self.write(lead)?;
        Ok(Done::Saved)
    }

    pub(crate) fn use_sheet(&mut self, sheet: &SheetSecret) -> Result<Done, NodeError> {
        self.require_me()?;
        let key = sheet.seat_key();
        let device = self.device();
        let home = self.require_home()?;
        let seat = home.roster().now().seats.iter().position(|seat| seat.paper == key.id());
        let number = home.roster().next_paper_word(seat.ok_or(Refusal::SeatSheetUnknown)?);
        let (building, epoch) = (home.id(), home.roster().newest_epoch());
        let word = key.sign(Replacement { building, epoch, device, number }).signed().clone();
        self.write(Body::Replace(Replace { epoch, word }))?;
        Ok(Done::Saved)
    }

    /// As a reviewer, says what a member is known as, speaks against it, or takes back what one has said.
    pub(crate) fn vouch(&mut self, member: MemberId, capacity: Capacity, opinion: Opinion) -> Result<Done, NodeError> {
        self.require_reviewer()?;
        let me = self.require_me()?;
        let roster = self.require_home()?.roster();
        let person = roster.member(&member).is_some_and(|known| known.kind == MemberKind::Person);
        if !person || member == me {
            return Err(Refusal::MemberUnknown.into());
        }
        let last = roster.vouched(&me, &member, capacity);
        let (number, said) = last.unwrap_or((0, Opinion::Silent));
        if said != opinion {
            // The last number there is was said, by whoever had the device then: no word comes after it.
            let number = number.checked_add(1).ok_or_else(|| NodeError::NotSaved("no number is left".into()))?;
            self.write(Body::Vouch(Vouch { member, capacity, opinion, number }))?;
        }
        Ok(Done::Saved)
    }

    pub(crate) fn set_role(&mut self, member: MemberId, role: Role, held: bool) -> Result<Done, NodeError> {
        let home = self.require_home()?;
        home.roster().member(&member).ok_or(Refusal::MemberUnknown)?;
        let mut roles = home.roster().now().roles.clone();
        if held {
            roles.insert((member, role))
        } else {
            roles.remove(&(member, role))
        };
        self.draft_epoch(EpochDraft { roles: Some(roles), ..EpochDraft::default() })?;
        Ok(Done::Saved)
    }

    pub(crate) fn set_witness(&mut self, member: MemberId, named: bool) -> Result<Done, NodeError> {
        let home = self.require_home()?;
        let devices = &home.roster().member(&member).ok_or(Refusal::MemberUnknown)?.devices;
        let mut witnesses = home.roster().now().witnesses.clone();
        witnesses.retain(|device| !devices.contains(device));
        if named {
            witnesses.extend(devices);
        }
        self.draft_epoch(EpochDraft { witnesses: Some(witnesses), ..EpochDraft::default() })?;
        Ok(Done::Saved)
    }

    /// Gives the next vote that this device owes as a seat of the council.
    pub(crate) fn next_vote(&self) -> Option<Body> {
        let (home, tip) = (self.home()?, self.tip()?);
        let (instance, electorate) = home.roster().instance()?;
        let agenda = home.roster().agenda(&instance, &electorate);
        if !self.may_vote(home, &agenda) {
            return None;
        }
        let wanted = agenda.drafts().into_iter().map(|draft| draft.hash).find(|draft| self.agreed.contains(draft));
        agenda.next_vote(&self.device(), &tip, &self.agreed, wanted)
    }

    /// A device that has lost its store may have voted already and not know it: it sits out until the next epoch, or speaks
    /// by the key on paper. Two that decide against each other could else be its doing.
    fn may_vote(&self, home: &Home, agenda: &Agenda<'_>) -> bool {
        let Some((_, seat)) = agenda.seat_of(&self.device()) else { return false };
        let Some(journal) = self.own_journal().and_then(|journal| home.journals().journal(&journal)) else {
            return false;
        };
        let opened =
            journal.at_seq(0).next().and_then(|open| home.journals().entry(&open)).map(|open| open.value().epoch);
        let number = opened.and_then(|epoch| home.roster().epoch_at(&epoch)).map_or(0, |epoch| epoch.number);
        journal.open.nonce == 0 || home.roster().now().number > number || seat.device != self.device()
    }

    fn remember_agreed(&mut self, draft: EntryHash) {
        self.agreed.insert(draft);
        self.step.batch.put(Space::Private, [AGREED, &draft.0].concat(), []);
        self.arrival.tags.insert(Tag::Building);
    }

    fn lead_if_idle(&mut self) -> Result<(), NodeError> {
        let device = self.device();
        let Some(tip) = self.tip() else { return Ok(()) };
        let home = self.require_home()?;
        let Some((instance, electorate)) = home.roster().instance() else { return Ok(()) };
        let agenda = home.roster().agenda(&instance, &electorate);
        let idle = !agenda.drafts().iter().any(|draft| draft.proposed);
        let lead = if idle && !agenda.may_begin(&device) { agenda.lead(&device, &tip) } else { None };
        lead.map_or(Ok(()), |lead| self.write(lead).map(|_| ()))
    }
}

/// Writes out the epoch after the newest.
fn next_epoch(home: &Home, draft: EpochDraft, places: Option<PlaceMap>) -> Result<Epoch, NodeError> {
    let roster = home.roster();
    let now = roster.now();
    let EpochDraft { seats, roles, witnesses, charter, places: _, fund } = draft;
    let seats = match seats {
        Some(seats) => seats.into_iter().map(|(member, post)| seat(home, member, post)).collect::<Result<_, _>>()?,
        None => roster.seats_to_keep(),
    };
    let (roles, witnesses) =
        (roles.unwrap_or_else(|| now.roles.clone()), witnesses.unwrap_or_else(|| now.witnesses.clone()));
    let handed_over = seats.len() >= SEATS_MIN;
    if (!now.is_founding() && !handed_over) || seats.len() > SEATS_MAX || leads(&seats) > 1 {
        return Err(Refusal::SeatsMalformed { least: SEATS_MIN, most: SEATS_MAX }.into());
    }
    let reviews = |(member, role): &(MemberId, Role)| *role == Role::Reviewer && roster.member(member).is_some();
    if handed_over && !roles.iter().any(reviews) {
        return Err(Refusal::ReviewerMissing.into());
    }
    let (prev, number) =
        if now.is_founding() { roster.next_epoch() } else { (roster.newest_epoch(), now.number.saturating_add(1)) };
    let charter = charter.unwrap_or(now.charter);
    let (most, numbers) = (Points::MAX, [charter.points_per_hour, charter.credit_line, charter.quota]);
    if numbers.into_iter().any(|points| points > most) {
        return Err(Refusal::OutOfRange { field: "points", least: 0, most: i64::from(most.0) }.into());
    }
    let fund = match fund {
        Some(fund) => home.next_fund(fund, &roles, !handed_over)?,
        None => now.fund.clone(),
    };
    let (roles, witnesses) = (roles.into_iter().collect(), witnesses.into_iter().collect::<Vec<DeviceId>>());
    let places = places.unwrap_or_else(|| now.places.clone());
    let epoch = Epoch { number, prev, roles, witnesses, charter, seats, places, fund };
    // What is decided fits into one entry, with room for the names of those who hold it.
    if kaifong_trust::encode(&epoch).len() > EPOCH_SIZE_BYTES_MAX {
        return Err(Refusal::MapTooLarge.into());
    }
    // Somebody seated twice, or with another's key: nobody would take such an entry.
    epoch.check().map_err(|_| Refusal::SeatsMalformed { least: SEATS_MIN, most: SEATS_MAX })?;
    Ok(epoch)
}

/// Says up to where the words of those who review no longer count (rule M4): all that is known here, so that removing a
/// reviewer removes no member, and nothing that they sign under an older epoch from now on.
fn cutoffs(home: &Home, next: &Epoch) -> Vec<Cutoff> {
    let roles = next.roles.iter().copied().collect();
    let last = home.roster().last_reviews(&roles, next.seats.len() < SEATS_MIN);
    let each = TIPS_MAX / last.len().clamp(1, CUTOFFS_MAX);
    last.iter().take(CUTOFFS_MAX).map(|member| home.journals().cutoff_of(member, each)).collect()
}

fn leads(seats: &[Seat]) -> usize {
    seats.iter().filter(|seat| seat.post == Post::Lead).count()
}

/// Seats a member: as they sit now, unless they said since with what else they would sit.
fn seat(home: &Home, member: MemberId, post: Post) -> Result<Seat, NodeError> {
    let roster = home.roster();
    roster.member(&member).ok_or(Refusal::MemberUnknown)?;
    let sits = roster.seats_to_keep().into_iter().find(|seat| seat.member == member);
    let anew = |paper: DeviceId| sits.is_none_or(|seat| seat.paper != paper);
    let stands = roster.stands().remove(&member).filter(|stand| anew(stand.paper));
    let stands = stands.map(|stand| Seat { member, post, device: stand.device, paper: stand.paper });
    let stays = sits.map(|seat| Seat { post, ..seat });
    stands.or(stays).ok_or_else(|| Refusal::NotStanding.into())
}
