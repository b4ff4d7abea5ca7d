//! The node: one device's part in one building, driven by events.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use kaifong_domain::{DeviceId, EntryHash, Instant, MemberId, Refusal};
use kaifong_net::ConnectionId;
use kaifong_replica::Delivery;
use kaifong_store::{Batch, MemoryStore, Space, Store, StoreError};
use kaifong_sync::Parcel;
use kaifong_trust::entry::{Basis, Body, Entry, Genesis, NO_ENTRY};
use kaifong_trust::envelope::SealSecret;
use kaifong_trust::pen::Pen;
use kaifong_trust::{DeviceKey, Signed, Verified};
use rand_chacha::ChaCha20Rng;
use rand_core::Rng;

use crate::books::Books;
use crate::care::Talks;
use crate::commons::Invitations;
use crate::confided::Confided;
use crate::event::{Command, Done, Effect, Event, NodeError, Tag};
use crate::family::Family;
use crate::guest::Guest;
use crate::home::{Arrival, Home};
use crate::kin::Kin;
use crate::letters::{Letters, WaitingRequest};
use crate::links::Link;
use crate::own_devices::Told;
use crate::peers::Peers;
use crate::phones::Phones;
use crate::register::Kept;

mod past;

pub use past::Past;

pub(crate) const META_GENESIS: &[u8] = b"genesis";
const META_JOURNAL: &[u8] = b"journal";
const META_ACTOR: &[u8] = b"actor";
/// There while a doubt is not yet followed by a new journal: another start must not forget it.
const META_DOUBT: &[u8] = b"doubt";

/// The writes and effects of one or several steps.
#[derive(Debug, Default)]
pub struct Step {
    /// To be made durable first.
    pub batch: Batch,
    /// To be performed after that.
    pub effects: Vec<Effect>,
}

/// A news item on its way to neighbours, and whom it came from.
#[derive(Debug)]
pub(crate) struct Fresh {
    pub(crate) parcel: Parcel,
    pub(crate) from: Option<ConnectionId>,
}

/// One device's part in one building.
pub struct Node {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) key: DeviceKey,
    pub(crate) seal: SealSecret,
    pub(crate) rng: ChaCha20Rng,
    pub(crate) now: Instant,
    pub(crate) home: Option<Home>,
    pub(crate) guest: Option<Guest>,
    pub(crate) letters: Letters,
    pub(crate) phones: Phones,
    pub(crate) confided: Confided,
    pub(crate) kin: Kin,
    pub(crate) talks: Talks,
    pub(crate) invitations: Invitations,
    pub(crate) family: Family,
    pub(crate) books: Books,
    /// The drafts that this device's person has agreed to.
    pub(crate) agreed: BTreeSet<EntryHash>,
    pub(crate) register: Kept,
    pub(crate) links: BTreeMap<ConnectionId, Link>,
    pub(crate) peers: Peers,
    pub(crate) aside: Option<PathBuf>,
    pub(crate) refused: BTreeSet<[u8; 32]>,
    pub(crate) fresh: Vec<Fresh>,
    pub(crate) arrival: Arrival,
    pub(crate) step: Step,
    pub(crate) me: Option<MemberId>,
    /// What a neighbour has said of this device.
    pub(crate) told: Option<Told>,
    pen: Option<Pen>,
    pub(crate) purse: crate::fund::Purse,
    actor: Option<[u8; 8]>,
    doubt: bool,
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Node({}, {:?})", self.key.id().short(), self.home)
    }
}

impl Node {
    /// Opens a device on its store. The randomness is the device's own from now on.
    ///
    /// # Errors
    /// Any [`StoreError`] while reading.
    pub fn open(
        store: Arc<dyn Store>,
        key: DeviceKey,
        rng: ChaCha20Rng,
        now: Instant,
        past: Past,
    ) -> Result<Self, StoreError> {
        let kept = store.get(Space::Meta, META_GENESIS)?;
        let lost = kept.is_none() && past.genesis.is_some();
        let genesis = match kept.or(past.genesis) {
            Some(bytes) => {
                let read = Signed::<Genesis>::from_bytes(&bytes).and_then(Signed::verify);
                Some(read.map_err(|_| StoreError::Corrupt { what: "the genesis".into() })?)
            }
            None => None,
        };
        let mut step = Step::default();
        let home = genesis.map(|genesis| Home::load(genesis, &*store, &mut step.batch)).transpose()?;
        let guest = Guest::load(&*store)?;
        let mut node = Self {
            seal: SealSecret::of(&key),
            guest,
            letters: Letters::load(&*store, now)?,
            phones: Phones::load(&*store)?,
            confided: Confided::load(&*store)?,
            kin: Kin::load(&*store)?,
            talks: Talks::load(&*store)?,
            invitations: Invitations::load(&*store)?,
            family: Family::load(&*store)?,
            books: Books::load(&*store)?,
            agreed: crate::council::load_agreed(&*store)?,
            register: Kept::Unread,
            peers: Peers::load(&*store)?,
            links: BTreeMap::new(),
            aside: past.aside,
            refused: BTreeSet::new(),
            fresh: Vec::new(),
            arrival: Arrival::default(),
            step,
            doubt: past.doubt || lost,
            pen: None,
            purse: crate::fund::Purse::default(),
            actor: None,
            store,
            key,
            rng,
            now,
            home,
            me: None,
            told: None,
        };
        node.show_blocks();
        node.take_up_pen()?;
        node.me = node.writes_for().or_else(|| node.own_device().map(|device| device.member));
        // What a crash kept this device from settling is settled with the first event.
        if let Some(home) = &node.home {
            node.arrival.journals = home.journals.journals().map(|journal| journal.id).collect();
            let genesis = home.genesis.signed().to_bytes();
            if lost {
                node.step.batch.put(Space::Meta, META_GENESIS, genesis.clone());
            }
            node.step.effects.push(Effect::Building { tag: building_tag(&home.id()), genesis });
        }
        node.wake();
        Ok(node)
    }

    /// Handles one event; what comes of it waits in [`Node::take`].
    pub fn handle(&mut self, now: Instant, event: Event) {
        self.now = now;
        match event {
            Event::Command { id, command } => {
                let result = self.command(command);
                self.settle();
                self.step.effects.push(Effect::Reply { id, result });
            }
            Event::Connected { connection, device, path } => self.connected(connection, device, path),
            Event::Frame { connection, bytes } => {
                self.frame(connection, &bytes);
                self.settle();
            }
            Event::Disconnected { connection } => self.disconnected(connection),
            Event::DialFailed { device } => self.peers.dial_failed(&device, self.now),
            Event::Discovered { device, addresses, building_tag } => {
                self.discovered(device, addresses, building_tag);
            }
            Event::Tick => {
                self.tick();
                self.settle();
            }
        }
        self.publish();
        // The word that closes a device is the last that it hears.
        self.close_links_of_closed();
        self.part_from_gone();
        self.wake();
    }

    /// Takes what the events since the last call want done: first the writes, then the effects.
    pub fn take(&mut self) -> Step {
        std::mem::take(&mut self.step)
    }

    /// Hears that all writes taken so far are durable.
    pub fn committed(&mut self) {
        if let Some(home) = &mut self.home {
            home.documents.let_go();
        }
    }

    /// Lets go of the store, so that it can be opened again; what this node knows beyond it is worthless.
    pub(crate) fn abandon_store(&mut self) {
        self.store = Arc::new(MemoryStore::new());
        self.home = None;
        self.guest = None;
        self.register = Kept::Unread;
    }

    /// The connections that stand.
    pub(crate) fn connections(&self) -> Vec<ConnectionId> {
        self.links.keys().copied().collect()
    }

    /// The building on this device, if there is one.
    pub fn home(&self) -> Option<&Home> {
        self.home.as_ref()
    }

    /// The building, for reads that build an index.
    pub fn home_mut(&mut self) -> Option<&mut Home> {
        self.home.as_mut()
    }

    /// The member whose device this is; `None` before a reviewer has certified it.
    pub fn me(&self) -> Option<MemberId> {
        self.me
    }

    /// This device.
    pub fn device(&self) -> DeviceId {
        self.key.id()
    }

    /// This device's public sealing key, for whoever links it.
    pub fn seal_key(&self) -> kaifong_trust::entry::SealKey {
        self.seal.public()
    }

    /// The time of the last event.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Where a store that would not open was put at the last start.
    pub fn aside(&self) -> Option<&PathBuf> {
        self.aside.as_ref()
    }

    /// Requests that wait for this reviewer, by device.
    pub fn requests(&self) -> Vec<WaitingRequest> {
        self.letters.requests().cloned().collect()
    }

    /// The end of this device's own journal, if it has written one.
    pub fn tip(&self) -> Option<EntryHash> {
        self.pen.as_ref().map(Pen::tip)
    }

    /// This device's own journal, if it has written one.
    pub(crate) fn own_journal(&self) -> Option<kaifong_domain::JournalId> {
        self.pen.as_ref().map(Pen::journal)
    }

    /// Tells whether this device's person has agreed to a draft.
    pub fn has_agreed(&self, draft: &EntryHash) -> bool {
        self.agreed.contains(draft)
    }

    pub(crate) fn require_home(&mut self) -> Result<&mut Home, NodeError> {
        self.home.as_mut().ok_or(NodeError::NoBuilding)
    }

    pub(crate) fn require_me(&self) -> Result<MemberId, NodeError> {
        if self.home.is_none() {
            return Err(NodeError::NoBuilding);
        }
        self.me.ok_or(NodeError::Refused(Refusal::NotYetMember))
    }

    /// Moves into a building: from now on its genesis is kept.
    pub(crate) fn move_in(&mut self, genesis: Verified<Genesis>) {
        let bytes = genesis.signed().to_bytes();
        self.step.batch.put(Space::Meta, META_GENESIS, bytes.clone());
        let home = Home::new(genesis);
        let tag = building_tag(&home.id());
        self.home = Some(home);
        self.step.effects.push(Effect::Building { tag, genesis: bytes });
        self.arrival.tags.insert(Tag::Building);
    }

    /// Signs one own entry, keeps it and has it told to neighbours.
    pub(crate) fn write(&mut self, body: Body) -> Result<EntryHash, NodeError> {
        self.take_pen()?;
        let (Some(home), Some(pen)) = (&mut self.home, &mut self.pen) else { return Err(NodeError::NoBuilding) };
        let last = home.journals.entry(&pen.tip()).map_or(NO_ENTRY, |entry| entry.value().epoch);
        let entry = pen.write(home.roster().epoch_after(&last), self.now, body);
        let hash = EntryHash(entry.hash());
        self.keep(entry)?;
        Ok(hash)
    }

    /// Makes one own change to the own document, keeps it and has it told to neighbours.
    pub(crate) fn edit(&mut self, edit: &kaifong_domain::record::Edit) -> Result<(), NodeError> {
        let member = self.require_me()?;
        if self.whereabouts().erased.is_some() {
            return Err(Refusal::YouLeft.into());
        }
        // The journal comes first: neighbours need it to know this device.
        self.take_pen()?;
        let actor = self.actor_nonce();
        let (Some(home), batch) = (&mut self.home, &mut self.step.batch) else { return Err(NodeError::NoBuilding) };
        let delivery = home.documents.edit(member, &self.key, actor, edit, &*self.store, batch)?;
        home.show(member, &mut self.arrival);
        self.fresh.push(Fresh { parcel: Parcel::Document(delivery), from: None });
        Ok(())
    }

    /// Hears that a neighbour holds something that this device has signed and does not know: the store has gone back in
    /// time, and what follows goes into a new journal and comes from a new actor (rule J2).
    pub(crate) fn note_own_entry(&mut self, entry: &Entry) {
        let own = [self.own_journal(), self.fund_journal()];
        if own.contains(&Some(entry.journal)) {
            self.begin_anew();
        }
    }

    /// Tells the same of the own document: whether a delivery, not yet taken in, brings a change of this device's own actor
    /// that is not here. Changes that are here come back whenever a neighbour sends a whole document.
    pub(crate) fn has_lost(&self, delivery: &Delivery) -> bool {
        let (Some(home), Some(actor)) = (&self.home, self.actor) else { return false };
        let mine = kaifong_trust::entry::ActorKey { device: self.key.id(), nonce: actor };
        let heads = delivery.heads.iter().filter(|head| head.claimed_signer() == mine.device);
        let verified = heads.filter_map(|head| head.clone().verify().ok());
        verified.into_iter().filter(|head| head.value().actor == mine).any(|head| {
            let member = head.value().document;
            !home.documents.knows(&member, &head.value().change, &*self.store)
        })
    }

    /// Lets go of the member whose device this one was, once it is closed: nothing more is signed for them. What was begun
    /// stays, and a new word gives a new journal, for whomever it names. So it does when that word came together with the
    /// end of the one before.
    pub(crate) fn look_for_own_closing(&mut self) {
        let Some(home) = self.home.as_ref().filter(|_| self.me.is_some()) else { return };
        let shut = home.roster().is_shut(&self.key.id());
        // Only another word than the one that the journal was opened on gives one that counts.
        let own = self.own_journal().and_then(|journal| home.journals.journal(&journal));
        let given = self.own_device().map(|device| device.basis);
        let void = own.is_some_and(|own| {
            !home.journals.counts(&own.opened_by) && given.is_some_and(|basis| basis != own.open.basis)
        });
        if shut || void {
            self.me = None;
            self.pen = None;
            self.actor = None;
            self.mark_doubt();
            self.arrival.tags.extend([Tag::Application, Tag::Members]);
        }
    }

    /// Says that this device agrees to whose it is, by opening its journal.
    pub(crate) fn speak_for_oneself(&mut self) -> Result<(), NodeError> {
        self.take_pen()
    }

    /// What this device says next in its member's document comes from a new actor: of the old one nothing is left here.
    pub(crate) fn begin_document_anew(&mut self) {
        self.actor = None;
        self.step.batch.delete(Space::Meta, META_ACTOR);
    }

    pub(crate) fn begin_anew(&mut self) {
        tracing::warn!("a neighbour holds what this store has lost: a new journal is opened");
        self.pen = None;
        self.actor = None;
        self.mark_doubt();
    }

    fn mark_doubt(&mut self) {
        self.doubt = true;
        self.step.batch.put(Space::Meta, META_DOUBT, []);
        self.step.batch.delete(Space::Meta, META_JOURNAL);
        self.step.batch.delete(Space::Meta, META_ACTOR);
        self.drop_purse();
        self.books.doubt(&mut self.step.batch);
    }

    pub(crate) fn keep(&mut self, entry: Verified<Entry>) -> Result<(), NodeError> {
        let Some(home) = &mut self.home else { return Err(NodeError::NoBuilding) };
        let signed = entry.signed().clone();
        // An own entry that the journals refuse is a bug of ours: nothing was kept, and the pen is dropped.
        if let Err(why) = home.take_entry(entry, &mut self.step.batch, &mut self.arrival) {
            self.begin_anew();
            return Err(NodeError::NotSaved(why.to_string()));
        }
        self.fresh.push(Fresh { parcel: Parcel::Entries(vec![signed]), from: None });
        Ok(())
    }

    fn take_up_pen(&mut self) -> Result<(), StoreError> {
        if self.doubt || self.store.get(Space::Meta, META_DOUBT)?.is_some() {
            self.mark_doubt();
            return Ok(());
        }
        let id = self.store.get(Space::Meta, META_JOURNAL)?.and_then(|bytes| bytes.as_slice().try_into().ok());
        if let (Some(home), Some(id)) = (&self.home, id) {
            self.pen = Pen::resume(self.key.clone(), &home.journals, &id);
            if self.pen.is_none() {
                // The own journal is forked: whatever did that, nothing more goes into it.
                self.mark_doubt();
                return Ok(());
            }
        }
        if !self.take_up_purse()? {
            self.mark_doubt();
            self.pen = None;
            return Ok(());
        }
        let nonce = self.store.get(Space::Meta, META_ACTOR)?;
        self.actor = nonce.and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
        Ok(())
    }

    /// Tells whether the next journal that this device opens is its member's first.
    pub(crate) fn opens_first_journal(&self) -> bool {
        let device = self.own_device();
        !self.doubt && device.is_some_and(|device| matches!(device.basis, Basis::Genesis | Basis::Certificate(_)))
    }

    /// Why this device may write for its member.
    pub(crate) fn own_basis(&self) -> Result<Basis, NodeError> {
        Ok(self.own_device().ok_or(Refusal::NotYetMember)?.basis)
    }

    fn take_pen(&mut self) -> Result<(), NodeError> {
        let member = self.require_me()?;
        if self.pen.is_some() {
            return Ok(());
        }
        let Some(home) = &self.home else { return Err(NodeError::NoBuilding) };
        let device = self.own_device().ok_or(Refusal::NotYetMember)?;
        let nonce = if self.opens_first_journal() { 0 } else { self.rng.next_u64() | 1 };
        let epoch = home.roster().newest_epoch();
        let (pen, open) = Pen::open(self.key.clone(), home.id(), member, nonce, device.basis, epoch, self.now);
        self.step.batch.put(Space::Meta, META_JOURNAL, pen.journal().0);
        self.pen = Some(pen);
        if std::mem::take(&mut self.doubt) {
            self.step.batch.delete(Space::Meta, META_DOUBT);
        }
        self.keep(open)
    }

    fn actor_nonce(&mut self) -> [u8; 8] {
        let actor = self.actor.unwrap_or_else(|| self.rng.next_u64().to_le_bytes());
        if self.actor.is_none() {
            self.step.batch.put(Space::Meta, META_ACTOR, actor);
            self.actor = Some(actor);
        }
        actor
    }

    fn command(&mut self, command: Command) -> Result<Done, NodeError> {
        self.require_staying(&command)?;
        match command {
            Command::Found { building, profile } => self.found(building, profile),
            Command::FoundAnew { building, profile, old, member } => self.found_anew(building, profile, &old, &member),
            Command::Refound(refounding) => self.refound(refounding),
            Command::Follow(following) => self.follow(following),
            Command::Apply(application) => self.apply(*application),
            Command::BecomeFurtherDevice { way, member } => self.become_further_device(way, member),
            Command::Invite { valid_ms, addresses } => self.invite(valid_ms, addresses),
            Command::WithdrawInvites => self.withdraw_invites(),
            Command::WithdrawInvite { invite } => self.withdraw_invite(invite),
            Command::RefuseInvite { invite, reason } => self.refuse_invite(invite, reason),
            Command::Ask { device, text } => self.ask(device, text),
            Command::AnswerQuestion { question, text } => self.answer_question(question, text),
            Command::KeepRegister(register) => self.keep_register(register),
            Command::ForgetRegister => self.forget_register(),
            Command::Approve { device, votes } => self.approve(device, votes),
            Command::PickPlace(residence) => self.pick_place(residence),
            Command::SetKin { member, wishes } => self.set_kin(member, wishes),
            Command::Refuse { device, reason } => self.refuse(device, reason),
            Command::Stand => self.stand(),
            Command::DraftEpoch(draft) => self.draft_epoch(draft),
            Command::AgreeToDraft { draft } => self.agree_to_draft(draft),
            Command::LeadCouncil => self.lead_council(),
            Command::UseSheet { sheet } => self.use_sheet(&sheet),
            Command::SetRole { member, role, held } => self.set_role(member, role, held),
            Command::SetWitness { member, named } => self.set_witness(member, named),
            Command::LinkDevice { device, seal } => self.link_device(device, seal),
            Command::CloseDevice { device, disown } => self.close_device(device, disown),
            Command::ChangeDevice { to } => self.change_device(to),
            Command::MakeSheet => self.make_sheet(),
            Command::Recover { way, sheet } => self.recover(way, sheet),
            Command::CloseBySheet { sheet } => self.close_by_sheet(&sheet),
            Command::Reapprove { member, device } => self.reapprove(member, device),
            Command::HandPointsOver { member } => self.hand_points_over(member),
            Command::MovePoints { device, points } => self.move_points(device, points),
            Command::Object { approval } => self.object(approval),
            Command::Vouch { member, capacity, opinion } => self.vouch(member, capacity, opinion),
            Command::SetProfile(profile) => self.set_profile(profile),
            Command::NameStaff { device, name, post, left } => self.name_staff(device, name, post, left),
            Command::Post(draft) => self.post(draft),
            Command::Edit { listing, draft } => self.edit_listing(listing, draft),
            Command::CloseListing { listing } => self.close_listing(listing),
            Command::CheckDevice { listing, by } => self.check_device(listing, by),
            Command::Answer { owner, listing, points, due_at, counterpart } => {
                self.answer(owner, listing, points, due_at, counterpart)
            }
            Command::Agree { deal } => self.agree(deal),
            Command::CallOff { deal } => self.act(kaifong_domain::deal::DealAct::CallOff { deal }),
            Command::HandOver { deal } => self.hand_over(deal, None),
            Command::Kept(command) => self.kept_command(command),
            Command::Loan(command) => self.loan_command(command),
            Command::Return { deal } => self.confirm(deal, kaifong_domain::deal::DealAct::Return { deal }),
            Command::Done { deal } => self.confirm(deal, kaifong_domain::deal::DealAct::Done { deal }),
            Command::Review { deal, stars, text } => self.review(deal, stars, text),
            Command::Give { to, points } => self.give(to, points),
            Command::PayFace { to, points } => self.pay_face(to, points),
            Command::TakeShown(shown) => self.take_shown(*shown),
            Command::Dispute(command) => self.dispute_command(command),
            Command::Fund(command) => self.fund_command(command),
            Command::Book(command) => self.book_command(command),
            Command::Care(command) => self.care_command(command),
            Command::Slip(command) => self.slip_command(command),
            Command::Shop(command) => self.shop_command(command),
            Command::Reply { deal, text } => self.reply(deal, text),
            Command::Hall(command) => self.hall(command),
            Command::Activity(command) => self.activity_command(command),
            Command::Space(command) => self.space_command(command),
            Command::Commons(command) => self.commons_command(command),
            Command::Recurring(command) => self.recurring_command(command),
            Command::OfferPhone { deal, number } => self.offer_phone(deal, &number),
            Command::WithdrawPhone { deal } => self.withdraw_phone(deal),
            Command::OpenDetails { member } => self.open_details(member),
            Command::Complain { about, text } => self.complain(about, text),
            Command::AnswerComplaint { complaint, text } => self.answer_complaint(complaint, text),
            Command::KeepBlock { block, place } => self.keep_block(&block, place),
            Command::Leave { ends_at } => self.leave(ends_at),
            Command::Erase => self.erase(),
            Command::Mark { member, state } => self.mark(member, state),
            Command::Here => self.here(),
            Command::NameKin { member } => self.name_kin(member),
        }
    }
}

/// Gives the tag by which discovery tells buildings apart: the first 8 bytes of the id.
pub fn building_tag(building: &kaifong_domain::BuildingId) -> [u8; 8] {
    let mut tag = [0; 8];
    tag.iter_mut().zip(building.0).for_each(|(to, byte)| *to = byte);
    tag
}
