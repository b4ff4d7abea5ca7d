//! What lies before the council, and what a seat's device does about it by itself.
//!
//! People draft and agree; that is theirs. Promising, laying a draft before the others when the turn has come, signing what
//! its person has agreed to, and naming the signatures of a majority is a device's work, and [`Agenda::next_vote`] says what
//! comes next. It asks all that is known, so two devices may do different things; what counts is for [`crate::council`] to say.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::{DeviceId, EntryHash, MemberId};

use crate::council::{Council, Electorate, Kind, Said, SeatNumber, Seating, Vote};
use crate::entry::{Body, Cutoff, Decision, Epoch, Instance, Promise, Proposal, Seat};
use crate::epochs::Epochs;

/// How far above what a majority has promised an attempt may lie that a device still follows: one seat alone must not use
/// up the numbers.
const LEAP_MAX: u32 = 64;

/// What lies before the council now.
#[derive(Clone, Copy, Debug)]
pub struct Agenda<'a> {
    council: &'a Council,
    epochs: &'a Epochs,
    instance: &'a Instance,
    electorate: &'a Electorate,
}

/// A draft, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftView<'a> {
    /// The entry that holds it.
    pub hash: EntryHash,
    /// What it says.
    pub epoch: &'a Epoch,
    /// Whom it cuts off.
    pub cutoffs: &'a [Cutoff],
    /// Who wrote it.
    pub by: MemberId,
    /// Whether it was laid before the others.
    pub proposed: bool,
    /// Who has signed it at the attempt at which most have.
    pub signed: BTreeSet<SeatNumber>,
}

/// What one device may do here.
#[derive(Clone, Debug)]
struct Place {
    number: SeatNumber,
    word: Option<EntryHash>,
    said: Said,
}

impl<'a> Agenda<'a> {
    pub(crate) fn new(
        council: &'a Council,
        epochs: &'a Epochs,
        instance: &'a Instance,
        electorate: &'a Electorate,
    ) -> Self {
        Self { council, epochs, instance, electorate }
    }

    /// Gives all drafts for this decision, those that most have signed first.
    pub fn drafts(&self) -> Vec<DraftView<'a>> {
        let tally = self.tally();
        // Whoever has no seat may write what they like: it is not listed.
        let sits = |by: &MemberId| self.electorate.seats.values().any(|seat| seat.member == *by);
        let of_this = self.council.drafts().filter(|(_, draft)| sits(&draft.by) && self.is_for_this(&draft.epoch));
        let mut drafts: Vec<_> = of_this
            .map(|(hash, draft)| {
                let signed = tally.iter().filter(|((_, draft), _)| draft == hash).map(|(_, signs)| signs);
                let most = signed.max_by_key(|signs| signs.len()).cloned().unwrap_or_default();
                let laid = |vote: &Vote| matches!(vote.kind, Kind::Proposal { draft, .. } if draft == *hash);
                let proposed = self.votes().any(|(_, vote)| laid(vote));
                let (epoch, cutoffs, by) = (&draft.epoch, draft.cutoffs.as_slice(), draft.by);
                DraftView { hash: *hash, epoch, cutoffs, by, proposed, signed: most.into_keys().collect() }
            })
            .collect();
        drafts.sort_by_key(|draft| std::cmp::Reverse(draft.signed.len()));
        drafts
    }

    /// Gives the seat that a device speaks for.
    pub fn seat_of(&self, device: &DeviceId) -> Option<(SeatNumber, Seat)> {
        let word = self.council.word_for(&self.electorate.id.prev, device);
        let number = self.council.seat(*device, None, self.electorate);
        let number = number.or_else(|| self.council.seat(*device, Some(&word?), self.electorate))?;
        self.electorate.seats.get(&number).map(|seat| (number, *seat))
    }

    /// Gives what a seat's device, whose journal ends at `tip`, writes next by itself: what others wait for, what its person
    /// has agreed to, and for the draft `wanted` what brings it before the others if the turn is this seat's. `None` when
    /// there is nothing.
    pub fn next_vote(
        &self,
        device: &DeviceId,
        tip: &EntryHash,
        agreed: &BTreeSet<EntryHash>,
        wanted: Option<EntryHash>,
    ) -> Option<Body> {
        let place = self.place(device, tip)?;
        self.decision()
            .or_else(|| self.signature(&place, agreed))
            .or_else(|| self.proposal(&place, wanted))
            .or_else(|| self.follow(&place))
    }

    /// Gives what a seat's device writes to take the lead itself, where the one whose turn it is does not: the promise for
    /// the next attempt that is its turn. The others follow, and then [`Agenda::next_vote`] gives the proposal.
    pub fn lead(&self, device: &DeviceId, tip: &EntryHash) -> Option<Body> {
        let place = self.place(device, tip)?;
        // What lies beyond what the others would follow is nobody's turn: one seat must not lead the others there.
        let most = self.most_followed();
        let seen = self.votes().map(|(_, vote)| attempt_of(vote)).filter(|attempt| *attempt <= most).max();
        let first = seen.unwrap_or(0).max(place.said.promised).saturating_add(1);
        let seats = u32::try_from(self.electorate.seats.len()).ok()?;
        let mut turns = first..first.checked_add(seats)?;
        let attempt = turns.find(|attempt| self.electorate.turn(*attempt) == Some(place.number))?;
        Some(self.promise(&place, attempt))
    }

    /// Tells whether a draft may be laid before the others at once: nobody has voted, and the first turn is this device's.
    pub fn may_begin(&self, device: &DeviceId) -> bool {
        let first = self.seat_of(device).is_some_and(|(number, _)| self.electorate.turn(0) == Some(number));
        first && self.votes().next().is_none()
    }

    /// Tells whether a draft is one for this decision, whichever way it names the epoch before.
    pub fn is_for_this(&self, epoch: &Epoch) -> bool {
        let prev = self.epochs.seating(&epoch.prev).map(|(prev, ..)| prev);
        prev == Some(self.electorate.id.prev) && epoch.number == self.electorate.number
    }

    /// Gives who decides.
    pub fn electorate(&self) -> &'a Electorate {
        self.electorate
    }

    /// Gives which decision it is.
    pub fn instance(&self) -> &'a Instance {
        self.instance
    }

    fn votes(&self) -> impl Iterator<Item = (&'a EntryHash, &'a Vote)> {
        self.council.votes_in(&self.electorate.id)
    }

    fn place(&self, device: &DeviceId, tip: &EntryHash) -> Option<Place> {
        let (number, seat) = self.seat_of(device)?;
        let word = if seat.device == *device { None } else { self.council.word_for(&self.electorate.id.prev, device) };
        Some(Place { number, word, said: self.council.said(tip, &self.electorate.id) })
    }

    /// Who has signed what at which attempt: for each seat one entry.
    fn tally(&self) -> BTreeMap<(u32, EntryHash), BTreeMap<SeatNumber, EntryHash>> {
        let mut tally: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for (hash, vote) in self.votes() {
            if let Kind::Sign { attempt, draft } = vote.kind {
                tally.entry((attempt, draft)).or_default().entry(vote.seat).or_insert(*hash);
            }
        }
        tally
    }

    fn decision(&self) -> Option<Body> {
        let enough = self.electorate.majority();
        let whole = self.tally().into_values().find(|signs| signs.len() >= enough)?;
        let mut signs: Vec<_> = whole.into_values().take(enough).collect();
        signs.sort_unstable();
        Some(Body::Decide(Decision { signs }))
    }

    fn signature(&self, place: &Place, agreed: &BTreeSet<EntryHash>) -> Option<Body> {
        let said = &place.said;
        let signed = said.signed.map(|(attempt, draft, _)| (attempt, draft));
        let fits = |attempt: u32, draft: &EntryHash| {
            let known = agreed.contains(draft) || signed.is_some_and(|(_, before)| before == *draft);
            known && attempt >= said.promised && signed.is_none_or(|(last, _)| attempt > last)
        };
        let proposed = self.votes().filter_map(|(hash, vote)| match vote.kind {
            Kind::Proposal { attempt, draft } if fits(attempt, &draft) => Some((attempt, *hash)),
            _ => None,
        });
        let (_, proposal) = proposed.max()?;
        Some(Body::Sign { proposal, seat: place.word })
    }

    fn proposal(&self, place: &Place, wanted: Option<EntryHash>) -> Option<Body> {
        let (said, seat) = (&place.said, place.word);
        // The draft may name the epoch before by another entry than this device would.
        let named = |draft: &EntryHash| {
            let prev = self.council.draft_at(draft)?.prev;
            Some(Instance { prev, void: self.instance.void.clone() })
        };
        let made = said.proposed;
        if made.is_none() && said.promised == 0 && self.electorate.turn(0) == Some(place.number) {
            let draft = wanted?;
            let (instance, promises) = (named(&draft)?, Vec::new());
            return Some(Body::Propose(Proposal { instance, attempt: 0, draft, promises, seat }));
        }
        let attempt = said.promised;
        let mine = self.electorate.turn(attempt) == Some(place.number) && made.is_none_or(|made| made < attempt);
        if attempt == 0 || !mine {
            return None;
        }
        let mut promises: BTreeMap<SeatNumber, (&EntryHash, &Vote)> = BTreeMap::new();
        for (hash, vote) in self.votes() {
            if matches!(vote.kind, Kind::Promise { attempt: to } if to == attempt) {
                promises.entry(vote.seat).or_insert((hash, vote));
            }
        }
        if promises.len() < self.electorate.majority() {
            return None;
        }
        // Any majority will do. One that has signed nothing else leaves this seat what it wants; else the last one binds.
        let free = |vote: &Vote| vote.said.signed.is_none_or(|(_, draft, _)| Some(draft) == wanted);
        let free: BTreeMap<_, _> =
            promises.iter().filter(|(_, (_, vote))| free(vote)).map(|(seat, promise)| (*seat, *promise)).collect();
        if wanted.is_some() && free.len() >= self.electorate.majority() {
            promises = free;
        }
        let last = promises.values().filter_map(|(_, vote)| vote.said.signed).max_by_key(|(attempt, ..)| *attempt);
        let draft = last.map(|(_, draft, _)| draft).or(wanted)?;
        let mut promises: Vec<_> = promises.into_values().map(|(hash, _)| *hash).collect();
        promises.sort_unstable();
        Some(Body::Propose(Proposal { instance: named(&draft)?, attempt, draft, promises, seat }))
    }

    /// Follows the seat whose turn an attempt is and that has promised it itself.
    fn follow(&self, place: &Place) -> Option<Body> {
        let most = self.most_followed();
        let called = self.votes().filter_map(|(_, vote)| match vote.kind {
            Kind::Promise { attempt } if self.electorate.turn(attempt) == Some(vote.seat) => Some(attempt),
            _ => None,
        });
        let above = |attempt: &u32| {
            *attempt > place.said.promised && place.said.signed.is_none_or(|(signed, ..)| *attempt > signed)
        };
        let attempt = called.filter(|attempt| *attempt <= most).filter(above).max()?;
        Some(self.promise(place, attempt))
    }

    /// Gives the greatest attempt that an honest seat follows: some above what a majority has come to.
    fn most_followed(&self) -> u32 {
        let mut highest: BTreeMap<SeatNumber, u32> = self.electorate.seats.keys().map(|seat| (*seat, 0)).collect();
        for (_, vote) in self.votes() {
            if let Some(promised) = highest.get_mut(&vote.seat) {
                *promised = (*promised).max(attempt_of(vote));
            }
        }
        let mut ordered: Vec<u32> = highest.into_values().collect();
        ordered.sort_unstable_by(|one, next| next.cmp(one));
        let by_majority = ordered.get(self.electorate.majority().saturating_sub(1)).copied().unwrap_or_default();
        by_majority.saturating_add(LEAP_MAX)
    }

    fn promise(&self, place: &Place, attempt: u32) -> Body {
        let signed = place.said.signed.map(|(_, _, by)| by);
        Body::Promise(Promise { instance: self.instance.clone(), attempt, signed, seat: place.word })
    }
}

fn attempt_of(vote: &Vote) -> u32 {
    match vote.kind {
        Kind::Promise { attempt } | Kind::Proposal { attempt, .. } | Kind::Sign { attempt, .. } => attempt,
    }
}
