//! The members' documents on this device.
//!
//! Start-up reads rows, not Automerge: what each document says is stored beside the heads it came from. A document is
//! hydrated when it is edited, when a change for it arrives, or when a neighbour asks for what it lacks.

use std::cell::RefCell;
use std::collections::BTreeMap;

use kaifong_domain::record::{Edit, Invite, Records};
use kaifong_domain::{BuildingId, MemberId};
use kaifong_replica::{
    Delivery, Document, EditError, ForkProof, GateRefusal, Owners, ReplicaError, Verdict, VerifiedFork,
};
use kaifong_store::{Batch, Space, Store, StoreError};
use kaifong_trust::DeviceKey;
use serde::{Deserialize, Serialize};

/// How a row begins. It changes whenever a record that rows hold does: what a row of another version says would be read
/// wrongly, or not at all. The first ones began with a fingerprint.
const ROW_VERSION: [u8; 4] = *b"row8";

/// How many documents stay hydrated between steps; the rest is let go, smallest member id first.
const HYDRATED_MAX: usize = 256;

/// Why a document could not take something in. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DocumentError {
    /// The gate refused it.
    #[error(transparent)]
    Gate(#[from] GateRefusal),
    /// It breaks a rule of the domain, or the document is full.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// What the store gave back cannot be used.
    #[error(transparent)]
    Replica(#[from] ReplicaError),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is known of a document without hydrating it; stored as one row.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Row {
    fingerprint: [u8; 32],
    heads: Vec<[u8; 32]>,
    changes: u64,
    forks: Vec<[u8; 32]>,
    records: Records,
}

impl Row {
    fn of(document: &Document) -> Self {
        let forks = document.forks().iter().map(ForkProof::id).collect();
        Self {
            fingerprint: document.fingerprint(),
            heads: document.heads(),
            changes: document.changes(),
            forks,
            records: document.records(),
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        [ROW_VERSION.as_slice(), &kaifong_trust::encode(self)].concat()
    }

    /// Reads what [`Row::to_bytes`] has written; `None` for all else, rows of other versions among them.
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let row = bytes.strip_prefix(&ROW_VERSION)?;
        let (row, rest) = postcard::take_from_bytes::<Self>(row).ok()?;
        rest.is_empty().then_some(row)
    }
}

/// What a row says that is not on the board already.
#[derive(Clone, Debug, Default)]
struct Brief {
    fingerprint: [u8; 32],
    heads: Vec<[u8; 32]>,
    changes: u64,
    forks: Vec<[u8; 32]>,
    invites: Vec<Invite>,
}

impl From<&Row> for Brief {
    fn from(row: &Row) -> Self {
        Self {
            fingerprint: row.fingerprint,
            heads: row.heads.clone(),
            changes: row.changes,
            forks: row.forks.clone(),
            invites: row.records.invites.clone(),
        }
    }
}

/// All documents.
pub struct Documents {
    building: BuildingId,
    briefs: BTreeMap<MemberId, Brief>,
    hydrated: RefCell<BTreeMap<MemberId, Document>>,
}

impl Documents {
    pub(crate) fn new(building: BuildingId) -> Self {
        Self { building, briefs: BTreeMap::new(), hydrated: RefCell::default() }
    }

    /// Reads all rows and gives what they say. A row is made from its document: one that cannot be read, as those that
    /// another version of this program has written, is made anew; the new one is stored when `batch` is.
    ///
    /// # Errors
    /// Any [`StoreError`] while reading; [`StoreError::Corrupt`] when a document cannot be read either.
    pub(crate) fn load_rows(
        &mut self,
        store: &dyn Store,
        batch: &mut Batch,
    ) -> Result<Vec<(MemberId, Records)>, StoreError> {
        let (mut said, mut unread, mut nobodys) = (Vec::new(), Vec::new(), false);
        store.visit(Space::Rows, &[], &mut |key, bytes| match (MemberId::try_from(key), Row::from_bytes(bytes)) {
            (Ok(member), Some(row)) => said.push(self.take_in(member, row)),
            (Ok(member), None) => unread.push(member),
            (Err(_), _) => nobodys = true,
        })?;
        if nobodys {
            return Err(StoreError::Corrupt { what: "a row of no document".into() });
        }
        for member in unread {
            let document = hydrate(self.building, &member, store).map_err(|error| match error {
                DocumentError::Store(error) => error,
                other => StoreError::Corrupt { what: format!("a document and its row: {other}") },
            })?;
            let row = Row::of(&document);
            batch.put(Space::Rows, member.0.as_slice(), row.to_bytes());
            said.push(self.take_in(member, row));
        }
        Ok(said)
    }

    fn take_in(&mut self, member: MemberId, row: Row) -> (MemberId, Records) {
        self.briefs.insert(member, Brief::from(&row));
        (member, row.records)
    }

    /// Gives the number of documents.
    pub fn len(&self) -> usize {
        self.briefs.len()
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.briefs.is_empty()
    }

    /// Gives the number of changes in all documents.
    pub fn changes(&self) -> u64 {
        self.briefs.values().map(|brief| brief.changes).sum()
    }

    /// Gives every document with its fingerprint.
    pub(crate) fn fingerprints(&self) -> impl Iterator<Item = (MemberId, [u8; 32])> {
        self.briefs.iter().map(|(member, brief)| (*member, brief.fingerprint))
    }

    /// Feeds all documents into a digest: equal exactly when the same changes are held.
    pub fn digest(&self, hasher: &mut blake3::Hasher) {
        for (member, fingerprint) in self.fingerprints() {
            hasher.update(&member.0).update(&fingerprint);
        }
    }

    /// Gives every fork proof with the document it is about.
    pub(crate) fn forks(&self) -> impl Iterator<Item = (MemberId, [u8; 32])> {
        self.briefs.iter().flat_map(|(member, brief)| brief.forks.iter().map(|fork| (*member, *fork)))
    }

    /// Gives the fingerprint of one document; all zero when it is not here.
    pub(crate) fn fingerprint(&self, member: &MemberId) -> [u8; 32] {
        self.briefs.get(member).map(|brief| brief.fingerprint).unwrap_or_default()
    }

    /// Lets hydrated documents go. Only between steps whose writes are durable: until then the store does not have them.
    pub(crate) fn let_go(&mut self) {
        let hydrated = self.hydrated.get_mut();
        while hydrated.len() > HYDRATED_MAX {
            hydrated.pop_first();
        }
    }

    /// Gives the members whose documents are here.
    pub(crate) fn members(&self) -> impl Iterator<Item = &MemberId> {
        self.briefs.keys()
    }

    /// Gives the heads of one document; none when it is not here.
    pub(crate) fn heads(&self, member: &MemberId) -> Vec<[u8; 32]> {
        self.briefs.get(member).map(|brief| brief.heads.clone()).unwrap_or_default()
    }

    /// Tells whether a change of a document is here, newest or not.
    pub(crate) fn knows(&self, member: &MemberId, change: &[u8; 32], store: &dyn Store) -> bool {
        let newest = self.briefs.get(member).is_some_and(|brief| brief.heads.contains(change));
        newest || self.with(member, store, |document| document.knows(change)).unwrap_or(false)
    }

    /// Gives every invitation of everybody, with who made it.
    pub fn invites(&self) -> impl Iterator<Item = (MemberId, &Invite)> {
        self.briefs.iter().flat_map(|(member, brief)| brief.invites.iter().map(|invite| (*member, invite)))
    }

    /// Gives what one document says, if it is hydrated or can be made so by [`Documents::with`].
    pub(crate) fn records(&self, member: &MemberId) -> Option<Records> {
        self.hydrated.borrow().get(member).map(Document::records)
    }

    /// Makes one own change; it is durable when the batch is.
    pub(crate) fn edit(
        &mut self,
        member: MemberId,
        key: &DeviceKey,
        nonce: [u8; 8],
        edit: &Edit,
        store: &dyn Store,
        batch: &mut Batch,
    ) -> Result<Delivery, DocumentError> {
        let mut document = self.take(&member, store)?;
        let delivery = document.edit(key, nonce, edit);
        self.put_back(member, document, batch);
        Ok(delivery?)
    }

    /// Lets the gate judge a foreign delivery.
    pub(crate) fn judge(
        &mut self,
        delivery: &Delivery,
        owners: &dyn Owners,
        store: &dyn Store,
        batch: &mut Batch,
    ) -> Result<Verdict, DocumentError> {
        let member = delivery.document;
        let mut document = self.take(&member, store)?;
        let verdict = document.judge(delivery, owners);
        // What the gate refused has left the document as it was; an empty one is not worth keeping.
        if self.briefs.contains_key(&member) || document.changes() > 0 {
            self.put_back(member, document, batch);
        }
        Ok(verdict?)
    }

    /// Cuts a forked actor out of a document; `false` when it was cut there before.
    pub(crate) fn cut(
        &mut self,
        member: MemberId,
        fork: &VerifiedFork,
        store: &dyn Store,
        batch: &mut Batch,
    ) -> Result<bool, DocumentError> {
        let mut document = self.take(&member, store)?;
        let before = document.fingerprint();
        let cut = document.cut(fork);
        let changed = before != document.fingerprint();
        // It may hold writes of this very step: whether it was cut or not, it goes back.
        self.put_back(member, document, batch);
        cut?;
        Ok(changed)
    }

    /// Tells whether a document is here.
    pub(crate) fn is_here(&self, member: &MemberId) -> bool {
        self.briefs.contains_key(member)
    }

    /// Lets go of a document: nothing of it stays here or in the store once the batch is durable.
    ///
    /// # Errors
    /// Any [`StoreError`] while looking for its parts; nothing has changed then.
    pub(crate) fn erase(&mut self, member: &MemberId, store: &dyn Store, batch: &mut Batch) -> Result<(), StoreError> {
        let kept = store.scan(Space::Documents, &member.0)?.into_iter().map(|(key, _)| key);
        // What this very step has written is not in the store yet.
        let theirs = |op: &&kaifong_store::Op| op.space() == Space::Documents && op.key().starts_with(&member.0);
        let written = batch.ops().iter().filter(theirs).map(|op| op.key().to_vec());
        let keys: std::collections::BTreeSet<Vec<u8>> = kept.chain(written).collect();
        keys.into_iter().for_each(|key| batch.delete(Space::Documents, key));
        batch.delete(Space::Rows, member.0.as_slice());
        self.hydrated.get_mut().remove(member);
        self.briefs.remove(member);
        Ok(())
    }

    /// Looks at one document; `None` when it is not here or its bytes are damaged.
    pub(crate) fn with<T>(&self, member: &MemberId, store: &dyn Store, look: impl FnOnce(&Document) -> T) -> Option<T> {
        if !self.briefs.contains_key(member) {
            return None;
        }
        let mut hydrated = self.hydrated.borrow_mut();
        if !hydrated.contains_key(member) {
            let document = hydrate(self.building, member, store).ok()?;
            hydrated.insert(*member, document);
        }
        hydrated.get(member).map(look)
    }

    fn take(&mut self, member: &MemberId, store: &dyn Store) -> Result<Document, DocumentError> {
        match self.hydrated.get_mut().remove(member) {
            Some(document) => Ok(document),
            None if self.briefs.contains_key(member) => hydrate(self.building, member, store),
            None => Ok(Document::new(self.building, *member)),
        }
    }

    fn put_back(&mut self, member: MemberId, mut document: Document, batch: &mut Batch) {
        let writes = document.writes();
        let hydrated = self.hydrated.get_mut();
        if !writes.is_empty() {
            for (key, value) in writes {
                let key = [member.0.as_slice(), &key].concat();
                match value {
                    Some(value) => batch.put(Space::Documents, key, value),
                    None => batch.delete(Space::Documents, key),
                }
            }
            let row = Row::of(&document);
            self.briefs.insert(member, Brief::from(&row));
            batch.put(Space::Rows, member.0.as_slice(), row.to_bytes());
        }
        hydrated.insert(member, document);
    }
}

fn hydrate(building: BuildingId, member: &MemberId, store: &dyn Store) -> Result<Document, DocumentError> {
    let pairs = store.scan(Space::Documents, &member.0)?;
    let own = |(key, value): (Vec<u8>, Vec<u8>)| (key.get(16..).unwrap_or_default().to_vec(), value);
    let pairs: Vec<_> = pairs.into_iter().map(own).collect();
    Ok(Document::load(building, *member, &pairs)?)
}

#[cfg(test)]
mod tests {
    use kaifong_domain::activity::{Activity, ActivityTerms, Payee};
    use kaifong_domain::care::{Aside, CareRecords, Closing, Drive, Pledge, Receipt, Thanks};
    use kaifong_domain::commons::{AddedCategory, Group, Joining, Resource};
    use kaifong_domain::hall::{Addressee, Judged, Judgement, Matter, MatterKind, Response, ResponseKind};
    use kaifong_domain::kept::{Kept, Owning, Stocktake};
    use kaifong_domain::record::{Check, Kind, Listing, Mode, Profile, Reply, Review, Side, Task};
    use kaifong_domain::shop::Good;
    use kaifong_domain::sort::Category;
    use kaifong_domain::staff::{Hands, Staff, Written};
    use kaifong_domain::{
        ActivityId, CategoryId, DealId, DeviceId, DriveId, GroupId, Instant, InviteId, JudgementId, ListingId,
        MatterId, Points, ResourceId, ResponseId, StaffId, StocktakeId, ThanksId, place::PlaceId,
    };
    use kaifong_store::MemoryStore;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;

    const CHEN: MemberId = MemberId([7; 16]);

    /// A row in which every record has all that it can say.
    fn full() -> Row {
        let listing = Listing {
            kind: Some(Kind::Medical),
            mode: Some(Mode::Share),
            body: "坐垫是新的".into(),
            points: Some(Points(5)),
            closed_at: Some(Instant(2)),
            audience: Some(PlaceId(3)),
            checked: Some(Check { loans: 1, at: Instant(4), by: "梁叔".into() }),
            aside: Some(Aside::OnBehalf("一位老人".into())),
            category: Some(Category::Given(14)),
            behalf: Some("三楼的奶奶".into()),
            task: Some(Task::ElderHelp),
            kept: Kept::of(vec![MemberId([9; 16])], Some("A 架 3 层".into())),
            places: Some(4),
            ..Listing::of(ListingId([1; 16]), Side::Offer, "轮椅", Instant(1))
        };
        let profile =
            Profile { name: "陈姨".into(), block: "3栋".into(), about: "会理发".into(), place: Some(PlaceId(9)) };
        let (deal, at) = (DealId([1; 16]), Instant(5));
        let (matter, after) = (MatterId([4; 16]), JudgementId([5; 16]));
        let invite = Invite { id: InviteId([2; 16]), key: [3; 32], expires_at: at, withdrawn_at: Some(at) };
        Row {
            fingerprint: [1; 32],
            heads: vec![[2; 32]],
            changes: 3,
            forks: vec![[4; 32]],
            records: Records {
                profile,
                listings: vec![listing],
                reviews: vec![Review { deal, stars: 5, text: "很好".into(), at }],
                invites: vec![invite],
                replies: vec![Reply { deal, text: "谢谢".into(), at }],
                matters: vec![Matter {
                    id: matter,
                    kind: MatterKind::Question,
                    text: "电梯几时修好？".into(),
                    to: Some(Addressee::Member(CHEN)),
                    place: Some(PlaceId(3)),
                    put_at: at,
                    withdrawn_at: Some(at),
                }],
                judgements: vec![Judgement {
                    id: after,
                    matter,
                    number: 1,
                    judged: Judged::NotYet,
                    remark: "还停".into(),
                    at,
                }],
                responses: vec![Response {
                    id: ResponseId([6; 16]),
                    asker: CHEN,
                    matter,
                    kind: ResponseKind::Answer,
                    after: Some(after),
                    text: "明天".into(),
                    at,
                }],
                staff: vec![Staff {
                    id: StaffId([5; 16]),
                    name: "小陈".into(),
                    post: "前台".into(),
                    left_at: Some(at),
                }],
                groups: vec![Group {
                    id: GroupId([1; 16]),
                    name: "棋友会".into(),
                    about: "下棋".into(),
                    meets: "周三晚".into(),
                    venue: "二楼".into(),
                    founded_at: at,
                    closed_at: Some(at),
                }],
                joined: vec![Joining { group: GroupId([2; 16]), founder: CHEN, at, left_at: Some(at) }],
                owned: vec![Owning { listing: ListingId([2; 16]), keeper: CHEN, at, left_at: Some(at) }],
                stocktakes: vec![Stocktake {
                    id: StocktakeId([6; 16]),
                    at,
                    by: "何姨".into(),
                    found: vec![ListingId([1; 16])],
                }],
                resources: vec![Resource {
                    id: ResourceId([3; 16]),
                    name: "社区医院".into(),
                    about: "配药".into(),
                    contact: "6213 0000".into(),
                    hours: "8–17 点".into(),
                    minutes: Some(8),
                    put_at: at,
                    withdrawn_at: Some(at),
                }],
                categories: vec![AddedCategory {
                    id: CategoryId([4; 16]),
                    class: 5,
                    name: "渔具".into(),
                    put_at: at,
                    withdrawn_at: Some(at),
                }],
                goods: vec![Good {
                    id: Good::id_of("东北大米", "五斤装", Points(20), at),
                    title: "东北大米".into(),
                    body: "五斤装".into(),
                    points: Points(20),
                    pieces: Some(3),
                    each: Some(1),
                    until: Some(at),
                    till: DeviceId([5; 32]),
                    put_at: at,
                    withdrawn_at: Some(at),
                }],
                hands: Hands([(Written::Listing(ListingId([1; 16])), vec![DeviceId([5; 32])])].into()),
                activities: vec![Activity {
                    id: ActivityId([8; 16]),
                    title: "书法课".into(),
                    body: "带毛笔".into(),
                    venue: "二楼".into(),
                    terms: ActivityTerms {
                        starts_at: at,
                        hours: 2,
                        cost: Points(5),
                        to: Payee::Fund,
                        no_show: Points(3),
                    },
                    places: Some(10),
                    teacher: Some(CHEN),
                    group: Some((CHEN, GroupId([1; 16]))),
                    posted_at: at,
                    called_off_at: Some(at),
                }],
                care: CareRecords {
                    thanks: vec![Thanks {
                        id: ThanksId([1; 16]),
                        to: CHEN,
                        deal: Some(deal),
                        text: "谢谢".into(),
                        at,
                        withdrawn_at: Some(at),
                    }],
                    drives: vec![Drive {
                        id: DriveId([2; 16]),
                        title: "旧书".into(),
                        body: "给小屋".into(),
                        target: 30,
                        unit: "本".into(),
                        until: at,
                        put_at: at,
                        closed: Some(Closing { at, report: "上架了".into() }),
                    }],
                    pledges: vec![Pledge {
                        id: Pledge::id_of(&CHEN, &DriveId([2; 16])),
                        owner: CHEN,
                        drive: DriveId([2; 16]),
                        count: 2,
                        note: "新的".into(),
                        at,
                    }],
                    receipts: vec![Receipt {
                        id: Receipt::id_of(&CHEN, &DriveId([2; 16])),
                        drive: DriveId([2; 16]),
                        donor: CHEN,
                        count: 2,
                        at,
                    }],
                },
            },
        }
    }

    #[test]
    fn a_row_is_read_as_it_was_written_and_half_of_one_is_none() {
        let bytes = full().to_bytes();
        assert_eq!(Row::from_bytes(&bytes).unwrap().to_bytes(), bytes);
        for end in 0..bytes.len() {
            assert!(Row::from_bytes(&bytes[..end]).is_none(), "{end} bytes of {}", bytes.len());
        }
        assert!(Row::from_bytes(&[bytes, vec![0]].concat()).is_none(), "a row and more is none");
    }

    #[test]
    fn rows_whose_records_have_changed_have_another_version() {
        let bytes = full().to_bytes();
        let known: (_, String) = (ROW_VERSION, blake3::hash(&bytes).to_hex().chars().take(8).collect());
        assert_eq!(known, (*b"row8", "4808c471".to_owned()), "raise ROW_VERSION, and say here how a row lies since");
    }

    #[test]
    fn a_row_of_another_version_is_made_anew_from_its_document() {
        let (store, building) = (MemoryStore::default(), BuildingId([3; 32]));
        let key = DeviceKey::generate(&mut ChaCha20Rng::seed_from_u64(1));
        let mut written = Batch::default();
        let profile = Edit::SetProfile(Profile { name: "陈姨".into(), ..Profile::default() });
        Documents::new(building).edit(CHEN, &key, [1; 8], &profile, &store, &mut written).unwrap();
        store.commit(written).unwrap();
        let row = store.get(Space::Rows, &CHEN.0).unwrap().unwrap();

        // As a version before wrote it, cut off in the middle, of a version to come, and nothing at all.
        for strange in [&row[4..], &row[..row.len() - 1], &[b"row9".as_slice(), &row[4..]].concat(), &[]] {
            let mut worse = Batch::default();
            worse.put(Space::Rows, CHEN.0.as_slice(), strange);
            store.commit(worse).unwrap();
            let mut mended = Batch::default();
            let mut documents = Documents::new(building);
            let said = documents.load_rows(&store, &mut mended).unwrap();
            assert_eq!(
                said.iter().map(|(member, said)| (*member, &*said.profile.name)).collect::<Vec<_>>(),
                [(CHEN, "陈姨")]
            );
            assert_eq!((documents.len(), documents.changes()), (1, 1));
            store.commit(mended).unwrap();
            assert_eq!(
                store.get(Space::Rows, &CHEN.0).unwrap().unwrap(),
                row,
                "and lies as if it had always been there"
            );
        }

        // A document that is damaged, too, is damage.
        let mut worse = Batch::default();
        worse.put(Space::Rows, CHEN.0.as_slice(), []);
        for (name, _) in store.scan(Space::Documents, &CHEN.0).unwrap() {
            worse.put(Space::Documents, name, [1, 2, 3]);
        }
        store.commit(worse).unwrap();
        let refused = Documents::new(building).load_rows(&store, &mut Batch::default());
        assert!(matches!(refused, Err(StoreError::Corrupt { .. })), "{refused:?}");
    }
}
