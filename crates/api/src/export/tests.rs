//! An export of one who lent, paid and was thanked: what it holds, that it verifies, and what is found when it was changed.

use data_encoding::BASE64;
use kaifong_domain::deal::{DealAct, Direction, Hold, Terms};
use kaifong_domain::{BuildingId, DealId, EntryHash, Instant, ListingId, MemberId, Points};
use kaifong_node::trust::entry::{Basis, Body, Cut, Entry, Genesis, Link, MemberKind as Kind, NO_ENTRY, SealKey, Tip};
use kaifong_node::trust::pen::Pen;
use kaifong_node::trust::{DeviceKey, Signed, Verified};

use super::*;
use crate::dto::{MemberKind, Side, Stage};

fn person(member: MemberId, name: &str) -> Person {
    Person {
        member: Hex(member),
        name: name.into(),
        block: "3栋".into(),
        place: None,
        stay: Default::default(),
        hand: None,
    }
}

fn written(entry: &Verified<Entry>) -> String {
    BASE64.encode(&entry.signed().to_bytes())
}

/// 李叔, who founded 红棉里, helps 陈姨; both have signed that it is done.
pub(super) fn helped() -> Document {
    let (li, chen) = (DeviceKey::from_seed([1; 32]), DeviceKey::from_seed([2; 32]));
    let genesis = li.sign(Genesis {
        name: "红棉里".into(),
        founded_at: Instant(1),
        founder_seal: SealKey([3; 32]),
        charter: kaifong_domain::charter::Charter::default(),
        nonce: [7; 16],
    });
    let building = BuildingId(genesis.hash());
    let [li_id, chen_id] = [&li, &chen].map(|key| MemberId::derive(&building, &key.id()));
    let (mut his, first) = Pen::open(li.clone(), building, li_id, 0, Basis::Genesis, NO_ENTRY, Instant(2));
    let certificate = kaifong_node::trust::entry::Certificate {
        member: chen_id,
        device: chen.id(),
        seal: SealKey([4; 32]),
        kind: Kind::Person,
        commitment: [0; 32],
        household: Default::default(),
    };
    let certify = his.write(NO_ENTRY, Instant(3), Body::Certify(certificate));
    let basis = Basis::Certificate(EntryHash(certify.hash()));
    let (mut hers, opens) = Pen::open(chen, building, chen_id, 0, basis, NO_ENTRY, Instant(4));
    let listing = ListingId([9; 16]);
    let direction = Direction::AnswererGives;
    let terms = Terms { listing, owner: chen_id, direction, points: Points(0), due_at: None, counterpart: None };
    let answer = his.write(NO_ENTRY, Instant(5), Body::Deal(DealAct::Answer { terms }));
    let deal = DealId::from(EntryHash(answer.hash()));
    let agree = hers.write(NO_ENTRY, Instant(6), Body::Deal(DealAct::Agree { deal, hold: Hold::Once { after: None } }));
    let [his_done, her_done] =
        [&mut his, &mut hers].map(|pen| pen.write(NO_ENTRY, Instant(7), Body::Deal(DealAct::Done { deal })));
    let entries = [&answer, &agree, &his_done, &her_done].map(|entry| Hex(EntryHash(entry.hash()))).to_vec();
    Document {
        format: FORMAT.into(),
        version: VERSION,
        exported_at: 1_790_000_000_000,
        building: BuildingPart {
            id: Hex(building),
            name: "红棉里".into(),
            genesis: BASE64.encode(&genesis.signed().to_bytes()),
        },
        owner: Owner {
            person: person(li_id, "李叔"),
            about: "<script>alert(1)</script>".into(),
            block_kept: "3栋401".into(),
            kind: MemberKind::Person,
            since: 1,
            verified_by: None,
            roles: vec![],
            record: CreditRecord {
                completed: 1,
                given: 1,
                received: 0,
                loans_lent: 0,
                loans_returned: 0,
                loans_in_time: 0,
                loans_out: 0,
                reviews: 0,
                stars: None,
            },
            devices: vec![Hex(li.id())],
            device: Hex(li.id()),
            staff: Vec::new(),
            told_reviewers: None,
        },
        listings: vec![],
        deals: vec![DealPart { deal: shown(deal, listing, li_id, chen_id), entries, my_phone: None }],
        statement: vec![],
        balance: 0,
        reviews_given: vec![],
        reviews_received: vec![],
        matters: vec![],
        responses: vec![],
        activities: vec![],
        journals: vec![JournalPart {
            journal: Hex(his.journal()),
            device: Hex(li.id()),
            entries: [&first, &certify, &answer, &his_done].map(written).to_vec(),
        }],
        proofs: [&opens, &agree, &her_done].map(written).to_vec(),
        void: vec![],
    }
}

/// The same until it was agreed; then a thief calls it off from 李叔's tablet, which he has closed before that.
fn called_off_by_a_thief() -> Document {
    let mut document = helped();
    let (li, tablet) = (DeviceKey::from_seed([1; 32]), DeviceKey::from_seed([8; 32]));
    let (building, li_id) = (document.building.id.0, document.owner.person.member.0);
    let read = |text: &String| Signed::<Entry>::from_bytes(&BASE64.decode(text.as_bytes()).unwrap()).unwrap();
    let held: Vec<_> = document.journals[0].entries[..3].iter().map(|text| read(text).verify().unwrap()).collect();
    let (mut his, _) = Pen::open(li, building, li_id, 0, Basis::Genesis, NO_ENTRY, Instant(2));
    for entry in &held[1..] {
        assert_eq!(his.write(NO_ENTRY, entry.value().at, entry.value().body.clone()).hash(), entry.hash());
    }
    let link = his.write(NO_ENTRY, Instant(6), Body::Link(Link { device: tablet.id(), seal: SealKey([8; 32]) }));
    let basis = Basis::Link(EntryHash(link.hash()));
    let (mut theirs, opens) = Pen::open(tablet.clone(), building, li_id, 5, basis, NO_ENTRY, Instant(7));
    let tip = Tip { journal: theirs.journal(), seq: 0, hash: EntryHash(opens.hash()) };
    let cut = his.write(NO_ENTRY, Instant(8), Body::Cut(Cut { device: tablet.id(), tips: vec![tip] }));
    let deal = document.deals[0].deal.id.0;
    let calls_off = theirs.write(NO_ENTRY, Instant(9), Body::Deal(DealAct::CallOff { deal }));
    document.journals[0].entries.truncate(3);
    document.journals[0].entries.extend([&link, &cut].map(written));
    let (journal, device) = (Hex(theirs.journal()), Hex(tablet.id()));
    document.journals.push(JournalPart { journal, device, entries: [&opens, &calls_off].map(written).to_vec() });
    document.proofs.pop();
    document.deals[0].entries.truncate(2);
    document.deals[0].deal.stage = Stage::Agreed;
    document.void = vec![Hex(EntryHash(calls_off.hash()))];
    document
}

#[test]
fn what_a_thief_has_signed_makes_no_export_a_forgery_and_only_what_was_closed_is_left_out() {
    let document = called_off_by_a_thief();
    assert_eq!(verify_document(&document).map(|report| report.deals), Ok(1));
    let mut hidden = document.clone();
    hidden.void.clear();
    assert!(matches!(verify_document(&hidden), Err(Fault::Deal { .. })), "it stands there");
    let mut unclosed = document.clone();
    unclosed.journals[0].entries.pop();
    assert!(matches!(verify_document(&unclosed), Err(Fault::Unclosed { .. })));
    // What he had signed himself he cannot leave out.
    let mut own = document;
    own.void.push(own.deals[0].entries[0]);
    assert!(matches!(verify_document(&own), Err(Fault::Unclosed { .. })));
}

#[test]
fn all_branches_of_a_forked_journal_are_followed() {
    let mut document = helped();
    let (li, building) = (DeviceKey::from_seed([1; 32]), document.building.id.0);
    let (mut twin, _) =
        Pen::open(li, building, document.owner.person.member.0, 0, Basis::Genesis, NO_ENTRY, Instant(2));
    let other = twin.write(NO_ENTRY, Instant(77), Body::Stand { paper: DeviceKey::from_seed([9; 32]).id() });
    document.journals[0].entries.insert(2, written(&other));
    assert!(verify_document(&document).is_ok());
}

fn shown(deal: DealId, listing: ListingId, li: MemberId, chen: MemberId) -> Deal {
    Deal {
        id: Hex(deal),
        listing: Hex(listing),
        title: Some("=换灯泡".into()),
        side: Side::Need,
        owner: person(chen, "陈姨"),
        answerer: person(li, "李叔"),
        giver: person(li, "李叔"),
        receiver: person(chen, "陈姨"),
        points: 0,
        loan: false,
        due_at: None,
        returned_in_time: None,
        counterpart: None,
        stage: Stage::Done,
        giver_confirmed: true,
        receiver_confirmed: true,
        waits_for: vec![],
        waiting: String::new(),
        my_step: None,
        my_verb: None,
        dispute: None,
        winner: None,
        asked_until: None,
        offered_until: None,
        line: None,
        behind: None,
        in_line: 0,
        for_place: false,
        found: None,
        brought: None,
        answered_at: 5,
        changed_at: 7,
    }
}

#[test]
fn an_export_verifies_from_its_bytes_alone() {
    let bytes = pack(&helped()).unwrap();
    let report = verify(&bytes).unwrap();
    assert_eq!((report.journals, report.entries, report.proofs, report.deals), (1, 4, 3, 1));
    assert!(report.ok && report.pages_match && report.vouched_by_founder);
    assert_eq!((report.name.as_str(), report.shown.as_str()), ("红棉里", "3栋 李叔"));
}

#[test]
fn the_page_holds_no_script_and_the_table_no_formula() {
    let document = helped();
    let files = files(&document).unwrap();
    let text = |name: &str| {
        let (_, bytes) = files.iter().find(|(file, _)| *file == name).unwrap();
        String::from_utf8(bytes.clone()).unwrap()
    };
    let page = text("index.html");
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script") && !page.contains("://"), "{page}");
    assert!(page.contains("size: A4") && page.contains("default-src 'none'"));
    assert!(text("deals.csv").contains("'=换灯泡"), "a spreadsheet would compute a title");
}

#[test]
fn whatever_was_changed_is_found_and_named() {
    type Change = (&'static str, fn(&mut Document));
    let table: [Change; 16] = [
        ("building", |d| d.building.id.0.0[0] ^= 1),
        ("building", |d| d.building.name = "红棉居".into()),
        ("building", |d| d.building.genesis = "!".into()),
        ("signature", |d| flip(&mut d.journals[0].entries[2])),
        ("signature", |d| flip(&mut d.proofs[1])),
        ("signature", |d| d.proofs[0] = String::new()),
        ("chain", |d| drop(d.journals[0].entries.remove(1))),
        ("chain", |d| d.journals[0].entries.swap(2, 3)),
        ("unowned or stranger", |d| drop(d.journals[0].entries.remove(0))),
        ("stranger", |d| d.owner.person.member.0.0[0] ^= 1),
        ("stranger", |d| d.journals[0].device.0.0[0] ^= 1),
        ("deal", |d| d.deals[0].deal.stage = Stage::Agreed),
        ("deal", |d| d.deals[0].deal.points = 50),
        ("deal", |d| d.deals[0].deal.receiver = person(MemberId([5; 16]), "王师傅")),
        ("deal", |d| drop(d.proofs.pop())),
        ("deal", |d| d.deals[0].entries[0].0.0[0] ^= 1),
    ];
    for (at, (what, change)) in table.into_iter().enumerate() {
        let mut document = helped();
        change(&mut document);
        let fault = verify(&pack(&document).unwrap()).unwrap_err();
        let found = match fault {
            Fault::Building => "building",
            Fault::Signature { .. } => "signature",
            Fault::Chain { .. } => "chain",
            Fault::Stranger { .. } | Fault::Unowned { .. } if what == "unowned or stranger" => what,
            // Without the first entry the second one is not in its place.
            Fault::Stranger { .. } => "stranger",
            Fault::Deal { .. } => "deal",
            _ => "something else",
        };
        let found = if what == "unowned or stranger" && found == "chain" { what } else { found };
        assert_eq!(found, what, "change {at}");
        assert_eq!(ApiError::from(fault_of(&document)).code, crate::Code::STORE_UNUSABLE);
    }
}

fn fault_of(document: &Document) -> Fault {
    verify_document(document).unwrap_err()
}

fn flip(text: &mut String) {
    let mut bytes = BASE64.decode(text.as_bytes()).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    *text = BASE64.encode(&bytes);
}

#[test]
fn a_page_that_was_changed_is_told_and_the_journal_still_verifies() {
    let document = helped();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, mut bytes) in files(&document).unwrap() {
        if name == "deals.csv" {
            bytes.extend_from_slice(b"one more deal");
        }
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    let report = verify(&zip.finish().unwrap().into_inner()).unwrap();
    assert!(report.ok && !report.pages_match);
}

#[test]
fn what_is_no_export_is_said_to_be_none() {
    assert_eq!(verify(b""), Err(Fault::NotAnExport));
    assert_eq!(verify(b"PK\x03\x04 and nothing behind it"), Err(Fault::NotAnExport));
    let whole = pack(&helped()).unwrap();
    assert!(verify(&whole[..whole.len() / 2]).is_err(), "a half-copied file");
    let packed = |json: &str| {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file(DOCUMENT, SimpleFileOptions::default()).unwrap();
        zip.write_all(json.as_bytes()).unwrap();
        zip.finish().unwrap().into_inner()
    };
    assert_eq!(verify(&packed(r#"{"format": "other", "version": 1}"#)), Err(Fault::NotAnExport));
    assert_eq!(verify(&packed(r#"{"format": "kaifong-export", "version": 2}"#)), Err(Fault::Newer { found: 2 }));
    assert!(matches!(verify(&packed("{")), Err(Fault::Document(_))));
    assert!(matches!(verify(&packed(r#"{"format": "kaifong-export", "version": 1}"#)), Err(Fault::Document(_))));
    let code = |fault: Fault| ApiError::from(fault).code;
    assert_eq!(code(Fault::NotAnExport), crate::Code::BAD_ARGUMENTS);
}
