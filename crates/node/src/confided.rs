//! What an officer opens is told to its owner; and complaints, which go past the one they are about.
//!
//! Neither is in a document or a journal: both travel in envelopes. A reviewer's device shows what it keeps of a neighbour's
//! application only after it has signed a word about it to that neighbour's devices. A complaint goes to all who review,
//! mediate or sit in the council, but to nobody it is about, and their answers come back to who complains.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::{ComplaintId, DeviceId, Instant, MemberId, Refusal, text};
use kaifong_store::{Batch, Space, Store, StoreError};
use kaifong_trust::entry::{Role, SealKey};
use kaifong_trust::envelope::{ANSWER_CHARS_MAX, COMPLAINT_CHARS_MAX, JoinRequest, Letter};
use kaifong_trust::{Envelope, Verified};
use rand_core::Rng;
use serde::{Deserialize, Serialize};

use crate::care::{Report, mediators};
use crate::event::{Done, NodeError, Tag};
use crate::home::Home;
use crate::node::Node;

/// How many openings a device remembers.
const OPENINGS_MAX: usize = 512;
const OPENINGS_BY_ONE_MAX: usize = 32;
/// How many complaints a device keeps, and how many of one member.
const COMPLAINTS_MAX: usize = 256;
const COMPLAINTS_OF_ONE_MAX: usize = 16;
/// How many answers one complaint has.
const ANSWERS_MAX: usize = 32;
/// To how many devices one word goes at most.
const DEVICES_MAX: usize = 48;
const OPENED: &[u8] = b"opened/";
const COMPLAINT: &[u8] = b"complaint/";

/// An officer has opened what this member has told the reviewers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Who.
    pub by: MemberId,
    /// When, as their device claims.
    pub at: Instant,
}

/// A complaint, as who made it or who hears it keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// Who complains.
    pub by: MemberId,
    /// About whom.
    pub about: MemberId,
    /// What it says.
    pub text: String,
    /// When, as the sender's device claims.
    pub at: Instant,
    /// What was answered, by the envelope that brought it.
    answers: BTreeMap<[u8; 32], ComplaintAnswer>,
    /// What of a conversation it shows the mediators, if it is a report.
    #[serde(default, skip_serializing_if = "kaifong_trust::tail::is_silent", with = "kaifong_trust::tail")]
    pub report: Option<Report>,
}

/// An answer to a complaint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ComplaintAnswer {
    /// When, as the sender's device claims.
    pub at: Instant,
    /// Who answers.
    pub by: MemberId,
    /// What they say.
    pub text: String,
}

impl Complaint {
    pub(crate) fn new(by: MemberId, about: MemberId, text: String, at: Instant, report: Option<Report>) -> Self {
        Self { by, about, text, at, answers: BTreeMap::new(), report }
    }

    /// Who hears it.
    fn hearers(&self, home: &Home) -> BTreeSet<MemberId> {
        if self.report.is_some() { mediators(home, &self.about) } else { hearers(home, &self.about) }
    }

    /// Gives the answers, the first first.
    pub fn answers(&self) -> Vec<&ComplaintAnswer> {
        let mut answers: Vec<_> = self.answers.values().collect();
        answers.sort();
        answers
    }
}

/// All of it on this device.
#[derive(Debug, Default)]
pub(crate) struct Confided {
    openings: BTreeMap<[u8; 32], Opening>,
    complaints: BTreeMap<ComplaintId, Complaint>,
}

impl Confided {
    pub(crate) fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let mut confided = Self::default();
        store.visit(Space::Private, OPENED, &mut |key, bytes| {
            let hash = key.get(OPENED.len()..).and_then(|hash| <[u8; 32]>::try_from(hash).ok());
            if let (Some(hash), Ok(opening)) = (hash, postcard::from_bytes(bytes)) {
                confided.openings.insert(hash, opening);
            }
        })?;
        store.visit(Space::Private, COMPLAINT, &mut |key, bytes| {
            let id = key.get(COMPLAINT.len()..).and_then(|id| ComplaintId::try_from(id).ok());
            if let (Some(id), Ok(complaint)) = (id, postcard::from_bytes(bytes)) {
                confided.complaints.insert(id, complaint);
            }
        })?;
        Ok(confided)
    }

    fn keep(&mut self, id: ComplaintId, complaint: Complaint, batch: &mut Batch) {
        batch.put(Space::Private, [COMPLAINT, &id.0].concat(), kaifong_trust::encode(&complaint));
        self.complaints.insert(id, complaint);
    }

    pub(crate) fn complaint(&self, id: &ComplaintId) -> Option<&Complaint> {
        self.complaints.get(id)
    }

    pub(crate) fn has_room_for(&self, by: &MemberId) -> bool {
        let of_one = self.complaints.values().filter(|complaint| complaint.by == *by).count();
        self.complaints.len() < COMPLAINTS_MAX && of_one < COMPLAINTS_OF_ONE_MAX
    }
}

/// Who hears a complaint about a member: whoever reviews, mediates or sits in the council, except that member.
pub(crate) fn hearers(home: &Home, about: &MemberId) -> BTreeSet<MemberId> {
    let (roster, now) = (home.roster(), home.roster().now());
    let offices = now.roles.iter().filter(|(_, role)| matches!(role, Role::Reviewer | Role::Mediator));
    let mut hearers: BTreeSet<MemberId> = offices.map(|(member, _)| *member).collect();
    hearers.extend(now.seats.iter().map(|seat| seat.member));
    hearers.extend(now.is_founding().then(|| roster.founder()));
    hearers.retain(|member| member != about && roster.member(member).is_some());
    hearers
}

/// Gives the id of a complaint by who makes it and the number that they have drawn: whoever hears it cannot take its place
/// with a complaint of their own.
pub(crate) fn id_of(by: &MemberId, drawn: &ComplaintId) -> ComplaintId {
    let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 complaint");
    hasher.update(&by.0).update(&drawn.0);
    let mut id = [0; 16];
    hasher.finalize_xof().fill(&mut id);
    ComplaintId(id)
}

pub(crate) fn devices_of(home: &Home, members: &BTreeSet<MemberId>, own: &DeviceId) -> Vec<(DeviceId, SealKey)> {
    let theirs = home.roster().devices().filter(|(id, device)| members.contains(&device.member) && *id != own);
    theirs.map(|(id, device)| (*id, device.seal)).take(DEVICES_MAX).collect()
}

impl Node {
    /// Who has opened what this member has told the reviewers, the last first.
    pub fn openings(&self) -> Vec<Opening> {
        let mut openings: Vec<Opening> = self.confided.openings.values().copied().collect();
        openings.sort_by_key(|opening| (std::cmp::Reverse(opening.at), opening.by));
        openings
    }

    /// The complaints that this member has made or hears, the last first.
    pub fn complaints(&self) -> Vec<(ComplaintId, &Complaint)> {
        let mut all: Vec<_> = self.confided.complaints.iter().map(|(id, complaint)| (*id, complaint)).collect();
        all.sort_by_key(|(id, complaint)| (std::cmp::Reverse(complaint.at), *id));
        all
    }

    /// Who would hear a complaint of this member about another one.
    pub fn hearers_of(&self, about: &MemberId) -> BTreeSet<MemberId> {
        let mut hearers = self.home().map(|home| hearers(home, about)).unwrap_or_default();
        hearers.retain(|member| Some(*member) != self.me());
        hearers
    }

    /// The members whose application this reviewer's device keeps, because it has certified them.
    ///
    /// # Errors
    /// Any [`StoreError`] while reading.
    pub fn keeps_details_of(&self) -> Result<BTreeSet<MemberId>, StoreError> {
        let mut kept = BTreeSet::new();
        let Some(home) = self.home().filter(|_| self.reviews()) else { return Ok(kept) };
        self.store.visit(Space::Private, CERTIFIED, &mut |key, _| {
            let device = key.get(CERTIFIED.len()..).and_then(|device| DeviceId::try_from(device).ok());
            kept.extend(device.map(|device| MemberId::derive(&home.id(), &device)));
        })?;
        kept.retain(|member| home.roster().member(member).is_some());
        Ok(kept)
    }

    /// Opens what a member has told the reviewers. It is told to the member's devices first, signed.
    pub(crate) fn open_details(&mut self, member: MemberId) -> Result<Done, NodeError> {
        self.require_reviewer()?;
        let own = self.key.id();
        let ever = self.require_home()?.roster().ever_of(&member);
        let mut found = None;
        for device in ever {
            let kept = self.store.get(Space::Private, &[CERTIFIED, &device.0].concat())?;
            found = found.or(kept.and_then(|bytes| postcard::from_bytes::<JoinRequest>(&bytes).ok()));
        }
        let details = found.ok_or(Refusal::DetailsUnknown)?;
        let to = devices_of(self.require_home()?, &BTreeSet::from([member]), &own);
        if to.is_empty() && self.me() != Some(member) {
            return Err(Refusal::DetailsUnknown.into());
        }
        for (device, seal) in to {
            self.send_letter(device, &seal, &Letter::Opened)?;
        }
        Ok(Done::Details(Box::new(details)))
    }

    /// Hears that an officer has opened what this member has told the reviewers.
    pub(crate) fn read_opened(&mut self, envelope: &Verified<Envelope>) -> bool {
        let by = self.home().and_then(|home| home.roster().settled(&envelope.signer())).map(|device| device.member);
        // Who is no neighbour, or not yet known here, has nothing to open.
        let Some(by) = by else { return false };
        let hash = envelope.hash();
        // Whoever opens it over and over takes up their own places alone.
        let theirs = self.confided.openings.iter().filter(|(_, opening)| opening.by == by);
        let oldest = theirs.clone().min_by_key(|(_, opening)| opening.at).map(|(hash, _)| *hash);
        if let Some(oldest) = oldest.filter(|_| theirs.count() >= OPENINGS_BY_ONE_MAX) {
            self.confided.openings.remove(&oldest);
            self.step.batch.delete(Space::Private, [OPENED, &oldest].concat());
        }
        if self.confided.openings.len() < OPENINGS_MAX {
            let opening = Opening { by, at: envelope.value().at };
            self.step.batch.put(Space::Private, [OPENED, &hash].concat(), kaifong_trust::encode(&opening));
            self.confided.openings.insert(hash, opening);
            self.arrival.tags.insert(Tag::Members);
        }
        true
    }

    /// Reads one of these letters. It is read once, and nobody needs to carry it any longer.
    pub(crate) fn read_confided(&mut self, envelope: &Verified<Envelope>, letter: Letter) -> bool {
        let read = match letter {
            Letter::Opened => self.read_opened(envelope),
            Letter::Complaint { id, about, text } => self.read_complaint(envelope, id, about, text),
            Letter::ComplaintAnswer { id, text } => self.read_complaint_answer(envelope, id, text),
            _ => true,
        };
        if read {
            self.letters.drop_envelope(envelope.hash(), &mut self.step.batch);
        }
        read
    }

    pub(crate) fn complain(&mut self, about: MemberId, words: String) -> Result<Done, NodeError> {
        let by = self.require_me()?;
        text::prose("complaint", &words, COMPLAINT_CHARS_MAX, false)?;
        let own = self.key.id();
        let home = self.require_home()?;
        if home.roster().member(&about).is_none() || about == by {
            return Err(Refusal::MemberUnknown.into());
        }
        let mut to = hearers(home, &about);
        to.remove(&by);
        if to.is_empty() {
            return Err(Refusal::NobodyToHear.into());
        }
        // One's own further devices show it too.
        to.insert(by);
        let devices = devices_of(home, &to, &own);
        if !self.confided.has_room_for(&by) {
            return Err(Refusal::InboxFull.into());
        }
        let mut drawn = [0; 16];
        self.rng.fill_bytes(&mut drawn);
        let drawn = ComplaintId(drawn);
        for (device, seal) in devices {
            self.send_letter(device, &seal, &Letter::Complaint { id: drawn, about, text: words.clone() })?;
        }
        self.keep_complaint(id_of(&by, &drawn), Complaint::new(by, about, words, self.now, None));
        Ok(Done::Saved)
    }

    /// Hears a complaint; `false` when it has to be read again, because this member does not hear any yet.
    pub(crate) fn read_complaint(
        &mut self,
        envelope: &Verified<Envelope>,
        drawn: ComplaintId,
        about: MemberId,
        words: String,
    ) -> bool {
        let (Some(home), Some(me)) = (self.home(), self.me()) else { return false };
        let Some(by) = home.roster().settled(&envelope.signer()).map(|device| device.member) else { return false };
        let id = id_of(&by, &drawn);
        let hears = by == me || hearers(home, &about).contains(&me);
        if about == me || self.confided.complaints.contains_key(&id) {
            return true;
        }
        if !hears || !self.confided.has_room_for(&by) {
            return false;
        }
        self.keep_complaint(id, Complaint::new(by, about, words, envelope.value().at, None));
        // An answer may have come before it.
        self.read_letters_again();
        true
    }

    pub(crate) fn answer_complaint(&mut self, id: ComplaintId, words: String) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        text::prose("answer", &words, ANSWER_CHARS_MAX, false)?;
        let own = self.key.id();
        let complaint = self.confided.complaints.get(&id).cloned().ok_or(Refusal::ComplaintUnknown)?;
        if complaint.answers.len() >= ANSWERS_MAX {
            return Err(Refusal::InboxFull.into());
        }
        let home = self.require_home()?;
        let mut to = complaint.hearers(home);
        to.extend([complaint.by, me]);
        for (device, seal) in devices_of(home, &to, &own) {
            self.send_letter(device, &seal, &Letter::ComplaintAnswer { id, text: words.clone() })?;
        }
        let mut key = [0; 32];
        self.rng.fill_bytes(&mut key);
        self.note_answer(id, complaint, key, ComplaintAnswer { at: self.now, by: me, text: words });
        Ok(Done::Saved)
    }

    /// Hears an answer; `false` when the complaint is not here yet.
    pub(crate) fn read_complaint_answer(
        &mut self,
        envelope: &Verified<Envelope>,
        id: ComplaintId,
        words: String,
    ) -> bool {
        let Some(complaint) = self.confided.complaints.get(&id).cloned() else { return false };
        let Some(home) = self.home() else { return false };
        let Some(by) = home.roster().settled(&envelope.signer()).map(|device| device.member) else { return false };
        // Whom it is about has no word in it, and nobody else has whom it was not sent to.
        let speaks = by == complaint.by || complaint.hearers(home).contains(&by);
        let (hash, at) = (envelope.hash(), envelope.value().at);
        if speaks && complaint.answers.len() < ANSWERS_MAX {
            self.note_answer(id, complaint, hash, ComplaintAnswer { at, by, text: words });
        }
        true
    }

    fn note_answer(&mut self, id: ComplaintId, mut complaint: Complaint, key: [u8; 32], answer: ComplaintAnswer) {
        complaint.answers.insert(key, answer);
        self.keep_complaint(id, complaint);
    }

    pub(crate) fn keep_complaint(&mut self, id: ComplaintId, complaint: Complaint) {
        self.confided.keep(id, complaint, &mut self.step.batch);
        self.arrival.tags.insert(Tag::Requests);
    }
}

/// What a reviewer's device keeps of whom it has certified: the application that the certificate commits to.
pub(crate) const CERTIFIED: &[u8] = b"certified/";

#[cfg(test)]
mod tests;
