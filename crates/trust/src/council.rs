//! How a council decides the next epoch: single-decree Paxos with signed messages in journals (rule M2), and what follows
//! when seats sign both ways (rule M3).
//!
//! One [`Instance`] is one decision: the successor of one epoch. Attempt `a` is the turn of seat `a` modulo the seats. At
//! attempt 0 it proposes a draft at once; at a later one it first needs the promises of a majority, and what any of them
//! has signed last is what it must propose. A seat signs one draft per attempt and none of an attempt below its promise. The
//! signatures of a majority for one attempt decide (Lamport, *The Part-Time Parliament*, 1998; the turns are those of
//! Mencius, 2008). So a lead who sleeps, or as many lost phones as leave a majority, hold nobody up.
//!
//! Votes are judged by what they name and by their own branch alone, so they count alike on every replica. A seat cannot
//! break a promise in one chain: such a vote has no effect. It takes two chains, and that is what `Council::two_faced`
//! finds when two decisions stand against each other: the seats that it names are out, and the others decide anew, in an
//! instance of their own.
//!
//! A vote without effect is kept like any entry.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::{BuildingId, DeviceId, EntryHash, Instant, JournalId, MemberId};

use crate::entry::{Body, Cutoff, Decision, Entry, Epoch, Instance, Promise, Proposal, Replace, SEATS_MIN, Seat};
use crate::signed::Verified;

/// What an instance is known by: not by the entries that told of it, of which anybody can write more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct InstanceId {
    /// The epoch, by its own name.
    pub(crate) prev: EntryHash,
    /// How often decisions stood against each other.
    pub(crate) level: u32,
    /// The drafts that do, ascending.
    drafts: Vec<EntryHash>,
    /// The seats that are left then.
    left: Vec<SeatNumber>,
}

/// A seat by its number.
pub type SeatNumber = usize;

/// Who decides in one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Electorate {
    /// What the instance is known by.
    pub(crate) id: InstanceId,
    /// The number of the epoch sought.
    pub number: u32,
    /// The seats that may vote, by their number in the epoch.
    pub seats: BTreeMap<SeatNumber, Seat>,
}

impl Electorate {
    /// Gives how many seats make a majority.
    pub fn majority(&self) -> usize {
        self.seats.len() / 2 + 1
    }

    /// Gives the seat whose turn an attempt is.
    pub fn turn(&self, attempt: u32) -> Option<SeatNumber> {
        let turn = (attempt as usize).checked_rem(self.seats.len())?;
        self.seats.keys().nth(turn).copied()
    }
}

/// What a journal has said in one instance up to an entry of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The attempt below which it signs nothing.
    pub promised: u32,
    /// Its last signature: attempt, draft, and the entry.
    pub signed: Option<(u32, EntryHash, EntryHash)>,
    /// The attempt at which it proposed last.
    pub proposed: Option<u32>,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Promise { attempt: u32 },
    Proposal { attempt: u32, draft: EntryHash },
    Sign { attempt: u32, draft: EntryHash },
}

/// A vote that has effect.
#[derive(Clone, Debug)]
pub(crate) struct Vote {
    instance: InstanceId,
    /// The decisions that it names as standing against each other.
    void: Vec<EntryHash>,
    pub(crate) seat: SeatNumber,
    pub(crate) kind: Kind,
    journal: JournalId,
    seq: u64,
    /// The vote before it in its journal, and the last one before it in another instance.
    before: Option<EntryHash>,
    elsewhere: Option<EntryHash>,
    /// What its journal has said in this instance, this vote included.
    pub(crate) said: Said,
    /// The votes that it rests on.
    rests_on: Vec<EntryHash>,
}

/// A decision that has effect.
#[derive(Clone, Debug)]
pub(crate) struct Decided {
    pub(crate) draft: EntryHash,
    pub(crate) instance: InstanceId,
    signs: Vec<EntryHash>,
    electorate: BTreeMap<SeatNumber, Seat>,
}

/// What the council needs to know of the epochs: who they are by the entries that name them.
pub(crate) trait Seating {
    /// Gives the epoch that an entry names, by its own name, with its number and seats.
    fn seating(&self, named: &EntryHash) -> Option<(EntryHash, u32, &[Seat])>;
}

/// An epoch that was written, decided or not.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) epoch: Epoch,
    pub(crate) cutoffs: Vec<Cutoff>,
    pub(crate) by: MemberId,
}

/// All drafts, votes and decisions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Council {
    drafts: BTreeMap<EntryHash, Draft>,
    /// Paper keys' words that fit.
    papers: BTreeMap<EntryHash, PaperWord>,
    votes: BTreeMap<EntryHash, Vote>,
    by_instance: BTreeMap<InstanceId, BTreeSet<EntryHash>>,
    /// For each entry of a journal that has voted, its last vote up to there.
    last: BTreeMap<EntryHash, EntryHash>,
    decided: BTreeMap<EntryHash, Decided>,
    /// The last word of each seat's paper key, and the least entry with which a device speaks by one.
    last_words: BTreeMap<(EntryHash, SeatNumber), PaperWord>,
    spoken_for: BTreeMap<(EntryHash, DeviceId), EntryHash>,
    /// Who would sit, by the entry of each of their devices that says so last: by its clock, and of equals the greatest.
    stands: BTreeMap<(MemberId, DeviceId), Stand>,
}

/// A paper key's word: how many it had said before, the seat's further device, the seat, and the epoch by its own name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct PaperWord {
    number: u32,
    device: DeviceId,
    seat: SeatNumber,
    epoch: EntryHash,
}

/// A member's word that they would sit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stand {
    at: Instant,
    entry: EntryHash,
    /// With this device.
    pub device: DeviceId,
    /// With this key on paper.
    pub paper: DeviceId,
}

impl Council {
    /// Remembers a draft.
    pub(crate) fn draft(&mut self, hash: EntryHash, epoch: &Epoch, cutoffs: &[Cutoff], by: MemberId) {
        self.drafts.insert(hash, Draft { epoch: epoch.clone(), cutoffs: cutoffs.to_vec(), by });
    }

    /// Remembers that a member would sit.
    pub(crate) fn stand(&mut self, member: MemberId, hash: EntryHash, entry: &Verified<Entry>, paper: DeviceId) {
        let stand = Stand { at: entry.value().at, entry: hash, device: entry.signer(), paper };
        let last = self.stands.entry((member, stand.device)).or_insert(stand);
        *last = stand.max(*last);
    }

    /// Gives who would sit with which of their devices, in order of member and device.
    pub(crate) fn stands(&self) -> impl Iterator<Item = (&MemberId, &Stand)> {
        self.stands.iter().map(|((member, _), stand)| (member, stand))
    }

    /// Gives a draft.
    pub(crate) fn draft_at(&self, hash: &EntryHash) -> Option<&Epoch> {
        self.drafts.get(hash).map(|draft| &draft.epoch)
    }

    /// Gives whom a draft cuts off.
    pub(crate) fn cutoffs_at(&self, hash: &EntryHash) -> &[Cutoff] {
        self.drafts.get(hash).map_or(&[], |draft| draft.cutoffs.as_slice())
    }

    /// Gives all drafts, ascending by hash.
    pub(crate) fn drafts(&self) -> impl Iterator<Item = (&EntryHash, &Draft)> {
        self.drafts.iter()
    }

    /// Gives the votes of one instance with their seats, ascending by hash.
    pub(crate) fn votes_in(&self, instance: &InstanceId) -> impl Iterator<Item = (&EntryHash, &Vote)> {
        let hashes = self.by_instance.get(instance).into_iter().flatten();
        hashes.filter_map(|hash| Some((hash, self.votes.get(hash)?)))
    }

    /// Gives the word by which a device speaks for a seat of an epoch, if there is one.
    pub(crate) fn word_for(&self, epoch: &EntryHash, device: &DeviceId) -> Option<EntryHash> {
        self.spoken_for.get(&(*epoch, *device)).copied()
    }

    /// Gives the device that a seat's paper key has named last in an epoch, and with which number.
    pub(crate) fn named_on_paper(&self, epoch: &EntryHash, seat: SeatNumber) -> Option<(DeviceId, u32)> {
        self.last_words.get(&(*epoch, seat)).map(|word| (word.device, word.number))
    }

    /// Folds an admitted entry in; gives the decision if it is one that has effect.
    pub(crate) fn add(
        &mut self,
        hash: EntryHash,
        entry: &Verified<Entry>,
        building: BuildingId,
        epochs: &impl Seating,
    ) -> Option<Decided> {
        let value = entry.value();
        let before = self.last.get(&value.prev).copied();
        if let Some(vote) = self.judge(entry, before, epochs) {
            self.by_instance.entry(vote.instance.clone()).or_default().insert(hash);
            self.votes.insert(hash, vote);
            self.last.insert(hash, hash);
        } else if let Some(before) = before {
            self.last.insert(hash, before);
        }
        match &value.body {
            Body::Replace(word) => {
                if let Some(word) = paper(word, building, epochs) {
                    self.papers.insert(hash, word);
                    let last = self.last_words.entry((word.epoch, word.seat)).or_insert(word);
                    *last = word.max(*last);
                    let least = self.spoken_for.entry((word.epoch, word.device)).or_insert(hash);
                    *least = hash.min(*least);
                }
                None
            }
            Body::Decide(decision) => {
                let decided = self.decide(decision, epochs)?;
                self.decided.insert(hash, decided.clone());
                Some(decided)
            }
            _ => None,
        }
    }

    /// Gives who decides in an instance; `None` where there is nothing for a council to decide.
    pub(crate) fn electorate(&self, instance: &Instance, epochs: &impl Seating) -> Option<Electorate> {
        let (prev, number, seats) = epochs.seating(&instance.prev)?;
        if seats.len() < SEATS_MIN {
            return None;
        }
        let (number, all) = (number.checked_add(1)?, seats.iter().copied().enumerate());
        let [one, other] = instance.void.as_slice() else {
            let id = InstanceId { prev, level: 0, drafts: Vec::new(), left: Vec::new() };
            return Some(Electorate { id, number, seats: all.collect() });
        };
        let (first, second) = (self.decided.get(one)?, self.decided.get(other)?);
        let against = first.draft != second.draft && first.instance.level == second.instance.level;
        if !against || first.instance.prev != prev || second.instance.prev != prev {
            return None;
        }
        let out = self.two_faced(first, second);
        let in_both = |seat: &SeatNumber| first.electorate.contains_key(seat) && second.electorate.contains_key(seat);
        let seats: BTreeMap<_, _> = all.filter(|(seat, _)| in_both(seat) && !out.contains(seat)).collect();
        // Two instances of one level, told of by different entries, may both decide with nobody at fault.
        let nobody = out.is_empty() && first.instance == second.instance;
        if nobody || seats.is_empty() {
            return None;
        }
        let level = first.instance.level.checked_add(1)?;
        let drafts = BTreeSet::from([first.draft, second.draft]).into_iter().collect();
        let id = InstanceId { prev, level, drafts, left: seats.keys().copied().collect() };
        Some(Electorate { id, number, seats })
    }

    /// Gives the seats that have signed in two chains, by what two decisions rest on. Paxos never decides both ways while
    /// each seat's votes follow one another, so with two decisions there is one at least.
    fn two_faced(&self, one: &Decided, other: &Decided) -> BTreeSet<SeatNumber> {
        let mut open: Vec<EntryHash> = one.signs.iter().chain(&other.signs).copied().collect();
        let mut seen = BTreeSet::new();
        let mut of_seat: BTreeMap<SeatNumber, BTreeMap<(JournalId, u64), BTreeSet<EntryHash>>> = BTreeMap::new();
        while let Some(hash) = open.pop() {
            let Some(vote) = self.votes.get(&hash).filter(|_| seen.insert(hash)) else { continue };
            of_seat.entry(vote.seat).or_default().entry((vote.journal, vote.seq)).or_default().insert(hash);
            open.extend(&vote.rests_on);
        }
        of_seat.into_iter().filter(|(_, votes)| !self.is_one_chain(votes)).map(|(seat, _)| seat).collect()
    }

    /// Tells whether each of these votes stands in the chain of the next.
    fn is_one_chain(&self, votes: &BTreeMap<(JournalId, u64), BTreeSet<EntryHash>>) -> bool {
        let mut ordered = Vec::new();
        for ((journal, seq), hashes) in votes {
            match (hashes.len(), hashes.first()) {
                (1, Some(hash)) => ordered.push((*journal, *seq, *hash)),
                _ => return false,
            }
        }
        ordered.windows(2).all(|pair| match pair {
            [(one, seq, hash), (next, _, later)] => one == next && self.follows(later, hash, *seq),
            _ => true,
        })
    }

    /// Tells whether a vote comes after an earlier one of the same journal, on one branch.
    fn follows(&self, later: &EntryHash, earlier: &EntryHash, seq: u64) -> bool {
        let chain = std::iter::successors(Some(*later), |hash| self.votes.get(hash)?.before);
        let mut back = chain.skip_while(|hash| self.votes.get(hash).is_some_and(|vote| vote.seq > seq));
        back.next() == Some(*earlier)
    }

    /// Gives what a journal has said in an instance, up to its entry `tip`.
    pub(crate) fn said(&self, tip: &EntryHash, instance: &InstanceId) -> Said {
        self.said_since(self.last.get(tip).copied(), instance).unwrap_or_default()
    }

    fn said_since(&self, last: Option<EntryHash>, instance: &InstanceId) -> Option<Said> {
        let mut at = last;
        while let Some(vote) = at.and_then(|hash| self.votes.get(&hash)) {
            if vote.instance == *instance {
                return Some(vote.said.clone());
            }
            at = vote.elsewhere;
        }
        None
    }

    /// Judges a promise, proposal or signature; `None` for what has no effect.
    fn judge(&self, entry: &Verified<Entry>, before: Option<EntryHash>, epochs: &impl Seating) -> Option<Vote> {
        let value = entry.value();
        let (void, electorate, word, kind, rests_on) = match &value.body {
            Body::Promise(Promise { instance, attempt, signed, seat }) => {
                let kind = Kind::Promise { attempt: *attempt };
                let rests_on = signed.iter().copied().collect();
                (instance.void.clone(), self.electorate(instance, epochs)?, seat, kind, rests_on)
            }
            Body::Propose(proposal) => {
                let electorate = self.electorate(&proposal.instance, epochs)?;
                let rests_on = self.check_proposal(proposal, &electorate, epochs)?;
                let kind = Kind::Proposal { attempt: proposal.attempt, draft: proposal.draft };
                (proposal.instance.void.clone(), electorate, &proposal.seat, kind, rests_on)
            }
            Body::Sign { proposal, seat } => {
                let of = self.votes.get(proposal)?;
                let Kind::Proposal { attempt, draft } = of.kind else { return None };
                let instance = Instance { prev: self.draft_at(&draft)?.prev, void: of.void.clone() };
                let kind = Kind::Sign { attempt, draft };
                (of.void.clone(), self.electorate(&instance, epochs)?, seat, kind, vec![*proposal])
            }
            _ => return None,
        };
        let seat = self.seat(entry.signer(), word.as_ref(), &electorate)?;
        let mut said = self.said_since(before, &electorate.id).unwrap_or_default();
        match kind {
            Kind::Promise { attempt } => {
                let told = said.signed.map(|(_, _, by)| by);
                let above = said.signed.is_none_or(|(signed, ..)| attempt > signed);
                if attempt <= said.promised || !above || told != rests_on.first().copied() {
                    return None;
                }
                said.promised = attempt;
            }
            Kind::Proposal { attempt, .. } => {
                if electorate.turn(attempt) != Some(seat) || said.proposed.is_some_and(|before| attempt <= before) {
                    return None;
                }
                said.proposed = Some(attempt);
            }
            Kind::Sign { attempt, draft } => {
                if attempt < said.promised || said.signed.is_some_and(|(signed, ..)| attempt <= signed) {
                    return None;
                }
                said.signed = Some((attempt, draft, EntryHash(entry.hash())));
            }
        }
        let elsewhere = before.and_then(|hash| {
            let vote = self.votes.get(&hash)?;
            if vote.instance == electorate.id { vote.elsewhere } else { Some(hash) }
        });
        let (instance, journal, seq) = (electorate.id, value.journal, value.seq);
        Some(Vote { instance, void, seat, kind, journal, seq, before, elsewhere, said, rests_on })
    }

    /// Tells what a proposal rests on, if it may be made: its draft follows the epoch, and from attempt 1 on a majority has
    /// promised and none of them has signed anything else since.
    fn check_proposal(&self, proposal: &Proposal, to: &Electorate, epochs: &impl Seating) -> Option<Vec<EntryHash>> {
        let draft = self.draft_at(&proposal.draft)?;
        // By the draft's name for it the epoch lies in the past of this proposal.
        let follows = draft.prev == proposal.instance.prev && epochs.seating(&draft.prev)?.0 == to.id.prev;
        if !follows || draft.number != to.number {
            return None;
        }
        if proposal.attempt == 0 {
            return proposal.promises.is_empty().then(Vec::new);
        }
        let mut seats = BTreeSet::new();
        let mut signed = Vec::new();
        for hash in &proposal.promises {
            let vote = self.votes.get(hash)?;
            let Kind::Promise { attempt } = vote.kind else { return None };
            if vote.instance != to.id || attempt != proposal.attempt || !seats.insert(vote.seat) {
                return None;
            }
            signed.extend(vote.said.signed);
        }
        let last = signed.iter().map(|(attempt, ..)| *attempt).max();
        let bound = |last| signed.iter().any(|(attempt, draft, _)| *attempt == last && *draft == proposal.draft);
        if seats.len() < to.majority() || !last.is_none_or(bound) {
            return None;
        }
        Some(proposal.promises.clone())
    }

    /// Gives the seat that a device speaks for: its own, or the one to which the paper key's word names it.
    pub(crate) fn seat(
        &self,
        device: DeviceId,
        word: Option<&EntryHash>,
        electorate: &Electorate,
    ) -> Option<SeatNumber> {
        match word {
            None => electorate.seats.iter().find(|(_, seat)| seat.device == device).map(|(number, _)| *number),
            Some(word) => {
                let PaperWord { epoch, seat, device: named, .. } = *self.papers.get(word)?;
                (epoch == electorate.id.prev && named == device && electorate.seats.contains_key(&seat)).then_some(seat)
            }
        }
    }

    fn decide(&self, decision: &Decision, epochs: &impl Seating) -> Option<Decided> {
        let first = self.votes.get(decision.signs.first()?)?;
        let Kind::Sign { attempt, draft } = first.kind else { return None };
        let instance = Instance { prev: self.draft_at(&draft)?.prev, void: first.void.clone() };
        let electorate = self.electorate(&instance, epochs)?;
        let mut seats = BTreeSet::new();
        for vote in decision.signs.iter().map(|hash| self.votes.get(hash)) {
            let vote = vote.filter(|vote| vote.instance == electorate.id)?;
            match vote.kind {
                Kind::Sign { attempt: of, draft: what } if of == attempt && what == draft => seats.insert(vote.seat),
                _ => return None,
            };
        }
        if seats.len() != decision.signs.len() || seats.len() < electorate.majority() {
            return None;
        }
        let Electorate { id, seats, .. } = electorate;
        Some(Decided { draft, instance: id, signs: decision.signs.clone(), electorate: seats })
    }

    /// Feeds all that has effect into a digest.
    pub(crate) fn digest(&self, hasher: &mut blake3::Hasher) {
        let all = self.drafts.keys().chain(self.votes.keys()).chain(self.papers.keys()).chain(self.decided.keys());
        all.chain(self.stands.values().map(|stand| &stand.entry)).for_each(|hash| {
            hasher.update(&crate::encode(&("council", hash)));
        });
    }
}

/// Reads a paper key's word, if it is one of a seat of that epoch.
fn paper(word: &Replace, building: BuildingId, epochs: &impl Seating) -> Option<PaperWord> {
    let said = word.word.clone().verify().ok()?;
    let (epoch, _, seats) = epochs.seating(&word.epoch)?;
    let told = said.value();
    let seat = seats.iter().position(|seat| seat.paper == said.signer())?;
    (told.building == building && told.epoch == word.epoch).then_some(PaperWord {
        epoch,
        seat,
        device: told.device,
        number: told.number,
    })
}
