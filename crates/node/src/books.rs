//! Journals that a desk keeps for people without a phone.
//!
//! Nothing about such a member is special to the others but that their journal names the desk: they have asked to join in the
//! ordinary envelope, a reviewer has certified their key, and their acts are signed with it. The key lies at the desk under a
//! cover that the card and the PIN make together with what the desk has drawn, and is in memory only while an act is made. Each
//! act is followed by the desk's own word on which volunteer has helped.

use std::collections::BTreeMap;

use kaifong_domain::desk::Help;
use kaifong_domain::record::{Edit, Profile};
use kaifong_domain::{DeviceId, EntryHash, Instant, JournalId, MemberId, Points, QuestionId, Refusal, text};
use kaifong_store::{Batch, Space, Store, StoreError};
use kaifong_sync::Parcel;
use kaifong_trust::entry::{Assist, Basis, Body, Entry, MemberKind, NO_ENTRY, Role, Transfer};
use kaifong_trust::envelope::{JoinRequest, Letter, SealSecret, seal};
use kaifong_trust::paper::SheetSecret;
use kaifong_trust::pen::Pen;
use kaifong_trust::roster::Device;
use kaifong_trust::{DeviceKey, Verified};
use rand_core::Rng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::event::{Done, NodeError, Tag};
use crate::guest::ENVELOPES_PER_APPLICATION_MAX;
use crate::home::{Arrival, Home};
use crate::node::{Fresh, Node};
use crate::questions::QUESTIONS_MAX;

/// How many journals a desk keeps for others.
pub const BOOKS_MAX: usize = 500;
/// How few and how many digits a PIN has.
const PIN_DIGITS: std::ops::RangeInclusive<usize> = 4..=8;
/// How many wrong PINs for one card cost nothing: fingers slip.
const WRONG_FREE: u32 = 4;
/// How long the next try waits after the first wrong PIN that is not free, in milliseconds; twice as long after each more.
const WAIT_MS: u64 = 30_000;
/// How long it waits at most, in milliseconds: an hour.
const WAIT_MS_MAX: u64 = 60 * 60 * 1000;
/// How much that waits is answered at one visit.
const TAKEN_PER_VISIT_MAX: usize = 256;
const PREFIX: &[u8] = b"book/";

/// What is done with the journals that this desk keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BookCommand {
    /// Makes a key for somebody and asks reviewers to certify it; answered by [`Done::Sheet`], the card.
    Enrol(Box<Enrolment>),
    /// Does something as whoever has the card; answered by [`Done::Visited`].
    Visit {
        /// What stands on the card.
        card: SheetSecret,
        /// Their PIN.
        pin: String,
        /// The volunteer who helps.
        volunteer: MemberId,
        /// What they do.
        act: Visit,
    },
    /// Forgets the key of a journal that this desk keeps: nobody writes into it any more.
    Forget {
        /// The key's public half.
        device: DeviceId,
    },
}

/// Who is to have a journal at this desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// What neighbours will see.
    pub profile: Profile,
    /// The household, 1 to 60 characters; for reviewers only.
    pub household: String,
    /// The real name, 1 to 60 characters; for reviewers only.
    pub real_name: String,
    /// A phone number, at most 30 characters; for reviewers only.
    pub phone: String,
    /// 4 to 8 digits.
    pub pin: String,
}

/// What somebody with a card does at the desk. What waits for them is taken at each visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit {
    /// Looks at their account.
    Look,
    /// Gives points.
    Give {
        /// To whom.
        to: MemberId,
        /// How many.
        points: Points,
    },
    /// Pays a slip of theirs.
    PaySlip {
        /// The entry that holds it.
        slip: EntryHash,
    },
    /// Says that a slip is none of theirs.
    DisownSlip {
        /// The entry that holds it.
        slip: EntryHash,
    },
}

/// What a desk holds of somebody for whom it keeps a journal.
#[derive(Clone, Serialize, Deserialize)]
pub struct Book {
    /// The key's public half.
    pub device: DeviceId,
    /// What neighbours are to see of them.
    #[serde(with = "crate::places::words")]
    pub profile: Profile,
    /// When it was begun.
    pub at: Instant,
    mark: [u8; 16],
    drawn: [u8; 32],
    covered: [u8; 32],
    journal: Option<JournalId>,
    /// Whether the journal may have gone on in what this store has lost: then a new one is opened (rule J2).
    anew: bool,
    wrong: u32,
    wrong_at: Instant,
    /// What reviewers have answered; those letters open only while the key is uncovered.
    #[serde(default, skip_serializing_if = "kaifong_trust::tail::is_silent", with = "kaifong_trust::tail")]
    pub heard: Heard,
}

/// What reviewers have answered to the request for a card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// Why the last of them said no, in their own words; who gave no reason is heard as well.
    pub refused: Option<String>,
    /// What they ask, the first first. It is answered in person.
    pub questions: Vec<(QuestionId, String)>,
}

impl std::fmt::Debug for Book {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Book({})", self.device.short())
    }
}

impl Book {
    /// Tells how long the next PIN waits, in milliseconds. A clock that was put back begins the wait anew.
    fn wait_ms(&self, now: Instant) -> u64 {
        let beyond = self.wrong.saturating_sub(WRONG_FREE);
        let doubled = 1_u64.checked_shl(beyond.saturating_sub(1)).unwrap_or(u64::MAX);
        let wait = if beyond == 0 { 0 } else { WAIT_MS.saturating_mul(doubled).min(WAIT_MS_MAX) };
        wait.saturating_sub(now.0.saturating_sub(self.wrong_at.0.min(now.0)))
    }

    /// Uncovers the key; `None` for another card or PIN.
    fn key(&self, card: &SheetSecret, pin: &str) -> Option<DeviceKey> {
        let cover = Zeroizing::new(card.card_cover(&self.drawn, pin));
        let key = DeviceKey::from_seed(xor(&self.covered, &cover));
        (key.id() == self.device).then_some(key)
    }
}

fn xor(one: &[u8; 32], other: &[u8; 32]) -> [u8; 32] {
    let mut both = *one;
    both.iter_mut().zip(other).for_each(|(to, with)| *to ^= with);
    both
}

/// The journals that this desk keeps, by the key's public half.
#[derive(Debug, Default)]
pub(crate) struct Books(BTreeMap<DeviceId, Book>);

impl Books {
    pub(crate) fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let mut books = Self::default();
        store.visit(Space::Private, PREFIX, &mut |_, bytes| {
            if let Ok(book) = postcard::from_bytes::<Book>(bytes) {
                books.0.insert(book.device, book);
            }
        })?;
        Ok(books)
    }

    fn put(&mut self, book: Book, batch: &mut Batch) {
        batch.put(Space::Private, place(&book.device), kaifong_trust::encode(&book));
        self.0.insert(book.device, book);
    }

    /// Hears that what lies here may be older than what neighbours know: no kept journal is gone on with.
    pub(crate) fn doubt(&mut self, batch: &mut Batch) {
        for device in self.0.keys().copied().collect::<Vec<_>>() {
            self.begin_anew(&device, batch);
        }
    }

    fn begin_anew(&mut self, device: &DeviceId, batch: &mut Batch) {
        let begun = self.0.get(device).filter(|book| book.journal.is_some()).cloned();
        if let Some(book) = begun {
            self.put(Book { journal: None, anew: true, ..book }, batch);
        }
    }
}

fn place(device: &DeviceId) -> Vec<u8> {
    [PREFIX, &device.0].concat()
}

impl Home {
    /// Gives who has helped with an act at a desk.
    pub fn help_with(&self, act: &EntryHash) -> Option<Help> {
        self.desks.help_with(act)
    }

    /// Remembers which journals desks keep and who has helped there, where that counts and its signer may say so.
    pub(crate) fn fold_help(&mut self, entry: &Verified<Entry>, arrival: &mut Arrival) {
        let (value, hash) = (entry.value(), EntryHash(entry.hash()));
        let counts = self.journals.counts(&hash);
        let Some(by) = self.roster().owner_of_journal(&value.journal).filter(|_| counts) else { return };
        match &value.body {
            Body::Keep { desk } => self.desks.keep(value.journal, *desk),
            Body::Assist(Assist { entry: act, volunteer }) => {
                let Some(journal) = self.journals.entry(act).map(|act| act.value().journal) else { return };
                if self.is_desk_member(&by) && self.roster().held(&value.epoch, volunteer, Role::Volunteer) {
                    self.desks.help(*act, journal, Help { word: hash, desk: by, volunteer: *volunteer });
                }
            }
            _ => return,
        }
        arrival.tags.insert(Tag::Points);
    }

    fn is_desk_member(&self, member: &MemberId) -> bool {
        self.roster().member(member).is_some_and(|known| known.kind == MemberKind::Desk)
    }
}

impl Node {
    /// Tells whether this device is a desk's, which may keep journals for others.
    pub fn is_desk(&self) -> bool {
        self.me().zip(self.home()).is_some_and(|(me, home)| home.is_desk_member(&me))
    }

    /// Gives the journals that this desk keeps, by the key's public half.
    pub fn books(&self) -> impl Iterator<Item = &Book> {
        self.books.0.values()
    }

    /// Gives whose device a kept key is, once a reviewer has certified it.
    pub fn member_of_book(&self, device: &DeviceId) -> Option<MemberId> {
        self.device_of_book(device).map(|known| known.member)
    }

    fn device_of_book(&self, device: &DeviceId) -> Option<Device> {
        let roster = self.home()?.roster();
        let back = || roster.given(device).filter(|given| matches!(given.basis, Basis::Reapprove(_)));
        roster.settled(device).or_else(back)
    }

    /// Gives the end of the journal that this desk keeps under a key.
    pub fn tip_of_book(&self, device: &DeviceId) -> Option<EntryHash> {
        let journal = self.home()?.journals().journal(&self.books.0.get(device)?.journal?)?;
        journal.tips().first().copied()
    }

    /// Hears that a neighbour holds something of a journal that this desk keeps and does not know of.
    pub(crate) fn note_kept_entry(&mut self, device: &DeviceId, journal: &JournalId) {
        if self.books.0.get(device).is_some_and(|book| book.journal == Some(*journal)) {
            tracing::warn!("a neighbour holds what this desk has lost of a journal that it keeps");
            self.books.begin_anew(device, &mut self.step.batch);
        }
    }

    pub(crate) fn book_command(&mut self, command: BookCommand) -> Result<Done, NodeError> {
        self.require_me()?;
        if !self.is_desk() {
            return Err(Refusal::NotTheDesk.into());
        }
        match command {
            BookCommand::Enrol(enrolment) => self.enrol(*enrolment),
            BookCommand::Visit { card, pin, volunteer, act } => self.visit(&card, &pin, volunteer, act),
            BookCommand::Forget { device } => self.forget_book(&device),
        }
    }

    fn enrol(&mut self, enrolment: Enrolment) -> Result<Done, NodeError> {
        let Enrolment { profile, household, real_name, phone, pin } = enrolment;
        let me = self.require_me()?;
        profile.check()?;
        text::line("household", &household, 60, false)?;
        text::line("real name", &real_name, 60, false)?;
        text::line("phone", &phone, 30, true)?;
        if !PIN_DIGITS.contains(&pin.len()) || !pin.bytes().all(|digit| digit.is_ascii_digit()) {
            let (least, most) = (*PIN_DIGITS.start() as i64, *PIN_DIGITS.end() as i64);
            return Err(Refusal::OutOfRange { field: "pin", least, most }.into());
        }
        if self.books.0.len() >= BOOKS_MAX {
            return Err(Refusal::CardsFull { most: BOOKS_MAX }.into());
        }
        let (mut drawn, mut salt) = ([0; 32], [0; 16]);
        self.rng.fill_bytes(&mut drawn);
        self.rng.fill_bytes(&mut salt);
        let (card, key) = (SheetSecret::generate(&mut self.rng), DeviceKey::generate(&mut self.rng));
        let request = JoinRequest {
            seal: SealSecret::of(&key).public(),
            kind: MemberKind::Person,
            display_name: profile.name.clone(),
            household,
            real_name,
            phone,
            salt,
            // They came by no invitation, but to this desk: the inbox of a reviewer has as much room for it as for one.
            invite: blake3::derive_key("kaifong 1 asked at a desk", &me.0),
        };
        self.ask_reviewers(&key, request)?;
        let cover = Zeroizing::new(card.card_cover(&drawn, &pin));
        let (seed, at) = (Zeroizing::new(key.seed()), self.now);
        let (mark, covered) = (card.card_mark(), xor(&seed, &cover));
        let (journal, anew, wrong, wrong_at) = (None, false, 0, Instant::default());
        let (device, heard) = (key.id(), Heard::default());
        let book = Book { device, profile, at, mark, drawn, covered, journal, anew, wrong, wrong_at, heard };
        self.books.put(book, &mut self.step.batch);
        self.arrival.tags.insert(Tag::Points);
        Ok(Done::Sheet(card))
    }

    /// Sends the ordinary request to join, signed with the new key, to those who review now.
    fn ask_reviewers(&mut self, key: &DeviceKey, request: JoinRequest) -> Result<(), NodeError> {
        let home = self.require_home()?;
        let building = home.id();
        let reviewers: Vec<_> = home.roster().reviewers().take(ENVELOPES_PER_APPLICATION_MAX).collect();
        if reviewers.is_empty() || !self.letters.has_room_for(reviewers.len()) {
            return Err(Refusal::InboxFull.into());
        }
        let letter = Letter::Join(request);
        for (to, known) in reviewers {
            let sealed = seal(key, to, &known.seal, building, self.now, &letter, &mut self.rng);
            let Ok(envelope) = sealed else { continue };
            if to == self.key.id() {
                self.read_letter(&envelope);
            }
            if self.letters.carry_own(&envelope, self.now, &mut self.step.batch) {
                self.fresh.push(Fresh { parcel: Parcel::Envelope(envelope.signed().clone()), from: None });
            }
        }
        Ok(())
    }

    fn forget_book(&mut self, device: &DeviceId) -> Result<Done, NodeError> {
        self.books.0.remove(device).ok_or(Refusal::CardUnknown)?;
        self.step.batch.delete(Space::Private, place(device));
        self.letters.drop_from(device, &mut self.step.batch);
        self.arrival.tags.insert(Tag::Points);
        Ok(Done::Saved)
    }

    fn visit(&mut self, card: &SheetSecret, pin: &str, volunteer: MemberId, act: Visit) -> Result<Done, NodeError> {
        let mark = card.card_mark();
        let book = self.books.0.values().find(|book| book.mark == mark).cloned().ok_or(Refusal::CardUnknown)?;
        let home = self.require_home()?;
        if !home.roster().held(&home.roster().newest_epoch(), &volunteer, Role::Volunteer) {
            return Err(Refusal::RoleMissing { role: "volunteer" }.into());
        }
        self.require_not_gone(&volunteer)?;
        let key = self.uncover(&book, card, pin)?;
        let Some(known) = self.device_of_book(&book.device) else {
            self.hear_reviewers(&key);
            return Err(Refusal::NotYetMember.into());
        };
        self.require_not_gone(&known.member)?;
        let mut hand = self.take_up_book(key, &known, volunteer)?;
        self.take_what_waits(&mut hand)?;
        match act {
            Visit::Look => {}
            Visit::Give { to, points } => self.give_from_book(&mut hand, to, points)?,
            Visit::PaySlip { slip } => {
                let slip = self.slip_of(&slip, &hand.member)?;
                let reason = slip.number.reason(&self.require_home()?.id());
                self.pay_from_book(&mut hand, slip.payee, slip.points, Some(reason))?;
            }
            Visit::DisownSlip { slip } => {
                for slip in self.open_entries_of(&slip, &hand.member)? {
                    self.write_book(&mut hand, Body::Disown { slip })?;
                }
            }
        }
        Ok(Done::Visited(known.member))
    }

    /// Uncovers a kept key, unless too many wrong PINs came. What came of it is kept, whatever that was.
    fn uncover(&mut self, book: &Book, card: &SheetSecret, pin: &str) -> Result<DeviceKey, NodeError> {
        let wait_ms = book.wait_ms(self.now);
        if wait_ms > 0 {
            return Err(Refusal::CardPinTooSoon { wait_ms }.into());
        }
        let key = book.key(card, pin);
        let wrong = if key.is_some() { 0 } else { book.wrong.saturating_add(1) };
        let tried = Book { wrong, wrong_at: self.now, ..book.clone() };
        let wait_ms = tried.wait_ms(self.now);
        if wrong > 0 || book.wrong > 0 {
            self.books.put(tried, &mut self.step.batch);
        }
        Ok(key.ok_or(Refusal::CardPinWrong { wait_ms })?)
    }

    /// Reads what reviewers have written to a kept key, while it is uncovered. Only who reviews answers for the building.
    fn hear_reviewers(&mut self, key: &DeviceKey) {
        let (Some(mut book), seal) = (self.books.0.get(&key.id()).cloned(), SealSecret::of(key)) else { return };
        let mine = self.letters.to(&key.id());
        for envelope in mine.into_iter().filter_map(|envelope| envelope.verify().ok()) {
            let sender = envelope.signer();
            if !self.home().is_some_and(|home| home.roster().reviewers().any(|(device, _)| device == sender)) {
                continue;
            }
            match seal.open(&envelope) {
                Ok(Letter::Refused { reason }) => book.heard.refused = Some(reason),
                Ok(Letter::Question { id, text })
                    if book.heard.questions.len() < QUESTIONS_MAX
                        && book.heard.questions.iter().all(|(known, _)| *known != id) =>
                {
                    book.heard.questions.push((id, text));
                }
                _ => {}
            }
            self.letters.drop_envelope(envelope.hash(), &mut self.step.batch);
        }
        self.books.put(book, &mut self.step.batch);
        self.arrival.tags.insert(Tag::Points);
    }

    /// Opens the kept journal, or goes on with it where it ends.
    fn take_up_book(&mut self, key: DeviceKey, known: &Device, volunteer: MemberId) -> Result<Hand, NodeError> {
        let (device, now, me) = (key.id(), self.now, self.require_me()?);
        let book = self.books.0.get(&device).cloned().ok_or(Refusal::CardUnknown)?;
        let drawn = self.rng.next_u64() | 1;
        let home = self.require_home()?;
        let begun = book.journal.and_then(|journal| Pen::resume(key.clone(), home.journals(), &journal));
        if let Some(pen) = begun {
            return Ok(Hand { pen, key, member: known.member, volunteer });
        }
        // A journal that is forked or that this store has lost is not gone on with.
        let first = !book.anew && book.journal.is_none() && matches!(known.basis, Basis::Certificate(_));
        let (building, epoch) = (home.id(), home.roster().newest_epoch());
        let first_id = JournalId::derive(&building, &known.member, &device, 0);
        let nonce = if first && home.journals().journal(&first_id).is_none() { 0 } else { drawn };
        let (pen, open) = Pen::open(key.clone(), building, known.member, nonce, known.basis, epoch, now);
        let journal = Some(pen.journal());
        self.books.put(Book { journal, anew: false, ..book.clone() }, &mut self.step.batch);
        self.keep(open)?;
        let mut hand = Hand { pen, key, member: known.member, volunteer };
        self.write_book(&mut hand, Body::Keep { desk: me })?;
        self.introduce(&hand, book.profile)?;
        Ok(hand)
    }

    /// Says to neighbours what they are called, once.
    fn introduce(&mut self, hand: &Hand, profile: Profile) -> Result<(), NodeError> {
        let nonce = self.rng.next_u64().to_le_bytes();
        let (Some(home), batch) = (&mut self.home, &mut self.step.batch) else { return Err(NodeError::NoBuilding) };
        if home.board().profile(&hand.member).is_some() {
            return Ok(());
        }
        let edit = Edit::SetProfile(profile);
        let delivery = home.documents.edit(hand.member, &hand.key, nonce, &edit, &*self.store, batch)?;
        home.show(hand.member, &mut self.arrival);
        self.fresh.push(Fresh { parcel: Parcel::Document(delivery), from: None });
        Ok(())
    }

    fn take_what_waits(&mut self, hand: &mut Hand) -> Result<(), NodeError> {
        for _ in 0..TAKEN_PER_VISIT_MAX {
            let tip = hand.pen.tip();
            let reclaim = || {
                let decline = self.home()?.ledger().reclaimable(&tip).first().copied();
                decline.map(|decline| Body::Reclaim { decline })
            };
            let answer = self.next_answer_to_transfer(&tip).or_else(reclaim);
            let Some(body) = answer.or_else(|| self.next_inheritance(&tip)) else { break };
            self.write_book(hand, body)?;
        }
        Ok(())
    }

    fn give_from_book(&mut self, hand: &mut Hand, to: MemberId, points: Points) -> Result<(), NodeError> {
        let home = self.require_home()?;
        home.roster().member(&to).ok_or(Refusal::MemberUnknown)?;
        if points.0 == 0 || to == hand.member {
            return Err(Refusal::TransferMalformed.into());
        }
        self.pay_from_book(hand, to, points, None)
    }

    fn pay_from_book(
        &mut self,
        hand: &mut Hand,
        to: MemberId,
        points: Points,
        reason: Option<kaifong_domain::ReasonId>,
    ) -> Result<(), NodeError> {
        self.require_not_gone(&to)?;
        let to = self.journal_of(&to).ok_or(Refusal::PayeeUnknown)?;
        let tip = hand.pen.tip();
        let home = self.require_home()?;
        let (stamp, quota) = (home.ledger().newest_stamp(&tip), home.roster().now().charter.quota);
        home.ledger().check_transfer(&tip, stamp.as_ref(), points, quota)?;
        if let Some(stamp) = stamp {
            self.write_book(hand, Body::Cite { stamp })?;
        }
        self.write_book(hand, Body::Transfer(Transfer { to, points, reason }))
    }

    /// Signs an entry with a kept key, and after it the desk's own word on who has helped.
    fn write_book(&mut self, hand: &mut Hand, body: Body) -> Result<(), NodeError> {
        let (now, cites) = (self.now, matches!(body, Body::Cite { .. } | Body::Keep { .. }));
        let home = self.require_home()?;
        let last = home.journals().entry(&hand.pen.tip()).map_or(NO_ENTRY, |entry| entry.value().epoch);
        let entry = hand.pen.write(home.roster().epoch_after(&last), now, body);
        let act = EntryHash(entry.hash());
        self.keep(entry)?;
        if !cites {
            self.write(Body::Assist(Assist { entry: act, volunteer: hand.volunteer }))?;
        }
        Ok(())
    }
}

/// A kept key while an act is made with it.
struct Hand {
    pen: Pen,
    key: DeviceKey,
    member: MemberId,
    volunteer: MemberId,
}

#[cfg(test)]
mod tests;
