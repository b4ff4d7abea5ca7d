//! An organisation: 王芳's firm has a phone and a tablet, and a person at each.

use automerge::legacy::{self, Key, ObjectId, OpType};
use automerge::{ActorId, Change, ExpandedChange, ObjType, ScalarValue};
use kaifong_domain::staff::{POST_CHARS_MAX, STAFF_MAX, Staff, Written};
use kaifong_domain::{Refusal, StaffId};

use super::*;
use crate::GateRefusal;

/// Nobody is an organisation, as on a replica that has not heard of a certificate yet.
struct NoFirms;

impl Owners for NoFirms {
    fn may_write(&self, device: &DeviceId, member: &MemberId) -> bool {
        Register.may_write(device, member)
    }

    fn may_name_staff(&self, _: &MemberId) -> bool {
        false
    }
}

fn works(device: &DeviceKey, name: &str, post: &str) -> Edit {
    let id = StaffId::from(device.id());
    Edit::PutStaff(Staff { id, name: name.into(), post: post.into(), left_at: None })
}

fn hands(document: &Document, written: Written) -> Vec<DeviceId> {
    document.records().hands.of(&written).to_vec()
}

#[test]
fn who_wrote_a_record_is_who_signed_it_and_a_colleague_who_mends_it_stands_beside() {
    let (mut on_phone, mut on_tablet) = (empty(), empty());
    let posted = edit(&mut on_phone, &phone(), &put(1, "电钻"));
    take(&mut on_tablet, &posted);
    assert_eq!(hands(&on_tablet, Written::Listing(ListingId([1; 16]))), [], "nobody is named here yet");
    for (device, wish) in [(phone(), works(&phone(), "小陈", "前台")), (tablet(), works(&tablet(), "老李", "维修"))]
    {
        let named = edit(&mut on_phone, &device, &wish);
        take(&mut on_tablet, &named);
    }
    let listing = Written::Listing(ListingId([1; 16]));
    assert_eq!(hands(&on_tablet, listing), [phone().id()]);
    let mended = edit(&mut on_tablet, &tablet(), &put(1, "冲击钻"));
    take(&mut on_phone, &mended);
    assert_eq!(hands(&on_phone, listing), [phone().id(), tablet().id()]);
    // 老李 has put every word of 小陈's review otherwise: hers it is, and his too.
    let said = edit(&mut on_phone, &phone(), &review(4, 5));
    take(&mut on_tablet, &said);
    edit(&mut on_tablet, &tablet(), &review(4, 1));
    assert_eq!(hands(&on_tablet, Written::Review(DealId([4; 16]))), [phone().id(), tablet().id()]);

    meet(&mut on_phone, &mut on_tablet);
    let mut newcomer = empty();
    take(&mut newcomer, &snapshot_of(&on_tablet));
    assert_eq!(newcomer.records(), on_phone.records(), "and a newcomer reads the same");
    let names: Vec<_> = newcomer.records().staff.into_iter().map(|staff| staff.name).collect();
    assert_eq!(names.len(), 2);
    newcomer.audit(&Register).unwrap();
}

#[test]
fn the_gate_takes_staff_of_an_organisation_alone_and_blames_nobody_who_cannot_know() {
    let mut firm = empty();
    let named = edit(&mut firm, &phone(), &works(&phone(), "小陈", ""));
    let refused = Err(GateRefusal::NotAnOrganisation);
    let mut neighbour = empty();
    assert_eq!(neighbour.judge(&named, &NoFirms), refused);
    assert_eq!(neighbour.judge(&snapshot_of(&firm), &NoFirms), refused, "nor in a snapshot");
    assert_eq!(neighbour.changes(), 0);
    assert!(!GateRefusal::NotAnOrganisation.sender_could_have_checked());
    // Once the certificate is here, the same delivery goes in.
    assert_eq!(neighbour.judge(&named, &Register), Ok(Verdict::Applied { records_changed: true }));
    assert_eq!(neighbour.audit(&NoFirms).err(), Some(GateRefusal::NotAnOrganisation));

    // 李娜 is a resident.
    let mut hers = Document::new(BUILDING, LI_NA);
    let named = hers.edit(&li_nas_phone(), NONCE, &works(&li_nas_phone(), "小陈", "")).unwrap();
    assert_eq!(Document::new(BUILDING, LI_NA).judge(&named, &Register), refused);
}

/// The phone's first change: a record of staff with these fields.
fn raw(key: &str, fields: &[(&str, ScalarValue)]) -> Delivery {
    let me = ActorId::from(actor(&phone()).to_bytes());
    let op = |obj, key: &str, action| legacy::Op {
        action,
        obj,
        key: Key::Map(key.into()),
        pred: Vec::new().into(),
        insert: false,
    };
    let map = ObjectId::Id(legacy::OpId::new(1, &me));
    let mut operations = vec![op(ObjectId::Root, key, OpType::Make(ObjType::Map))];
    operations.extend(fields.iter().map(|(key, value)| op(map.clone(), key, OpType::Put(value.clone()))));
    let change = Change::from(ExpandedChange {
        operations,
        actor_id: me,
        author: None,
        hash: None,
        seq: 1,
        start_op: std::num::NonZeroU64::MIN,
        time: 0,
        message: None,
        deps: Vec::new(),
        extra_bytes: Vec::new(),
    });
    carry(vec![change.raw_bytes().to_vec()], vec![head(&phone(), 1, change.hash().0)])
}

#[test]
fn a_malformed_record_of_staff_is_refused_for_the_first_of() {
    let key = format!("staff:{}", StaffId::from(phone().id()));
    let text = |text: &str| ScalarValue::Str(text.into());
    let long = |found, most| {
        GateRefusal::Value(Refusal::TextTooLong { field: if most == 30 { "name" } else { "post" }, found, most })
    };
    let bidi = |field| GateRefusal::Value(Refusal::TextUnprintable { field, code: 0x202E });
    let table = [
        ("the post is missing", vec![("name", text("小陈"))], GateRefusal::RecordIncomplete),
        (
            "no name",
            vec![("name", text(" ")), ("post", text(""))],
            GateRefusal::Value(Refusal::TextEmpty { field: "name" }),
        ),
        ("a long name", vec![("name", text(&"陈".repeat(31))), ("post", text(""))], long(31, 30)),
        ("a name that turns", vec![("name", text("陈\u{202E}小")), ("post", text(""))], bidi("name")),
        ("a long post", vec![("name", text("小陈")), ("post", text(&"修".repeat(13)))], long(13, POST_CHARS_MAX)),
        ("a post that turns", vec![("name", text("小陈")), ("post", text("\u{202E}修"))], bidi("post")),
        ("a number for a name", vec![("name", ScalarValue::Uint(1)), ("post", text(""))], GateRefusal::ValueType),
        (
            "another's field",
            vec![("name", text("小陈")), ("post", text("")), ("title", text("x"))],
            GateRefusal::KeyMisplaced,
        ),
        (
            "left after the end of time",
            vec![("name", text("小陈")), ("post", text("")), ("left_at", ScalarValue::Uint(u64::MAX))],
            GateRefusal::Value(Refusal::OutOfRange { field: "left_at", least: 0, most: 1 << 53 }),
        ),
    ];
    for (what, fields, expected) in table {
        assert_eq!(empty().judge(&raw(&key, &fields), &Register), Err(expected), "{what}");
    }
    let whole = [("name", text("小陈")), ("post", text("前台"))];
    assert_eq!(empty().judge(&raw(&key.to_uppercase(), &whole), &Register), Err(GateRefusal::KeyUnknown));
    assert_eq!(empty().judge(&raw("staff:00", &whole), &Register), Err(GateRefusal::KeyUnknown));
    assert_eq!(empty().judge(&raw(&key, &whole), &Register), Ok(Verdict::Applied { records_changed: true }));
}

#[test]
fn two_devices_that_name_a_third_while_apart_agree_on_one_of_the_names() {
    let (mut on_phone, mut on_tablet) = (empty(), empty());
    let by_phone = edit(&mut on_phone, &phone(), &works(&watch(), "小陈", ""));
    let by_tablet = edit(&mut on_tablet, &tablet(), &works(&watch(), "老李", ""));
    take(&mut on_phone, &by_tablet);
    take(&mut on_tablet, &by_phone);
    assert_eq!(on_phone.records().staff.len(), 1);
    assert_eq!(on_phone.records(), on_tablet.records());
    assert_eq!(hands(&on_phone, Written::Staff(StaffId::from(watch().id()))).len(), 1, "whose name shows has said it");
}

#[test]
fn more_names_than_devices_can_have_hide_nobody() {
    let mut firm = empty();
    let ids: Vec<u8> = (0..=u8::try_from(STAFF_MAX).unwrap()).rev().collect();
    let named: Vec<_> = ids
        .iter()
        .map(|id| {
            let staff = Staff { id: StaffId([*id; 16]), name: format!("{id}号"), post: String::new(), left_at: None };
            edit(&mut firm, &phone(), &Edit::PutStaff(staff))
        })
        .collect();
    let mut neighbour = empty();
    named.iter().for_each(|delivery| drop(take(&mut neighbour, delivery)));
    let staff = neighbour.records().staff;
    assert_eq!(staff, firm.records().staff);
    assert_eq!(
        staff.iter().map(|one| one.id.0[0]).collect::<Vec<_>>(),
        (0..=64).collect::<Vec<u8>>(),
        "which of them are devices is for the roster to say"
    );
}
