//! One building as one device holds it: journals, ledger, documents, board.
//!
//! Everything that was verified comes in here and nowhere else, own writes and foreign ones alike, and each arrival
//! becomes store writes and changed rows at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kaifong_domain::care::{Care, CareRecords};
use kaifong_domain::charter::Charter;
use kaifong_domain::deal::SignedAct;
use kaifong_domain::desk::Desks;
use kaifong_domain::dispute::{Disputes, Voice};
use kaifong_domain::fund::Fund;
use kaifong_domain::shop::Shops;
use kaifong_domain::slip::Slips;
use kaifong_domain::{Board, BuildingId, DeviceId, EntryHash, JournalId, MemberId};
use kaifong_ledger::{Ledger, Rights};
use kaifong_replica::{Delivery, ForkProof, Owners, Verdict};
use kaifong_store::{Batch, Space, Store, StoreError};
use kaifong_trust::entry::{Body, Entry, Genesis, MemberKind, Role, Transfer};
use kaifong_trust::journals::Offered;
use kaifong_trust::{Distrust, Journals, Roster, Signed, Verified};

use crate::documents::{DocumentError, Documents};
use crate::event::{Tag, Tags};
use crate::matches::Fits;

/// The roster as the ledger and the gate ask it.
pub(crate) struct Eyes<'a>(pub(crate) &'a Roster);

impl Rights for Eyes<'_> {
    fn charter(&self, epoch: &EntryHash) -> Option<Charter> {
        self.0.epoch_at(epoch).map(|epoch| epoch.charter)
    }

    fn is_witness(&self, epoch: &EntryHash, device: &DeviceId) -> bool {
        self.0.epoch_at(epoch).is_some_and(|epoch| epoch.witnesses.contains(device))
    }

    fn fund(&self, epoch: &EntryHash) -> Option<&Fund> {
        self.0.epoch_at(epoch).map(|epoch| &epoch.fund)
    }

    fn holds(&self, epoch: &EntryHash, member: &MemberId, role: Role) -> bool {
        self.0.held(epoch, member, role)
    }
}

impl Owners for Eyes<'_> {
    fn may_write(&self, device: &DeviceId, member: &MemberId) -> bool {
        self.0.may_write(device, member)
    }

    fn may_name_staff(&self, member: &MemberId) -> bool {
        self.0.was_organisation(member)
    }
}

/// What an arrival did.
#[derive(Debug, Default)]
pub(crate) struct Arrival {
    /// Entries that are new here, in causal order.
    pub(crate) entries: Vec<Arc<Verified<Entry>>>,
    /// Journals that grew.
    pub(crate) journals: BTreeSet<JournalId>,
    /// The rows that changed.
    pub(crate) tags: Tags,
    /// Something it names is not here yet.
    pub(crate) waiting: bool,
}

/// One building on one device.
pub struct Home {
    pub(crate) genesis: Verified<Genesis>,
    pub(crate) journals: Journals,
    pub(crate) ledger: Ledger,
    pub(crate) board: Board,
    pub(crate) documents: Documents,
    /// The journal in which each party of a deal acted last: where a payment goes.
    pub(crate) deal_journals: BTreeMap<(kaifong_domain::DealId, MemberId), JournalId>,
    /// Deals of which the two say different numbers of points.
    pub(crate) disputes: Disputes,
    /// Goods and orders.
    pub(crate) shops: Shops,
    /// What those orders have come to.
    pub(crate) standings: crate::shop::Standings,
    /// Lists of grants from the fund, and who has agreed to them.
    pub(crate) lists: crate::fund::Lists,
    /// Who has signed up for what.
    pub(crate) bookings: kaifong_domain::activity::Bookings,
    /// Who has asked for which space, and who has it.
    pub(crate) spaces: kaifong_domain::space::SpaceBookings,
    /// Who helps whom on the same days of every week.
    pub(crate) arrangements: kaifong_domain::recurring::Arrangements,
    /// Slips of paper that were entered.
    pub(crate) slips: Slips,
    /// Journals that desks keep, and who has helped there.
    pub(crate) desks: Desks,
    /// Drives, promises and thanks.
    pub(crate) care: Care,
    /// With whom the member whose device this is would have nothing to do. Theirs alone, and no part of what neighbours share.
    pub(crate) blocked: BTreeSet<MemberId>,
    /// What fits what. Made anew after each start.
    pub(crate) fits: Fits,
    next_place: u64,
    /// By which turn of what counts the board is up to date.
    turn: u64,
}

impl std::fmt::Debug for Home {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Home({}, {} entries)", self.id().short(), self.journals.len())
    }
}

impl Home {
    /// Starts with nothing but the genesis.
    pub(crate) fn new(genesis: Verified<Genesis>) -> Self {
        Self {
            journals: Journals::new(&genesis),
            ledger: Ledger::new(),
            board: Board::new(),
            documents: Documents::new(BuildingId(genesis.hash())),
            deal_journals: BTreeMap::new(),
            disputes: Disputes::new(),
            shops: Shops::default(),
            standings: crate::shop::Standings::default(),
            lists: crate::fund::Lists::default(),
            bookings: kaifong_domain::activity::Bookings::default(),
            spaces: kaifong_domain::space::SpaceBookings::default(),
            arrangements: kaifong_domain::recurring::Arrangements::default(),
            slips: Slips::default(),
            desks: Desks::default(),
            care: Care::default(),
            blocked: BTreeSet::new(),
            fits: Fits::default(),
            next_place: 0,
            turn: 0,
            genesis,
        }
    }

    /// Reads a building back: entries in the order of their admission, documents as rows. What had to be made anew is
    /// stored when `batch` is.
    pub(crate) fn load(genesis: Verified<Genesis>, store: &dyn Store, batch: &mut Batch) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::Corrupt { what: what.into() };
        let mut home = Self::new(genesis);
        let mut trouble = None;
        store.visit(Space::Journals, &[], &mut |key, bytes| {
            let read = Signed::<Entry>::from_bytes(bytes).and_then(Signed::recall_from_own_store);
            let admitted = read.and_then(|entry| home.journals.offer(entry));
            match (admitted, <[u8; 8]>::try_from(key)) {
                (Ok(Offered::Admitted(entries)), Ok(place)) => {
                    home.next_place = u64::from_be_bytes(place) + 1;
                    let mut arrival = Arrival::default();
                    entries.into_iter().for_each(|entry| home.fold(entry, &mut arrival));
                }
                _ => trouble = Some(corrupt("a journal entry")),
            }
        })?;
        if let Some(trouble) = trouble {
            return Err(trouble);
        }
        home.count_anew(&mut Arrival::default());
        for (member, mut records) in home.documents.load_rows(store, batch)? {
            home.shops.set_goods(member, std::mem::take(&mut records.goods));
            home.care.set_records(member, std::mem::take(&mut records.care));
            home.board.set_records(member, records);
        }
        Ok(home)
    }

    /// The building.
    pub fn id(&self) -> BuildingId {
        BuildingId(self.genesis.hash())
    }

    /// What its founder signed first.
    pub fn genesis(&self) -> &Verified<Genesis> {
        &self.genesis
    }

    /// Who is who.
    pub fn roster(&self) -> &Roster {
        self.journals.roster()
    }

    /// The journals.
    pub fn journals(&self) -> &Journals {
        &self.journals
    }

    /// Listings, deals, reviews and profiles.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// Slips of paper.
    pub fn slips(&self) -> &Slips {
        &self.slips
    }

    /// Drives, promises and thanks.
    pub fn care(&self) -> &Care {
        &self.care
    }

    /// Points.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What the ledger asks of the roster: with the journals, all that another counter needs.
    pub fn rights(&self) -> impl Rights + '_ {
        Eyes(self.journals.roster())
    }

    /// The members' documents.
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// Gives the hash of everything a screen can show: equal on replicas that hold the same.
    pub fn projection(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 projection");
        self.roster().digest(&mut hasher);
        self.board.digest(&mut hasher);
        self.bookings.digest(&mut hasher);
        self.spaces.digest(&mut hasher);
        self.arrangements.digest(&mut hasher);
        self.shops.digest(&mut hasher);
        self.ledger.digest(&mut hasher);
        self.disputes.digest(&mut hasher);
        self.slips.digest(&mut hasher);
        self.desks.digest(&mut hasher);
        self.care.digest(&mut hasher);
        *hasher.finalize().as_bytes()
    }

    /// Takes an entry in: verified by its signature, admitted by the journals, then folded into everything.
    ///
    /// # Errors
    /// Any [`Distrust`]; nothing has changed then.
    pub(crate) fn take_entry(
        &mut self,
        entry: Verified<Entry>,
        batch: &mut Batch,
        arrival: &mut Arrival,
    ) -> Result<(), Distrust> {
        match self.journals.offer(entry)? {
            Offered::Known => {}
            Offered::Waiting { .. } => arrival.waiting = true,
            Offered::Admitted(entries) => {
                for entry in entries {
                    batch.put(Space::Journals, self.next_place.to_be_bytes(), entry.signed().to_bytes());
                    self.next_place += 1;
                    self.fold(entry, arrival);
                }
                self.count_anew(arrival);
            }
        }
        Ok(())
    }

    /// Puts the steps of deals and what else still counts where it belongs again, after devices were closed or came back.
    fn count_anew(&mut self, arrival: &mut Arrival) {
        let turn = self.journals.roster().turns();
        if std::mem::replace(&mut self.turn, turn) == turn {
            return;
        }
        let changed = self.board.forget_acts();
        self.deal_journals.clear();
        self.disputes = Disputes::new();
        self.shops.forget_acts();
        self.standings = crate::shop::Standings::default();
        self.rows_changed(&changed, arrival);
        let counted = |body: &Body| matches!(body, Body::Deal(_) | Body::Say(_) | Body::Rule(_) | Body::Shop(_));
        let acts: Vec<_> = self.journals.since(0).filter(|entry| counted(&entry.value().body)).cloned().collect();
        for entry in acts {
            self.fold_act(&entry, arrival);
            self.fold_shop(&entry, arrival);
        }
        self.count_bookings_anew(arrival);
        self.count_spaces_anew(arrival);
        self.count_arrangements_anew(arrival);
        self.note_anew(arrival);
        arrival.tags.extend([Tag::Members, Tag::Building, Tag::Requests, Tag::Application, Tag::Shop]);
    }

    /// Reads once more what was written at desks: who is one may have become another matter.
    fn note_anew(&mut self, arrival: &mut Arrival) {
        (self.slips, self.desks) = (Slips::default(), Desks::default());
        let noted =
            |body: &Body| matches!(body, Body::Slip(_) | Body::Disown { .. } | Body::Assist(_) | Body::Keep { .. });
        let words: Vec<_> = self.journals.since(0).filter(|entry| noted(&entry.value().body)).cloned().collect();
        for entry in words {
            self.fold_slip(&entry, arrival);
            self.fold_help(&entry, arrival);
        }
    }

    /// Tells whether a journal may be paid into and stamped: its device is its member's, all that stands in it counts, and it
    /// was not handed over.
    pub(crate) fn is_in_use(&self, journal: &JournalId) -> bool {
        let kept = self.journals.journal(journal).is_some_and(|journal| self.journals.is_kept(journal));
        kept && self.ledger.legacy(journal).is_none()
    }

    fn fold_act(&mut self, entry: &Verified<Entry>, arrival: &mut Arrival) {
        let value = entry.value();
        let hash = EntryHash(entry.hash());
        let roster = self.journals.roster();
        let Some(by) = roster.owner_of_journal(&value.journal).filter(|_| self.journals.counts(&hash)) else { return };
        let said = match &value.body {
            Body::Deal(act) => {
                let signed =
                    SignedAct { by, entry: hash, journal: value.journal, seq: value.seq, at: value.at, act: *act };
                self.deal_journals.insert((signed.deal(), by), value.journal);
                let changed = self.board.add_act(signed);
                return self.rows_changed(&changed, arrival);
            }
            Body::Say(word) => (Voice::Party, word),
            Body::Rule(word) if roster.held(&value.epoch, &by, Role::Mediator) => (Voice::Mediator, word),
            _ => return,
        };
        let epoch = roster.epoch_at(&value.epoch).map_or(0, |epoch| epoch.number);
        if self.disputes.add(by, said.0, epoch, hash, said.1) {
            arrival.tags.extend([Tag::Deals, Tag::Points]);
        }
    }

    /// Takes some of a document in, through the gate.
    ///
    /// # Errors
    /// Any [`DocumentError`]; nothing has changed then.
    pub(crate) fn take_delivery(
        &mut self,
        delivery: &Delivery,
        store: &dyn Store,
        batch: &mut Batch,
        arrival: &mut Arrival,
    ) -> Result<Option<ForkProof>, DocumentError> {
        let member = delivery.document;
        let eyes = Eyes(self.journals.roster());
        let verdict = self.documents.judge(delivery, &eyes, store, batch)?;
        let fork = match verdict {
            Verdict::AlreadyKnown => return Ok(None),
            Verdict::Waiting { .. } => {
                arrival.waiting = true;
                return Ok(None);
            }
            Verdict::Applied { .. } => None,
            Verdict::Forked(proof) => Some(proof),
        };
        self.show(member, arrival);
        Ok(fork)
    }

    /// Shows what a document says on the board, after it changed.
    pub(crate) fn show(&mut self, member: MemberId, arrival: &mut Arrival) {
        let mut records = self.documents.records(&member).unwrap_or_default();
        if self.shops.set_goods(member, std::mem::take(&mut records.goods)) {
            arrival.tags.insert(Tag::Shop);
        }
        if self.care.set_records(member, std::mem::take(&mut records.care)) {
            arrival.tags.insert(Tag::Care);
        }
        let changed = self.board.set_records(member, records);
        self.rows_changed(&changed, arrival);
    }

    /// Tells whether anything that a member has said is here.
    pub(crate) fn holds_words_of(&self, member: &MemberId) -> bool {
        self.documents.is_here(member) || self.board.profile(member).is_some()
    }

    /// Lets go of a document that its member has erased.
    ///
    /// # Errors
    /// Any [`StoreError`] while looking for its parts; nothing has changed then.
    pub(crate) fn erase(
        &mut self,
        member: MemberId,
        store: &dyn Store,
        batch: &mut Batch,
        arrival: &mut Arrival,
    ) -> Result<(), StoreError> {
        self.documents.erase(&member, store, batch)?;
        self.shops.set_goods(member, Vec::new());
        self.care.set_records(member, CareRecords::default());
        arrival.tags.insert(Tag::Care);
        let changed = self.board.forget_records(member);
        self.rows_changed(&changed, arrival);
        Ok(())
    }

    /// Tells whether this member is the desk.
    pub(crate) fn is_desk(&self, device: &DeviceId) -> bool {
        let member = self.roster().device(device).and_then(|device| self.roster().member(&device.member));
        member.is_some_and(|member| member.kind == MemberKind::Desk)
    }

    fn fold(&mut self, entry: Arc<Verified<Entry>>, arrival: &mut Arrival) {
        let value = entry.value();
        self.ledger.add(&entry, &Eyes(self.journals.roster()));
        match &value.body {
            Body::Deal(_) | Body::Say(_) | Body::Rule(_) => self.fold_act(&entry, arrival),
            Body::Activity(_) => self.fold_activity(&entry, arrival),
            Body::Space(_) => self.fold_space(&entry, arrival),
            Body::Recurring(_) => self.fold_recurring(&entry, arrival),
            Body::Slip(_) | Body::Disown { .. } => self.fold_slip(&entry, arrival),
            Body::Assist(_) | Body::Keep { .. } => self.fold_help(&entry, arrival),
            // Of two certificates one says what kind of member it is, and that may be the later one.
            Body::Certify(certificate) => {
                let roster = self.journals.roster();
                let by = roster.owner_of_journal(&value.journal);
                let reviews = by.is_some_and(|by| roster.held(&value.epoch, &by, Role::Reviewer));
                if reviews && self.journals.journals().any(|journal| journal.member == certificate.member) {
                    self.note_anew(arrival);
                }
                arrival.tags.extend([Tag::Members, Tag::Application, Tag::Requests]);
            }
            Body::Open(_)
            | Body::Link(_)
            | Body::Cut(_)
            | Body::Sheet(_)
            | Body::Recover(_)
            | Body::Reapprove(_)
            | Body::Object { .. }
            | Body::Kin(_)
            | Body::Erase
            | Body::Vouch(_) => {
                arrival.tags.extend([Tag::Members, Tag::Application, Tag::Requests]);
            }
            Body::Leave(_) | Body::Mark(_) | Body::Here { .. } => {
                arrival.tags.extend([Tag::Members, Tag::Listings, Tag::Deals]);
            }
            Body::Epoch(_)
            | Body::EpochCutting(_)
            | Body::Refound(_)
            | Body::Follow(_)
            | Body::Promise(_)
            | Body::Propose(_)
            | Body::Sign { .. }
            | Body::Decide(_)
            | Body::Replace(_)
            | Body::Stand { .. } => {
                arrival.tags.insert(Tag::Building);
            }
            Body::Shop(_) => self.fold_shop(&entry, arrival),
            Body::Transfer(Transfer { reason: Some(reason), .. }) => {
                if let Some(by) = self.journals.journal(&value.journal).map(|journal| journal.member) {
                    self.shops.add_transfer(*reason, by, EntryHash(entry.hash()));
                }
                arrival.tags.insert(Tag::Points);
            }
            Body::Accept { transfer } => {
                self.note_paid_order(transfer);
                arrival.tags.insert(Tag::Points);
            }
            Body::Transfer(_) | Body::Decline { .. } | Body::Reclaim { .. } | Body::Stamp(_) | Body::Cite { .. } => {
                arrival.tags.insert(Tag::Points);
            }
            Body::Succeed(_) | Body::Inherit { .. } => {
                arrival.tags.extend([Tag::Points, Tag::Members]);
            }
            Body::Grant(_) | Body::GrantList(_) | Body::Second { .. } | Body::Unlist { .. } => {
                arrival.tags.extend(self.note_list(EntryHash(entry.hash()), &value.body));
            }
        }
        arrival.journals.insert(value.journal);
        arrival.entries.push(entry);
    }

    fn rows_changed(&mut self, changed: &kaifong_domain::Changed, arrival: &mut Arrival) {
        self.fits.listings_changed(&changed.listings, &self.board);
        let touched = [
            (Tag::Listings, changed.listings.is_empty()),
            (Tag::Deals, changed.deals.is_empty()),
            (Tag::Reviews, changed.reviews_about.is_empty()),
            (Tag::Members, changed.profiles.is_empty()),
            (Tag::Matters, changed.matters.is_empty()),
            (Tag::Activities, changed.activities.is_empty() && !changed.commons),
        ];
        arrival.tags.extend(touched.into_iter().filter(|(_, none)| !none).map(|(tag, _)| tag));
    }
}
