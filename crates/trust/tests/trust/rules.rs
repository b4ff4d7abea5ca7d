//! Which rule is named first. Each row breaks its rule, and where it can the one after it too.

use kaifong_domain::charter::Charter;
use kaifong_domain::{BuildingId, EntryHash, JournalId, Points};
use kaifong_trust::entry::{Basis, Body, Entry, Epoch, MemberKind, NO_ENTRY, Open};
use kaifong_trust::journals::Offered;
use kaifong_trust::{Distrust, Journals, Pen, Signable, Verified};

use crate::street::*;

const OPENING: &str = "an opening entry stands first";
const ONLY_OPENING: &str = "only an opening entry stands first";
const NAMES: &str = "an entry names the entry that it rests on or answers";
const CHARTER: &str = "a charter's numbers are at most a million";
const OWN_DEVICE: &str = "a journal is written by its own device";
const SEQUENCE: &str = "sequence numbers follow each other";
const EPOCH: &str = "an entry names an epoch that its signer could decide";
const ID: &str = "a journal's id is made of building, member, device and nonce";
const BASIS: &str = "a journal rests on a valid certificate or link that names its device";

const UNKNOWN: EntryHash = EntryHash([9; 32]);

fn street() -> (Street, Pen, EntryHash, EntryHash) {
    let mut street = Street::founded_by("李叔");
    let mut li = street.open("李叔", "李叔", 0, Basis::Genesis, NO_ENTRY);
    let chen = street.certify(&mut li, NO_ENTRY, "陈姨", MemberKind::Person);
    let linked = street.write(&mut li, NO_ENTRY, link("李叔的平板"));
    street.open("陈姨", "陈姨", 0, Basis::Certificate(chen), NO_ENTRY);
    (street, li, chen, linked)
}

fn verdict(journals: &mut Journals, entry: Verified<Entry>) -> Result<Offered, Distrust> {
    journals.offer(entry)
}

fn rule(offered: Result<Offered, Distrust>) -> &'static str {
    match offered {
        Err(Distrust::Rule { rule }) => rule,
        Err(_) => "another distrust",
        Ok(_) => "no rule",
    }
}

#[test]
fn the_first_rule_that_is_broken_is_the_one_named() {
    let (street, li, chen, linked) = street();
    let rich = Charter { quota: Points(1_000_001), ..Charter::default() };
    let rich = Body::Epoch(Epoch {
        number: 1,
        prev: NO_ENTRY,
        roles: Vec::new(),
        witnesses: Vec::new(),
        charter: rich,
        seats: Vec::new(),
        places: Default::default(),
        fund: Default::default(),
    });
    let tip = street.entry(li.tip());
    let next = |by: &str| Forgery::of(by, &tip).with(|e| (e.seq, e.prev, e.body) = (3, li.tip(), link("甲")));
    let open = |by: &str, of: &str, basis: Basis| Forgery {
        by: key(by),
        entry: opening(by, street.member(of), street.building, 7, basis),
    };
    let member = street.member("李叔");
    let on = |basis| Body::Open(Open { member, nonce: 0, basis });
    let of_chen = JournalId::derive(&street.building, &street.member("陈姨"), &key("陈姨").id(), 0);
    let rows: Vec<(&str, Forgery)> = vec![
        // By form, whatever is here: an opening entry elsewhere, which also names nothing.
        (OPENING, next("李叔").with(|e| e.body = on(Basis::Link(NO_ENTRY)))),
        (OPENING, open("陈姨", "陈姨", Basis::Certificate(chen)).with(|e| e.seq = 1)),
        (OPENING, open("陈姨", "陈姨", Basis::Certificate(chen)).with(|e| e.prev = UNKNOWN)),
        (ONLY_OPENING, next("李叔").with(|e| (e.seq, e.body) = (0, Body::Accept { transfer: NO_ENTRY }))),
        (ONLY_OPENING, next("李叔").with(|e| (e.prev, e.body) = (NO_ENTRY, rich.clone()))),
        (NAMES, next("陈姨").with(|e| e.body = Body::Accept { transfer: NO_ENTRY })),
        (NAMES, next("陈姨").with(|e| e.body = Body::Reclaim { decline: NO_ENTRY })),
        (NAMES, open("陈姨", "李叔", Basis::Certificate(NO_ENTRY)).with(|e| e.journal = of_chen)),
        (CHARTER, next("陈姨").with(|e| e.body = rich.clone())),
        // By what is here, also when something else that the entry names is not.
        (OWN_DEVICE, next("陈姨").with(|e| (e.seq, e.epoch) = (9, chen))),
        (OWN_DEVICE, next("陈姨").with(|e| e.prev = UNKNOWN)),
        (OWN_DEVICE, next("陈姨").with(|e| (e.journal, e.seq) = (of_chen, 9))),
        (SEQUENCE, next("李叔").with(|e| (e.seq, e.epoch) = (4, chen))),
        (SEQUENCE, next("李叔").with(|e| (e.seq, e.epoch) = (u64::MAX, UNKNOWN))),
        (EPOCH, next("李叔").with(|e| (e.epoch, e.body) = (chen, Body::Accept { transfer: UNKNOWN }))),
        (EPOCH, open("陈姨", "李叔", Basis::Genesis).with(|e| (e.epoch, e.journal) = (chen, JournalId([1; 32])))),
        (ID, open("陈姨", "李叔", Basis::Genesis).with(|e| e.journal = JournalId([1; 32]))),
        (ID, open("陈姨", "陈姨", Basis::Certificate(UNKNOWN)).with(|e| e.journal = JournalId([1; 32]))),
        (BASIS, open("陈姨", "李叔", Basis::Genesis)),
        (BASIS, open("李叔", "陈姨", Basis::Genesis)),
        (BASIS, open("李叔", "李叔", Basis::Certificate(chen))),
        (BASIS, open("陈姨", "李叔", Basis::Certificate(chen))),
        (BASIS, open("陈姨", "陈姨", Basis::Link(chen)).with(|e| e.epoch = UNKNOWN)),
        (BASIS, open("陈姨", "陈姨", Basis::Certificate(linked))),
        (BASIS, open("李叔的平板", "陈姨", Basis::Link(linked))),
        (BASIS, open("陈姨", "李叔", Basis::Link(linked))),
        ("no rule", open("李叔的平板", "李叔", Basis::Link(linked))),
        ("no rule", next("李叔").with(|e| e.prev = UNKNOWN)),
        ("no rule", next("李叔")),
    ];
    for (at, (expected, forgery)) in rows.into_iter().enumerate() {
        let mut journals = street.replica();
        let held = journals.len();
        assert_eq!(rule(verdict(&mut journals, forgery.signed())), expected, "row {at}");
        assert!(expected == "no rule" || (journals.len(), journals.waiting()) == (held, 0), "row {at} left something");
    }
}

#[test]
fn what_waited_is_judged_when_it_is_called() {
    let (street, li, chen, _) = street();
    let mut journals = street.empty();
    let tip = street.entry(li.tip());
    let on_no_epoch = Forgery::of("李叔", &tip).with(|e| (e.seq, e.prev, e.epoch) = (3, li.tip(), chen)).signed();
    assert!(matches!(journals.offer(on_no_epoch.clone()), Ok(Offered::Waiting { .. })));
    offer_all(&mut journals, street.entries.iter().cloned());
    assert_eq!((journals.len(), journals.waiting()), (street.entries.len(), 0));
    assert_eq!(rule(journals.offer(on_no_epoch)), EPOCH);
}

#[test]
fn another_buildings_entry_comes_before_any_rule_and_a_known_one_before_that() {
    let (street, _, _, _) = street();
    let mut journals = street.replica();
    let known = street.entries[0].clone();
    assert!(matches!(journals.offer(known.clone()), Ok(Offered::Known)));
    let foreign = Forgery::of("李叔", &known).with(|e| (e.building, e.seq) = (BuildingId([1; 32]), 5)).signed();
    assert_eq!(journals.offer(foreign).unwrap_err(), Distrust::ForeignBuilding);
    let roles = vec![(street.member("李叔"), kaifong_trust::entry::Role::Mediator); 1_000];
    let huge = Forgery::of("李叔", &known).with(|e| e.body = epoch(1, NO_ENTRY, &roles)).signed();
    assert!(matches!(journals.offer(huge), Err(Distrust::TooLarge { .. })), "size comes before form");
}

#[test]
fn a_genesis_names_its_building_so_that_it_can_be_shown() {
    const NAME: &str = "a building's name is 1 to 40 characters that can be shown";
    let rich = Charter { credit_line: Points(2_000_000), ..Charter::default() };
    let long = "很".repeat(41);
    let table =
        [("", NAME), (" ", NAME), ("红\n叶", NAME), ("a\u{202E}b", NAME), (long.as_str(), NAME), ("红叶", CHARTER)];
    for (name, expected) in table {
        let mut bad = genesis(name);
        bad.charter = rich;
        assert_eq!(bad.check(), Err(Distrust::Rule { rule: expected }), "{name:?}");
        assert_eq!(key("李叔").sign(bad.clone()).signed().clone().verify().unwrap_err(), bad.check().unwrap_err());
        assert!(key("李叔").try_sign(bad).is_err(), "{name:?}");
    }
    assert!(key("李叔").try_sign(genesis(&"很".repeat(40))).is_ok());
    assert!(matches!(key("李叔").try_sign(genesis(&"很".repeat(1_000))), Err(Distrust::TooLarge { .. })));
}

#[test]
fn one_value_in_two_encodings_is_a_fork_of_its_own_device() {
    // Two different bodies stand in for two encodings: what counts is that one device signed two hashes for one place.
    let (street, li, _, _) = street();
    let mut journals = street.replica();
    let tip = street.entry(li.tip());
    let next = Forgery::of("李叔", &tip).with(|e| (e.seq, e.prev) = (3, li.tip()));
    let twin = Forgery::of("李叔", &tip).with(|e| (e.seq, e.prev, e.at.0) = (3, li.tip(), 99));
    assert!(is_admitted(&journals.offer(next.signed())));
    assert!(is_admitted(&journals.offer(twin.signed())));
    let journal = journals.journal(&li.journal()).unwrap();
    assert_eq!((journal.forked_at(), journal.at_seq(3).count(), journal.tips().len()), (Some(3), 2, 2));
}
