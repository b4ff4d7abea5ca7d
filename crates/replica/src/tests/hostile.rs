//! A table of hostile changes. Each is signed by Wang Fang's own phone: what is hostile harms its owner alone.

use std::num::NonZeroU64;

use automerge::legacy::{self, Key, ObjectId, OpId, OpType};
use automerge::{ActorId, Change, ChangeHash, ExpandedChange, ObjType, ScalarValue};
use kaifong_domain::Refusal;
use kaifong_trust::Distrust;

use super::*;
use crate::GateRefusal;

/// A change to be bent: the honest next one of the phone after `1: listing, 2: profile`.
struct Bent {
    change: ExpandedChange,
    /// The listing's map, and its title.
    map: OpId,
    title: OpId,
    name: OpId,
    /// What signs the head, and the seq in it.
    signer: DeviceKey,
}

fn ground() -> Document {
    let mut document = empty();
    edit(&mut document, &phone(), &put(1, "电钻"));
    edit(&mut document, &phone(), &profile("王芳"));
    document
}

fn id_of(counter: u64) -> OpId {
    OpId::new(counter, &ActorId::from(actor(&phone()).to_bytes()))
}

fn op(obj: ObjectId, key: &str, action: OpType, pred: Vec<OpId>) -> legacy::Op {
    legacy::Op { action, obj, key: Key::Map(key.into()), pred: pred.into(), insert: false }
}

fn text(text: &str) -> OpType {
    OpType::Put(ScalarValue::Str(text.into()))
}

fn number(number: u64) -> OpType {
    OpType::Put(ScalarValue::Uint(number))
}

impl Bent {
    /// The phone renames the listing.
    fn honest(document: &Document) -> Self {
        // The listing has operations 1 (map), 2 what, 3 title, 4 body, 5 points, 6 posted_at; the profile 7 to 9.
        let (map, title, name) = (id_of(1), id_of(3), id_of(7));
        let rename = op(ObjectId::Id(map.clone()), "title", text("冲击钻"), vec![title.clone()]);
        let change = ExpandedChange {
            operations: vec![rename],
            actor_id: ActorId::from(actor(&phone()).to_bytes()),
            author: None,
            hash: None,
            seq: 3,
            start_op: NonZeroU64::new(10).unwrap(),
            time: 0,
            message: None,
            deps: document.heads().into_iter().map(ChangeHash).collect(),
            extra_bytes: Vec::new(),
        };
        Self { change, map, title, name, signer: phone() }
    }

    fn in_map(&self) -> ObjectId {
        ObjectId::Id(self.map.clone())
    }

    fn deliver(&self) -> Delivery {
        let change = Change::from(self.change.clone());
        carry(vec![change.raw_bytes().to_vec()], vec![head(&self.signer, self.change.seq, change.hash().0)])
    }
}

fn judged(bend: impl FnOnce(&mut Bent)) -> Result<Verdict, GateRefusal> {
    let mut document = ground();
    let before = (document.fingerprint(), document.records());
    let mut bent = Bent::honest(&document);
    bend(&mut bent);
    document.writes();
    let verdict = document.judge(&bent.deliver(), &Register);
    if verdict.is_err() {
        assert_eq!((document.fingerprint(), document.records()), before, "a refusal leaves nothing behind");
        assert_eq!(document.writes(), vec![]);
        // And the next honest change still goes in.
        let honest = Bent::honest(&document).deliver();
        assert_eq!(document.judge(&honest, &Register), Ok(Verdict::Applied { records_changed: true }));
        document.audit(&Register).unwrap();
    }
    verdict
}

fn refused(bend: impl FnOnce(&mut Bent)) -> GateRefusal {
    judged(bend).unwrap_err()
}

#[test]
fn unbent_it_passes() {
    assert_eq!(judged(|_| ()), Ok(Verdict::Applied { records_changed: true }));
}

#[test]
fn structure() {
    use GateRefusal::*;
    assert_eq!(refused(|b| b.change.start_op = NonZeroU64::new(11).unwrap()), StartOp);
    assert_eq!(refused(|b| b.change.start_op = NonZeroU64::new(9).unwrap()), StartOp);
    assert_eq!(refused(|b| b.change.start_op = NonZeroU64::new(u64::from(u32::MAX) - 1).unwrap()), CounterTooHigh);
    assert_eq!(refused(|b| b.change.start_op = NonZeroU64::MAX), CounterTooHigh);
    assert_eq!(refused(|b| b.change.seq = 4), SeqGap);
    assert_eq!(refused(|b| b.change.seq = 0), SeqGap);
    assert_eq!(refused(|b| b.change.seq = u64::MAX), SeqGap);
    assert_eq!(
        refused(|b| {
            b.change.deps = vec![];
            b.change.start_op = NonZeroU64::new(1).unwrap();
            b.change.operations.truncate(1);
        }),
        NotOnPrevious
    );
    assert_eq!(refused(|b| b.change.deps = [b.change.deps.clone(), b.change.deps.clone()].concat()), DepsUnordered);
    assert_eq!(refused(|b| b.change.deps = vec![ChangeHash([5; 32]); 70]), DepsUnordered);
    assert_eq!(refused(|b| b.change.operations.clear()), Empty);
    assert_eq!(refused(|b| b.change.time = 1), Adorned);
    assert_eq!(refused(|b| b.change.message = Some("hello".into())), Adorned);
    assert_eq!(refused(|b| b.change.extra_bytes = vec![1, 2, 3]), Adorned);
    assert_eq!(refused(|b| b.change.actor_id = ActorId::from(vec![1; 16])), ActorMalformed);
    let waiting = judged(|b| b.change.deps.push(ChangeHash([5; 32])));
    assert_eq!(waiting, Ok(Verdict::Waiting { missing_deps: vec![[5; 32]] }));
}

#[test]
fn devices_and_signatures() {
    use GateRefusal::*;
    let other = |key: DeviceKey| {
        move |b: &mut Bent| {
            b.change.actor_id = ActorId::from(actor(&key).to_bytes());
            b.change.seq = 1;
            b.signer = key;
        }
    };
    assert_eq!(refused(other(li_nas_phone())), DeviceNotOwners);
    assert_eq!(refused(other(strangers_phone())), DeviceNotOwners);
    assert_eq!(judged(other(tablet())), Ok(Verdict::Applied { records_changed: true }), "her tablet may");
    assert_eq!(refused(|b| b.signer = li_nas_phone()), Unvouched);
    assert_eq!(refused(|b| b.signer = tablet()), Unvouched, "no device vouches for another's changes");

    let mut document = ground();
    let good = Bent::honest(&document).deliver();
    let mut unsigned = good.clone();
    unsigned.heads.clear();
    assert_eq!(document.judge(&unsigned, &Register), Err(Unvouched));
    // The signature is the last 64 bytes.
    let mut bytes = good.heads[0].to_bytes();
    *bytes.last_mut().unwrap() ^= 1;
    let forged = carry(changes_of(&good), vec![Signed::from_bytes(&bytes).unwrap()]);
    assert_eq!(document.judge(&forged, &Register), Err(Head(Distrust::BadSignature)));
    let (seq, change) = (3, Change::try_from(changes_of(&good)[0].as_slice()).unwrap().hash().0);
    let elsewhere = kaifong_trust::entry::Head {
        building: BuildingId([0; 32]),
        document: WANG_FANG,
        actor: actor(&phone()),
        seq,
        change,
    };
    let elsewhere = carry(changes_of(&good), vec![phone().sign(elsewhere).signed().clone()]);
    assert_eq!(document.judge(&elsewhere, &Register), Err(Head(Distrust::ForeignBuilding)));
    let wrong_seq = carry(changes_of(&good), vec![head(&phone(), 4, change)]);
    assert_eq!(document.judge(&wrong_seq, &Register), Err(Unvouched));
}

#[test]
fn lists_texts_counters_and_marks() {
    use GateRefusal::*;
    let with = |action: OpType| refused(move |b| b.change.operations[0].action = action);
    assert_eq!(with(OpType::Make(ObjType::List)), ListsForbidden);
    assert_eq!(with(OpType::Make(ObjType::Text)), ListsForbidden);
    assert_eq!(with(OpType::Make(ObjType::Table)), ListsForbidden);
    assert_eq!(with(OpType::Increment(3)), ActionForbidden);
    let mark = legacy::MarkData { name: "bold".into(), value: ScalarValue::Boolean(true), expand: false };
    assert_eq!(with(OpType::MarkBegin(mark)), ColumnUnknown);
    assert_eq!(with(OpType::MarkEnd(false)), ActionForbidden);
    assert_eq!(with(OpType::MarkEnd(true)), ColumnUnknown);
    let strange = [
        ScalarValue::Counter(1.into()),
        ScalarValue::Boolean(true),
        ScalarValue::Null,
        ScalarValue::F64(1.5),
        ScalarValue::Timestamp(5),
        ScalarValue::Int(5),
        ScalarValue::Uint(5),
        ScalarValue::Bytes(vec![0; 32]),
    ];
    for value in strange {
        assert_eq!(with(OpType::Put(value)), ValueType);
    }
    assert_eq!(refused(|b| b.change.operations[0].insert = true), ListsForbidden);
    assert_eq!(refused(|b| b.change.operations[0].key = Key::head()), ListsForbidden);
    assert_eq!(
        refused(|b| b.change.operations[0].key = Key::Seq(legacy::ElementId::Id(b.title.clone()))),
        ListsForbidden
    );
}

#[test]
fn keys_and_places() {
    use GateRefusal::*;
    let root = |key: &'static str, action: OpType| {
        refused(move |b| b.change.operations[0] = op(ObjectId::Root, key, action, vec![]))
    };
    assert_eq!(root("admin", text("yes")), KeyUnknown);
    assert_eq!(root("listing:01", OpType::Make(ObjType::Map)), KeyUnknown);
    assert_eq!(root("listing:0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A", OpType::Make(ObjType::Map)), KeyUnknown);
    assert_eq!(root("title", text("电钻")), KeyMisplaced);
    assert_eq!(root("listing:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a", text("not a map")), ValueType);
    assert_eq!(root("profile.name", OpType::Make(ObjType::Map)), ValueType);
    assert_eq!(root("listing:01010101010101010101010101010101", OpType::Delete), DeleteForbidden);
    let long = "x".repeat(41);
    assert_eq!(refused(|b| b.change.operations[0].key = Key::Map(long.into())), KeyUnknown);
    let in_map = |key: &'static str, action: OpType| {
        refused(move |b| b.change.operations[0] = op(b.in_map(), key, action, vec![]))
    };
    assert_eq!(in_map("stars", number(5)), KeyMisplaced);
    assert_eq!(in_map("profile.name", text("王芳")), KeyMisplaced);
    assert_eq!(in_map("review:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a", OpType::Make(ObjType::Map)), KeyMisplaced);
    let elsewhere = |id: fn(&Bent) -> OpId| refused(move |b| b.change.operations[0].obj = ObjectId::Id(id(b)));
    assert_eq!(elsewhere(|b| b.title.clone()), MapUnknown, "a title is no map");
    assert_eq!(elsewhere(|_| id_of(99)), MapUnknown);
    assert_eq!(elsewhere(|_| OpId::new(1, &ActorId::from(actor(&tablet()).to_bytes()))), MapUnknown);
    assert_eq!(elsewhere(|_| OpId::new(1, &ActorId::from(vec![1, 2, 3]))), ActorMalformed);
}

#[test]
fn values() {
    let with = |key: &'static str, action: OpType, pred: Option<u64>| {
        refused(move |b| b.change.operations[0] = op(b.in_map(), key, action, pred.map(id_of).into_iter().collect()))
    };
    let long = "钻".repeat(61);
    assert!(matches!(with("title", text(&long), Some(3)), GateRefusal::Value(Refusal::TextTooLong { .. })));
    assert!(matches!(with("title", text(" "), Some(3)), GateRefusal::Value(Refusal::TextEmpty { .. })));
    assert!(matches!(with("title", text("a\u{202e}b"), Some(3)), GateRefusal::Value(Refusal::TextUnprintable { .. })));
    let long = "x".repeat(2001);
    assert!(matches!(with("body", text(&long), Some(4)), GateRefusal::Value(Refusal::TextTooLong { .. })));
    assert!(matches!(with("points", number(u64::MAX), Some(5)), GateRefusal::Value(Refusal::OutOfRange { .. })));
    assert!(matches!(with("posted_at", number(u64::MAX), Some(6)), GateRefusal::Value(Refusal::OutOfRange { .. })));
    assert_eq!(with("what", text("offer item"), Some(2)), GateRefusal::Value(Refusal::ModeMismatch));
    assert_eq!(with("what", text("offer"), Some(2)), GateRefusal::Value(Refusal::KindMissing));
    assert_eq!(with("what", text("steal item"), Some(2)), GateRefusal::ValueType);
    assert_eq!(with("what", text("offer item share again"), Some(2)), GateRefusal::ValueType);
    let huge = "x".repeat(40_000);
    assert!(matches!(with("body", text(&huge), Some(4)), GateRefusal::TooLarge { .. }));
}

#[test]
fn replacing_and_deleting() {
    use GateRefusal::*;
    let with = |key: &'static str, action: OpType, pred: Vec<u64>| {
        refused(move |b| b.change.operations[0] = op(b.in_map(), key, action, pred.into_iter().map(id_of).collect()))
    };
    assert_eq!(with("title", text("x"), vec![4]), ReplacesNothing, "the body is no title");
    assert_eq!(with("title", text("x"), vec![99]), ReplacesNothing);
    assert_eq!(with("title", text("x"), vec![10]), ReplacesNothing, "itself");
    assert_eq!(with("title", text("x"), vec![3, 3]), ReplacesNothing);
    assert_eq!(with("title", OpType::Delete, vec![3]), DeleteForbidden);
    assert_eq!(with("points", OpType::Delete, vec![]), DeleteForbidden, "delete of nothing");
    assert_eq!(with("closed_at", OpType::Delete, vec![5]), ReplacesNothing, "delete of something else");
    assert_eq!(refused(|b| b.change.operations.push(b.change.operations[0].clone())), SlotTwice);
    assert_eq!(
        refused(|b| {
            let record = "listing:01010101010101010101010101010101";
            b.change.operations = vec![op(ObjectId::Root, record, OpType::Make(ObjType::Map), vec![b.map.clone()])];
        }),
        RecordReplaced
    );
    assert_eq!(
        refused(|b| {
            let record = "review:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a";
            let map = ObjectId::Id(id_of(10));
            b.change.operations = vec![
                op(ObjectId::Root, record, OpType::Make(ObjType::Map), vec![]),
                op(map.clone(), "stars", number(5), vec![]),
                op(map, "text", text("很好"), vec![]),
            ];
        }),
        RecordIncomplete
    );
    let deleted = judged(|b| b.change.operations[0] = op(b.in_map(), "points", OpType::Delete, vec![id_of(5)]));
    assert_eq!(deleted, Ok(Verdict::Applied { records_changed: true }));
    let renamed =
        judged(|b| b.change.operations[0] = op(ObjectId::Root, "profile.name", text("芳"), vec![b.name.clone()]));
    assert_eq!(renamed, Ok(Verdict::Applied { records_changed: true }));
}

#[test]
fn a_dependency_that_another_builds_on_is_named_without_need() {
    let mut document = ground();
    let below = document.heads();
    edit(&mut document, &tablet(), &put(2, "梯子"));
    let with_both = |document: &Document, key: &DeviceKey, seq: u64| {
        let mut bent = Bent::honest(document);
        bent.change.actor_id = ActorId::from(actor(key).to_bytes());
        (bent.change.seq, bent.signer) = (seq, key.clone());
        bent.change.start_op = NonZeroU64::new(16).unwrap();
        bent.change.deps = [document.heads(), below.clone()].concat().into_iter().map(ChangeHash).collect();
        bent.change.deps.sort_unstable();
        bent.deliver()
    };
    assert_eq!(document.judge(&with_both(&document, &watch(), 1), &Register), Err(GateRefusal::DepsRedundant));
    // Automerge itself names an actor's own previous change, though the tablet has built on it.
    let own = with_both(&document, &phone(), 3);
    assert_eq!(document.judge(&own, &Register), Ok(Verdict::Applied { records_changed: true }));
}

#[test]
fn what_was_replaced_before_cannot_be_replaced_again() {
    let mut document = ground();
    let mut apart = document.clone();
    edit(&mut document, &phone(), &put(1, "角磨机"));
    let mut bent = Bent::honest(&document);
    bent.change.seq = 4;
    bent.change.start_op = NonZeroU64::new(11).unwrap();
    assert_eq!(document.judge(&bent.deliver(), &Register), Err(GateRefusal::ReplacesNothing));
    bent.change.operations[0].pred = vec![id_of(10)].into();
    assert_eq!(document.judge(&bent.deliver(), &Register), Ok(Verdict::Applied { records_changed: true }));
    // Whoever had not heard of it may.
    take(&mut document, &edit(&mut apart, &tablet(), &put(1, "推车")));
}

#[test]
fn what_is_not_among_the_ancestors_cannot_be_replaced() {
    // The tablet writes a title that the phone's next change does not build on, and yet names.
    let mut document = ground();
    let concurrent = {
        let mut on_tablet = document.clone();
        edit(&mut on_tablet, &tablet(), &put(1, "角磨机"))
    };
    let mut bent = Bent::honest(&document);
    take(&mut document, &concurrent);
    let theirs = OpId::new(10, &ActorId::from(actor(&tablet()).to_bytes()));
    bent.change.operations[0].pred = vec![bent.title.clone(), theirs].into();
    assert_eq!(document.judge(&bent.deliver(), &Register), Err(GateRefusal::ReplacesNothing));
}

/// Without steps 1 and 2: what Automerge does with such a change, and that the rehearsal survives it.
#[test]
fn a_change_in_a_map_that_is_not_there_makes_automerge_panic_and_the_rehearsal_catches_it() {
    let document = ground();
    let mut bent = Bent::honest(&document);
    bent.change.operations[0].obj = ObjectId::Id(id_of(99));
    let rehearsed = crate::gate::rehearsal::rehearse(&document.doc, vec![Change::from(bent.change)]);
    assert_eq!(rehearsed.map(|_| ()), Err(GateRefusal::RehearsalPanicked));
    edit(&mut document.clone(), &phone(), &put(1, "冲击钻"));
}

#[test]
fn one_bad_change_takes_its_whole_delivery_with_it_and_nothing_else() {
    let mut document = ground();
    let mut ahead = document.clone();
    let honest = edit(&mut ahead, &tablet(), &put(9, "推车"));
    let mut bent = Bent::honest(&document);
    bent.change.operations[0].key = Key::Map("admin".into());
    let bad = bent.deliver();
    let both =
        carry([changes_of(&honest), changes_of(&bad)].concat(), [honest.heads.clone(), bad.heads.clone()].concat());
    assert_eq!(document.judge(&both, &Register), Err(GateRefusal::KeyUnknown));
    assert_eq!(take(&mut document, &honest), Verdict::Applied { records_changed: true });
}

#[test]
fn bytes_that_only_claim_to_be_changes() {
    use GateRefusal::*;
    let mut document = ground();
    let good = changes_of(&Bent::honest(&document).deliver()).remove(0);
    let mut judge = |bytes: Vec<u8>| document.judge(&carry(vec![bytes], vec![]), &Register).unwrap_err();
    assert_eq!(judge(vec![]), Malformed);
    assert_eq!(judge([good.clone(), vec![0]].concat()), Malformed, "something follows");
    assert_eq!(judge(good[..good.len() - 1].to_vec()), Malformed);
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    assert_eq!(judge(with(8, 2)), Compressed);
    assert_eq!(judge(with(8, 0)), Malformed, "a document is no change");
    assert_eq!(judge(with(8, 3)), Malformed, "nor is a bundle");
    assert_eq!(judge(with(4, good[4] ^ 1)), Checksum);
    let long = Change::from({
        let mut bent = Bent::honest(&document);
        bent.change.operations = vec![bent.change.operations[0].clone(); 40];
        bent.change
    });
    assert_eq!(document.judge(&carry(vec![long.raw_bytes().to_vec()], vec![]), &Register), Err(RunTooLong));
}

#[test]
fn a_compressed_bomb_never_gets_to_be_inflated() {
    use std::io::Read;
    let zeros = vec![0; 64 << 20];
    let mut bomb = Vec::new();
    flate2::bufread::DeflateEncoder::new(zeros.as_slice(), flate2::Compression::fast()).read_to_end(&mut bomb).unwrap();
    bomb.truncate(20_000);
    let chunk = chunk(2, &bomb);
    assert_eq!(ground().judge(&carry(vec![chunk], vec![]), &Register), Err(GateRefusal::Compressed));
}

/// Wraps content into a chunk; the checksum is for those who get that far.
pub(super) fn chunk(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = [&crate::gate::structure::MAGIC[..], &[0; 4], &[kind]].concat();
    let mut length = content.len();
    while length >= 0x80 {
        bytes.push((length & 0x7F) as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend(content);
    bytes
}

#[test]
fn forty_bytes_cannot_claim_billions_of_operations() {
    // An honest chunk's content up to its columns, then one action column whose single run has 2^55 rows.
    let mut content = vec![0, 40];
    content.extend(actor(&phone()).to_bytes());
    content.extend([1, 1, 0, 0, 0]);
    content.extend([1, 0x42, 9]);
    content.extend([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x3F, 1]);
    let delivery = carry(vec![chunk(1, &content)], vec![]);
    assert_eq!(empty().judge(&delivery, &Register), Err(GateRefusal::RunTooLong));
}

#[test]
fn every_refusal_has_a_code_of_its_own_and_says_whom_to_blame() {
    use GateRefusal::*;
    let all = [
        OtherDocument,
        TooLarge { found: 1, most: 0 },
        DocumentFull,
        Malformed,
        Compressed,
        InflatesTooFar,
        SnapshotTooLarge { limit: "too-large" },
        RunTooLong,
        ColumnUnknown,
        Checksum,
        ActorMalformed,
        DeviceNotOwners,
        NotAnOrganisation,
        Adorned,
        Empty,
        DepsUnordered,
        DepsRedundant,
        SeqGap,
        NotOnPrevious,
        StartOp,
        CounterTooHigh,
        OutOfOrder,
        Cut,
        Head(Distrust::BadSignature),
        Unvouched,
        ListsForbidden,
        ActionForbidden,
        KeyUnknown,
        KeyMisplaced,
        MapUnknown,
        ValueType,
        Value(Refusal::ModeMismatch),
        RecordReplaced,
        RecordIncomplete,
        DeleteForbidden,
        AlterForbidden,
        ReplacesNothing,
        SlotTwice,
        Rehearsal,
        RehearsalPanicked,
        NoFork,
        WayBroken,
    ];
    let codes: std::collections::BTreeSet<_> = all.iter().map(GateRefusal::code).collect();
    assert_eq!(codes.len(), all.len());
    assert!(!DocumentFull.sender_could_have_checked() && TooLarge { found: 1, most: 0 }.sender_could_have_checked());
    assert!(StartOp.sender_could_have_checked() && !DeviceNotOwners.sender_could_have_checked());
}
