//! What a stranger can be made to believe by a page, and what not.

use kaifong_domain::{BuildingId, EntryHash};
use kaifong_trust::entry::{Basis, Body, Cut, Entry, MemberKind, NO_ENTRY, Role};
use kaifong_trust::page::EVIDENCE_MAX;
use kaifong_trust::{Distrust, Pen, PublicPage, Signed};

use crate::street::*;

/// 李叔 founds, 陈姨 reviews since the first epoch, 马乐 was certified by her, 赵六 is a hostile neighbour.
fn street() -> (Street, [Pen; 4], EntryHash) {
    let mut street = Street::founded_by("李叔");
    let mut li = street.open("李叔", "李叔", 0, Basis::Genesis, NO_ENTRY);
    let chen = street.certify(&mut li, NO_ENTRY, "陈姨", MemberKind::Person);
    let zhao = street.certify(&mut li, NO_ENTRY, "赵六", MemberKind::Person);
    let first = street.write(&mut li, NO_ENTRY, epoch(1, NO_ENTRY, &[(street.member("陈姨"), Role::Reviewer)]));
    let mut chen = street.open("陈姨", "陈姨", 0, Basis::Certificate(chen), first);
    let zhao = street.open("赵六", "赵六", 0, Basis::Certificate(zhao), first);
    let ma = street.certify(&mut chen, first, "马乐", MemberKind::Person);
    let ma = street.open("马乐", "马乐", 0, Basis::Certificate(ma), first);
    (street, [li, chen, ma, zhao], first)
}

fn page_of(street: &Street, node: &str) -> PublicPage {
    let journals = street.replica();
    PublicPage::compose(&street.genesis, &journals, journals.roster(), &key(node).id())
}

fn page(street: &Street, evidence: Vec<Signed<Entry>>) -> PublicPage {
    PublicPage { genesis: street.genesis.signed().clone(), evidence }
}

const LEADS: Distrust = Distrust::Rule { rule: "a public page leads to the neighbour who shows it" };

#[test]
fn every_neighbour_can_show_the_page() {
    let (mut street, [_, _, mut ma, _], first) = street();
    let linked = street.write(&mut ma, first, link("马乐的平板"));
    for node in ["李叔", "陈姨", "马乐", "赵六", "马乐的平板"] {
        let building = page_of(&street, node).verify(&key(node).id()).unwrap();
        assert_eq!((building.id, building.name.as_str()), (street.building, "红叶新天地"));
        let mut expected = [("李叔", key("李叔").id()), ("陈姨", key("陈姨").id())].map(|(n, id)| (id, seal_of(n)));
        expected.sort();
        assert_eq!(building.reviewers, expected, "{node}");
    }
    street.open("马乐的平板", "马乐", 0, Basis::Link(linked), first);
    assert!(page_of(&street, "马乐的平板").verify(&key("马乐的平板").id()).is_ok());
}

#[test]
fn who_was_certified_or_linked_with_a_phone_that_was_closed_later_can_still_show_the_page() {
    let (mut street, [_, mut chen, ..], first) = street();
    let linked = street.write(&mut chen, first, link("陈姨的平板"));
    let mut tablet = street.open("陈姨的平板", "陈姨", 0, Basis::Link(linked), first);
    let tips = street.replica().tips_of(&street.member("陈姨"), &key("陈姨").id());
    street.write(&mut tablet, first, Body::Cut(Cut { device: key("陈姨").id(), tips }));
    assert!(street.replica().roster().is_shut(&key("陈姨").id()));
    for node in ["马乐", "陈姨的平板"] {
        assert!(page_of(&street, node).verify(&key(node).id()).is_ok(), "{node}");
    }
}

#[test]
fn a_page_survives_the_wire() {
    let (street, _, _) = street();
    let page = page_of(&street, "马乐");
    let read: PublicPage = kaifong_trust::decode_exact(&kaifong_trust::encode(&page), "page").unwrap();
    assert_eq!(read, page);
}

#[test]
fn a_stranger_cannot_show_a_neighbours_page() {
    let (street, _, _) = street();
    assert_eq!(page_of(&street, "马乐").verify(&key("孙七").id()), Err(LEADS));
    assert_eq!(page_of(&street, "孙七").verify(&key("孙七").id()), Err(LEADS));
}

#[test]
fn a_page_without_one_of_its_entries_does_not_lead_there() {
    let (street, _, _) = street();
    let whole = page_of(&street, "马乐");
    // 陈姨's certificate, 马乐's, and the epoch that names 陈姨.
    assert_eq!(whole.evidence.len(), 3);
    for gap in 0..3 {
        let mut torn = whole.clone();
        torn.evidence.remove(gap);
        assert_eq!(torn.verify(&key("马乐").id()), Err(LEADS), "without entry {gap}");
    }
}

#[test]
fn the_order_of_the_evidence_does_not_matter() {
    let (street, _, _) = street();
    let mut turned = page_of(&street, "马乐");
    turned.evidence.reverse();
    assert_eq!(turned.verify(&key("马乐").id()), page_of(&street, "马乐").verify(&key("马乐").id()));
}

#[test]
fn forged_evidence_is_not_believed() {
    let (mut street, [_, _, _, mut zhao], first) = street();
    let honest = page_of(&street, "赵六").evidence;
    let with = |entry: Signed<Entry>| [honest.clone(), vec![entry]].concat();
    let sun = key("孙七").id();
    // Another building's entry.
    let other = Street::founded_by("钱二");
    let mut foreign = other;
    let mut qian = foreign.open("钱二", "钱二", 0, Basis::Genesis, NO_ENTRY);
    let foreign_word = foreign.certify(&mut qian, NO_ENTRY, "孙七", MemberKind::Person);
    let entry = foreign.entry(foreign_word).signed().clone();
    assert_eq!(page(&street, with(entry)).verify(&sun), Err(Distrust::ForeignBuilding));
    // A certificate by a neighbour who is no reviewer, and one by himself.
    for by in ["赵六", "孙七"] {
        let body = street.certificate("孙七", MemberKind::Person);
        let forged = Forgery::of(by, &street.entry(zhao.tip()))
            .with(|e| (e.seq, e.prev, e.body) = (1, zhao.tip(), body))
            .signed();
        assert_eq!(page(&street, with(forged.signed().clone())).verify(&sun), Err(LEADS), "{by}");
    }
    // A certificate for another member id than the device's.
    let mut body = street.certificate("孙七", MemberKind::Person);
    if let Body::Certify(certificate) = &mut body {
        certificate.member = street.member("赵六");
    }
    let forged = Forgery::of("李叔", &street.entry(zhao.tip()))
        .with(|e| (e.seq, e.prev, e.body) = (1, zhao.tip(), body))
        .signed();
    assert_eq!(page(&street, with(forged.signed().clone())).verify(&sun), Err(LEADS));
    // An epoch by somebody else makes nobody a reviewer.
    let roles = [(street.member("赵六"), Role::Reviewer)];
    let epoch = street.write(&mut zhao, first, epoch(2, first, &roles));
    let epoch = street.entry(epoch).signed().clone();
    let building = page(&street, with(epoch)).verify(&key("赵六").id()).unwrap();
    assert!(!building.reviewers.iter().any(|(device, _)| *device == key("赵六").id()));
    // Changed bytes.
    let mut bytes = honest[0].to_bytes();
    let at = bytes.len() - 1;
    bytes[at] ^= 1;
    let changed = Signed::from_bytes(&bytes).unwrap();
    assert_eq!(page(&street, with(changed)).verify(&key("赵六").id()), Err(Distrust::BadSignature));
}

#[test]
fn a_neighbour_cannot_hide_a_reviewer_behind_a_link() {
    let (mut street, [_, _, _, mut zhao], first) = street();
    let grabbed = street.write(&mut zhao, first, link("陈姨"));
    let grabbed = street.entry(grabbed).signed().clone();
    let mut evidence = page_of(&street, "赵六").evidence;
    evidence.insert(0, grabbed);
    let zhaos = evidence.iter().position(|e| e.hash() == street.entries[2].hash()).unwrap();
    evidence.swap(1, zhaos);
    evidence.swap(0, 1);
    let building = page(&street, evidence).verify(&key("赵六").id()).unwrap();
    assert!(building.reviewers.contains(&(key("陈姨").id(), seal_of("陈姨"))));
}

#[test]
fn an_old_page_can_be_shown_and_says_what_was_true() {
    let (mut street, [mut li, ..], first) = street();
    let old = page_of(&street, "赵六");
    street.write(&mut li, first, epoch(2, first, &[]));
    let node = key("赵六").id();
    assert_eq!(old.verify(&node).unwrap().reviewers.len(), 2, "a newcomer cannot tell; the documentation says so");
    assert_eq!(page_of(&street, "赵六").verify(&node).unwrap().reviewers.len(), 1);
}

#[test]
fn a_page_of_ten_thousand_entries_is_refused_before_it_is_verified() {
    let (street, _, _) = street();
    let one = street.entries[1].signed().clone();
    let huge = page(&street, vec![one; 10_000]);
    let node = key("李叔").id();
    assert_eq!(huge.verify(&node), Err(Distrust::TooLarge { found: 10_000, most: EVIDENCE_MAX }));
}

#[test]
fn a_genesis_of_another_building_is_another_building() {
    let (street, _, _) = street();
    let mut swapped = page_of(&street, "马乐");
    let mut other = genesis("红叶新天地");
    other.nonce = [1; 16];
    swapped.genesis = key("赵六").sign(other).signed().clone();
    assert_eq!(swapped.verify(&key("马乐").id()), Err(Distrust::ForeignBuilding));
    let alone = PublicPage { genesis: key("赵六").sign(genesis("假")).signed().clone(), evidence: Vec::new() };
    let building = alone.verify(&key("赵六").id()).unwrap();
    assert_ne!(building.id, street.building, "whoever holds a ticket compares the id");
    assert_ne!(building.id, BuildingId([0; 32]));
}

#[test]
fn a_building_with_many_epochs_and_reviewers_can_still_be_shown() {
    let (mut street, [mut li, ..], first) = street();
    let mut roles = vec![(street.member("陈姨"), Role::Reviewer)];
    let mut last = first;
    let names: Vec<String> = (0..300).map(|number| format!("邻居{number}")).collect();
    for name in &names {
        street.certify(&mut li, first, name, MemberKind::Person);
    }
    for (number, name) in (2..).zip(&names) {
        roles.push((street.member(name), Role::Reviewer));
        roles.sort_unstable();
        last = street.write(&mut li, last, epoch(number, last, &roles));
    }
    let shown = page_of(&street, "马乐");
    assert!(shown.evidence.len() <= EVIDENCE_MAX);
    let building = shown.verify(&key("马乐").id()).unwrap();
    assert!(building.reviewers.len() > 200, "{}", building.reviewers.len());
}

#[test]
fn two_epochs_that_stand_against_each_other_name_nobody() {
    let (mut street, [mut li, ..], first) = street();
    let mut restored = Pen::resume(key("李叔"), &street.replica(), &li.journal()).unwrap();
    street.write(&mut li, first, epoch(2, first, &[(street.member("赵六"), Role::Reviewer)]));
    street.write(&mut restored, first, epoch(2, first, &[(street.member("马乐"), Role::Reviewer)]));
    let building = page_of(&street, "马乐").verify(&key("马乐").id()).unwrap();
    let journals = street.replica();
    let mut devices: Vec<_> = journals.roster().reviewers().map(|(id, device)| (id, device.seal)).collect();
    devices.sort();
    assert_eq!(building.reviewers, devices, "the page says what the roster says");
    assert!(building.reviewers.iter().any(|(id, _)| *id == key("陈姨").id()));
}
